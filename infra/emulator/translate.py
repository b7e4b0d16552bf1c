#!/usr/bin/env python3
"""Prints infra/template.yaml as the plain CloudFormation that AWS makes of it, for linters."""

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
    print(json.dumps(deploy.translate(template, dict(deploy.PARAMETERS), session), indent=2))


if __name__ == "__main__":
    sys.exit(main())
