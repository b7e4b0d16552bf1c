#!/bin/sh
# Runs schemathesis (from PATH) against the API, with every check on: functions/api/fuzz.sh [ARGUMENT]…
#
# FUZZ_EXAMPLES bounds the cases per operation, FUZZ_SECONDS the whole run. The exit code is that of
# schemathesis: 0 when nothing was found.
set -eu
cd "$(dirname "$0")"

cargo build --quiet --workspace --example serve_fuzz
target=$(cargo metadata --format-version 1 --no-deps | sed 's/.*"target_directory":"\([^"]*\)".*/\1/')
config=$PWD/schemathesis.toml
# What schemathesis keeps between runs goes here.
work=$(mktemp -d)
out=$work/server.out
"$target/debug/examples/serve_fuzz" >"$out" &
server=$!
trap 'kill "$server" 2>/dev/null || true; rm -rf "$work"' EXIT INT TERM

for _ in $(seq 100); do
    [ -s "$out" ] && break
    kill -0 "$server"
    sleep 0.1
done
read -r url token <"$out"

cd "$work"
schemathesis --config-file "$config" run "$url/v1/openapi.json" \
    --url "$url" \
    --header "Authorization: Bearer $token" \
    --max-examples "${FUZZ_EXAMPLES:-50}" \
    --max-time "${FUZZ_SECONDS:-300}" \
    --request-timeout 10 \
    "$@"
