"""What events/try.sh needs beyond a shell: resources on the emulator, and the judgement of answers.

    try.py functions                      the functions that have a sample event
    try.py prepare TENANT FOLDER          queues, topic, state machine, agent, the samples as TENANT's
    try.py check FUNCTION ANSWER TENANT   whether an answer is right
    try.py logs LOG TENANT                whether the functions' lines say whose they are
"""

import json
import os
import pathlib
import sys
import tomllib
import urllib.parse
import urllib.request

EVENTS = pathlib.Path(__file__).parent
ROOT = EVENTS.parent
TENANT = "cust_001"
LIMIT_SECONDS = 30


def functions():
    return sorted(
        path.parent.parent.name
        for path in ROOT.glob("functions/*/src/main.rs")
        if (EVENTS / f"{path.parent.parent.name}.json").exists()
    )


def call(service, body, target=None):
    """One call of an AWS API, JSON where a target is named, else the query protocol.

    The signature is made up: emulators route by its scope and check nothing."""
    scope = f"test/20250101/{os.environ['AWS_REGION']}/{service}/aws4_request"
    headers = {
        "Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0",
        "Content-Type": "application/x-www-form-urlencoded",
    }
    if target:
        headers |= {"X-Amz-Target": target, "Content-Type": "application/x-amz-json-1.0"}
        data = json.dumps(body).encode()
    else:
        data = urllib.parse.urlencode(body).encode()
    request = urllib.request.Request(os.environ["AWS_ENDPOINT_URL"], data, headers)
    with urllib.request.urlopen(request, timeout=LIMIT_SECONDS) as answer:
        text = answer.read().decode()
    return json.loads(text) if target else text


def between(text, tag):
    return text.split(f"<{tag}>", 1)[1].split(f"</{tag}>", 1)[0]


def prepare(tenant, folder):
    folder = pathlib.Path(folder)
    queues = {
        name: call("sqs", {"QueueName": f"hunter-{name}"}, "AmazonSQS.CreateQueue")["QueueUrl"]
        for name in ["runs", "runs-dead", "alerts", "alerts-dead"]
    }
    topic = call("sns", {"Action": "CreateTopic", "Name": "hunter-alerts", "Version": "2010-03-31"})
    sender = "hunter@hunter.example"
    verify = {"Action": "VerifyEmailIdentity", "EmailAddress": sender, "Version": "2010-12-01"}
    call("ses", verify)
    # Only that executions start: the machine itself is run elsewhere.
    definition = {"StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}}
    machine = {
        "name": tenant.replace("_", "-"),
        "definition": json.dumps(definition),
        "roleArn": "arn:aws:iam::000000000000:role/hunter-try",
    }
    machine = call("states", machine, "AWSStepFunctions.CreateStateMachine")
    variables = {
        "HUNTER_ALERT_TOPIC_ARN": between(topic, "TopicArn"),
        "HUNTER_STATE_MACHINE_ARN": machine["stateMachineArn"],
        "HUNTER_RUN_QUEUE_URL": queues["runs"],
        "HUNTER_RUN_DEAD_LETTER_QUEUE_URL": queues["runs-dead"],
        "HUNTER_ALERT_QUEUE_URL": queues["alerts"],
        "HUNTER_ALERT_DEAD_LETTER_QUEUE_URL": queues["alerts-dead"],
        "HUNTER_MAIL_FROM": sender,
        "HUNTER_ADMIN_EMAIL": "admin@hunter.example",
        "HUNTER_SCHEDULE_GROUP": "default",
        "HUNTER_SCHEDULE_TARGET_ARN": "arn:aws:lambda:eu-west-1:000000000000:function:trigger",
        "HUNTER_SCHEDULE_ROLE_ARN": "arn:aws:iam::000000000000:role/hunter-try",
        "HUNTER_SCHEDULE_DEAD_LETTER_ARN": "arn:aws:sqs:eu-west-1:000000000000:hunter-runs-dead",
        "HUNTER_JWT_ISSUER": "https://issuer.hunter.example",
        "HUNTER_JWT_AUDIENCE": "hunter",
        "HUNTER_JWKS_URL": "http://127.0.0.1:9/keys.json",
        "RUST_LOG": "info",
    }
    lines = [f"{name}='{value}'\n" for name, value in variables.items()]
    (folder / "variables.env").write_text("".join(lines))
    agent = tomllib.loads((ROOT / "infra/local/cloud/data/agent.example.toml").read_text())
    (folder / "agent.json").write_text(json.dumps(agent | {"agent_id": "agent_001"}))
    (folder / "events").mkdir()
    for path in EVENTS.glob("*.json"):
        sample = path.read_text().replace(TENANT, tenant)
        (folder / "events" / path.name).write_text(sample)


def recipe(answer, tenant, processed=1):
    output, control = answer["output"], answer["control"]
    assert output["customer_id"] == tenant
    assert output["execution_id"] == "exec_abc123"
    assert control["action"] == "done", control
    assert output["status"] == "success", (output["status"], output["errors"])
    metadata = output["metadata"]
    assert metadata["records_processed"] >= processed, metadata
    return output["data"], metadata


def discovery(answer, tenant):
    data, metadata = recipe(answer, tenant)
    leads = data["leads"]
    assert leads and all(lead["lead_score"] >= 0.6 for lead in leads), leads
    charged = round(0.02 * metadata["records_processed"], 6)
    assert metadata["credits_consumed"] == charged, metadata
    assert metadata["api_calls"] >= 1, metadata


def intelligence(answer, tenant):
    # The sample's site is none of the sandbox's: its robots rules cannot be read, so the lead comes
    # back as it was, with the reason, and nothing is charged.
    output = answer["output"]
    assert answer["control"]["action"] == "done" and output["customer_id"] == tenant, answer
    errors = [(error["record_id"], error["error_code"]) for error in output["errors"]]
    assert errors == [("lead_123", "ROBOTS_DISALLOWED")], errors
    assert [lead["id"] for lead in output["data"]["leads"]] == ["lead_123"]
    assert output["metadata"]["credits_consumed"] == 0, output["metadata"]


def personalization(answer, tenant):
    # A call outside a run has no agent, and nothing is written in nobody's name.
    output, control = answer["output"], answer["control"]
    assert output["customer_id"] == tenant and output["status"] == "failed", output
    assert control["error_code"] == "INVALID_CONFIGURATION", control
    assert "seller.company" in control["reason"], control
    assert output["metadata"]["credits_consumed"] == 0, output["metadata"]


def outreach(answer, tenant):
    data, _ = recipe(answer, tenant)
    assert len(data["outreach_jobs"]) == 1, data


def subscription(answer, tenant):
    data, _ = recipe(answer, tenant)
    status = data["subscription_status"]
    assert status["plan_id"] == "professional" and status["api_calls_used_this_month"] == 378


def run(answer, tenant):
    control = answer["control"]
    assert control["action"] == "next", control
    step = control["step"]
    assert step["function"] == "discovery" and step["input"]["customer_id"] == tenant, step


def trigger(answer, tenant):
    assert answer["started"] == "new" and answer["execution_id"], answer


def notify(answer, tenant):
    assert answer == {"batchItemFailures": []}, answer


def api(answer, tenant):
    # The sample asks for the public `/healthz`.
    assert answer["statusCode"] == 200, answer


def check(function, path, tenant):
    text = pathlib.Path(path).read_text()
    try:
        answer = json.loads(text)
        # A recipe that has no judgement of its own has to succeed.
        globals().get(function, recipe)(answer, tenant)
    except Exception as error:
        sys.exit(f"{function}: {type(error).__name__}: {error}\n{text[:3000]}")
    print(f"{function}: ok")


def logs(path, tenant):
    """Lines of functions are JSON between those of cargo and of the watcher."""
    text = pathlib.Path(path).read_text()
    lines = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
    metrics = [line for line in lines if "_aws" in line]
    failures = [line for line in lines if line.get("level") == "ERROR"]
    own = [line for line in metrics if line.get("tenant") == tenant]
    if not own or not all(line["request_id"] and line["function"] for line in own):
        sys.exit(f"no line of metrics says that it is {tenant}'s")
    if any("Rajesh" in json.dumps(line) for line in lines):
        sys.exit("a line quotes what was sent")
    codes = [line.get("error_code") for line in failures]
    print(f"logs: {len(own)} lines of metrics, failures {codes}")


if __name__ == "__main__":
    command, *arguments = sys.argv[1:]
    if command == "functions":
        print(*functions())
    else:
        {"prepare": prepare, "check": check, "logs": logs}[command](*arguments)
