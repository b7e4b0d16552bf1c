"""Loaded by Python before moto starts.

moto 5.2.5 gives each part of a definition a key at its first use, without a lock. Of two lanes of a
Map that use a part at the same moment, one counts its attempts under a key that the other replaces:
it forgets an attempt and calls its function once more than `MaxAttempts` allows. Here the key is
given under a lock. Take it out when moto does so itself.
"""

import threading

from moto.stepfunctions.parser.asl.component.eval_component import EvalComponent

_lock = threading.Lock()
_given = EvalComponent.heap_key.fget


def _key(part):
    with _lock:
        return _given(part)


EvalComponent.heap_key = property(_key)
