#!/usr/bin/env python3
"""with-port.py VARIABLE COMMAND… runs a command with a port of 127.0.0.1 in a variable.

The port is held, not guessed: a socket is bound to it, does not listen, and stays open in the
command. So the kernel gives the port to nobody who asks for any, and what is told the port can bind
it too, since both set SO_REUSEADDR (ministack, moto and cargo-lambda do).
"""

import fcntl
import os
import socket
import sys

held = socket.socket()
held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
held.bind(("127.0.0.1", 0))
# A descriptor that a shell does not use itself, and that the command inherits.
fcntl.fcntl(held, fcntl.F_DUPFD, 100)
variable, *command = sys.argv[1:]
os.environ[variable] = str(held.getsockname()[1])
os.execvp(command[0], command)
