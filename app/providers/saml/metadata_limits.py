"""For how long metadata may be used: what the provider says of that itself. (SAML metadata 2.0, 2.3.2)

`validUntil` ends it for good: a publisher writes it so that a copy with a withdrawn key cannot be shown to us for ever.
`cacheDuration` asks to be read again sooner than we would; later than that is for us to say.
"""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import datetime, timedelta

from lxml import etree

from app.errors import ProviderUnavailable
from app.providers.last_good import LastGood
from app.providers.refusals import unavailable
from app.providers.saml.instants import instant
from app.providers.saml.names import md
from app.providers.saml.peers import TrustedProvider

# xs:duration, as far as it is about hours; one with years or months is longer than our own patience anyway.
_DURATION = re.compile(r"P(?:(\d{1,6})D)?(?:T(?:(\d{1,6})H)?(?:(\d{1,8})M)?(?:(\d{1,9})(?:\.\d+)?S)?)?", re.ASCII)
SHORTEST = timedelta(minutes=1)


def valid_until(entity: etree._Element) -> datetime | None:
    """The earliest end that the entity, its role or anything around them states. Raises SignInRefused if unreadable."""
    said = [element.get("validUntil") for element in _stating(entity)]
    return min((instant(text, "saml.metadata") for text in said if text is not None), default=None)


def cache_for(entity: etree._Element) -> timedelta | None:
    """The shortest cacheDuration; None if there is none that is shorter than a month."""
    said = [_duration(element.get("cacheDuration") or "") for element in _stating(entity)]
    return min((max(one, SHORTEST) for one in said if one is not None), default=None)


def newer(copy: LastGood[TrustedProvider], label: str, now: datetime) -> TrustedProvider | None:
    """Fetched before its time, because a message was signed with a key that is not in it: a provider that changes its
    key does not wait for our schedule. At most once a minute, or strangers with keys of their own would have us ask the
    provider as often as they like; None then, and for a provider that is away."""
    fetched_at = copy.report().fetched_at
    if fetched_at is not None and fetched_at >= now:  # for this very message
        return None
    with suppress(ProviderUnavailable):
        found = copy.again(now)
        return None if found is None else unexpired(found, label, now)
    return None


def _stating(entity: etree._Element) -> list[etree._Element]:
    return [*entity.iterancestors(), entity, *entity.findall(md("IDPSSODescriptor"))]


def _duration(text: str) -> timedelta | None:
    match = _DURATION.fullmatch(text)
    if match is None or not any(match.groups()):
        return None
    days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)


def unexpired(them: TrustedProvider, label: str, now: datetime) -> TrustedProvider:
    """Raises ProviderUnavailable for metadata whose end has come, however recently it was fetched."""
    if them.valid_until is not None and now >= them.valid_until:
        raise unavailable(label, "saml.metadata-expired")
    return them


def in_force(copy: LastGood[TrustedProvider], label: str, now: datetime) -> TrustedProvider:
    """What was fetched last, fetched anew if the provider wanted that sooner than hourly."""
    them, fetched_at = copy.get(now), copy.report().fetched_at
    if them.cache_for is not None and fetched_at is not None and now - fetched_at >= them.cache_for:
        them = copy.again(now) or them
    return unexpired(them, label, now)
