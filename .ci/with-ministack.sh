#!/usr/bin/env bash
# with-ministack.sh COMMAND… runs a command beside a fresh ministack on a port of 127.0.0.1, whose
# address it finds in AWS_ENDPOINT_URL and HUNTER_EMULATOR_URL. Takes ministack from PATH.
set -euo pipefail

[[ -n ${GATEWAY_PORT:-} ]] || exec "${BASH_SOURCE[0]%/*}/with-port.py" GATEWAY_PORT "$0" "$@"
export AWS_ENDPOINT_URL="http://127.0.0.1:$GATEWAY_PORT" HUNTER_EMULATOR_URL="http://127.0.0.1:$GATEWAY_PORT"
log=$(mktemp)
BIND_HOST=127.0.0.1 MINISTACK_HOST=127.0.0.1 IOT_MTLS_ENABLED=0 ministack >"$log" 2>&1 &
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
until (exec 3<>"/dev/tcp/127.0.0.1/$GATEWAY_PORT") 2>/dev/null; do
    if ((SECONDS > 180)) || ! kill -0 "$emulator" 2>/dev/null; then
        printf 'ministack does not listen on port %d\n' "$GATEWAY_PORT" >&2
        exit 1
    fi
    sleep 0.2
done
"$@"
