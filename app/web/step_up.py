"""Lead somebody to their provider for a stronger sign-in, and back to the page that they wanted.

    raise StepUpRequired(...)      in any view behind a guard: a browser gets a page whose one button leads to the
                                   provider and back to this address; a program gets the challenge of RFC 9470
    step_up_path(...)              the address behind that button, for pages of one's own

Anybody can write such a link. It names only what a sign-in must have beyond what it would have anyway, so the worst
that it can do is to make somebody confirm who they are.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from urllib.parse import quote, urlencode

from flask import current_app, request

from app.core.needs import Needs
from app.errors import InvalidRequest, StepUpRequired
from app.web.returns import own_path

MFA = "mfa"  # our one authentication context (`acr_values`)


def step_up_path(provider: str, to: str, needs: Needs) -> str:
    """`/signin/corp?to=...&mfa=1&max_age=900`. `to` is a page of ours; another becomes the first page there."""
    wish: dict[str, str] = {"to": to}
    if needs.mfa:
        wish["mfa"] = "1"
    if needs.max_age is not None:
        wish["max_age"] = str(int(needs.max_age.total_seconds()))
    return f"/signin/{quote(provider, safe='')}?{urlencode(wish)}"


def needs_of(query: Mapping[str, str]) -> Needs:
    """What such an address asks. Raises InvalidRequest: what cannot be read must not become a weaker sign-in."""
    mfa, age = query.get("mfa", ""), query.get("max_age", "")
    if mfa not in ("", "1") or not re.fullmatch(r"[0-9]{0,6}", age, re.ASCII):
        raise InvalidRequest("The link asks for a sign-in that cannot be read.", reason="step-up.link")
    return Needs(mfa == "1", timedelta(seconds=int(age)) if age else None)


def needs_in(error: StepUpRequired) -> Needs:
    return Needs(error.mfa, None if error.max_age is None else timedelta(seconds=error.max_age))


def this_page() -> str:
    """Where to come back to: this address as a link. A form's address leads to the page with that form, if there is
    one, and else to the first page: what was in the form is not done behind somebody's back."""
    return own_path(current_app, request.full_path.rstrip("?"))


def challenge(needs: Needs) -> str:
    """WWW-Authenticate (RFC 9470, section 3). The sentence stays in the body: a header has no letters but ASCII's."""
    parts = ['Bearer realm="fedgate"', 'error="insufficient_user_authentication"']
    return ", ".join(parts + [f'{name}="{value}"' for name, value in asked(needs).items()])


def asked(needs: Needs) -> dict[str, str | int]:
    """As parameters of an authorization request, for programs: `acr_values`, `max_age` in seconds."""
    found: dict[str, str | int] = {"acr_values": MFA} if needs.mfa else {}
    return found if needs.max_age is None else {**found, "max_age": int(needs.max_age.total_seconds())}
