#!/bin/sh
# Checks template.yaml with cfn-lint, checkov and sam, as it is and as the plain CloudFormation that
# AWS makes of it, and against the rest of the project. The tools come from PATH (their versions:
# ../.ci/requirements.txt); none of them needs an account or the network.
set -eu
cd "$(dirname "$0")"

# sam and the SDK ask for a region and keys; nothing is called.
export AWS_DEFAULT_REGION=eu-west-1 AWS_ACCESS_KEY_ID=none AWS_SECRET_ACCESS_KEY=none
export SAM_CLI_TELEMETRY=0
export PYTHONDONTWRITEBYTECODE=1

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

echo "cfn-lint"
cfn-lint template.yaml
echo "sam validate --lint"
sam validate --lint --template-file template.yaml
echo "checkov"
checkov --config-file checkov.yaml --file template.yaml
echo "translated: cfn-lint, checkov"
python3 emulator/translate.py >"$folder/template.json"
cfn-lint "$folder/template.json"
checkov --config-file checkov.yaml --file "$folder/template.json"
echo "drift"
python3 emulator/drift.py
echo "template.yaml is valid"
