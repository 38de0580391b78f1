"""Endpoint rules for `~/.aws/models`: one made-up region leads to a gateway, every other region where AWS's rules lead.

botocore reads a customer's rule set instead of its own, not beside it, so the whole has to be here. Written in the
language of the Smithy specification, "Rules engine", and held by a test to botocore's own answers for all regions.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

Rule = dict[str, object]

SERVICES = MappingProxyType({"sso": "portal.sso", "sso-oidc": "oidc"})  # service: how its host names begin
MARK = "Written by fedgate, which writes it anew: fedgate configure --native --models"
FIPS: Rule = {"ref": "UseFIPS"}
DUAL: Rule = {"ref": "UseDualStack"}


def rule_set(service: str, gateways: Mapping[str, str]) -> Rule:
    """`gateways` are the made-up regions, each with its gateway's address."""
    mine = [endpoint(url, call("isSet", REGION), equals(REGION, name)) for name, url in gateways.items()]
    aws = tree([call("isSet", REGION), {**call("aws.partition", REGION), "assign": "Partition"}], *usual(service))
    rules = [*mine, tree([call("isSet", GIVEN)], *given()), aws, error("Invalid Configuration: Missing Region")]
    return {"version": "1.0", "parameters": parameters(), "rules": rules}


REGION: Rule = {"ref": "Region"}
GIVEN: Rule = {"ref": "Endpoint"}


def usual(service: str) -> list[Rule]:
    """The host names of AWS, in the order in which AWS's own rules ask."""
    host, dual, plain = SERVICES[service], "{Partition#dualStackDnsSuffix}", "{Partition#dnsSuffix}"
    both = [wanted(FIPS), wanted(DUAL)]
    return [
        tree(
            both, endpoint(at(f"{host}-fips", dual), supports("supportsFIPS"), supports("supportsDualStack")), NO_BOTH
        ),
        tree(
            [wanted(FIPS)],
            tree(
                [supports("supportsFIPS")],
                # In GovCloud the usual host is the FIPS one.
                endpoint(at(host, "amazonaws.com"), equals(part("name"), "aws-us-gov")),
                endpoint(at(f"{host}-fips", plain)),
            ),
            error("FIPS is enabled but this partition does not support FIPS"),
        ),
        tree([wanted(DUAL)], endpoint(at(host, dual), supports("supportsDualStack")), NO_DUAL),
        endpoint(at(host, plain)),
    ]


def given() -> list[Rule]:
    """An address that was set by `endpoint_url`."""
    return [
        error("Invalid Configuration: FIPS and custom endpoint are not supported", wanted(FIPS)),
        error("Invalid Configuration: Dualstack and custom endpoint are not supported", wanted(DUAL)),
        endpoint(GIVEN),
    ]


def parameters() -> Rule:
    def one(built_in: str, **more: object) -> Rule:
        return {"builtIn": built_in, "required": False, "documentation": built_in, **more}

    switch = {"required": True, "default": False, "type": "boolean"}
    return {
        "Region": {**one("AWS::Region", type="string"), "documentation": MARK},
        "UseDualStack": one("AWS::UseDualStack", **switch),
        "UseFIPS": one("AWS::UseFIPS", **switch),
        "Endpoint": one("SDK::Endpoint", type="string"),
    }


def at(host: str, suffix: str) -> str:
    return f"https://{host}.{{Region}}.{suffix}"


def wanted(switch: Rule) -> Rule:
    return call("booleanEquals", switch, True)


def supports(what: str) -> Rule:
    return call("booleanEquals", True, part(what))


def part(name: str) -> Rule:
    return call("getAttr", {"ref": "Partition"}, name)


def equals(one: Rule, other: str) -> Rule:
    return call("stringEquals", one, other)


def call(function: str, *arguments: object) -> Rule:
    return {"fn": function, "argv": list(arguments)}


def endpoint(url: object, *conditions: Rule) -> Rule:
    found: Rule = {"url": url, "properties": {}, "headers": {}}
    return {"conditions": list(conditions), "endpoint": found, "type": "endpoint"}


def error(sentence: str, *conditions: Rule) -> Rule:
    return {"conditions": list(conditions), "error": sentence, "type": "error"}


def tree(conditions: list[Rule], *rules: Rule) -> Rule:
    return {"conditions": conditions, "rules": list(rules), "type": "tree"}


NO_BOTH = error("FIPS and DualStack are enabled, but this partition does not support one or both")
NO_DUAL = error("DualStack is enabled but this partition does not support DualStack")
