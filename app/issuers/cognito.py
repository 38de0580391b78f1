"""A Cognito identity pool, by the enhanced flow: Cognito chooses the role and the pool's rules say which.

    minted:      GetId(token of ours) ──► GetCredentialsForIdentity(token of ours)
    developer:   GetOpenIdTokenForDeveloperIdentity(signed, our subject) ──► GetCredentialsForIdentity(its token)

(Cognito Developer Guide, "Identity pools authentication flow".) What Cognito gives is looked at before it goes to
anybody: rules of a pool can be edited by people who never saw our catalog, so a role that was not granted is
refused. Its sessions last an hour, no more and no less, and are all called `CognitoIdentityCredentials`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from botocore.exceptions import ClientError

from app.core.credentials import Credentials
from app.core.roles import Partition, RoleArn
from app.issuers.aws import Answer, Aws, Call
from app.issuers.identity_ids import IdentityIds
from app.issuers.order import Issued, Order
from app.issuers.refusals import not_as_granted, told, unavailable
from app.issuers.sts import regions_of

SERVICE = "cognito-identity"
COGNITO_SECONDS = 3_600  # GetCredentialsForIdentity takes no duration
_OWN_NAME = {
    Partition.AWS: "cognito-identity.amazonaws.com",
    Partition.US_GOV: "cognito-identity-us-gov.amazonaws.com",
    Partition.CHINA: "cognito-identity.cn-north-1.amazonaws.com.cn",
}

Logins = Mapping[str, str]  # provider's name to token
TokenFor = Callable[[Order], Logins]  # a token of the gateway's issuer, under the issuer's name


@dataclass(frozen=True, slots=True)
class CognitoIssuer:
    aws: Aws
    ids: IdentityIds
    token_for: TokenFor | None  # None where the gateway has no signing keys

    def issue(self, order: Order) -> Issued:
        until = self.aws.until()
        with told():
            answer = self._credentials_of(order, *self._identity(order, until), until)
            found = _credentials(answer, order.grant.role.arn)
            owner = self.aws.owner(found, regions_of(order), until)
        check_role(owner, order.grant.role.arn)
        return Issued(replace(found, assumed_role_arn=owner))

    def _identity(self, order: Order, until: float) -> tuple[str, Logins]:
        role = order.grant.role
        if role.pool_login:
            return self._developer_identity(order, until)
        if self.token_for is None:
            raise not_as_granted("The gateway has no key to sign for AWS with.", "minting.keys")
        logins = self.token_for(order)
        known = self.ids.get(role.identity_pool, order.subject)
        if known is None:
            known = str(
                self._asked(
                    order,
                    lambda pool: pool.get_id(
                        AccountId=role.arn.account, IdentityPoolId=role.identity_pool, Logins=logins
                    ),
                    until,
                )["IdentityId"]
            )
            self.ids.keep(role.identity_pool, order.subject, known)
        return known, logins

    def _credentials_of(self, order: Order, identity: str, logins: Logins, until: float) -> Answer:
        try:
            return self._asked(
                order, lambda pool: pool.get_credentials_for_identity(IdentityId=identity, Logins=logins), until
            )
        except ClientError:
            # Somebody may have deleted or merged it in the pool; the next order asks again.
            self.ids.forget(order.grant.role.identity_pool, order.subject)
            raise

    def _developer_identity(self, order: Order, until: float) -> tuple[str, Logins]:
        role = order.grant.role
        tags = {"PrincipalTags": dict(order.grant.tags)} if order.grant.tags else {}
        answer = self.aws.signed(
            SERVICE,
            _pool_region(role.identity_pool),
            order.base,
            lambda pool: pool.get_open_id_token_for_developer_identity(
                IdentityPoolId=role.identity_pool, Logins={role.pool_login: order.subject}, **tags
            ),
            until,
        )
        return str(answer["IdentityId"]), {_OWN_NAME[role.arn.aws_partition]: str(answer["Token"])}

    def _asked(self, order: Order, call: Call, until: float) -> Answer:
        """A pool is in one region: there is no other to ask."""
        return self.aws.unsigned(SERVICE, _pool_region(order.grant.role.identity_pool), call, until)


def check_role(owner: str, granted: RoleArn) -> None:
    """Names of roles are unique in an account, and a session's ARN leaves the path out. Raises AwsRefused."""
    wanted = f"arn:{granted.aws_partition}:sts::{granted.account}:assumed-role/{granted.name}/"
    if not owner.startswith(wanted):
        raise not_as_granted("The identity pool in AWS gave another role than the catalog says.", "cognito.other-role")


def _pool_region(pool: str) -> tuple[str, ...]:
    return (pool.partition(":")[0],)


def _credentials(answer: Answer, role: RoleArn) -> Credentials:
    try:
        found = answer["Credentials"]
        return Credentials(
            found["AccessKeyId"], found["SecretKey"], found["SessionToken"], found["Expiration"], role.account
        )
    except KeyError:
        raise unavailable("aws.incomplete") from None
