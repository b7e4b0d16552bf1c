#!/usr/bin/env bash
# Makes a Python virtual environment with the tools of requirements.txt below target/tools and
# prints its folder of programs: PATH="$(.ci/tools.sh):$PATH". Does nothing where it stands already.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

wanted=.ci/requirements.txt
folder=${CARGO_TARGET_DIR:-target}/tools
if ! cmp --silent "$wanted" "$folder/requirements.txt"; then
    rm -rf "$folder"
    python3 -m venv "$folder" >&2
    "$folder/bin/pip" install --quiet --disable-pip-version-check --requirement "$wanted" >&2
    cp "$wanted" "$folder/requirements.txt"
fi
cd "$folder/bin"
pwd
