"""A company's own statement, from its sign-in through a running gateway to AWS, and its end."""

from __future__ import annotations

import json
import zlib
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import boto3
import pytest
import requests
from bs4 import BeautifulSoup
from lxml import etree

from app.core.audiences import AWS_SIGN_IN
from app.core.roles import Partition
from app.local.aws.server import LocalAws
from tests.forges.saml import SamlForge
from tests.prompt import ask, bearer
from tests.servers.browser import Browser
from tests.world import PRODUCTION, Gateway, World

ROLE = f"arn:aws:iam::{PRODUCTION}:role/Company"
PROVIDER = f"arn:aws:iam::{PRODUCTION}:saml-provider/corp"
AWS = AWS_SIGN_IN[Partition.AWS]
_PROVIDER = """
[[provider]]
id = "corp"
kind = "saml"
label = "Corp"
metadata = "idp.xml"
passthrough = true
"""
_RULES = f"""
[[role]]
arn = "{ROLE}"
method = "saml"
assertion = "passthrough"
accept_unenforced = "AWS does not enforce this mapping"
provider_arn = "{PROVIDER}"
[[rule]]
id = "company"
provider = "corp"
groups = ["aws-dev"]
roles = ["{ROLE}"]
"""
_TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Federated": PROVIDER},
            "Action": "sts:AssumeRoleWithSAML",
            "Condition": {"StringEquals": {"saml:aud": AWS.recipient}},
        }
    ],
}


@dataclass(frozen=True, slots=True)
class Company:
    gateway: Gateway
    aws: LocalAws
    idp: SamlForge

    def arrive(self) -> Browser:
        """Alice, whose provider addresses its answers to AWS and lists the role there itself."""
        browser = Browser(until="https://idp.example.com/")
        asked = browser.open(f"{self.gateway.url}/signin/corp").query
        request = etree.fromstring(zlib.decompress(b64decode(asked["SAMLRequest"]), -15))
        draft = self.idp.draft(AWS.recipient, AWS.audience, request.get("ID"), datetime.now(UTC))
        prefix = "https://aws.amazon.com/SAML/Attributes"
        named = ((f"{prefix}/Role", (f"{ROLE},{PROVIDER}",)), (f"{prefix}/RoleSessionName", ("alice",)))
        document = self.idp.signed(draft.but(attributes=(*draft.attributes, *named)))
        answer = {"SAMLResponse": self.idp.encode(document), "RelayState": asked["RelayState"]}
        page = browser.post(f"{self.gateway.url}/signin/corp/acs", answer, "https://idp.example.com")
        assert isinstance(page, requests.Response)
        assert page.url == f"{self.gateway.url}/", page.text
        return browser


@pytest.fixture(scope="module")
def company(world: World) -> Iterator[Company]:
    with LocalAws() as aws:
        idp = SamlForge()
        iam = boto3.client("iam", region_name="us-east-1", endpoint_url=aws.url, **aws.operator(PRODUCTION))
        iam.create_saml_provider(Name="corp", SAMLMetadataDocument=idp.metadata())
        iam.create_role(RoleName="Company", AssumeRolePolicyDocument=json.dumps(_TRUST))
        told = {"AWS_ENDPOINT_URL_STS": aws.url}
        gateway = world.gateway(_PROVIDER, _RULES, files={"idp.xml": idp.metadata()}, environment=told)
        yield Company(gateway, aws, idp)


def test_what_the_company_says_is_what_aws_reads(company: Company) -> None:
    browser = company.arrive()
    answer = ask(company.gateway.url, browser, bearer(company.gateway.url, browser), ROLE)
    assert answer.status_code == 200, answer.text
    found = answer.json()
    keys = (found["AccessKeyId"], found["SecretAccessKey"], found["SessionToken"])
    sts = boto3.Session(*keys).client("sts", region_name="eu-west-1", endpoint_url=company.aws.url)
    # The session's name is the company's, not the gateway's: nothing of the statement was touched.
    assert sts.get_caller_identity()["Arn"] == f"arn:aws:sts::{PRODUCTION}:assumed-role/Company/alice"


def test_after_sign_out_the_statement_is_gone(company: Company) -> None:
    browser = company.arrive()
    tokens = bearer(company.gateway.url, browser)
    url = company.gateway.url
    page = BeautifulSoup(browser.http.get(f"{url}/", timeout=60).text, "html.parser")
    csrf = page.select_one("form[action='/signout'] input[name=csrf]")
    assert csrf is not None
    browser.post(f"{url}/signout", {"csrf": str(csrf["value"])}, url)
    refused = ask(url, browser, tokens, ROLE)
    assert (refused.status_code, refused.json()["code"]) == (401, "sign_in_required")


def test_the_roles_page_says_how_long_the_statement_serves(company: Company) -> None:
    page = company.arrive().http.get(f"{company.gateway.url}/roles/{PRODUCTION}/Company", timeout=60)
    assert "for a few minutes after you sign in" in page.text


def test_the_query_of_the_request_is_the_gateways_own(company: Company) -> None:
    asked = Browser(until="https://idp.example.com/").open(f"{company.gateway.url}/signin/corp").url
    request = etree.fromstring(zlib.decompress(b64decode(parse_qs(urlsplit(asked).query)["SAMLRequest"][0]), -15))
    assert request.get("AssertionConsumerServiceURL") == f"{company.gateway.url}/signin/corp/acs"
