"""Pages of the AWS console by the names that people type, and where each partition's console lives.

Source: the list of granted (fwdcloudsec/granted, `service_map.go`) and the addresses that the console shows. A name
that is not here is tried as it is: AWS adds services faster than this list grows, and the gateway lets nothing through
that is not a page of the role's own console.
"""

from __future__ import annotations

import re
from types import MappingProxyType

from .failures import USAGE, Failure

DOMAINS = MappingProxyType(
    {
        "aws": "console.aws.amazon.com",
        "aws-us-gov": "console.amazonaws-us-gov.com",
        "aws-cn": "console.amazonaws.cn",
    }
)
HOMES = MappingProxyType({"aws": "us-east-1", "aws-us-gov": "us-gov-west-1", "aws-cn": "cn-north-1"})

# page: its names. The page is what stands between the console's domain and `/home`.
PAGES = MappingProxyType(
    {
        "console": ("console", "home"),
        "acm": ("acm", "certificates"),
        "amplify": ("amplify",),
        "aos": ("opensearch", "aos"),
        "apigateway": ("apigateway", "apigw", "api"),
        "appsync": ("appsync",),
        "athena": ("athena",),
        "backup": ("backup",),
        "batch": ("batch",),
        "bedrock": ("bedrock",),
        "billing": ("billing", "bills"),
        "cloud9": ("cloud9", "c9"),
        "cloudformation": ("cloudformation", "cfn"),
        "cloudfront/v4": ("cloudfront", "cf"),
        "cloudtrailv2": ("cloudtrail", "ct"),
        "cloudwatch": ("cloudwatch", "cw"),
        "codesuite/codeartifact": ("codeartifact",),
        "codesuite/codebuild": ("codebuild",),
        "codesuite/codecommit": ("codecommit",),
        "codesuite/codedeploy": ("codedeploy",),
        "codesuite/codepipeline": ("codepipeline",),
        "cognito/v2": ("cognito",),
        "config": ("config",),
        "controltower": ("controltower",),
        "cost-management": ("cost-management", "costs", "ce"),
        "directconnect/v2": ("directconnect", "dx"),
        "dms/v2": ("dms",),
        "dynamodbv2": ("dynamodb", "ddb"),
        "ec2": ("ec2",),
        "ecr": ("ecr",),
        "ecs": ("ecs",),
        "efs": ("efs",),
        "eks": ("eks",),
        "elasticache": ("elasticache",),
        "elasticbeanstalk": ("elasticbeanstalk", "eb"),
        "emr": ("emr",),
        "events": ("eventbridge", "events"),
        "glue": ("glue",),
        "grafana": ("grafana",),
        "guardduty": ("guardduty", "gd"),
        "iam": ("iam",),
        "kinesis": ("kinesis",),
        "kms": ("kms",),
        "lambda": ("lambda", "l"),
        "mwaa": ("mwaa", "airflow"),
        "organizations/v2": ("organizations", "orgs"),
        "ram": ("ram",),
        "rds": ("rds",),
        "redshiftv2": ("redshift",),
        "route53/v2": ("route53", "r53"),
        "s3": ("s3",),
        "sagemaker": ("sagemaker",),
        "secretsmanager": ("secretsmanager", "sm", "secrets"),
        "securityhub": ("securityhub",),
        "servicequotas": ("servicequotas", "quotas"),
        "ses": ("ses",),
        "singlesignon": ("sso", "identitycenter"),
        "sns/v3": ("sns",),
        "sqs/v3": ("sqs",),
        "states": ("stepfunctions", "sfn", "states"),
        "support": ("support",),
        "systems-manager": ("ssm", "systems-manager"),
        "systems-manager/parameters": ("parameters", "param"),
        "trustedadvisor": ("trustedadvisor",),
        "vpcconsole": ("vpc",),
        "wafv2/homev2": ("waf", "wafv2"),
        "xray": ("xray",),
    }
)
BY_NAME = MappingProxyType({name: page for page, names in PAGES.items() for name in names})
WHOLE = frozenset({"systems-manager/parameters", "wafv2/homev2"})  # without `/home` at the end
# One console for the whole world: a region in the address would be another page, or none.
EVERYWHERE = frozenset({"iam", "route53/v2", "organizations/v2", "cloudfront/v4", "billing", "cost-management"})
EVERYWHERE |= {"trustedadvisor", "support"}

WORD = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", re.ASCII)
REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-\d{1,2}", re.ASCII)


def is_known(service: str) -> bool:
    return service.lower() in BY_NAME


def address(partition: str, region: str, service: str) -> str:
    """The page of a service, or without one the first page of a region; `region` is never empty.

    Exit code 2 for what cannot be a service's name, and for a region of another partition.
    """
    domain = DOMAINS.get(partition)
    if domain is None:
        raise Failure(USAGE, f"fedgate does not know the console of {partition}; use --destination")
    check_region(partition, region)
    page = page_of(service.lower()) if service else "console"
    path = page if page in WHOLE else f"{page}/home"
    if page in EVERYWHERE:
        return f"https://{domain}/{path}"
    return f"https://{region}.{domain}/{path}?region={region}"


def page_of(service: str) -> str:
    if service in BY_NAME:
        return BY_NAME[service]
    if not WORD.fullmatch(service) or len(service) > 40:
        raise Failure(USAGE, f"{service!r} cannot be the name of a service", run="console --services")
    return service


def check_region(partition: str, region: str) -> None:
    if not REGION.fullmatch(region):
        raise Failure(USAGE, f"{region} is not a region; expected something like eu-west-1", run="console --help")
    if partition_of(region) != partition:
        raise Failure(USAGE, f"{region} is no region of {partition}, where the role is", run="console --help")


def partition_of(region: str) -> str:
    """By the region's name, as in botocore's `partitions.json`."""
    if region.startswith("us-gov-"):
        return "aws-us-gov"
    return "aws-cn" if region.startswith("cn-") else "aws"
