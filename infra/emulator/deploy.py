#!/usr/bin/env python3
"""Deploys infra/template.yaml to an emulator of AWS, by its CloudFormation, as `sam deploy` would.

    python infra/emulator/deploy.py --endpoint http://127.0.0.1:4566 --bootstraps target/lambda \
        --stack hunter-test --outputs outputs.json [--parameter Stage=test …] \
        [--variable HUNTER_DNS_URL=http://127.0.0.1:8080 …]

Zips DIR/<function>/bootstrap for every function of the template, uploads the zips and the state
machine to a bucket, translates SAM to plain CloudFormation with AWS's own translator, creates the
stack (or updates it), and fails naming every resource that does not stand afterwards. Nothing is
created beside the template but the bucket, and nothing at all when a parameter is refused.

Needs the packages of .ci/requirements.txt. Only for emulators: the endpoint has to be plain HTTP.
"""

import argparse
import hashlib
import io
import json
import platform
import re
import sys
import time
import zipfile
from pathlib import Path

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError
from samtranslator.parser.parser import Parser
from samtranslator.public.exceptions import InvalidDocumentException
from samtranslator.translator.translator import Translator
from samtranslator.yaml_helper import yaml_parse

TEMPLATE = Path(__file__).resolve().parent.parent / "template.yaml"

# What an installation says for itself and an emulator does not care about.
PARAMETERS = {
    "Stage": "test",
    "MailFrom": "alerts@hunter.example",
    "AdminEmail": "admin@hunter.example",
    "JwtIssuer": "http://127.0.0.1:1",
    "JwtAudience": "hunter",
    "JwksUrl": "http://127.0.0.1:1/.well-known/jwks.json",
}

# Resource types that an emulator's CloudFormation lacks, each with the reason. They are left out
# and listed; a resource that refers to one must not stay. Empty: ministack 1.5.33 has them all.
LEFT_OUT: dict[str, str] = {}

# Properties that ministack's CloudFormation takes and does not apply, though its DynamoDB has them:
# deploy.py applies what the template says. What else it drops (encryption of tables and topics,
# logging and tracing of the state machine, throttling of the API's stage) changes nothing in how a
# stack behaves there; check.py looks into the template for it.
APPLIED_LATER = ("TimeToLiveSpecification", "PointInTimeRecoverySpecification")

# With EndpointUrl set these may be plain HTTP: who issues tokens to an emulator has no certificate.
HTTP_ON_EMULATORS = ("JwtIssuer", "JwksUrl")

# Outputs by the names that scripts use.
QUEUES = {
    "runs": "RunQueueUrl",
    "runs_dead": "RunDeadLetterQueueUrl",
    "alerts": "AlertQueueUrl",
    "alerts_dead": "AlertDeadLetterQueueUrl",
    "events_dead": "EventDeadLetterQueueUrl",
}


class Failure(Exception):
    """Something that the person who called has to know."""


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument(
        "--endpoint", required=True, help="the emulator, as in http://127.0.0.1:4566"
    )
    parser.add_argument("--bootstraps", required=True, type=Path, help="has <function>/bootstrap")
    parser.add_argument("--stack", required=True, help="the stack's name; names begin with it")
    parser.add_argument("--parameter", action="append", default=[], metavar="NAME=VALUE")
    parser.add_argument(
        "--variable",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="a variable that all functions are given beside the template's: what is for "
        "development only, as other addresses of outside services",
    )
    parser.add_argument(
        "--without-condition-key",
        action="append",
        default=[],
        metavar="KEY",
        help="leave this key out of policies' conditions, for an emulator that "
        "enforces policies and does not know the key",
    )
    parser.add_argument("--outputs", required=True, type=Path, help="the JSON file to write")
    parser.add_argument("--region", default="us-east-1")
    parser.add_argument("--timeout-s", type=int, default=300, help="how long the stack may take")
    given = parser.parse_args()
    if not given.endpoint.startswith("http://"):
        parser.error("--endpoint is not plain HTTP: deploy to AWS with `sam deploy`")
    return given


def parameters(given, template):
    values = dict(PARAMETERS, EndpointUrl=given.endpoint)
    arm = platform.machine().lower() in ("arm64", "aarch64")
    values["Architecture"] = "arm64" if arm else "x86_64"
    for pair in given.parameter:
        name, equals, value = pair.partition("=")
        if not equals or name not in template["Parameters"]:
            known = ", ".join(sorted(template["Parameters"]))
            raise Failure(f"--parameter `{pair}`: write NAME=VALUE with one of {known}")
        values[name] = value
    return values


def admit(template, values):
    """Refuses what CloudFormation refuses before it makes anything: parameters that do not fit, and
    rules that do not hold."""
    declared = template["Parameters"]
    if values.get("EndpointUrl"):
        for name in HTTP_ON_EMULATORS:
            declared[name]["AllowedPattern"] = "https?://.+"
    problems = []
    values = {n: p.get("Default") for n, p in declared.items()} | values
    for name, parameter in declared.items():
        value = str(values[name])
        pattern, allowed = parameter.get("AllowedPattern"), parameter.get("AllowedValues")
        if values[name] is None:
            problems.append(f"the parameter {name} has no value")
        elif pattern and not re.fullmatch(pattern, value):
            problems.append(f"the parameter {name} is `{value}`, which does not match `{pattern}`")
        elif allowed and value not in map(str, allowed):
            problems.append(f"the parameter {name} is `{value}`, which is none of {allowed}")
    for name, rule in template["Rules"].items():
        if holds(rule["RuleCondition"], values):
            for assertion in rule["Assertions"]:
                if not holds(assertion["Assert"], values):
                    problems.append(f"the rule {name}: {assertion['AssertDescription']}")
    if problems:
        raise Failure("refused: " + "; ".join(problems))


def variables(given, template):
    """Gives all functions these variables, in place of the template's."""
    common = template["Globals"]["Function"]["Environment"]["Variables"]
    for pair in given.variable:
        name, equals, value = pair.partition("=")
        if not equals or not name:
            raise Failure(f"--variable `{pair}`: write NAME=VALUE")
        common[name] = value
        # A function's own go before what all are given.
        for resource in template["Resources"].values():
            own = resource["Properties"].get("Environment", {}).get("Variables", {})
            own.pop(name, None)


def session_of(given):
    return boto3.session.Session(
        aws_access_key_id="test", aws_secret_access_key="test", region_name=given.region
    )


def clients(given):
    session = session_of(given)
    config = Config(
        retries={"max_attempts": 2},
        connect_timeout=5,
        read_timeout=60,
        s3={"addressing_style": "path"},
        request_checksum_calculation="when_required",
    )
    return lambda service: session.client(service, endpoint_url=given.endpoint, config=config)


class Artifacts:
    """The bucket with the code: a key changes with the content, so an update sees it."""

    def __init__(self, s3, bucket):
        self.s3 = s3
        self.bucket = bucket
        try:
            s3.create_bucket(Bucket=bucket)
        except ClientError as error:
            if error.response["Error"]["Code"] not in (
                "BucketAlreadyOwnedByYou",
                "BucketAlreadyExists",
            ):
                raise

    def upload(self, name, content):
        key = f"{hashlib.sha256(content).hexdigest()[:16]}/{name}"
        self.s3.put_object(Bucket=self.bucket, Key=key, Body=content)
        return {"Bucket": self.bucket, "Key": key}


def zipped(bootstrap):
    if not bootstrap.is_file():
        raise Failure(f"`{bootstrap}` is missing: build it with `cargo lambda build`")
    # Fixed time and mode: the same program gives the same zip.
    entry = zipfile.ZipInfo("bootstrap", date_time=(1980, 1, 1, 0, 0, 0))
    entry.external_attr = 0o100755 << 16
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr(entry, bootstrap.read_bytes())
    return buffer.getvalue()


def package(template, bootstraps, artifacts):
    """Puts local files into the bucket; answers the functions by logical name."""
    functions = {}
    for name, resource in template["Resources"].items():
        properties = resource["Properties"]
        if resource["Type"] == "AWS::Serverless::Function":
            function = Path(properties["CodeUri"]).name
            code = zipped(bootstraps / function / "bootstrap")
            place = artifacts.upload(f"{function}.zip", code)
            functions[name] = function
            properties["CodeUri"] = place
        elif resource["Type"] == "AWS::Serverless::StateMachine":
            definition = (TEMPLATE.parent / properties["DefinitionUri"]).read_bytes()
            properties["DefinitionUri"] = artifacts.upload("state-machine.json", definition)
    return functions


def translate(template, values, session):
    """Plain CloudFormation, without what is left out."""
    defaults = {n: p.get("Default") for n, p in template["Parameters"].items()}
    try:
        # The template names no policy of AWS's own, so the translator needs no list of them.
        plain = Translator({}, Parser(), boto_session=session).translate(
            template, defaults | values
        )
    except InvalidDocumentException as error:
        raise Failure("; ".join(cause.message for cause in error.causes)) from error
    plain.pop("Transform", None)
    for name, resource in list(plain["Resources"].items()):
        if resource["Type"] in LEFT_OUT:
            print(f"left out {name}: {LEFT_OUT[resource['Type']]}", file=sys.stderr)
            del plain["Resources"][name]
    return plain


def without_condition_keys(node, keys):
    """The template without these keys in conditions: an Allow holds without them, a Deny that needs
    one goes."""
    if isinstance(node, list):
        made = [without_condition_keys(part, keys) for part in node]
        return [part for part in made if part is not None]
    if not isinstance(node, dict):
        return node
    made = {name: without_condition_keys(part, keys) for name, part in node.items()}
    if made.get("Effect") not in ("Allow", "Deny") or "Condition" not in made:
        return made
    tests = made.pop("Condition")
    left = {o: {k: v for k, v in pairs.items() if k not in keys} for o, pairs in tests.items()}
    left = {operator: pairs for operator, pairs in left.items() if pairs}
    if left != tests and made["Effect"] == "Deny":
        return None
    return made | ({"Condition": left} if left else {})


def without_empty_policies(resources):
    """A policy of a queue whose only statement went goes too."""

    def stands(resource):
        document = resource["Properties"].get("PolicyDocument", {})
        return document.get("Statement", True)

    return {name: resource for name, resource in resources.items() if stands(resource)}


def holds(condition, values):
    """Whether a condition of the template or of a rule holds: Equals, Not and Ref, which is all it uses."""
    ((function, given),) = condition.items()
    if function == "Fn::Not":
        return not holds(given[0], values)
    if function == "Fn::Equals":
        one, other = (values[v["Ref"]] if isinstance(v, dict) else v for v in given)
        return str(one) == str(other)
    raise Failure(f"the condition `{function}` is not known here: teach it to `holds`")


def expected(plain, values):
    defaults = {n: p.get("Default") for n, p in plain["Parameters"].items()}
    truth = {n: holds(c, defaults | values) for n, c in plain["Conditions"].items()}
    return {
        name: resource["Type"]
        for name, resource in plain["Resources"].items()
        if truth.get(resource.get("Condition"), True)
    }


def status(cloudformation, stack):
    try:
        return cloudformation.describe_stacks(StackName=stack)["Stacks"][0]
    except ClientError as error:
        if error.response["Error"]["Code"] == "ValidationError":
            return None
        raise


def create_or_update(cloudformation, given, url, values):
    arguments = {
        "StackName": given.stack,
        "TemplateURL": url,
        "Parameters": [{"ParameterKey": n, "ParameterValue": str(v)} for n, v in values.items()],
        "Capabilities": ["CAPABILITY_IAM"],
    }
    standing = status(cloudformation, given.stack)
    if standing is None:
        # Nothing is rolled back: what failed stays to be looked at.
        cloudformation.create_stack(OnFailure="DO_NOTHING", **arguments)
    else:
        try:
            cloudformation.update_stack(**arguments)
        except ClientError as error:
            if "No updates are to be performed" not in str(error):
                raise
            return standing
    until = time.monotonic() + given.timeout_s
    while time.monotonic() < until:
        standing = status(cloudformation, given.stack)
        if standing is None:
            raise Failure(f"the stack `{given.stack}` vanished while it was created")
        if not standing["StackStatus"].endswith("_IN_PROGRESS"):
            return standing
        time.sleep(0.2)
    raise Failure(f"the stack `{given.stack}` is not ready after {given.timeout_s} s")


def verify(cloudformation, stack, standing, wanted):
    """Every resource of the template must stand."""
    pages = cloudformation.get_paginator("list_stack_resources").paginate(StackName=stack)
    found = {r["LogicalResourceId"]: r for page in pages for r in page["StackResourceSummaries"]}
    problems = []
    for name, kind in sorted(wanted.items()):
        resource = found.get(name)
        if resource is None:
            problems.append(f"{name} ({kind}): not created")
        elif resource["ResourceStatus"] not in ("CREATE_COMPLETE", "UPDATE_COMPLETE"):
            reason = resource.get("ResourceStatusReason", "")
            problems.append(f"{name} ({kind}): {resource['ResourceStatus']} {reason}".rstrip())
        elif not resource.get("PhysicalResourceId"):
            problems.append(f"{name} ({kind}): has no physical id")
    if standing["StackStatus"] not in ("CREATE_COMPLETE", "UPDATE_COMPLETE"):
        reason = standing.get("StackStatusReason", "")
        problems.insert(0, f"the stack is {standing['StackStatus']} {reason}".rstrip())
    if problems:
        raise Failure("not deployed:\n  " + "\n  ".join(problems))
    return {name: found[name]["PhysicalResourceId"] for name in sorted(wanted)}


def apply_later(dynamodb, plain, resources):
    """Applies `APPLIED_LATER` as the template says; changes nothing where that is done."""
    for name, resource in plain["Resources"].items():
        if resource["Type"] != "AWS::DynamoDB::Table":
            continue
        table = resources[name]
        ttl, recovery = (resource["Properties"].get(p) for p in APPLIED_LATER)
        if ttl:
            told = dynamodb.describe_time_to_live(TableName=table)["TimeToLiveDescription"]
            if told["TimeToLiveStatus"] == "DISABLED":
                dynamodb.update_time_to_live(TableName=table, TimeToLiveSpecification=ttl)
        if recovery:
            dynamodb.update_continuous_backups(
                TableName=table, PointInTimeRecoverySpecification=recovery
            )


def report(given, values, standing, resources, functions):
    outputs = {o["OutputKey"]: o["OutputValue"] for o in standing.get("Outputs", [])}
    return {
        "stack": given.stack,
        "endpoint": given.endpoint,
        "region": given.region,
        "parameters": values,
        "function_prefix": outputs["FunctionPrefix"],
        "functions": {
            function: {
                "name": resources[name],
                "arn": outputs[f"{name.removesuffix('Function')}FunctionArn"],
            }
            for name, function in sorted(functions.items())
        },
        "state_machine_arn": outputs["StateMachineArn"],
        "tables": {"main": outputs["MainTableName"], "audit": outputs["AuditTableName"]},
        "queues": {name: outputs[output] for name, output in QUEUES.items()},
        "topics": {"alerts": outputs["AlertTopicArn"], "operations": outputs["OperationsTopicArn"]},
        "api_id": outputs["ApiId"],
        # Host names of its own do not resolve everywhere: this path form is LocalStack's, and
        # ministack has it too.
        "api_url": f"{given.endpoint}/_aws/execute-api/{outputs['ApiId']}/$default",
        "schedule_group": outputs["ScheduleGroupName"],
        "schedule_role_arn": outputs["ScheduleRoleArn"],
        "rule_name": outputs["RunEndedRuleName"],
        "outputs": outputs,
        "resources": resources,
    }


def deploy(given):
    template = yaml_parse(TEMPLATE.read_text(encoding="utf-8"))
    values = parameters(given, template)
    admit(template, values)
    variables(given, template)
    client = clients(given)
    artifacts = Artifacts(client("s3"), f"{given.stack}-artifacts")
    functions = package(template, given.bootstraps, artifacts)
    plain = translate(template, values, session_of(given))
    resources = without_condition_keys(plain["Resources"], given.without_condition_key)
    plain["Resources"] = without_empty_policies(resources)
    wanted = expected(plain, values)
    place = artifacts.upload("template.json", json.dumps(plain).encode())
    url = f"{given.endpoint}/{place['Bucket']}/{place['Key']}"
    cloudformation = client("cloudformation")
    standing = create_or_update(cloudformation, given, url, values)
    resources = verify(cloudformation, given.stack, standing, wanted)
    apply_later(client("dynamodb"), plain, resources)
    written = report(given, values, standing, resources, functions)
    given.outputs.write_text(json.dumps(written, indent=2) + "\n", encoding="utf-8")
    print(f"{given.stack}: {len(resources)} resources stand; see {given.outputs}", file=sys.stderr)


def main():
    given = arguments()
    try:
        deploy(given)
    except (Failure, OSError, ClientError) as error:
        print(f"deploy: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
