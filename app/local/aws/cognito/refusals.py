"""Cognito's refusals, with the sentences that people report from it."""

from __future__ import annotations

from app.local.aws.refusals import Refusal


def not_authorized(message: str) -> Refusal:
    return Refusal("NotAuthorizedException", message)


def not_found(what: str, name: str) -> Refusal:
    return Refusal("ResourceNotFoundException", f"{what} '{name}' not found.")


def invalid_parameter(message: str) -> Refusal:
    return Refusal("InvalidParameterException", message)


def conflict(message: str) -> Refusal:
    return Refusal("ResourceConflictException", message)


def bad_configuration() -> Refusal:
    """The role is missing or does not trust the pool: which of the two is not said."""
    text = "Invalid identity pool configuration. Check assigned IAM roles for this pool."
    return Refusal("InvalidIdentityPoolConfigurationException", text)
