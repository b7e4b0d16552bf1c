#!/bin/sh
# Checks hunter.asl.json with the public validator asl-validator (npm). It knows fields and targets
# but neither runs the machine nor sees a misspelt Retry field: `cargo nextest run -p hunter-asl`
# does both.
set -eu
cd "$(dirname "$0")"

# It takes a partition of AWS only, not the substitution that stands for one.
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
sed 's/[$]{Partition}/aws/' hunter.asl.json >"$folder/hunter.asl.json"
npx --yes asl-validator@4.0.0 --json-path "$folder/hunter.asl.json"
