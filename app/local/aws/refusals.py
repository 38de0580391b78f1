"""A refusal, as AWS words it: a code, an HTTP status and a sentence."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(eq=False)  # not frozen: an exception is given its traceback while it travels
class Refusal(Exception):
    """`code` is the word on the wire, which is not always the class name CloudTrail shows."""

    code: str
    message: str
    status: int = 400

    @property
    def fault(self) -> str:
        return "Sender" if self.status < 500 else "Receiver"


def access_denied(message: str) -> Refusal:
    return Refusal("AccessDenied", message, 403)


def not_authorized(arn: str, action: str, resource: str) -> Refusal:
    """The same text for a role that does not exist, so that roles cannot be guessed."""
    return access_denied(f"User: {arn} is not authorized to perform: {action} on resource: {resource}")


def invalid(message: str) -> Refusal:
    return Refusal("ValidationError", message)


def invalid_value(message: str) -> Refusal:
    return Refusal("InvalidParameterValue", message)


def bad_token(message: str) -> Refusal:
    return Refusal("InvalidIdentityToken", message)


def expired(message: str) -> Refusal:
    """An assertion or ID token that is too late. Expired *caller* credentials are `ExpiredToken`, 403."""
    return Refusal("ExpiredTokenException", message)


def malformed_policy(message: str) -> Refusal:
    return Refusal("MalformedPolicyDocument", message)


def bad_saml_response(message: str) -> Refusal:
    """STS passes on what the service that reads assertions said (IAM User Guide, "Troubleshoot SAML")."""
    origin = "Service: AWSOpenIdDiscoveryService; Status Code: 400; Error Code: AuthSamlInvalidSamlResponseException"
    return bad_token(f"{message} ({origin})")
