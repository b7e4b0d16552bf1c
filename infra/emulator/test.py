#!/usr/bin/env python3
"""Deploys the template to a fresh ministack with stand-ins for the functions, and tests it.

    python infra/emulator/test.py

The properties are check.py's. Beyond them: what is put into a queue, published, scheduled,
requested or lost reaches the function that it should, in the form that it should; and, on a second
ministack that enforces policies, each role may do what its function has to and nothing else.
Everything listens on 127.0.0.1 only and ends with the test. What the real functions do there is
tested elsewhere.
"""

import json
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import check
from botocore.exceptions import ClientError
from cryptography.hazmat.primitives.asymmetric import rsa
from world import World


def bodies(event):
    return [record["body"] for record in event.get("Records", [])]


def a_queued_run_reaches_the_trigger(world):
    body = json.dumps({"queued": "run"})
    world.aws.sqs.send_message(QueueUrl=world.deployed["queues"]["runs"], MessageBody=body)
    world.event("trigger", lambda event: body in bodies(event))


def an_alert_reaches_notify_as_it_was_published(world):
    body = json.dumps({"alert": "as it is"})
    world.aws.sns.publish(TopicArn=world.deployed["topics"]["alerts"], Message=body)
    world.event("notify", lambda event: body in bodies(event))


def what_fails_five_times_is_dead_and_the_rest_is_not(world):
    queue = world.deployed["queues"]["alerts"]
    hidden = world.aws.sqs.get_queue_attributes(
        QueueUrl=queue, AttributeNames=["VisibilityTimeout"]
    )
    # Not to wait for half an hour.
    world.aws.sqs.set_queue_attributes(QueueUrl=queue, Attributes={"VisibilityTimeout": "1"})
    for body in ("poison", "good one"):
        world.aws.sqs.send_message(QueueUrl=queue, MessageBody=body)
    world.dead_letter("alerts_dead", "poison")
    world.aws.sqs.set_queue_attributes(QueueUrl=queue, Attributes=hidden["Attributes"])
    seen = [body for event in world.events("notify") for body in bodies(event)]
    check.same("deliveries", (seen.count("poison"), seen.count("good one")), (5, 1))


def a_token_opens_the_api(world):
    check.same("health", world.get("/healthz"), (200, "stand-in"))
    token = world.issuer.token()
    check.same("runs", world.get("/v1/runs", token), (200, "stand-in"))
    event = world.event("api", lambda event: event.get("routeKey") == "GET /v1/runs")
    claims = event["requestContext"]["authorizer"]["jwt"]["claims"]
    check.same("tenant", claims["tenant_id"], "cust_1")
    check.same("a run", world.get("/v1/runs/exec_1/leads", token)[0], 200)
    event = world.event("api", lambda event: event.get("routeKey") == "GET /v1/runs/{id}/leads")
    check.same("path", event["pathParameters"], {"id": "exec_1"})


def without_a_good_token_the_api_is_shut(world):
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    tokens = {
        "none": None,
        "nonsense": "a.b.c",
        "expired": world.issuer.token(exp=int(time.time()) - 60),
        "of another issuer": world.issuer.token(iss="http://127.0.0.1:1"),
        "for another audience": world.issuer.token(aud="other"),
        "signed by another key": world.issuer.token(key=other),
    }
    before = len(world.events("api"))
    for name, token in tokens.items():
        check.same(f"token {name}", world.get("/v1/runs", token)[0], 401)
    check.same("another path", world.get("/v2/runs", world.issuer.token())[0], 404)
    check.same("another method", world.get("/v1/runs/r/stop", world.issuer.token())[0], 404)
    check.same("calls of the function", len(world.events("api")), before)


def a_failed_execution_reaches_the_trigger(world):
    # The stand-in refuses every run.
    started = world.aws.stepfunctions.start_execution(
        stateMachineArn=world.deployed["state_machine_arn"], name="fails", input="{}"
    )
    event = world.event("trigger", lambda event: event.get("source") == "aws.states")
    check.same("execution", event["detail"]["executionArn"], started["executionArn"])
    check.same("status", event["detail"]["status"], "FAILED")
    world.event("run", lambda event: event.get("action") == "open")


def a_schedule_reaches_the_trigger(world):
    at = (datetime.now(UTC) + timedelta(seconds=1)).strftime("%Y-%m-%dT%H:%M:%S")
    world.aws.scheduler.create_schedule(
        Name="once",
        GroupName=world.deployed["schedule_group"],
        ScheduleExpression=f"at({at})",
        FlexibleTimeWindow={"Mode": "OFF"},
        Target={
            "Arn": world.deployed["functions"]["trigger"]["arn"],
            "RoleArn": world.deployed["schedule_role_arn"],
            "Input": json.dumps({"tick": "once"}),
        },
    )
    world.event("trigger", lambda event: event.get("tick") == "once")


def a_call_that_the_trigger_loses_is_kept(world):
    world.aws.lambda_.invoke(
        FunctionName=world.deployed["functions"]["trigger"]["name"],
        InvocationType="Event",
        Payload=json.dumps({"crash": True}),
    )
    world.dead_letter("events_dead", "told to")


def a_table_with_customers_is_not_deleted(world):
    try:
        world.aws.dynamodb.delete_table(TableName=world.deployed["tables"]["main"])
    except ClientError:
        return
    raise AssertionError("the main table was deleted")


def calls(world):
    """Function, service, operation, its input, and whether the function's role may do it."""
    deployed = world.deployed
    key = {"PK": {"S": "T#cust_1"}, "SK": {"S": "BAL"}}
    main, audit = ({"TableName": deployed["tables"][t]} for t in ("main", "audit"))
    machine, topic = deployed["state_machine_arn"], deployed["topics"]["alerts"]
    start = ("stepfunctions", "start_execution", {"stateMachineArn": machine, "input": "{}"})
    publish = ("sns", "publish", {"TopicArn": topic, "Message": "{}"})
    mail = (
        "ses",
        "send_email",
        {
            "Source": "alerts@hunter.example",
            "Destination": {"ToAddresses": ["a@hunter.example"]},
            "Message": {"Subject": {"Data": "s"}, "Body": {"Text": {"Data": "t"}}},
        },
    )
    secret = ("secretsmanager", "get_secret_value", {"SecretId": "hunter/cust_1/key"})
    other_secret = ("secretsmanager", "get_secret_value", {"SecretId": "others/key"})
    transaction = (
        "dynamodb",
        "transact_write_items",
        {"TransactItems": [{"Put": {**main, "Item": key}}]},
    )

    def send(queue):
        return ("sqs", "send_message", {"QueueUrl": deployed["queues"][queue], "MessageBody": "{}"})

    for function in check.FUNCTIONS:
        yield function, "dynamodb", "get_item", {**main, "Key": key}, True
        yield function, "dynamodb", "put_item", {**main, "Item": key}, True
        yield function, "dynamodb", "delete_item", {**main, "Key": key}, False
        yield function, "dynamodb", "scan", main, False
        yield function, "dynamodb", "get_item", {**audit, "Key": key}, False
        yield function, "dynamodb", "put_item", {**audit, "Item": key}, function != "trigger"
        yield function, *transaction, True
        yield function, *publish, function in ("run", "subscription")
        yield function, *start, function in ("api", "trigger")
        yield function, *send("runs_dead"), function == "trigger"
        yield function, *send("alerts_dead"), function == "notify"
        outside = ("discovery", "intelligence", "personalization")
        yield function, *secret, function in outside
        yield function, *other_secret, False
        # Its engine is not told which identity sends, so notify's own mail cannot be tried.
        if function != "notify":
            yield function, *mail, False
        invoke = {"FunctionName": deployed["functions"]["run"]["name"]}
        yield function, "lambda", "invoke", invoke, False


def roles_may_do_what_they_must_and_nothing_else(world):
    world.aws.session.client("ses", endpoint_url=world.endpoint).verify_email_identity(
        EmailAddress="alerts@hunter.example"
    )
    secrets = world.aws.session.client("secretsmanager", endpoint_url=world.endpoint)
    for name in ("hunter/cust_1/key", "others/key"):
        secrets.create_secret(Name=name, SecretString="value")
    wrong = []
    for function, service, operation, given, allowed in calls(world):
        told = told_by(world, function, [service, operation, given])
        if told != allowed:
            wrong.append(f"{function} {service} {operation} {given}: {told}")
    assert not wrong, "\n  ".join(["", *wrong])


def told_by(world, function, call, session=None):
    """Whether a function's role, or the session that it takes, may make a call."""
    answer = world.aws.lambda_.invoke(
        FunctionName=world.deployed["functions"][function]["name"],
        Payload=json.dumps({"call": call, "as": session}),
    )
    told = json.load(answer["Payload"])
    if told == "done":
        return True
    if isinstance(told, str) and ("AccessDenied" in told or told == "AuthorizationError"):
        return False
    raise AssertionError(f"{function} {call}: {told}")


def a_session_has_one_tenant(world):
    """Whose it may be and what it may do; which keys it reaches is not for this engine to say."""
    role = world.deployed["outputs"]["TenantAccessRoleArn"]
    actions = ["sts:AssumeRole", "sts:TagSession"]
    policy = {"Statement": [{"Effect": "Allow", "Action": actions, "Resource": role}]}
    for function in ("api", "notify"):
        # On AWS the role's trust is enough; this engine wants to hear it from both sides.
        world.aws.iam.put_role_policy(
            RoleName=world.deployed["resources"][f"{function.capitalize()}Role"],
            PolicyName="sessions",
            PolicyDocument=json.dumps(policy | {"Version": "2012-10-17"}),
        )
    key = {"PK": {"S": "T#cust_1"}, "SK": {"S": "BAL"}}
    table = {"TableName": world.deployed["tables"]["main"]}
    get = ["dynamodb", "get_item", {**table, "Key": key}]
    tid, other = {"Key": "tid", "Value": "cust_1"}, {"Key": "other", "Value": "tag"}
    for function, tags, call, wanted in (
        ("api", [tid], get, True),
        ("api", [tid], ["dynamodb", "scan", table], False),
        ("api", [tid], ["dynamodb", "delete_item", {**table, "Key": key}], False),
        ("api", [], get, False),
        ("api", [tid, other], get, False),
        ("notify", [tid], get, False),
    ):
        session = {"RoleArn": role, "RoleSessionName": "tenant", "Tags": tags}
        told = told_by(world, function, call, session)
        check.same(f"{function} with {tags}: {call[1]}", told, wanted)


BEHAVIOUR = [
    a_queued_run_reaches_the_trigger,
    an_alert_reaches_notify_as_it_was_published,
    what_fails_five_times_is_dead_and_the_rest_is_not,
    a_token_opens_the_api,
    without_a_good_token_the_api_is_shut,
    a_failed_execution_reaches_the_trigger,
    a_schedule_reaches_the_trigger,
    a_call_that_the_trigger_loses_is_kept,
    a_table_with_customers_is_not_deleted,
]


ENFORCED = [roles_may_do_what_they_must_and_nothing_else, a_session_has_one_tenant]


def test(enforcing):
    """How many checks do not hold on an emulator that enforces policies, or does not."""
    with tempfile.TemporaryDirectory(prefix="hunter-emulator-") as folder:
        world = World(Path(folder), enforcing)
        try:
            world.start()
            world.deploy()
            if enforcing:
                return check.run_checks(ENFORCED, world)
            failed = check.run_checks(check.CHECKS, world.aws, world.deployed)
            return failed + check.run_checks(BEHAVIOUR, world)
        finally:
            world.stop()


def main():
    failed = test(enforcing=False) + test(enforcing=True)
    count = len(check.CHECKS) + len(BEHAVIOUR) + len(ENFORCED)
    print(f"{count - failed} of {count} checks hold")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
