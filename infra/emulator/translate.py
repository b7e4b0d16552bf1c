#!/usr/bin/env python3
"""Prints infra/template.yaml as the plain CloudFormation that AWS makes of it, for linters; with
--kept only what is kept when a stack goes, for a new stack to import (docs/infrastructure.md)."""

import json
import sys

import boto3
import deploy
from samtranslator.yaml_helper import yaml_parse

ARTIFACT = {"Bucket": "artifacts", "Key": "artifact"}


def main():
    template = yaml_parse(deploy.TEMPLATE.read_text(encoding="utf-8"))
    for resource in template["Resources"].values():
        for name in ("CodeUri", "DefinitionUri"):
            if name in resource["Properties"]:
                resource["Properties"][name] = dict(ARTIFACT)
    session = boto3.session.Session(region_name="eu-west-1")
    plain = deploy.translate(template, dict(deploy.PARAMETERS), session)
    if "--kept" in sys.argv[1:]:
        resources = plain["Resources"].items()
        plain["Resources"] = {n: r for n, r in resources if r.get("DeletionPolicy")}
        del plain["Outputs"]
    print(json.dumps(plain, indent=2))


if __name__ == "__main__":
    sys.exit(main())
