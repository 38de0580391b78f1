"""Where a person's page is: `/admin/people/<provider>/<subject>`.

A subject can hold anything, a slash, two dots or a line break too, and what stands between us and the browser would
make something else of it. So it is written in URL-safe base64 without padding (RFC 4648, 5), in pages and API alike.
"""

from __future__ import annotations

import base64
import binascii

from app.core.identity import Person
from app.errors import NotFound


def person_path(person: Person, under: str = "/admin/people") -> str:
    return f"{under}/{person.provider}/{encoded(person.subject)}"


def encoded(subject: str) -> str:
    return base64.urlsafe_b64encode(subject.encode()).decode().rstrip("=")


def person_at(provider: str, code: str) -> Person:
    """Raises NotFound for what no subject is written as. One person has one address."""
    try:
        subject = base64.b64decode(code + "=" * (-len(code) % 4), altchars=b"-_", validate=True).decode()
    except (binascii.Error, ValueError):
        subject = ""
    if not subject or encoded(subject) != code or "\0" in f"{provider}{subject}":
        raise no_such_person()
    return Person(provider, subject)


def no_such_person() -> NotFound:
    return NotFound("The gateway does not remember such a person. Look for them by name.", reason="people.unknown")
