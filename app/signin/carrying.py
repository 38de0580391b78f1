"""The browser takes a message of ours to a provider: in an address (SAML bindings 3.4), or in a form (3.5)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol
from urllib.parse import urlsplit

from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from app.web.pages import page
from app.web.visit import visit


class Message(Protocol):
    """`form`: the fields to post; empty where the address is all."""

    @property
    def url(self) -> str: ...

    @property
    def form(self) -> Mapping[str, str]: ...


def carried(message: Message, label: str) -> Response:
    """A form goes by a page that sends it by itself, or by a button where no script runs."""
    if not message.form:
        return redirect(message.url, 303)
    visit().form_targets = _onward(message.url)
    return page("signin/post.html", message=message, label=label)


def _onward(url: str) -> str:
    """For `form-action`, which Chromium holds against every address that follows a form: from here the provider leads
    to its other applications, one after the other, and where they live nobody here knows."""
    parts = urlsplit(url)
    return "https:" if parts.scheme == "https" else f"{parts.scheme}://{parts.netloc}"
