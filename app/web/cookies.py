"""The three cookies. Over https all are `__Host-`: Secure, this host only, whole site (RFC 6265bis 4.1.3.2).

On a loopback gateway (plain http) they lose the prefix and Secure, which clients would otherwise not send.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from flask import request
from werkzeug.wrappers import Response


@dataclass(frozen=True, slots=True)
class Cookie:
    name: str
    secure: bool

    def read(self) -> str:
        return request.cookies.get(self.name, "")

    def write(self, response: Response, value: str, life: timedelta) -> None:
        """Lax, not Strict: people arrive by links and by the provider's redirect."""
        response.set_cookie(
            self.name,
            value,
            max_age=int(life.total_seconds()),
            secure=self.secure,
            httponly=True,
            samesite="Lax",
            path="/",
        )

    def clear(self, response: Response) -> None:
        response.delete_cookie(self.name, secure=self.secure, httponly=True, samesite="Lax", path="/")


@dataclass(frozen=True, slots=True)
class Cookies:
    session: Cookie
    attempt: Cookie  # binds a sign-in that is under way to the browser that began it
    choice: Cookie  # the id of the provider by which this browser signed in last; opens nothing

    @classmethod
    def of(cls, secure: bool) -> Cookies:
        prefix = "__Host-fedgate" if secure else "fedgate"
        return cls(*(Cookie(f"{prefix}{name}", secure) for name in ("", "-attempt", "-last")))
