"""What the roles may do, and how to read it from the emulator."""

# What each function's role may do besides writing its own logs and traces: use the store, unless
# ALLOWED names it. Whoever needs more says so here and in the template.
STORE = {
    "dynamodb:BatchGetItem",
    "dynamodb:GetItem",
    "dynamodb:PutItem",
    "dynamodb:Query",
    "dynamodb:UpdateItem",
}
DATA_KEY = {
    "kms:Decrypt",
    "kms:DescribeKey",
    "kms:Encrypt",
    "kms:GenerateDataKey",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
}
TENANT_KEYS = {"secretsmanager:GetSecretValue"}
TAKE = {"sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage", "sqs:SendMessage"}
OWN = {
    "logs:CreateLogStream",
    "logs:PutLogEvents",
    "xray:PutTelemetryRecords",
    "xray:PutTraceSegments",
}
ALLOWED = {
    "discovery": STORE | DATA_KEY | TENANT_KEYS,
    "intelligence": STORE | DATA_KEY | TENANT_KEYS,
    "personalization": STORE | DATA_KEY | TENANT_KEYS,
    "subscription": STORE | DATA_KEY | {"sns:Publish"},
    "run": STORE | DATA_KEY | {"sns:Publish"},
    "api": STORE
    | DATA_KEY
    | {
        "iam:PassRole",
        "scheduler:CreateSchedule",
        "scheduler:UpdateSchedule",
        "states:DescribeExecution",
        "states:StartExecution",
        "states:StopExecution",
    },
    "trigger": DATA_KEY
    | TAKE
    | {
        "dynamodb:GetItem",
        "dynamodb:PutItem",
        "dynamodb:Query",
        "states:DescribeExecution",
        "states:ListExecutions",
        "states:StartExecution",
    },
    "notify": DATA_KEY
    | TAKE
    | {
        "dynamodb:GetItem",
        "dynamodb:PutItem",
        "ses:SendEmail",
    },
}
# Actions that know no resources.
UNNAMED = ("xray:", "logs:")


def same(what, found, wanted):
    assert found == wanted, f"{what} is {found!r}, not {wanted!r}"


def listed(value):
    return value if isinstance(value, list) else [value]


def policies_of(aws, role):
    """All statements of a role's policies, its own and the attached ones."""
    documents = []
    for name in aws.iam.list_role_policies(RoleName=role)["PolicyNames"]:
        documents.append(aws.iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"])
    for policy in aws.iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]:
        arn = policy["PolicyArn"]
        version = aws.iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
        told = aws.iam.get_policy_version(PolicyArn=arn, VersionId=version)
        documents.append(told["PolicyVersion"]["Document"])
    return [statement for document in documents for statement in document["Statement"]]


def no_star(owner, statements):
    for statement in statements:
        for action in listed(statement["Action"]):
            assert "*" not in action, f"{owner}: `{action}`"
            if "*" in listed(statement["Resource"]):
                assert action.startswith(UNNAMED), f"{owner}: `{action}` on any resource"


def keys_are_tenants(owner, statements):
    for statement in statements:
        if statement["Effect"] == "Allow" and any(
            a.startswith("dynamodb:") for a in listed(statement["Action"])
        ):
            condition = statement.get("Condition", {})
            like = condition.get("ForAllValues:StringLike", {}).get("dynamodb:LeadingKeys")
            assert like, f"{owner}: any key of a table"
            assert all(pattern.startswith("T#") for pattern in listed(like)), f"{owner}: {like}"
            guard = condition.get("Null", {}).get("dynamodb:LeadingKeys")
            same(f"{owner}: guard against calls without a key", guard, "false")
