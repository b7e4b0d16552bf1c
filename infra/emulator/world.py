"""What test.py tests against: a ministack of its own with the stack on it, stand-ins for the
functions, and an issuer of tokens.
"""

import base64
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import check
import deploy
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

HERE = Path(__file__).resolve().parent
STACK = "hunter-check"
AUDIENCE = "hunter"
WAIT_S = 30
# What ministack's policy engine is not told about a request (an item's key, a mail's sender), or
# what is otherwise here (transport). A condition on these would refuse what AWS allows.
UNKNOWN_KEYS = ["dynamodb:LeadingKeys", "ses:FromAddress", "aws:SecureTransport"]

# Notes every event and answers it with what API Gateway and SQS take for success, and the state
# machine for a run that was refused. A record that says `poison` fails alone, an event that says
# `crash` fails as a whole, and `call` is a call of AWS to make.
STAND_IN = """#!{python}
import json, os, urllib.request
api = "http://" + os.environ["AWS_LAMBDA_RUNTIME_API"] + "/2018-06-01/runtime/invocation/"
name = os.environ["AWS_LAMBDA_FUNCTION_NAME"]
while True:
    with urllib.request.urlopen(api + "next", timeout=900) as call:
        request, event = call.headers["Lambda-Runtime-Aws-Request-Id"], json.load(call)
    with open(os.path.join({folder!r}, name + ".jsonl"), "a") as notes:
        notes.write(json.dumps(event) + "\\n")
    records = event.get("Records", [])
    failed = [{{"itemIdentifier": r["messageId"]}} for r in records if "poison" in r["body"]]
    refused = {{"action": "abort", "error_code": "INSUFFICIENT_CREDITS", "reason": "stand-in"}}
    answer = {{"statusCode": 200, "body": "stand-in", "batchItemFailures": failed}}
    answer["control"], end = refused, "response"
    if event.get("call"):
        import boto3
        from botocore.exceptions import ClientError
        service, operation, given = event["call"]
        session = boto3.session.Session()
        endpoint = os.environ["AWS_ENDPOINT_URL"]
        try:
            getattr(session.client(service, endpoint_url=endpoint), operation)(**given)
            answer = "done"
        except ClientError as error:
            answer = error.response["Error"]["Code"]
    if event.get("crash"):
        answer, end = {{"errorMessage": "told to", "errorType": "Crash"}}, "error"
    answer = json.dumps(answer).encode()
    urllib.request.urlopen(urllib.request.Request(api + request + "/" + end, answer))
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def encoded(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Issuer:
    """An issuer of tokens with its key set, where OpenID discovery looks for it."""

    def __init__(self):
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        numbers = self.key.public_key().public_numbers()
        jwk = {
            "kty": "RSA",
            "kid": "one",
            "alg": "RS256",
            "use": "sig",
            "n": encoded(numbers.n.to_bytes(256, "big")),
            "e": encoded(b"\x01\x00\x01"),
        }
        issuer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                if self.path == "/.well-known/openid-configuration":
                    body = {"issuer": issuer.url, "jwks_uri": f"{issuer.url}/jwks.json"}
                else:
                    body = {"keys": [jwk]}
                body = json.dumps(body).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def token(self, key=None, **claims):
        now = int(time.time())
        claims = {
            "iss": self.url,
            "aud": AUDIENCE,
            "exp": now + 600,
            "tenant_id": "cust_1",
        } | claims
        head = encoded(json.dumps({"alg": "RS256", "typ": "JWT", "kid": "one"}).encode())
        signed = f"{head}.{encoded(json.dumps(claims).encode())}"
        signature = (key or self.key).sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256())
        return f"{signed}.{encoded(signature)}"


class World:
    """The emulator with the stack on it."""

    def __init__(self, folder, enforcing):
        self.folder = folder
        self.enforcing = enforcing
        self.issuer = Issuer()
        self.port = free_port()
        self.endpoint = f"http://127.0.0.1:{self.port}"
        self.log = open(folder / "ministack.log", "w", encoding="utf-8")
        self.process = None

    def start(self):
        program = shutil.which("ministack") or str(Path(sys.executable).parent / "ministack")
        environment = dict(
            os.environ,
            BIND_HOST="127.0.0.1",
            MINISTACK_HOST="127.0.0.1",
            GATEWAY_PORT=str(self.port),
            AWS_ENDPOINT_URL=self.endpoint,
            AUTH=str(self.enforcing).lower(),
            # It would listen to devices on every address.
            IOT_MTLS_ENABLED="0",
            LAMBDA_ASYNC_RETRY_BASE_SECONDS="0.1",
        )
        self.process = subprocess.Popen(
            [program],
            env=environment,
            cwd=self.folder,
            stdout=self.log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        until = time.monotonic() + WAIT_S
        while time.monotonic() < until:
            try:
                urllib.request.urlopen(f"{self.endpoint}/_ministack/health", timeout=2).close()
                return
            except OSError:
                if self.process.poll() is not None:
                    raise RuntimeError("ministack ended at once: see its log") from None
                time.sleep(0.1)
        raise RuntimeError("ministack does not answer")

    def deploy(self):
        bootstraps = self.folder / "bootstraps"
        events = self.folder / "events"
        events.mkdir()
        for function in check.FUNCTIONS:
            bootstrap = bootstraps / function / "bootstrap"
            bootstrap.parent.mkdir(parents=True)
            bootstrap.write_text(STAND_IN.format(python=sys.executable, folder=str(events)))
            bootstrap.chmod(0o755)
        self.deployed = self.deploy_as(STACK, ["DeletionProtection=true"])
        self.aws = check.connect(self.deployed)

    def deploy_as(self, stack, given=()):
        """What deploy.py writes about a stack."""
        done = self.deploying(stack, given)
        done.check_returncode()
        return json.loads(self.outputs(stack).read_text(encoding="utf-8"))

    def refused(self, stack, given):
        """What deploy.py says of parameters that it must not take."""
        done = self.deploying(stack, given, stderr=subprocess.PIPE, text=True)
        assert done.returncode == 1, f"{given} were taken"
        return done.stderr

    def delete(self, stack):
        cloudformation = self.aws.cloudformation
        cloudformation.delete_stack(StackName=stack)
        gone = lambda: deploy.status(cloudformation, stack) is None
        self.until(gone, f"the stack {stack} is not deleted")

    def outputs(self, stack):
        return self.folder / f"{stack}.json"

    def deploying(self, stack, given, **how):
        parameters = [
            f"JwtIssuer={self.issuer.url}",
            f"JwtAudience={AUDIENCE}",
            f"JwksUrl={self.issuer.url}/jwks.json",
            *given,
        ]
        command = [
            sys.executable,
            str(HERE / "deploy.py"),
            "--endpoint",
            self.endpoint,
            "--bootstraps",
            str(self.folder / "bootstraps"),
            "--stack",
            stack,
            "--outputs",
            str(self.outputs(stack)),
        ]
        for parameter in parameters:
            command += ["--parameter", parameter]
        if self.enforcing:
            for key in UNKNOWN_KEYS:
                command += ["--without-condition-key", key]
        return subprocess.run(command, check=False, **how)

    def until(self, holds, otherwise):
        limit = time.monotonic() + WAIT_S
        while not holds():
            if time.monotonic() > limit:
                raise AssertionError(otherwise)
            time.sleep(0.1)

    def events(self, function):
        notes = self.folder / "events" / f"{STACK}-{function}.jsonl"
        return (
            [json.loads(line) for line in notes.read_text().splitlines()] if notes.exists() else []
        )

    def event(self, function, wanted):
        """The first event of a function that is wanted; waits for it."""
        until = time.monotonic() + WAIT_S
        while time.monotonic() < until:
            for event in self.events(function):
                if wanted(event):
                    return event
            time.sleep(0.1)
        raise AssertionError(f"{function} was not called; it saw {self.events(function)}")

    def get(self, path, token=None):
        """Status and body."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        request = urllib.request.Request(self.deployed["api_url"] + path, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=WAIT_S) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def dead_letter(self, queue, wanted):
        until = time.monotonic() + WAIT_S
        while time.monotonic() < until:
            told = self.aws.sqs.receive_message(QueueUrl=self.deployed["queues"][queue])
            for message in told.get("Messages", []):
                if wanted in message["Body"]:
                    return message
            time.sleep(0.2)
        raise AssertionError(f"nothing with `{wanted}` came to {queue}")

    def stop(self):
        if self.process and self.process.poll() is None:
            # Its own session: the stand-ins that it started end with it.
            os.killpg(self.process.pid, signal.SIGTERM)
            try:
                self.process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
        self.issuer.server.shutdown()
        self.log.close()
