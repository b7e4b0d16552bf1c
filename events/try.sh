#!/usr/bin/env bash
# events/try.sh [--built] [NAME]… serves functions with `cargo lambda watch`, all that have a sample
# event if none is named, invokes each with its sample by `cargo lambda invoke`, and checks what it
# answers; the answer of a function that is named is shown.
#
# AWS_ENDPOINT_URL names an emulator of AWS (docs/local-aws.md), which has to run and is left with a
# customer, queues, a topic and a state machine of its own; `cargo xtask try NAME` brings one. The
# outside world is the sandbox. Takes cargo, cargo-lambda and python3 from PATH.
#
# `cargo lambda watch` builds a function from its own folder, with features of its own. With --built
# it is the Lambda service alone, for functions that were built once, together.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
[[ -n ${INVOKE_PORT:-} ]] || exec .ci/with-port.py INVOKE_PORT events/try.sh "$@"
# A group of its own for every background job, so that its children end with it.
set -m

built=
if [[ ${1:-} == --built ]]; then
    built=1
    shift
fi
read -ra known < <(python3 events/try.py functions)
for function; do
    if [[ " ${known[*]} " != *" $function "* ]]; then
        printf '`%s` is no function with a sample event: name one of %s\n' "$function" "${known[*]}" >&2
        exit 2
    fi
done

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
cargo build --quiet --workspace --example serve --example seed ${built:+--bins}
target=$(cargo metadata --no-deps --format-version 1 |
    python3 -c 'import json, sys; print(json.load(sys.stdin)["target_directory"])')/debug

# The sandbox says where it listens, and ends with its standard input.
mkfifo "$work/sandbox.in"
"$target/examples/serve" <"$work/sandbox.in" >"$work/sandbox.env" &
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
"$target/examples/seed" "$tenant" "$work/agent.json"

# begin COMMAND… starts a job whose lines go where the functions' go.
begin() {
    "$@" >>"$work/watch.log" 2>&1 &
    jobs_started+=($!)
}

# end_last ends the job that was started last, with its children.
end_last() {
    kill -- "-${jobs_started[-1]}" 2>/dev/null || true
    wait "${jobs_started[-1]}" 2>/dev/null || true
    unset 'jobs_started[-1]'
}

# lambda_watch FOLDER [ARGUMENT]… answers Lambda's Invoke API. It calls `cargo run --bin NAME`,
# which looks in the package of the folder, or else among the workspace's default members.
lambda_watch() {
    (cd "$1" && exec cargo lambda watch -A 127.0.0.1 -P "$INVOKE_PORT" "${@:2}")
}
is_served() {
    (exec 3<>"/dev/tcp/127.0.0.1/$INVOKE_PORT") 2>/dev/null
}
if [[ $built ]]; then
    begin lambda_watch . --only-lambda-apis
    wait_for 180 is_served
fi

# serve NAME lets a function answer.
serve() {
    if [[ $built ]]; then
        begin env AWS_LAMBDA_RUNTIME_API="http://127.0.0.1:$INVOKE_PORT/.rt/$1" AWS_LAMBDA_FUNCTION_NAME="$1" \
            AWS_LAMBDA_FUNCTION_VERSION=1 AWS_LAMBDA_FUNCTION_MEMORY_SIZE=512 "$target/$1"
    else
        begin lambda_watch "functions/$1" --ignore-changes --concurrency 2
        wait_for 180 is_served
    fi
}

# invoke NAME FILE prints what the function answers.
invoke() {
    timeout "$INVOKE_LIMIT" cargo lambda invoke -A 127.0.0.1 -P "$INVOKE_PORT" "$1" --data-file "$2"
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

if (($#)); then
    known=("$@")
fi
for function in "${known[@]}"; do
    serve "$function"
    invoke "$function" "$work/events/$function.json" >"$work/$function.answer" 2>"$work/$function.error" ||
        cat "$work/$function.error" >&2
    if (($#)); then
        cat "$work/$function.answer"
        printf '\n'
    fi
    python3 events/try.py check "$function" "$work/$function.answer" "$tenant" || failed=1
    if [[ $function == outreach ]]; then
        refused
    fi
    end_last
done
python3 events/try.py logs "$work/watch.log" "$tenant" || failed=1
if ((failed)); then
    exit 1
fi
printf '%s answer their sample events as they should\n' "${known[*]}"
