"""Names with a grammar: ARNs, patterns over group names, and the codes that people type."""

from __future__ import annotations

import re
from contextlib import suppress

from app.core.group_patterns import GroupPattern
from app.core.roles import AccountId, ProviderArn, RoleArn, SessionName, UserArn, entry_arn
from app.grants import user_codes
from tests.fuzz.target import Target, text_of

_PARTITIONS = ("aws", "aws-us-gov", "aws-cn")


def arn(data: bytes) -> None:
    """What is accepted splits into the same six parts by the plainest reader there is, and holds nothing else."""
    text = text_of(data)
    for kind in (RoleArn, UserArn, ProviderArn, entry_arn):
        try:
            accepted = kind(text)
        except ValueError:
            continue
        word, partition, service, region, account, resource = str(accepted).split(":", 5)
        assert (word, service, region) == ("arn", "iam", "")
        assert partition in _PARTITIONS and accepted.aws_partition == partition  # noqa: PT018 - one thought
        assert re.fullmatch("[0-9]{12}", account, re.ASCII) and accepted.account == account  # noqa: PT018
        assert str(accepted) == text
        assert text.isascii() and text.isprintable() and " " not in text  # noqa: PT018 - one thought
        if isinstance(accepted, RoleArn):
            assert resource.endswith(f"/{accepted.name}") and "/" not in accepted.name  # noqa: PT018 - one thought
    for kind in (AccountId, SessionName):
        with suppress(ValueError):
            assert str(kind(text)) == text


def pattern(data: bytes) -> None:
    """A pattern that is accepted is quick, and names an account and a role only where the group literally says them.

    The first line is the pattern, the rest the group. (That it is quick, libFuzzer's timeout asserts.)
    """
    written, _, group = text_of(data).partition("\n")
    try:
        accepted = GroupPattern(written)
    except ValueError:
        return
    named = accepted.named_role(group)
    if named is None:
        assert not accepted.names(group, "111111111111", "Admin")
        return
    account, role = named
    assert account in group and role in group  # noqa: PT018 - one thought
    assert accepted.names(group, account, role)
    assert not accepted.names(group, account + "x", role)


def user_code(data: bytes) -> None:
    """A code is ten letters of the alphabet or nothing; shown and typed again it is the same."""
    code = user_codes.read(text_of(data))
    assert code == "" or re.fullmatch(f"[{user_codes.LETTERS}]{{{user_codes.LENGTH}}}", code)
    assert user_codes.read(user_codes.shown(code)) == code


TARGETS = (
    Target(
        "arn",
        arn,
        (
            b"arn:aws:iam::111111111111:role/Admin",
            b"arn:aws-cn:iam::999999999999:role/team/a/UpdateApp",
            b"arn:aws:iam::111111111111:user/broker",
            b"arn:aws-us-gov:iam::111111111111:saml-provider/fedgate",
            b"arn:aws:iam::111111111111:oidc-provider/id.fedgate.example/path",
        ),
        (b":", b"/", b"//", b"*", b"\n", b"role/", b"user/", b",", b"..", "\u0661".encode(), b"arn:aws:iam::"),
    ),
    Target(
        "pattern",
        pattern,
        (
            b"aws-(?P<account>\\d{12})-(?P<role>\\w+)\naws-111111111111-Admin",
            b"(?P<account>[0-9]{12})/(?P<role>Admin|ReadOnly)\n999999999999/ReadOnly",
            b"x.*(?P<role>[A-Z]\\w*)-(?P<account>.{12})\nxxRole-111111111111",
        ),
        (b"(?P<account>", b"(?P<role>", b")", b"*", b"+", b"?", b"{1,9}", b"\\d", b"\\w", b"|", b"[^", b"]", b".*"),
    ),
    Target("user_code", user_code, (b"BCDFG-HJKLM", b"bcdfg hjklm", "\uff22CDFGHJKLM".encode())),
)
