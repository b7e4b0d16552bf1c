#!/usr/bin/env bash
# with-ministack.sh COMMAND… runs a command beside a fresh ministack on a free port of 127.0.0.1,
# whose address it finds in AWS_ENDPOINT_URL and HUNTER_EMULATOR_URL. Takes ministack from PATH.
set -euo pipefail

port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
export AWS_ENDPOINT_URL="http://127.0.0.1:$port" HUNTER_EMULATOR_URL="http://127.0.0.1:$port"
log=$(mktemp)
BIND_HOST=127.0.0.1 MINISTACK_HOST=127.0.0.1 GATEWAY_PORT=$port IOT_MTLS_ENABLED=0 \
    ministack >"$log" 2>&1 &
emulator=$!
finish() {
    local status=$?
    kill "$emulator" 2>/dev/null || true
    wait "$emulator" 2>/dev/null || true
    if ((status != 0)); then
        printf '\nthe last lines of ministack:\n' >&2
        tail -n 20 "$log" >&2
    fi
    rm -f "$log"
}
trap finish EXIT
for _ in $(seq 150); do
    if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
        "$@"
        exit
    fi
    sleep 0.2
done
printf 'ministack does not listen on port %d\n' "$port" >&2
exit 1
