"""A browser without a screen: cookies, redirects and forms, by what pages say and nothing else."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin

import requests

_SECONDS = 20.0


class StepFailed(Exception):
    """A step did not end as it must; the text is for its line."""


@dataclass(slots=True)
class Form:
    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)
    buttons: set[tuple[str, str]] = field(default_factory=set)


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[Form] = []
        self.leads_to = ""
        self._open: Form | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag == "meta" and said.get("http-equiv") == "refresh":
            self.leads_to = said.get("content", "").partition("url=")[2]
        if tag == "form":
            self._open = Form(said.get("action", ""), said.get("method", "get").lower())
            self.found.append(self._open)
        elif tag == "input" and self._open is not None and said.get("name"):
            if said.get("type") not in ("checkbox", "radio", "submit") or "checked" in said:
                self._open.fields[said["name"]] = said.get("value", "")
        elif tag == "button" and self._open is not None and said.get("name"):
            self._open.buttons.add((said["name"], said.get("value", "")))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None


class Visitor:
    """One person's browser. `at` and `text` are the page on which the last step ended."""

    def __init__(self) -> None:
        self._session = requests.Session()
        self._session.trust_env = False  # no proxy between us and loopback
        self.at = ""
        self.text = ""

    def open(self, address: str) -> None:
        self._arrive(self._session.get(urljoin(self.at, address), timeout=_SECONDS))

    def submit(self, action: str = "", **chosen: str) -> None:
        """Sends the form that has the chosen buttons or fields, or whose address ends in `action`."""
        form = next((f for f in self.forms() if self._fits(f, action, chosen)), None)
        if form is None:
            raise StepFailed(f"{self._place()} has no form for {action or ' '.join(chosen) or 'anything'}")
        target, data = urljoin(self.at, form.action), {**form.fields, **chosen}
        if form.method == "post":
            headers = {"Origin": "/".join(self.at.split("/")[:3])}
            self._arrive(self._session.post(target, data=data, headers=headers, timeout=_SECONDS))
        else:
            self._arrive(self._session.get(target, params=data, timeout=_SECONDS))

    def forms(self) -> list[Form]:
        return self._read().found

    def expect(self, start: str, *words: str) -> None:
        """The address begins so, and the page says all of this."""
        if not self.at.startswith(start):
            raise StepFailed(f"ended at {self._place()}, not at {start}")
        for word in words:
            if word not in self.text:
                raise StepFailed(f"{self._place()} does not say {word!r}")

    def _fits(self, form: Form, action: str, chosen: dict[str, str]) -> bool:
        if action:
            return urljoin(self.at, form.action).split("?")[0].endswith(action)
        names = set(form.fields) | {name for name, _ in form.buttons}
        return set(chosen) <= names

    def _arrive(self, answer: requests.Response) -> None:
        self.at, self.text = answer.url, answer.text
        if answer.status_code >= 400:
            raise StepFailed(f"{self._place()} answered HTTP {answer.status_code}")
        onward = self._read().leads_to
        if onward:
            self.open(onward)  # as a browser does by itself

    def _read(self) -> _Forms:
        parser = _Forms()
        parser.feed(self.text)
        return parser

    def _place(self) -> str:
        """Without the query, which can hold codes and tokens."""
        return self.at.split("?")[0] or "no page"
