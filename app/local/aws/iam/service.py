"""Which operation of IAM is meant. Changes happen one at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from app.local.aws.desk import Visit
from app.local.aws.iam import (
    attachments,
    inline,
    managed_policies,
    mfa_devices,
    oidc_providers,
    roles,
    saml_providers,
    users,
)
from app.local.aws.refusals import Refusal
from app.local.aws.session import Kind
from app.local.aws.signing.caller import unknown_key

OPERATIONS: Mapping[str, Callable[[Visit], dict[str, Any]]] = {
    "CreateRole": roles.create_role,
    "GetRole": roles.get_role,
    "ListRoles": roles.list_roles,
    "UpdateRole": roles.update_role,
    "TagRole": roles.tag_role,
    "UntagRole": roles.untag_role,
    "ListRoleTags": roles.list_role_tags,
    "UpdateAssumeRolePolicy": roles.update_assume_role_policy,
    "DeleteRole": roles.delete_role,
    "PutRolePolicy": inline.put_role_policy,
    "GetRolePolicy": inline.get_role_policy,
    "ListRolePolicies": inline.list_role_policies,
    "DeleteRolePolicy": inline.delete_role_policy,
    "CreateUser": users.create_user,
    "GetUser": users.get_user,
    "DeleteUser": users.delete_user,
    "PutUserPolicy": inline.put_user_policy,
    "GetUserPolicy": inline.get_user_policy,
    "ListUserPolicies": inline.list_user_policies,
    "DeleteUserPolicy": inline.delete_user_policy,
    "CreateAccessKey": users.create_access_key,
    "ListAccessKeys": users.list_access_keys,
    "DeleteAccessKey": users.delete_access_key,
    "CreatePolicy": managed_policies.create_policy,
    "GetPolicy": managed_policies.get_policy,
    "GetPolicyVersion": managed_policies.get_policy_version,
    "ListPolicies": managed_policies.list_policies,
    "ListPolicyVersions": managed_policies.list_policy_versions,
    "DeletePolicy": managed_policies.delete_policy,
    "AttachRolePolicy": attachments.attach_role_policy,
    "DetachRolePolicy": attachments.detach_role_policy,
    "ListAttachedRolePolicies": attachments.list_attached_role_policies,
    "AttachUserPolicy": attachments.attach_user_policy,
    "DetachUserPolicy": attachments.detach_user_policy,
    "ListAttachedUserPolicies": attachments.list_attached_user_policies,
    "CreateVirtualMFADevice": mfa_devices.create_virtual_mfa_device,
    "EnableMFADevice": mfa_devices.enable_mfa_device,
    "ListMFADevices": mfa_devices.list_mfa_devices,
    "DeactivateMFADevice": mfa_devices.deactivate_mfa_device,
    "DeleteVirtualMFADevice": mfa_devices.delete_virtual_mfa_device,
    "CreateSAMLProvider": saml_providers.create_saml_provider,
    "UpdateSAMLProvider": saml_providers.update_saml_provider,
    "GetSAMLProvider": saml_providers.get_saml_provider,
    "ListSAMLProviders": saml_providers.list_saml_providers,
    "DeleteSAMLProvider": saml_providers.delete_saml_provider,
    "CreateOpenIDConnectProvider": oidc_providers.create_open_id_connect_provider,
    "GetOpenIDConnectProvider": oidc_providers.get_open_id_connect_provider,
    "ListOpenIDConnectProviders": oidc_providers.list_open_id_connect_providers,
    "AddClientIDToOpenIDConnectProvider": oidc_providers.add_client_id_to_open_id_connect_provider,
    "RemoveClientIDFromOpenIDConnectProvider": oidc_providers.remove_client_id_from_open_id_connect_provider,
    "UpdateOpenIDConnectProviderThumbprint": oidc_providers.update_open_id_connect_provider_thumbprint,
    "DeleteOpenIDConnectProvider": oidc_providers.delete_open_id_connect_provider,
}
_UNSUPPORTED = frozenset({"PermissionsBoundary"})  # to ignore a limit would be to grant more than AWS would


def answer(visit: Visit) -> dict[str, Any]:
    """Raises `Refusal`. Federated users and GetSessionToken sessions without MFA cannot call IAM at all."""
    session = visit.signer.session
    with_mfa = session is not None and session.kind is Kind.USER and session.mfa_at is not None
    if session is not None and session.kind is not Kind.ROLE and not with_mfa:
        raise unknown_key()
    if visit.action not in OPERATIONS:
        raise Refusal("InvalidAction", f"The operation {visit.action} is not offered by this local AWS.")
    if found := _UNSUPPORTED & visit.parameters.keys():
        raise Refusal("InvalidInput", f"{', '.join(sorted(found))}: not offered by this local AWS.")
    with visit.desk.world.changing():
        reply = OPERATIONS[visit.action](visit)
    if not visit.action.startswith(("Get", "List")):
        visit.desk.save()
    return reply
