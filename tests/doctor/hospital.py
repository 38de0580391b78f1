"""Three accounts of the strict local AWS with every role as it should be, and the gateway's own issuers."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from app.awsside.account import describe
from app.awsside.documents import Document, Gateway
from app.awsside.plain import as_json
from app.awsside.trust import trust_policy
from app.core.decisions import Grant
from app.core.names import opaque_subject, session_name, source_identity
from app.core.plans import Signer
from app.core.roles import Account, Method, Role
from app.core.session_tags import SessionTags
from app.doctor.calls import Asker
from app.doctor.diagnosis import Patient
from app.errors import AwsRefused
from app.issuers.order import Issuer, Order
from tests.awsside.story import (
    ACCOUNTS,
    DEVELOPMENT,
    EXTERNAL_ID,
    FEDGATE,
    PARTNER,
    PRODUCTION,
    SIGN_INS,
    Administrator,
    catalog,
)
from tests.core.people import person

ROLES = {role.label: role for role in SIGN_INS}
ACCOUNT_OF = {account.id: account for account in ACCOUNTS}


def now() -> datetime:
    return datetime.now(UTC)


@dataclass
class Hospital:
    admin: Administrator
    gateway: Gateway
    issuers: Mapping[Method, Issuer] = field(repr=False)

    def open(self) -> None:
        for account in (DEVELOPMENT, PRODUCTION, PARTNER):
            self.admin.apply_json(as_json(describe(catalog(*SIGN_INS), account, self.gateway)))

    def patient(self, role: Role) -> Patient:
        return Patient(role, self.account(role), self.gateway, Asker(FEDGATE, Signer.USER))

    @staticmethod
    def account(role: Role) -> Account:
        return ACCOUNT_OF[role.arn.account]

    def sound(self, role: Role) -> Document:
        return copy.deepcopy(trust_policy(role, self.account(role), self.gateway))

    def give(self, role: Role, document: Document) -> None:
        """IAM itself refuses what it would not store."""
        iam = self.admin.iam(role.arn.account)
        iam.update_assume_role_policy(RoleName=role.arn.name, PolicyDocument=json.dumps(document))

    def is_let_in(self, role: Role) -> bool:
        """Alice takes the role by the gateway's own issuer for its method."""
        try:
            self.issuers[role.method].issue(an_order(role))
        except AwsRefused as refused:
            if refused.reason.startswith("aws.AccessDenied"):
                return False
            raise  # for another reason than the trust policy
        return True


def an_order(role: Role) -> Order:
    alice = person("alice")
    grant = Grant(
        role,
        role.method,
        role.provider_arn,
        role.max_seconds,
        SessionTags(dict(role.tags)),
        role.transitive_tags,
        "",
        (),
        frozenset(),
    )
    more: dict[str, Any] = {"external_id": EXTERNAL_ID} if role.arn.account == PARTNER else {}
    return Order(
        grant, session_name(alice), source_identity(alice), opaque_subject(alice.person), role.max_seconds, **more
    )
