"""Which provider is somebody's: the only one, the one of last time, or the one of their e-mail's domain."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from werkzeug.wrappers import Response

from app.providers.registry import Provider, Registry
from app.signin.attempts import STARTS_A_MINUTE, From
from app.store.counters import Counters
from app.web.cookies import Cookie

_REMEMBERED = timedelta(days=180)
_LONGEST_HINT = 254  # characters of an e-mail address (RFC 5321, 4.5.3.1.3)


@dataclass(frozen=True, slots=True)
class Offers:
    """`last` was this browser's choice before; None if there was none, or it is not one of ours any more."""

    last: Provider | None
    others: tuple[Provider, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """`cookie` holds a provider's id in clear: what everybody may read on the page, and nothing is believed of it."""

    registry: Registry
    cookie: Cookie
    counters: Counters

    def only(self) -> str:
        """The id of the one provider; empty if there are several, or none."""
        ids = [provider.id for provider in self.registry]
        return ids[0] if len(ids) == 1 else ""

    def offers(self) -> Offers:
        providers = tuple(self.registry)
        last = next((one for one in providers if one.id == self.cookie.read()), None)
        return Offers(last, tuple(one for one in providers if one is not last))

    def remember(self, response: Response, provider_id: str) -> None:
        """After a sign-in that succeeded: links of strangers choose nothing."""
        self.cookie.write(response, provider_id, _REMEMBERED)

    @property
    def by_email(self) -> bool:
        return any(provider.settings.email_domains for provider in self.registry)

    def home_of(self, email: str, origin: From) -> Provider | None:
        """The provider for people of this address. Only a guide: who somebody is, the provider says."""
        self.counters.spend_of_address("signin.start", origin.address, STARTS_A_MINUTE, timedelta(minutes=1))
        name, _, domain = email.rpartition("@")
        folded = _ascii(domain)
        found = (one for one in self.registry if folded in one.settings.email_domains)
        return next(found, None) if name and folded else None


def login_hint(typed: str) -> str:
    """What may be handed on to a provider of what somebody typed, or of a link's."""
    hint = typed.strip()
    return hint if len(hint) <= _LONGEST_HINT and hint.isprintable() else ""


def _ascii(domain: str) -> str:
    """As domains stand in the configuration: lower case, `xn--` for other letters; empty for what is none."""
    try:
        return domain.strip().rstrip(".").encode("idna").decode("ascii").lower()
    except UnicodeError:
        return ""
