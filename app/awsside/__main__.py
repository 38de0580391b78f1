"""For operators: what AWS must be told, from the two files of the gateway. Needs no Redis, and asks AWS nothing but
for signing keys in KMS.

    python -m app.awsside 999999999999                                        an account
    python -m app.awsside arn:aws:iam::999999999999:role/UpdateApp            one role, where its provider is made
        --format json | cloudformation | terraform

Exit codes: 0 done; 1 something cannot be described, and nothing was printed; 2 usage, or files with problems.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from app.awsside.account import describe
from app.awsside.documents import Gateway, NotDescribed
from app.awsside.formats import FORMATS
from app.catalog import load_catalog
from app.core.decisions import CatalogView
from app.core.roles import AccountId, RoleArn, entry_arn
from app.errors import ConfigurationProblems
from app.gateway_file import load_gateway
from app.issuers.signing_keys import load_signing_keys
from app.minting.keys import SigningKeys
from app.minting.places import key_places
from app.minting.saml_assertions import metadata


def main(arguments: Sequence[str], environment: Mapping[str, str]) -> int:
    asked = _parser(environment).parse_args(arguments)
    try:
        catalog, gateway = _files(asked)
        account, only = _wanted(asked.what, catalog)
        side = describe(catalog, account, gateway(account), only)
        if side.problems:
            raise NotDescribed("\n".join(side.problems))
        text = FORMATS[asked.format].write(side)
    except ConfigurationProblems as found:
        return _said(found.problems, 2)
    except NotDescribed as missing:
        return _said(str(missing).splitlines(), 1)
    sys.stdout.write(text)
    for note in side.notes:
        sys.stderr.write(f"note: {note}\n")
    return 0


def _parser(environment: Mapping[str, str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m app.awsside", description="What an AWS account must be told so that the gateway's roles work."
    )
    parser.add_argument("what", metavar="ACCOUNT_OR_ROLE", help="an account's id, or a role's ARN")
    parser.add_argument("--format", choices=sorted(FORMATS), default="json")
    for name, default, what in (
        ("config", environment.get("FEDGATE_CONFIG", "config/gateway.toml"), "gateway.toml"),
        ("catalog", environment.get("FEDGATE_CATALOG", "config/catalog.toml"), "catalog.toml"),
        ("keys", environment.get("FEDGATE_ISSUER_KEYS", ""), "the signing keys, for the SAML metadata"),
        (
            "principal",
            "",
            "ARN of the user or role that signs the gateway's calls (else aws_principal of gateway.toml)",
        ),
        ("external-id", "", "the external id of the account, as the gateway made it"),
    ):
        parser.add_argument(f"--{name}", default=default, metavar=name.upper(), help=what)
    parser.add_argument("--reads-roles", action="store_true", help="let the gateway ask IAM about its own roles")
    parser.add_argument(
        "--examines-roles", action="store_true", help="let the trust doctor read its own roles' trust and policies"
    )
    return parser


def _files(asked: argparse.Namespace) -> tuple[CatalogView, Callable[[AccountId], Gateway]]:
    file = load_gateway(Path(asked.config))
    catalog = load_catalog(Path(asked.catalog), [provider.id for provider in file.providers], file.passing)
    xml = metadata(file.issuer_url, _keys(asked.keys), f"{file.base_url}/").decode() if asked.keys else ""
    principal = _principal(asked.principal) or file.aws_principal

    def gateway(account: AccountId) -> Gateway:
        external = {account: (asked.external_id,)} if asked.external_id else {}
        reads, examines = asked.reads_roles, asked.examines_roles
        return Gateway(file.issuer_url, principal, xml, file.clients, external, reads, examines)

    return catalog, gateway


def _keys(text: str) -> SigningKeys:
    try:
        return load_signing_keys(key_places(text))
    except ConfigurationProblems as found:
        raise ConfigurationProblems([f"--keys: {problem}" for problem in found.problems]) from None


def _wanted(what: str, catalog: CatalogView) -> tuple[AccountId, RoleArn | None]:
    try:
        if not what.startswith("arn:"):
            return AccountId(what), None
        arn = entry_arn(what)
    except ValueError as problem:
        raise ConfigurationProblems([str(problem)]) from None
    if arn not in catalog.roles:
        raise ConfigurationProblems([f"there is no [[role]] with the ARN {arn} in the catalog"])
    return arn.account, arn


def _principal(arn: str) -> RoleArn | None:
    try:
        return entry_arn(arn) if arn else None
    except ValueError as problem:
        raise ConfigurationProblems([f"--principal: {problem}"]) from None


def _said(sentences: Sequence[str], code: int) -> int:
    for sentence in sentences:
        sys.stderr.write(f"{sentence}\n")
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))
