#!/usr/bin/env python3
"""Compares infra/template.yaml with the rest of the project: functions, environment variables,
tables, routes. Linters know AWS; this knows us. Prints what differs and ends with 1.
"""

import json
import re
import sys
from pathlib import Path

from samtranslator.yaml_helper import yaml_parse

ROOT = Path(__file__).resolve().parent.parent.parent
METHODS = {"get", "put", "post", "delete", "patch"}


def of_type(template, kind):
    return {n: r["Properties"] for n, r in template["Resources"].items() if r["Type"] == kind}


def functions(template):
    deployed = {
        Path(p["CodeUri"]).name for p in of_type(template, "AWS::Serverless::Function").values()
    }
    there = {manifest.parent.name for manifest in (ROOT / "functions").glob("*/Cargo.toml")}
    yield from (f"functions/{name} is not in the template" for name in sorted(there - deployed))
    yield from (
        f"the template has `{name}`, functions/ has not" for name in sorted(deployed - there)
    )


def variables(template):
    """A variable that no code reads is misspelt or left over."""
    sources = [*(ROOT / "shared").rglob("*.rs"), *(ROOT / "functions").rglob("*.rs")]
    read = set(re.findall(r"\bHUNTER_[A-Z_]+\b", "\n".join(s.read_text("utf-8") for s in sources)))
    for name, properties in of_type(template, "AWS::Serverless::Function").items():
        given = properties.get("Environment", {}).get("Variables", {})
        for variable in sorted(v for v in given if v.startswith("HUNTER_") and v not in read):
            yield f"{name} is given `{variable}`, which no code reads"


# What each method of `hunter_aws::Aws`, called in a function's main.rs, reads from the environment.
# `store` has defaults.
READ_BY = {
    "alert_queue": {"HUNTER_ALERT_QUEUE_URL", "HUNTER_ALERT_DEAD_LETTER_QUEUE_URL"},
    "alerts": {"HUNTER_ALERT_TOPIC_ARN"},
    "executions": {"HUNTER_STATE_MACHINE_ARN"},
    "jwt": {
        "HUNTER_JWT_AUDIENCE",
        "HUNTER_JWT_ISSUER",
        "HUNTER_JWKS_URL",
        "HUNTER_JWT_TENANT_CLAIM",
    },
    "mailer": {"HUNTER_MAIL_FROM"},
    "notify": {"HUNTER_ADMIN_EMAIL", "HUNTER_MAIL_FROM"},
    "platform": {"HUNTER_FUNCTION_PREFIX"},
    # Addresses of outside services have defaults.
    "providers": set(),
    "run_queue": {"HUNTER_RUN_QUEUE_URL", "HUNTER_RUN_DEAD_LETTER_QUEUE_URL"},
    "schedules": {
        "HUNTER_SCHEDULE_DEAD_LETTER_ARN",
        "HUNTER_SCHEDULE_GROUP",
        "HUNTER_SCHEDULE_ROLE_ARN",
        "HUNTER_SCHEDULE_TARGET_ARN",
    },
    "secrets": {"HUNTER_SECRETS_PREFIX"},
    "store": set(),
}

def wiring(template):
    """A function is given what its main.rs reads."""
    common = set(template["Globals"]["Function"]["Environment"]["Variables"])
    for name, properties in of_type(template, "AWS::Serverless::Function").items():
        function = Path(properties["CodeUri"]).name
        given = common | set(properties.get("Environment", {}).get("Variables", {}))
        main = (ROOT / "functions" / function / "src/main.rs").read_text("utf-8")
        for method in sorted(set(re.findall(r"\baws\s*\.(\w+)\(", main))):
            if method not in READ_BY:
                yield f"main.rs of {function} calls `aws.{method}`: teach it to `READ_BY`"
            for variable in sorted(READ_BY.get(method, set()) - given):
                yield f"{name} is not given `{variable}`, which `aws.{method}` reads"


def tables(template):
    """The names in the template stand in the adapter that uses them."""
    adapter = ROOT / "shared/aws/src/dynamodb"
    source = (adapter / "item.rs").read_text("utf-8") + (adapter / "tables.rs").read_text("utf-8")
    main = template["Resources"]["MainTable"]["Properties"]
    index = main["GlobalSecondaryIndexes"][0]
    names = {
        "PK": main["KeySchema"][0]["AttributeName"],
        "SK": main["KeySchema"][1]["AttributeName"],
        "LIST_PK": index["KeySchema"][0]["AttributeName"],
        "LIST_SK": index["KeySchema"][1]["AttributeName"],
        "TTL": main["TimeToLiveSpecification"]["AttributeName"],
        "INDEX": index["IndexName"],
    }
    for constant, name in names.items():
        if not re.search(rf'const {constant}: &str = "{name}";', source):
            yield f"the template says `{name}` where the adapter's constant is `{constant}`"


def routes(template):
    """API Gateway lets through what the OpenAPI document names, and nothing else."""
    document = ROOT / "docs/api/openapi.json"
    paths = json.loads(document.read_text("utf-8")).get("paths", {})
    documented = {
        f"{method.upper()} {shape(path)}"
        for path, ways in paths.items()
        for method in ways
        if method in METHODS
    }
    routed = {shape(p["RouteKey"]) for p in of_type(template, "AWS::ApiGatewayV2::Route").values()}
    yield from (f"`{r}` is documented and has no route" for r in sorted(documented - routed))
    yield from (f"`{r}` is a route and not documented" for r in sorted(routed - documented))


def partitions(template):
    """GovCloud and China have partitions of their own: no ARN says `aws`."""
    for name in ("infra/template.yaml", "statemachine/hunter.asl.json"):
        lines = (ROOT / name).read_text("utf-8").splitlines()
        for number, line in enumerate(lines, 1):
            if "arn:aws:" in line:
                yield f"{name}:{number} names the partition `aws`"
    given = template["Resources"]["StateMachine"]["Properties"]["DefinitionSubstitutions"]
    text = (ROOT / "statemachine/hunter.asl.json").read_text("utf-8")
    used = set(re.findall(r"\${(\w+)}", text))
    yield from (f"hunter.asl.json uses `{n}`, which it is not given" for n in used - set(given))
    yield from (f"hunter.asl.json is given `{n}` and does not use it" for n in set(given) - used)


def shape(path):
    """The names of parameters do not matter."""
    return re.sub(r"{[^}]*}", "{}", path)


def main():
    template = yaml_parse((ROOT / "infra/template.yaml").read_text(encoding="utf-8"))
    found = [
        line for rule in (functions, variables, wiring, tables, routes, partitions)
        for line in rule(template)
    ]
    for line in found:
        print(f"drift: {line}")
    print(f"drift: {len(found)} differences between the template and the project")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
