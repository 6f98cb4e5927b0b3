#!/usr/bin/env python3
"""Check template.yaml as CloudFormation will see it.

cfn-lint looks past most of what stands inside a serverless resource, so the template is expanded
first, by SAM's own translator and without an account, and the result is linted. What neither step
sees, our own rules check: every function has its log group, its role, its alarm on errors.

Needs: pip install aws-sam-translator cfn-lint boto3
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

REGION = "us-east-1"
os.environ.setdefault("AWS_DEFAULT_REGION", REGION)

from samtranslator.translator.transform import transform  # noqa: E402
from samtranslator.yaml_helper import yaml_parse  # noqa: E402


class NoManagedPolicies:
    """The template names no managed policy, so there is nothing to look up."""

    def load(self):
        return {}


def expand(text):
    template = yaml_parse(text)
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            resource["Properties"]["CodeUri"] = "s3://artifacts/function.zip"
    return transform(template, {}, NoManagedPolicies())


def lint(expanded):
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(expanded, file, indent=1)
        file.flush()
        tool = Path(sys.executable).with_name("cfn-lint")
        found = subprocess.run(
            [str(tool), "--regions", REGION, "--", file.name], capture_output=True, text=True
        )
    return [] if found.returncode == 0 else [found.stdout + found.stderr]


def of_type(expanded, kind):
    return {
        name: resource.get("Properties", {}) | {"DeletionPolicy": resource.get("DeletionPolicy")}
        for name, resource in expanded["Resources"].items()
        if resource["Type"] == kind
    }


def own_rules(expanded):
    alarms = of_type(expanded, "AWS::CloudWatch::Alarm").values()
    watched = {json.dumps(alarm["Dimensions"]) for alarm in alarms if alarm["MetricName"] == "Errors"}
    for name, function in of_type(expanded, "AWS::Lambda::Function").items():
        if "LogGroup" not in function.get("LoggingConfig", {}):
            yield f"{name} has no log group of its own (its logs would be kept for ever)"
        if json.dumps([{"Name": "FunctionName", "Value": {"Ref": name}}]) not in watched:
            yield f"{name} has no alarm on its errors"
    yield from closed_doors(expanded)
    for name, role in of_type(expanded, "AWS::IAM::Role").items():
        if role.get("ManagedPolicyArns"):
            yield f"{name} has a managed policy (rights are written out, action by action)"
        for policy in role.get("Policies", []):
            yield from wide_rights(name, policy["PolicyDocument"]["Statement"])
    for name, table in of_type(expanded, "AWS::DynamoDB::Table").items():
        if table["DeletionPolicy"] != "Retain" or not table.get("DeletionProtectionEnabled"):
            yield f"{name} can be deleted with the stack"
        if not table.get("PointInTimeRecoverySpecification", {}).get("PointInTimeRecoveryEnabled"):
            yield f"{name} cannot be restored to a point in time"


def closed_doors(expanded):
    """An integration without the permission to call its function answers 500 to everything."""
    permitted = of_type(expanded, "AWS::Lambda::Permission").values()
    permitted = {json.dumps(permission["FunctionName"]) for permission in permitted}
    for name, integration in of_type(expanded, "AWS::ApiGatewayV2::Integration").items():
        function, _ = integration["IntegrationUri"]["Fn::GetAtt"]
        if json.dumps({"Ref": function}) not in permitted:
            yield f"{name} may not call {function}"


# Actions that take no narrower resource than all.
UNBOUND = (["dynamodb:ListStreams"], ["ses:GetSendQuota"])


def wide_rights(role, statements):
    for statement in statements:
        actions = statement["Action"]
        actions = [actions] if isinstance(actions, str) else actions
        if any("*" in action for action in actions):
            yield f"{role} may do anything of a kind: {actions}"
        if statement["Resource"] == "*" and actions not in UNBOUND:
            yield f"{role} may do {actions} to everything"


def main():
    expanded = expand(Path(sys.argv[1] if len(sys.argv) > 1 else "template.yaml").read_text())
    problems = lint(expanded) + list(own_rules(expanded))
    print("\n".join(problems) or "the template is sound")
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
