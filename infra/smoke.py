#!/usr/bin/env python3
"""Tries a stack that stands: what no linter and no emulator shows of it, by one real run.

    python infra/smoke.py --stack hunter-dev --seed target/debug/examples/seed
    python infra/smoke.py --stack hunter-dev --customer CUSTOMER --agent AGENT [--token TOKEN]

A line for each check: `ok`, `FAILED`, or `NOT CHECKED` with what it would take. Ends with 1 if one
failed. It takes a run of three leads, a mail, and an alarm that fires and ends. --seed signs up a
customer of its own, whose alerts go to SES's mailbox simulator; build the program with `cargo build
-p hunter-aws --features https --example seed`. Without it, name a customer with a plan, credits, a
profile and an agent. Needs .ci/requirements.txt and an administrator's keys.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
import tomllib
import urllib.request
from datetime import UTC, datetime, timedelta
from pathlib import Path

import boto3

EXAMPLE = Path(__file__).resolve().parent / "local/cloud/data/agent.example.toml"
# SES takes mail to it from any account, in the sandbox too, and delivers it nowhere.
SIMULATOR = "success@simulator.amazonses.com"
UNSEEN = [
    "dead letters of EventBridge and Scheduler: needs calls of trigger that AWS gives up on",
    "a call for a key of no tenant: needs the credentials of a function",
    "mail to customers: needs an account out of the SES sandbox, and somebody who looks",
]


class NotChecked(Exception):
    """Why something could not be checked, and what it takes."""


class Stack:
    def __init__(self, given):
        self.given, self.customer, self.agent = given, given.customer, given.agent
        self.session = boto3.session.Session(region_name=given.region)
        stack = self.client("cloudformation").describe_stacks(StackName=given.stack)["Stacks"][0]
        self.outputs = {o["OutputKey"]: o["OutputValue"] for o in stack["Outputs"]}
        self.run = f"smoke-{int(time.time())}"

    def client(self, service):
        return self.session.client(service, endpoint_url=self.given.endpoint)


def until(found, seconds, otherwise):
    """What `found` answers as soon as it is something."""
    limit = time.monotonic() + seconds
    while not (answer := found()):
        assert time.monotonic() < limit, otherwise
        time.sleep(2)
    return answer


def sign_up(stack):
    """A customer with an agent of three leads, by the seed program."""
    stack.customer, stack.agent = stack.customer or "smoke", "smoke"
    rule = {"id": "smoke", "trigger": "recipe_failed", "severity": "error", "enabled": True}
    rule |= {"channels": ["email"], "recipients": [SIMULATOR]}
    agent = tomllib.loads(EXAMPLE.read_text("utf-8")) | {"agent_id": "smoke", "alerts": [rule]}
    agent["target"]["max_results"] = 3
    keys = stack.session.get_credentials().get_frozen_credentials()
    variables = {
        "HUNTER_TABLE": stack.outputs["MainTableName"],
        "HUNTER_AUDIT_TABLE": stack.outputs["AuditTableName"],
        "AWS_REGION": stack.session.region_name,
        "AWS_ACCESS_KEY_ID": keys.access_key,
        "AWS_SECRET_ACCESS_KEY": keys.secret_key,
        "AWS_SESSION_TOKEN": keys.token,
        "AWS_ENDPOINT_URL": stack.given.endpoint,
    }
    environment = dict(os.environ) | {name: value for name, value in variables.items() if value}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "agent.json"
        path.write_text(json.dumps(agent), encoding="utf-8")
        subprocess.run([stack.given.seed, stack.customer, path], env=environment, check=True)


def a_queued_run_ends_well(stack):
    """Queue and messaging key; the functions' roles, LeadingKeys, the data key; their logs."""
    run = {"customer_id": stack.customer, "execution_id": stack.run, "agent_id": stack.agent}
    queue, machine = stack.outputs["RunQueueUrl"], stack.outputs["StateMachineArn"]
    stack.client("sqs").send_message(QueueUrl=queue, MessageBody=json.dumps(run))
    states, logs = stack.client("stepfunctions"), stack.client("logs")

    def started():
        told = states.list_executions(stateMachineArn=machine, maxResults=100)["executions"]
        return [e["executionArn"] for e in told if e["name"].startswith(f"{stack.run}-")]

    def ended():
        told = states.describe_execution(executionArn=arn)
        return told["status"] != "RUNNING" and told

    arn = until(started, 120, "it was not started: see runs-dead and the log of trigger")[0]
    told = until(ended, 1800, f"it does not end: {arn}")
    assert told["status"] == "SUCCEEDED", [told.get(k) for k in ("status", "error", "cause")]
    group = f"/aws/lambda/{stack.outputs['FunctionPrefix']}run"
    written = lambda: logs.describe_log_streams(logGroupName=group)["logStreams"]  # noqa: E731
    until(written, 60, f"nothing is logged in {group}")


def an_alert_is_mailed(stack):
    """SNS to SQS under the messaging key; SES with the sender of the role."""
    now, stamp = datetime.now(UTC), "%Y-%m-%dT%H:%M:%SZ"
    alert = {"id": stack.run, "customer_id": stack.customer, "trigger_type": "recipe_failed"}
    alert |= {"severity": "error", "title": "Smoke test", "message": "This stack was tried."}
    alert |= {"context": {"execution_id": stack.run}, "action_required": False, "read": False}
    alert |= {"created_at": f"{now:{stamp}}", "expires_at": f"{now + timedelta(1):{stamp}}"}
    told = {"TopicArn": stack.outputs["AlertTopicArn"], "Message": json.dumps(alert)}
    stack.client("sns").publish(**told)

    def delivered():
        values = {":pk": f"T#{stack.customer}", ":sk": f"AD#{stack.run}#"}
        found = stack.client("dynamodb").query(
            TableName=stack.outputs["MainTableName"],
            KeyConditionExpression="PK = :pk AND begins_with(SK, :sk)",
            ExpressionAttributeValues={name: {"S": value} for name, value in values.items()},
        )
        # A delivery that is under way has a lease.
        return [item for item in found["Items"] if "until_ms" not in item]

    until(delivered, 180, "SES took no mail: see the log of notify and alerts-dead")


def an_alarm_reaches_the_operations_topic(stack):
    """CloudWatch to SNS under the messaging key, as the alarm's history tells."""
    resource = {"StackName": stack.given.stack, "LogicalResourceId": "RunQueueAgeAlarm"}
    told = stack.client("cloudformation").describe_stack_resource(**resource)
    alarm, watch = told["StackResourceDetail"]["PhysicalResourceId"], stack.client("cloudwatch")
    began = datetime.now(UTC) - timedelta(seconds=5)
    asked = {"AlarmName": alarm, "HistoryItemType": "Action", "StartDate": began}
    watch.set_alarm_state(AlarmName=alarm, StateValue="ALARM", StateReason="smoke test")
    time.sleep(20)
    told = watch.describe_alarm_history(**asked)["AlarmHistoryItems"]
    watch.set_alarm_state(AlarmName=alarm, StateValue="OK", StateReason="smoke test")
    if not told:
        raise NotChecked(f"the history of {alarm} tells of no action: see whether a mail came")
    assert not [item for item in told if "fail" in item["HistorySummary"].lower()], told


def the_api_wants_a_token_of_the_issuer(stack):
    """The authorizer with the issuer, and the function with its key set."""
    url = stack.outputs["ApiUrl"]
    if stack.given.endpoint:
        url = f"{stack.given.endpoint}/_aws/execute-api/{stack.outputs['ApiId']}/$default"
    for token, wanted in ((None, 401), (stack.given.token, 200)):
        if wanted == 200 and not token:
            raise NotChecked("it refuses without a token; give --token to see one let in")
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        request = urllib.request.Request(f"{url}/v1/subscription", headers=headers)
        try:
            found = urllib.request.urlopen(request, timeout=40).status
        except urllib.error.HTTPError as error:
            found = error.code
        assert found == wanted, f"{'with' if token else 'without'} a token it answers {found}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--stack", required=True)
    parser.add_argument("--region", help="where the stack is, if not where the environment says")
    parser.add_argument("--endpoint", help="of an emulator; AWS if left out")
    parser.add_argument("--seed", help="the program that signs up a customer")
    parser.add_argument("--customer", help="who runs; `smoke` with --seed")
    parser.add_argument("--agent", help="of the customer; one of its own with --seed")
    parser.add_argument("--token", help="of the issuer, for that customer")
    given = parser.parse_args()
    if not given.seed and not (given.customer and given.agent):
        parser.error("say --seed PROGRAM, or --customer and --agent that are there")
    stack, failed = Stack(given), 0
    if given.seed:
        sign_up(stack)
    checks = [a_queued_run_ends_well, an_alert_is_mailed]
    checks += [an_alarm_reaches_the_operations_topic, the_api_wants_a_token_of_the_issuer]
    for check in checks:
        name = check.__name__.replace("_", " ")
        try:
            check(stack)
            print(f"ok           {name}", flush=True)
        except NotChecked as why:
            print(f"NOT CHECKED  {name}: {why}", flush=True)
        except Exception as error:  # whatever it is, the check does not hold
            failed += 1
            print(f"FAILED       {name}: {type(error).__name__}: {error}", flush=True)
    print("\n".join(f"NOT CHECKED  {what}" for what in UNSEEN))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
