#!/usr/bin/env bash
# Starts the functions with `cargo lambda watch`, invokes each with its sample event by
# `cargo lambda invoke`, and checks what it answers.
#
# AWS_ENDPOINT_URL names an emulator of AWS (docs/local-aws.md), which has to run and is left with a
# customer, queues, a topic and a state machine of its own. The outside world is the sandbox. Takes
# cargo, cargo-lambda and python3 from PATH. FUNCTIONS names the functions to try, all by default.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# A group of its own for every background job, so that its children end with it.
set -m

: "${AWS_ENDPOINT_URL:?set it to the address of an emulator of AWS, as in http://127.0.0.1:4566}"
export AWS_ENDPOINT_URL
export AWS_REGION=eu-west-1 AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test
unset AWS_PROFILE AWS_SESSION_TOKEN

# Seconds that one invocation may take: the first one of a function also builds it.
readonly INVOKE_LIMIT=${INVOKE_LIMIT:-900}
work=$(mktemp -d)
jobs_started=()

finish() {
    local status=$?
    for job in "${jobs_started[@]}"; do
        kill -- "-$job" 2>/dev/null || true
        wait "$job" 2>/dev/null || true
    done
    if ((status != 0)) && [[ -f $work/watch.log ]]; then
        printf '\nthe last lines of the functions:\n' >&2
        tail -n 40 "$work/watch.log" >&2
    fi
    rm -rf "$work"
}
trap finish EXIT
trap 'exit 130' INT TERM

# wait_for SECONDS COMMAND… until the command succeeds.
wait_for() {
    local until=$((SECONDS + $1))
    shift
    until "$@"; do
        if ((SECONDS > until)); then
            printf 'gave up waiting for: %s\n' "$*" >&2
            return 1
        fi
        sleep 0.2
    done
}

# Chosen from the whole workspace, so that nothing is built again after `cargo test`.
cargo build --quiet --workspace --example serve --example seed
examples=$(cargo metadata --no-deps --format-version 1 |
    python3 -c 'import json, sys; print(json.load(sys.stdin)["target_directory"])')/debug/examples

# The sandbox says where it listens, and ends with its standard input.
mkfifo "$work/sandbox.in"
"$examples/serve" <"$work/sandbox.in" >"$work/sandbox.env" &
jobs_started+=($!)
exec 7>"$work/sandbox.in"
wait_for 30 grep --quiet HUNTER_SITES_GATEWAY "$work/sandbox.env"
# No key for Google Places lies in the emulator's Secrets Manager: discovery asks Overpass.
# Every outside service is the sandbox's; the functions find its keys nowhere.
for line in $(sed -n '/^HUNTER_[A-Z_]*_URL=/p; /^HUNTER_SITES_GATEWAY=/p' "$work/sandbox.env"); do
    export "${line?}"
done

# A customer of its own: an emulator that runs on has seen the samples' ids.
tenant="cust_try_$(date +%s)_$$"
python3 events/try.py prepare "$tenant" "$work"
set -a
# shellcheck source=/dev/null
source "$work/variables.env"
set +a
"$examples/seed" "$tenant" "$work/agent.json"

# watch NAME serves a function from its own folder: `cargo lambda watch` calls `cargo run --bin NAME`,
# which looks in the package of the folder, or else among the workspace's default members.
watch() {
    port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
    (cd "functions/$1" && exec cargo lambda watch --ignore-changes --concurrency 2 -A 127.0.0.1 -P "$port") \
        >>"$work/watch.log" 2>&1 &
    jobs_started+=($!)
    wait_for 60 bash -c "exec 3<>/dev/tcp/127.0.0.1/$port" 2>/dev/null
}

# invoke NAME FILE prints what the function answers.
invoke() {
    timeout "$INVOKE_LIMIT" cargo lambda invoke -A 127.0.0.1 -P "$port" "$1" --data-file "$2"
}

failed=0

# A failure is typed, and is logged with its code and without what was sent.
refused() {
    printf '{"recipe_id": "outreach", "execution_id": "exec_1", "customer_id": "%s", "payload": {"leads": "Hi Rajesh"}, "step": {"attempt": 1}}' \
        "$tenant" >"$work/bad.json"
    invoke outreach "$work/bad.json" >"$work/bad.answer" 2>&1 || true
    if ! grep --quiet 'NOT_FOUND' "$work/bad.answer"; then
        printf 'outreach: a step of no run is not refused as NOT_FOUND: %s\n' "$(cat "$work/bad.answer")" >&2
        failed=1
    fi
}

for function in ${FUNCTIONS:-$(python3 events/try.py functions)}; do
    watch "$function"
    invoke "$function" "$work/events/$function.json" >"$work/$function.answer" 2>"$work/$function.error" ||
        cat "$work/$function.error" >&2
    python3 events/try.py check "$function" "$work/$function.answer" "$tenant" || failed=1
    if [[ $function == outreach ]]; then
        refused
    fi
    kill -- "-${jobs_started[-1]}" 2>/dev/null || true
    wait "${jobs_started[-1]}" 2>/dev/null || true
done
python3 events/try.py logs "$work/watch.log" "$tenant" || failed=1
if ((failed)); then
    exit 1
fi
printf 'every function answers its sample event as it should\n'
