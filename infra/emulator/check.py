#!/usr/bin/env python3
"""Checks what deploy.py deployed: the essential properties of the resources, as the emulator's own
services tell them, not as the template says them.

    python infra/emulator/check.py --outputs outputs.json

Prints one line per check and ends with 1 if one does not hold.
"""

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import boto3
from botocore.config import Config
from policies import ALLOWED, DATA_KEY, OWN, STORE, keys_are_tenants, listed, no_star, policies_of, same

ROOT = Path(__file__).resolve().parent.parent.parent
FUNCTIONS = sorted(manifest.parent.name for manifest in ROOT.glob("functions/*/Cargo.toml"))
# A recipe's input has a schema.
RECIPES = [name for name in FUNCTIONS if (ROOT / f"shared/contracts/schemas/{name}.input.json").exists()]

# The longest that a task of the state machine may take: a function has to be quicker.
TASK_SECONDS_MAX = 910

# What anybody may read: nothing of a tenant.
OPEN_ROUTES = ["GET /healthz", "GET /v1/errors/{code}", "GET /v1/openapi.json"]
CHECKS: list[Callable] = []


def check(function):
    CHECKS.append(function)
    return function


def connect(deployed):
    """Clients of the emulator's services, by name."""
    session = boto3.session.Session(
        aws_access_key_id="test", aws_secret_access_key="test", region_name=deployed["region"]
    )
    config = Config(retries={"max_attempts": 2}, connect_timeout=5, read_timeout=60)
    names = [
        "apigatewayv2",
        "cloudformation",
        "cloudwatch",
        "dynamodb",
        "events",
        "iam",
        "kms",
        "lambda",
        "logs",
        "scheduler",
        "sns",
        "sqs",
        "stepfunctions",
    ]
    made = {
        name: session.client(name, endpoint_url=deployed["endpoint"], config=config)
        for name in names
    }
    made["lambda_"] = made.pop("lambda")
    return SimpleNamespace(session=session, **made)


def account(deployed):
    return deployed["state_machine_arn"].split(":")[4]


def queue_attributes(aws, deployed, name):
    url = deployed["queues"][name]
    return aws.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]


@check
def tables_have_their_keys_and_protection(aws, deployed):
    for name, index in (("main", "listing"), ("audit", None)):
        table = aws.dynamodb.describe_table(TableName=deployed["tables"][name])["Table"]
        keys = {k["KeyType"]: k["AttributeName"] for k in table["KeySchema"]}
        same(f"key of {name}", keys, {"HASH": "PK", "RANGE": "SK"})
        indexes = table.get("GlobalSecondaryIndexes", [])
        same(f"indexes of {name}", [i["IndexName"] for i in indexes], [index] if index else [])
        for found in indexes:
            keys = {k["KeyType"]: k["AttributeName"] for k in found["KeySchema"]}
            same("key of the index", keys, {"HASH": "LPK", "RANGE": "LSK"})
            same("projection", found["Projection"]["ProjectionType"], "KEYS_ONLY")
        same("billing", table["BillingModeSummary"]["BillingMode"], "PAY_PER_REQUEST")
        protected = deployed["parameters"].get("DeletionProtection") == "true"
        same("deletion protection", table["DeletionProtectionEnabled"], protected)
        backups = aws.dynamodb.describe_continuous_backups(TableName=deployed["tables"][name])
        recovery = backups["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"]
        same("point-in-time recovery", recovery["PointInTimeRecoveryStatus"], "ENABLED")


@check
def only_the_main_table_forgets(aws, deployed):
    for name, wanted in (("main", "ENABLED"), ("audit", "DISABLED")):
        told = aws.dynamodb.describe_time_to_live(TableName=deployed["tables"][name])
        ttl = told["TimeToLiveDescription"]
        same(f"time to live of {name}", ttl["TimeToLiveStatus"], wanted)
        if wanted == "ENABLED":
            same("its attribute", ttl["AttributeName"], "ttl")


@check
def queues_redrive_to_their_dead_letters(aws, deployed):
    for name, function in (("runs", "trigger"), ("alerts", "notify")):
        queue = queue_attributes(aws, deployed, name)
        dead = queue_attributes(aws, deployed, f"{name}_dead")
        redrive = json.loads(queue["RedrivePolicy"])
        same(f"dead letters of {name}", redrive["deadLetterTargetArn"], dead["QueueArn"])
        same(f"receives of {name}", int(redrive["maxReceiveCount"]), 5)
        allow = json.loads(dead["RedriveAllowPolicy"])
        same(f"sources of {name}_dead", allow["sourceQueueArns"], [queue["QueueArn"]])
        configured = aws.lambda_.get_function_configuration(
            FunctionName=deployed["functions"][function]["name"]
        )
        assert int(queue["VisibilityTimeout"]) >= 6 * configured["Timeout"], (
            f"{name} hides a message {queue['VisibilityTimeout']} s: not six times "
            f"{configured['Timeout']} s of {function}"
        )
    for name in deployed["queues"]:
        attributes = queue_attributes(aws, deployed, name)
        same(f"key of {name}", attributes["KmsMasterKeyId"], deployed["resources"]["MessagingKey"])
        if name.endswith("_dead"):
            same(f"retention of {name}", int(attributes["MessageRetentionPeriod"]), 14 * 86_400)
        statements = json.loads(attributes["Policy"])["Statement"]
        denied = [s for s in statements if s["Effect"] == "Deny"]
        same(f"plain transport denied on {name}", len(denied), 1)


@check
def alerts_arrive_as_they_are(aws, deployed):
    topic = deployed["topics"]["alerts"]
    subscriptions = aws.sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    same("subscriptions", len(subscriptions), 1)
    arn = queue_attributes(aws, deployed, "alerts")["QueueArn"]
    same("its queue", (subscriptions[0]["Protocol"], subscriptions[0]["Endpoint"]), ("sqs", arn))
    attributes = aws.sns.get_subscription_attributes(
        SubscriptionArn=subscriptions[0]["SubscriptionArn"]
    )["Attributes"]
    same("raw delivery", attributes["RawMessageDelivery"], "true")
    # What SNS cannot deliver it discards, unless it may leave it here.
    dead = queue_attributes(aws, deployed, "alerts_dead")
    redrive = json.loads(attributes["RedrivePolicy"])
    same("dead letters", redrive["deadLetterTargetArn"], dead["QueueArn"])
    allowed = [s for s in json.loads(dead["Policy"])["Statement"] if s["Effect"] == "Allow"]
    same("who may leave some", [s["Principal"]["Service"] for s in allowed], ["sns.amazonaws.com"])
    same("of which topic", allowed[0]["Condition"]["ArnEquals"]["aws:SourceArn"], topic)


@check
def queues_call_their_functions(aws, deployed):
    for queue, function, at_once in (("runs", "trigger", 5), ("alerts", "notify", 2)):
        name = deployed["functions"][function]["name"]
        mappings = aws.lambda_.list_event_source_mappings(FunctionName=name)["EventSourceMappings"]
        same(f"event sources of {function}", len(mappings), 1)
        mapping = mappings[0]
        arn = queue_attributes(aws, deployed, queue)["QueueArn"]
        same("its queue", mapping["EventSourceArn"], arn)
        same("failures", mapping["FunctionResponseTypes"], ["ReportBatchItemFailures"])
        same("batch", mapping["BatchSize"], 10)
        same("at once", int(mapping["ScalingConfig"]["MaximumConcurrency"]), at_once)
        same("state", mapping["State"], "Enabled")


@check
def functions_are_as_the_template_says(aws, deployed):
    same("functions", sorted(deployed["functions"]), sorted(FUNCTIONS))
    architectures = set()
    for function, named in deployed["functions"].items():
        same("name", named["name"], f"{deployed['function_prefix']}{function}")
        found = aws.lambda_.get_function_configuration(FunctionName=named["name"])
        same(f"runtime of {function}", found["Runtime"], "provided.al2023")
        same(f"traces of {function}", found["TracingConfig"]["Mode"], "Active")
        same(
            f"log group of {function}",
            found["LoggingConfig"]["LogGroup"],
            f"/aws/lambda/{named['name']}",
        )
        # Lambda would drop what is below INFO, whatever LogLevel says.
        same(f"logs of {function}", found["LoggingConfig"]["LogFormat"], "JSON")
        same(f"level of {function}", found["LoggingConfig"]["ApplicationLogLevel"], "TRACE")
        assert found["Timeout"] < TASK_SECONDS_MAX, f"{function} outlives its task"
        variables = found["Environment"]["Variables"]
        same(f"endpoint of {function}", variables["AWS_ENDPOINT_URL"], deployed["endpoint"])
        same(f"table of {function}", variables["HUNTER_TABLE"], deployed["tables"]["main"])
        same(
            f"prefix of {function}",
            variables["HUNTER_FUNCTION_PREFIX"],
            deployed["function_prefix"],
        )
        empty = sorted(name for name, value in variables.items() if value == "")
        same(f"empty variables of {function}", empty, [])
        architectures.update(found["Architectures"])
    same("architectures", len(architectures), 1)


@check
def keys_of_tenants_are_this_stacks(aws, deployed):
    prefix = deployed["parameters"].get("SecretsPrefix") or deployed["stack"]
    for function in ("discovery", "intelligence", "personalization"):
        found = aws.lambda_.get_function_configuration(
            FunctionName=deployed["functions"][function]["name"]
        )
        given = found["Environment"]["Variables"]["HUNTER_SECRETS_PREFIX"]
        same(f"prefix of {function}", given, prefix)
        statements = policies_of(aws, found["Role"].rsplit("/", 1)[-1])
        read = [s for s in statements if "secretsmanager:GetSecretValue" in listed(s["Action"])]
        ends = [s["Resource"].rsplit(":secret:", 1)[-1] for s in read]
        same(f"secrets of {function}", ends, [f"{prefix}/*"])


@check
def mail_goes_out_as_the_sender_only(aws, deployed):
    role = deployed["resources"]["NotifyRole"]
    mail = [s for s in policies_of(aws, role) if "ses:SendEmail" in listed(s["Action"])]
    same("statements", len(mail), 1)
    same("sender", mail[0]["Condition"]["StringEquals"], {"ses:FromAddress": deployed["parameters"]["MailFrom"]})
    # In the sandbox SES asks for the recipient's identity as well as for the sender's.
    identity = f"arn:aws:ses:{deployed['region']}:{account(deployed)}:identity/*"
    same("identities", listed(mail[0]["Resource"]), [identity])


@check
def names_reach_the_functions(aws, deployed):
    def variables(function):
        name = deployed["functions"][function]["name"]
        return aws.lambda_.get_function_configuration(FunctionName=name)["Environment"]["Variables"]

    queues = deployed["queues"]
    wanted = {
        "run": {"HUNTER_ALERT_TOPIC_ARN": deployed["topics"]["alerts"]},
        "subscription": {"HUNTER_ALERT_TOPIC_ARN": deployed["topics"]["alerts"]},
        "api": {
            "HUNTER_STATE_MACHINE_ARN": deployed["state_machine_arn"],
            "HUNTER_SCHEDULE_GROUP": deployed["schedule_group"],
            "HUNTER_SCHEDULE_TARGET_ARN": deployed["functions"]["trigger"]["arn"],
            "HUNTER_SCHEDULE_ROLE_ARN": deployed["schedule_role_arn"],
        },
        "trigger": {
            "HUNTER_STATE_MACHINE_ARN": deployed["state_machine_arn"],
            "HUNTER_RUN_QUEUE_URL": queues["runs"],
            "HUNTER_RUN_DEAD_LETTER_QUEUE_URL": queues["runs_dead"],
        },
        "notify": {
            "HUNTER_ALERT_QUEUE_URL": queues["alerts"],
            "HUNTER_ALERT_DEAD_LETTER_QUEUE_URL": queues["alerts_dead"],
        },
    }
    for function, pairs in wanted.items():
        found = variables(function)
        for name, value in pairs.items():
            same(f"`{name}` of {function}", found.get(name), value)


@check
def the_state_machine_is_ours(aws, deployed):
    found = aws.stepfunctions.describe_state_machine(stateMachineArn=deployed["state_machine_arn"])
    definition = json.loads(found["definition"])
    assert "${" not in found["definition"], "a substitution was not made"
    run = deployed["functions"]["run"]
    called = definition["States"]["OpenRun"]["Parameters"]["FunctionName"]
    assert called in (run["name"], run["arn"]), f"OpenRun calls `{called}`"
    same("type", found["type"], "STANDARD")
    resource = definition["States"]["OpenRun"]["Resource"]
    same("resource of OpenRun", resource, "arn:aws:states:::lambda:invoke")


@check
def only_what_anybody_may_read_is_open(aws, deployed):
    api = deployed["api_id"]
    routes = aws.apigatewayv2.get_routes(ApiId=api, MaxResults="100")["Items"]
    open_routes = sorted(r["RouteKey"] for r in routes if r["AuthorizationType"] != "JWT")
    same("routes without a token", open_routes, OPEN_ROUTES)
    authorizers = {
        a["AuthorizerId"]: a for a in aws.apigatewayv2.get_authorizers(ApiId=api)["Items"]
    }
    for route in routes:
        if route["AuthorizationType"] == "JWT":
            same(route["RouteKey"], authorizers[route["AuthorizerId"]]["AuthorizerType"], "JWT")
    for authorizer in authorizers.values():
        assert authorizer["JwtConfiguration"]["Issuer"], "no issuer"
        assert authorizer["JwtConfiguration"]["Audience"], "no audience"
    stages = aws.apigatewayv2.get_stages(ApiId=api)["Items"]
    same("stages", [s["StageName"] for s in stages], ["$default"])
    log = stages[0]["AccessLogSettings"]
    assert log["DestinationArn"], "no access log"
    # Not every claim's name can be asked for there: the functions' lines have the tenant.
    assert "authorizer.claims" not in log["Format"], f"the access log asks for a claim: {log['Format']}"


@check
def schedules_may_only_call_the_trigger(aws, deployed):
    found = aws.scheduler.get_schedule_group(Name=deployed["schedule_group"])
    same("group", found["State"], "ACTIVE")
    statements = policies_of(aws, deployed["schedule_role_arn"].rsplit("/", 1)[-1])
    invoked = [s for s in statements if "lambda:InvokeFunction" in listed(s["Action"])]
    same("invoked", [s["Resource"] for s in invoked], [deployed["functions"]["trigger"]["arn"]])


@check
def ended_executions_reach_the_trigger(aws, deployed):
    rule = aws.events.describe_rule(Name=deployed["rule_name"])
    pattern = json.loads(rule["EventPattern"])["detail"]
    same("statuses", sorted(pattern["status"]), ["ABORTED", "FAILED", "TIMED_OUT"])
    same("state machine", pattern["stateMachineArn"], [deployed["state_machine_arn"]])
    targets = aws.events.list_targets_by_rule(Rule=deployed["rule_name"])["Targets"]
    same("targets", [t["Arn"] for t in targets], [deployed["functions"]["trigger"]["arn"]])
    dead = queue_attributes(aws, deployed, "events_dead")["QueueArn"]
    same("dead letters", targets[0]["DeadLetterConfig"]["Arn"], dead)


@check
def ends_that_no_event_told_of_are_looked_for(aws, deployed):
    name = deployed["outputs"]["SweepRuleName"]
    rate = aws.events.describe_rule(Name=name)["ScheduleExpression"]
    same("rate", rate, "rate(1 hour)")
    [target] = aws.events.list_targets_by_rule(Rule=name)["Targets"]
    same("target", target["Arn"], deployed["functions"]["trigger"]["arn"])
    # More than the rate, so that nothing falls between two.
    assert json.loads(target["Input"])["sweep_last_s"] >= 2 * 3600, target
    dead = queue_attributes(aws, deployed, "events_dead")["QueueArn"]
    same("dead letters", target["DeadLetterConfig"]["Arn"], dead)


@check
def lost_calls_of_the_trigger_are_kept(aws, deployed):
    name = deployed["functions"]["trigger"]["name"]
    found = aws.lambda_.get_function_event_invoke_config(FunctionName=name, Qualifier="$LATEST")
    dead = queue_attributes(aws, deployed, "events_dead")["QueueArn"]
    same("destination", found["DestinationConfig"]["OnFailure"]["Destination"], dead)


@check
def logs_end_and_are_encrypted(aws, deployed):
    wanted = {f"/aws/lambda/{named['name']}" for named in deployed["functions"].values()}
    wanted |= {f"/aws/vendedlogs/{deployed['function_prefix']}{n}" for n in ("states", "access")}
    pages = aws.logs.get_paginator("describe_log_groups").paginate()
    groups = {g["logGroupName"]: g for page in pages for g in page["logGroups"]}
    for name in sorted(wanted):
        assert name in groups, f"there is no log group `{name}`"
        assert groups[name].get("retentionInDays"), f"`{name}` is kept for ever"
        assert groups[name].get("kmsKeyId"), f"`{name}` has no key"


@check
def alarms_watch_every_queue_and_function(aws, deployed):
    pages = aws.cloudwatch.get_paginator("describe_alarms").paginate()
    alarms = [a for page in pages for a in page["MetricAlarms"]]
    watched = {(a["MetricName"], d["Value"]) for a in alarms for d in a["Dimensions"]}
    for alarm in alarms:
        same(
            f"action of {alarm['AlarmName']}",
            alarm["AlarmActions"],
            [deployed["topics"]["operations"]],
        )
    for named in deployed["functions"].values():
        for metric in ("Errors", "Throttles", "Duration"):
            assert (metric, named["name"]) in watched, f"no alarm on {metric} of {named['name']}"
    for name, url in deployed["queues"].items():
        dead = name.endswith("_dead")
        metric = "ApproximateNumberOfMessagesVisible" if dead else "ApproximateAgeOfOldestMessage"
        queue = url.rsplit("/", 1)[-1]
        assert (metric, queue) in watched, f"no alarm on {metric} of {queue}"
    for metric in ("ExecutionsTimedOut", "ExecutionThrottled"):
        assert (metric, deployed["state_machine_arn"]) in watched, f"no alarm on {metric}"
    assert ("5xx", deployed["api_id"]) in watched, "no alarm on the API's errors"
    indexed = {
        (a["MetricName"], d["Value"])
        for a in alarms
        for d in a["Dimensions"]
        if d["Name"] == "GlobalSecondaryIndexName"
        and {"Name": "TableName", "Value": deployed["tables"]["main"]} in a["Dimensions"]
    }
    wanted = {("ReadThrottleEvents", "listing"), ("WriteThrottleEvents", "listing")}
    same("alarms on the index", indexed, wanted)


@check
def alarms_watch_every_asynchronous_hop(aws, deployed):
    pages = aws.cloudwatch.get_paginator("describe_alarms").paginate()
    watched = {
        (a["Namespace"], a["MetricName"], d["Value"])
        for page in pages
        for a in page["MetricAlarms"]
        for d in a["Dimensions"]
    }
    topic = deployed["topics"]["alerts"].rsplit(":", 1)[-1]
    group = deployed["schedule_group"]
    trigger = deployed["functions"]["trigger"]["name"]
    # A delivery that failed, and dead letters that could not be kept.
    for hop in (
        ("AWS/SNS", "NumberOfNotificationsFailed", topic),
        ("AWS/SNS", "NumberOfNotificationsFailedToRedriveToDlq", topic),
        ("AWS/Events", "InvocationsFailedToBeSentToDlq", deployed["rule_name"]),
        ("AWS/Lambda", "DestinationDeliveryFailures", trigger),
        ("AWS/Scheduler", "TargetErrorCount", group),
        ("AWS/Scheduler", "InvocationDroppedCount", group),
        ("AWS/Scheduler", "InvocationsFailedToBeSentToDeadLetterCount", group),
    ):
        assert hop in watched, f"no alarm on {hop}"


@check
def keys_rotate(aws, deployed):
    for name in ("DataKey", "MessagingKey"):
        key = deployed["resources"][name]
        same(
            f"rotation of {name}",
            aws.kms.get_key_rotation_status(KeyId=key)["KeyRotationEnabled"],
            True,
        )


@check
def services_that_deliver_may_use_the_messaging_key(aws, deployed):
    key = deployed["resources"]["MessagingKey"]
    policy = json.loads(aws.kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"])
    found = {
        service: s.get("Condition", {})
        for s in policy["Statement"]
        for service in listed(s["Principal"].get("Service", []))
    }
    region, owner = deployed["region"], account(deployed)

    def arn(service, name):
        return f"arn:aws:{service}:{region}:{owner}:{name}"

    prefix = deployed["function_prefix"]
    logs = found.pop(f"logs.{region}.amazonaws.com")
    logs = logs["ArnLike"]["kms:EncryptionContext:aws:logs:arn"]
    groups = ("/aws/lambda/", "/aws/vendedlogs/")
    same("log groups", logs, [arn("logs", f"log-group:{g}{prefix}*") for g in groups])
    # Neither EventBridge nor, for all that is known, an alarm says for whom it asks: a condition on
    # aws:SourceAccount or aws:SourceArn would refuse it.
    wanted = {
        "sns.amazonaws.com": {"ArnEquals": {"aws:SourceArn": deployed["topics"]["alerts"]}},
        "cloudwatch.amazonaws.com": {
            "ArnLike": {"kms:EncryptionContext:aws:sns:topicArn": deployed["topics"]["operations"]}
        },
        "events.amazonaws.com": {
            "ArnLike": {"kms:EncryptionContext:aws:sqs:arn": arn("sqs", f"{prefix}events-dead")}
        },
    }
    same("services", found, wanted)


# What ministack's CloudFormation takes and does not apply (see APPLIED_LATER in deploy.py): read
# from the template that it was given. Resource, path of the property, value.
KEPT_IN_TEMPLATE = [
    ("MainTable", "SSESpecification.SSEEnabled", True),
    ("MainTable", "SSESpecification.KMSMasterKeyId", {"Fn::GetAtt": ["DataKey", "Arn"]}),
    ("AuditTable", "SSESpecification.SSEEnabled", True),
    ("AuditTable", "SSESpecification.KMSMasterKeyId", {"Fn::GetAtt": ["DataKey", "Arn"]}),
    ("AlertTopic", "KmsMasterKeyId", {"Ref": "MessagingKey"}),
    ("OperationsTopic", "KmsMasterKeyId", {"Ref": "MessagingKey"}),
    ("StateMachine", "LoggingConfiguration.Level", "ERROR"),
    ("StateMachine", "LoggingConfiguration.IncludeExecutionData", False),
    ("StateMachine", "TracingConfiguration.Enabled", True),
    ("ApiStage", "DefaultRouteSettings.ThrottlingRateLimit", {"Ref": "ApiRateLimit"}),
    ("ApiStage", "DefaultRouteSettings.ThrottlingBurstLimit", {"Ref": "ApiBurstLimit"}),
    (
        "ApiFunction",
        "ReservedConcurrentExecutions",
        {
            "Fn::If": [
                "HasApiReservedConcurrency",
                {"Ref": "ApiReservedConcurrency"},
                {"Ref": "AWS::NoValue"},
            ]
        },
    ),
    # A custom metric per route and kind, which costs.
    ("ApiStage", "DefaultRouteSettings.DetailedMetricsEnabled", {"Ref": "DetailedMetrics"}),
]


@check
def refusals_page_nobody(aws, deployed):
    pages = aws.cloudwatch.get_paginator("describe_alarms").paginate()
    alarms = [a for page in pages for a in page["MetricAlarms"]]
    names = {a["MetricName"] for a in alarms}
    assert "ExecutionsFailed" not in names, "a refused execution is a failed one"
    [alarm] = [a for a in alarms if a["Namespace"] == "Hunter"]
    found = {d["Name"]: d["Value"] for d in alarm["Dimensions"]}
    run = deployed["functions"]["run"]["name"]
    same("failed runs", found, {"function": run, "status": "failed"})


@check
def what_the_emulator_drops_stands_in_the_template(aws, deployed):
    template = aws.cloudformation.get_template(StackName=deployed["stack"])["TemplateBody"]
    template = json.loads(template) if isinstance(template, str) else template
    for name, path, wanted in KEPT_IN_TEMPLATE:
        found = template["Resources"][name]["Properties"]
        for part in path.split("."):
            found = found.get(part, {})
        same(f"{path} of {name}", found, wanted)
    kept = ["DataKey"]
    kept += [n for n, r in template["Resources"].items() if r["Type"] == "AWS::DynamoDB::Table"]
    for name in kept:
        resource = template["Resources"][name]
        same(f"deletion of {name}", resource.get("DeletionPolicy"), "RetainExceptOnCreate")
        same(f"replacing {name}", resource.get("UpdateReplacePolicy"), "Retain")
        # A name that what an earlier stack left has already would stop the next one. (The emulator
        # takes names that are taken.)
        assert "TableName" not in resource["Properties"], f"{name} has a name of its own"
    for name, wanted in (
        ("ApiReservedConcurrency", 0),
        ("DeletionProtection", "false"),
        ("DetailedMetrics", "false"),
        ("SecretsPrefix", ""),
    ):
        same(f"default of {name}", template["Parameters"][name]["Default"], wanted)
    reserved = [
        name
        for name, resource in template["Resources"].items()
        if "ReservedConcurrentExecutions" in resource["Properties"]
    ]
    same("functions that may reserve concurrency", reserved, ["ApiFunction"])


@check
def roles_may_do_what_they_must_and_no_more(aws, deployed):
    for function in FUNCTIONS:
        configured = aws.lambda_.get_function_configuration(
            FunctionName=deployed["functions"][function]["name"]
        )
        statements = policies_of(aws, configured["Role"].rsplit("/", 1)[-1])
        actions = {a for s in statements if s["Effect"] == "Allow" for a in listed(s["Action"])}
        allowed = ALLOWED.get(function, STORE | DATA_KEY) | OWN
        more, less = actions - allowed, allowed - actions
        same(f"{function} may too much", sorted(more), [])
        same(f"{function} may not", sorted(less), [])
        no_star(function, statements)
        keys_are_tenants(function, statements)


@check
def the_state_machine_may_call_its_functions_only(aws, deployed):
    machine = deployed["resources"]["StateMachineRole"]
    no_star("the state machine", policies_of(aws, machine))
    invoked = [
        arn
        for s in policies_of(aws, machine)
        if "lambda:InvokeFunction" in listed(s["Action"])
        for arn in listed(s["Resource"])
    ]
    wanted = [deployed["functions"][f]["arn"] for f in [*RECIPES, "run"]]
    same("called by the state machine", sorted(invoked), sorted(wanted))


def run_checks(checks, *given):
    """Runs each; answers how many do not hold."""
    failed = 0
    for one in checks:
        name = one.__name__.replace("_", " ")
        try:
            one(*given)
        except Exception as error:  # whatever it is, the check does not hold
            failed += 1
            kind = "" if isinstance(error, AssertionError) else f"{type(error).__name__}: "
            print(f"FAILED  {name}: {kind}{error}")
        else:
            print(f"ok      {name}")
    return failed


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--outputs", required=True, type=Path, help="what deploy.py wrote")
    given = parser.parse_args()
    deployed = json.loads(given.outputs.read_text(encoding="utf-8"))
    failed = run_checks(CHECKS, connect(deployed), deployed)
    print(f"{len(CHECKS) - failed} of {len(CHECKS)} checks hold")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
