#!/bin/sh
# Checks hunter.asl.json with the public validator asl-validator (npm). It knows fields and targets
# but neither runs the machine nor sees a misspelt Retry field: `cargo nextest run -p hunter-asl`
# does both.
set -eu
cd "$(dirname "$0")"
exec npx --yes asl-validator@4.0.0 --json-path hunter.asl.json
