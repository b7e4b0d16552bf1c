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
import os
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from unittest import mock

import check
import deploy
from botocore.exceptions import ClientError
from cryptography.hazmat.primitives.asymmetric import rsa
from policies import same
from world import World

sys.path.append(str(deploy.TEMPLATE.parent))
import smoke  # noqa: E402: it lies beside the template


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
    same("deliveries", (seen.count("poison"), seen.count("good one")), (5, 1))


def a_token_opens_the_api(world):
    same("health", world.get("/healthz"), (200, "stand-in"))
    token = world.issuer.token()
    same("runs", world.get("/v1/runs", token), (200, "stand-in"))
    event = world.event("api", lambda event: event.get("routeKey") == "GET /v1/runs")
    claims = event["requestContext"]["authorizer"]["jwt"]["claims"]
    same("tenant", claims["tenant_id"], "cust_1")
    same("a run", world.get("/v1/runs/exec_1/leads", token)[0], 200)
    event = world.event("api", lambda event: event.get("routeKey") == "GET /v1/runs/{id}/leads")
    same("path", event["pathParameters"], {"id": "exec_1"})


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
        same(f"token {name}", world.get("/v1/runs", token)[0], 401)
    same("another path", world.get("/v2/runs", world.issuer.token())[0], 404)
    same("another method", world.get("/v1/runs/r/stop", world.issuer.token())[0], 404)
    same("calls of the function", len(world.events("api")), before)


def a_failed_execution_reaches_the_trigger(world):
    # The stand-in refuses every run.
    started = world.aws.stepfunctions.start_execution(
        stateMachineArn=world.deployed["state_machine_arn"], name="fails", input="{}"
    )
    event = world.event("trigger", lambda event: event.get("source") == "aws.states")
    same("execution", event["detail"]["executionArn"], started["executionArn"])
    same("status", event["detail"]["status"], "FAILED")
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


def secret_names(world):
    """A tenant's key of this stack, and one of a stack beside it."""
    return f"{world.deployed['stack']}/cust_1/key", "hunter/cust_1/key"


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
    own, others = secret_names(world)
    secret = ("secretsmanager", "get_secret_value", {"SecretId": own})
    other_secret = ("secretsmanager", "get_secret_value", {"SecretId": others})
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
    for name in secret_names(world):
        secrets.create_secret(Name=name, SecretString="value")
    wrong = []
    for function, service, operation, given, allowed in calls(world):
        told = told_by(world, function, [service, operation, given])
        if told != allowed:
            wrong.append(f"{function} {service} {operation} {given}: {told}")
    assert not wrong, "\n  ".join(["", *wrong])


def told_by(world, function, call):
    """Whether a function's role may make a call."""
    answer = world.aws.lambda_.invoke(
        FunctionName=world.deployed["functions"][function]["name"],
        Payload=json.dumps({"call": call}),
    )
    told = json.load(answer["Payload"])
    if told == "done":
        return True
    if isinstance(told, str) and ("AccessDenied" in told or told == "AuthorizationError"):
        return False
    raise AssertionError(f"{function} {call}: {told}")


def what_cannot_work_is_refused_before_anything_is_made(world):
    plain = ["EndpointUrl=", f"JwtIssuer={world.issuer.url}"]
    told = world.refused("hunter-refused", plain)
    assert "JwtIssuer" in told and "https://.+" in told, told
    buckets = world.aws.session.client("s3", endpoint_url=world.endpoint).list_buckets()["Buckets"]
    names = [bucket["Name"] for bucket in buckets]
    assert "hunter-refused-artifacts" not in names, names
    given = ["EndpointUrl=", "JwtIssuer=https://a.example", "JwksUrl=http://a.example/keys"]
    assert "JwksUrl" in world.refused("hunter-refused", given)
    told = world.refused("hunter-refused", ["Stage=prod"])
    assert "EndpointUrl is for an emulator" in told, told


def claims_of_known_issuers_are_taken(world):
    values = deploy.PARAMETERS | {"EndpointUrl": world.endpoint}
    for claim in ("tenant_id", "custom:tenant_id", "https://names.example/tenant", "tid"):
        template = deploy.yaml_parse(deploy.TEMPLATE.read_text(encoding="utf-8"))
        deploy.admit(template, values | {"TenantClaim": claim})


def a_first_deploy_that_fails_can_be_repeated_at_once(world):
    tables = set(world.aws.dynamodb.list_tables()["TableNames"])
    keys = {key["KeyId"] for key in world.aws.kms.list_keys()["Keys"]}
    cloudformation = world.aws.cloudformation
    template = cloudformation.get_template(StackName=world.deployed["stack"])["TemplateBody"]
    template = json.loads(template) if isinstance(template, str) else template
    # Fails when all that is kept stands.
    template["Resources"]["Fails"] = {
        "Type": "AWS::SQS::Queue",
        "DependsOn": ["AuditTable", "DataKey", "MainTable"],
        "Properties": {"RedrivePolicy": {"deadLetterTargetArn": "none", "maxReceiveCount": 0}},
    }
    s3 = world.aws.session.client("s3", endpoint_url=world.endpoint)
    bucket = f"{world.deployed['stack']}-artifacts"
    s3.put_object(Bucket=bucket, Key="fails.json", Body=json.dumps(template).encode())
    values = world.deployed["parameters"] | {"DeletionProtection": "false"}
    again = "hunter-again"
    cloudformation.create_stack(
        StackName=again,
        TemplateURL=f"{world.endpoint}/{bucket}/fails.json",
        Parameters=[{"ParameterKey": n, "ParameterValue": v} for n, v in values.items()],
        OnFailure="DELETE",
    )
    world.until(lambda: deploy.status(cloudformation, again) is None, "the stack is not deleted")
    left = set(world.aws.dynamodb.list_tables()["TableNames"]) - tables
    same("tables that it left", left, set())
    now = {key["KeyId"] for key in world.aws.kms.list_keys()["Keys"]} - keys
    told = [world.aws.kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] for key in now]
    same("keys that it left", [state for state in told if state != "PendingDeletion"], [])
    world.deploy_as(again)
    world.delete(again)


def a_new_stack_takes_over_what_was_kept(world):
    stack, key = "hunter-restored", {"PK": {"S": "T#cust_1"}, "SK": {"S": "BAL"}}
    before = world.deploy_as(stack)
    world.aws.dynamodb.put_item(TableName=before["tables"]["main"], Item=key)
    world.delete(stack)
    translate = [sys.executable, str(deploy.TEMPLATE.parent / "emulator/translate.py"), "--kept"]
    template = subprocess.run(translate, check=True, capture_output=True, text=True).stdout
    kept = {name: r["Type"] for name, r in json.loads(template)["Resources"].items()}
    same("what is kept", sorted(kept), ["AuditTable", "DataKey", "MainTable"])
    identified = {"AWS::DynamoDB::Table": "TableName", "AWS::KMS::Key": "KeyId"}
    parameters = deploy.PARAMETERS | {"JwtIssuer": "https://a.example", "JwksUrl": "https://a.example"}
    cloudformation, change = world.aws.cloudformation, {"StackName": stack, "ChangeSetName": "kept"}
    cloudformation.create_change_set(
        **change,
        ChangeSetType="IMPORT",
        TemplateBody=template,
        Parameters=[{"ParameterKey": n, "ParameterValue": v} for n, v in parameters.items()],
        ResourcesToImport=[
            {
                "ResourceType": kind,
                "LogicalResourceId": name,
                "ResourceIdentifier": {identified[kind]: before["resources"][name]},
            }
            for name, kind in kept.items()
        ],
    )
    made = lambda: cloudformation.describe_change_set(**change)["Status"] == "CREATE_COMPLETE"
    world.until(made, "the change set is not made")
    cloudformation.execute_change_set(**change)
    done = lambda: deploy.status(cloudformation, stack)["StackStatus"] == "IMPORT_COMPLETE"
    world.until(done, "the import does not end")
    after = world.deploy_as(stack)
    same("tables", after["tables"], before["tables"])
    found = world.aws.dynamodb.get_item(TableName=after["tables"]["main"], Key=key)
    same("what stood in them", found.get("Item"), key)
    world.delete(stack)


def the_smoke_test_tells_right_from_wrong(world):
    """The part of it that stand-ins can answer."""
    given = SimpleNamespace(
        stack=world.deployed["stack"],
        region=world.deployed["region"],
        endpoint=world.endpoint,
        customer="cust_1",
        agent="agent_1",
    )

    def told(token):
        given.token = token
        keys = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
        try:
            with mock.patch.dict(os.environ, keys):
                smoke.the_api_wants_a_token_of_the_issuer(smoke.Stack(given))
        except (AssertionError, smoke.NotChecked) as error:
            return type(error)
        return None

    tokens = world.issuer.token(), world.issuer.token(aud="other"), None
    same("told", [told(t) for t in tokens], [None, AssertionError, smoke.NotChecked])


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
    what_cannot_work_is_refused_before_anything_is_made,
    claims_of_known_issuers_are_taken,
    a_first_deploy_that_fails_can_be_repeated_at_once,
    a_new_stack_takes_over_what_was_kept,
    the_smoke_test_tells_right_from_wrong,
]


ENFORCED = [roles_may_do_what_they_must_and_nothing_else]


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
