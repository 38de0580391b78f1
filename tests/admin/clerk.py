"""Somebody at the pages of the catalog, without scripts: reads forms as a browser does, fills them in, sends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

import requests
from bs4 import BeautifulSoup
from bs4.element import Tag

from tests.office import Office, page_of
from tests.servers.browser import Browser

# `admins` of a gateway where Carla and Alice administer, and Bob does not.
TWO_ADMINS = 'admins = [{ provider = "corp-oidc", groups = ["Admins", "Developers"] }]\n'


@dataclass(frozen=True, slots=True)
class Clerk:
    office: Office
    browser: Browser

    @classmethod
    def arrive(cls, office: Office, key: str) -> Clerk:
        return cls(office, office.arrive(key))

    def open(self, path: str) -> requests.Response:
        return page_of(self.browser.open(path if path.startswith("http") else self.office.url + path))

    def read(self, path: str, status: int = 200) -> str:
        answer = self.open(path)
        assert answer.status_code == status, (answer.status_code, text_of(answer))
        return text_of(answer)

    def send(self, page: requests.Response, button: str, **typed: str | Sequence[str]) -> requests.Response:
        """Press the button of this text, with the fields of its form as they stand but for `typed`."""
        form = form_with(page, button)
        values = {**_standing(form), **typed}
        action = str(form["action"])
        headers = {"Origin": self.office.url}
        if form.get("enctype"):
            files = {name: (None, str(value)) for name, value in values.items()}
            return self.browser.http.post(self.office.url + action, files=files, headers=headers, timeout=60)
        pairs = [(n, one) for n, v in values.items() for one in ([v] if isinstance(v, str) else v)]
        return self.browser.http.post(self.office.url + action, data=pairs, headers=headers, timeout=60)

    def save(self, page: requests.Response, reason: str = "as agreed") -> requests.Response:
        return self.send(page, "Save", reason=reason)

    def write(self, kind: str, name: str = "", **typed: str | Sequence[str]) -> requests.Response:
        """Fill in the form of an entry; what comes is the page with what would change."""
        path = f"/admin/catalog/{kind}/form" + (f"?{urlencode({'name': name})}" if name else "")
        return self.send(self.open(path), "See what would change", **typed)


def form_with(page: requests.Response, button: str) -> Tag:
    soup = BeautifulSoup(page.text, "html.parser")
    found = [
        one for one in soup.select("main form") if any(b.get_text(strip=True) == button for b in one.select("button"))
    ]
    assert found, f"no button {button!r}: {text_of(page)}"
    return found[0]


def _standing(form: Tag) -> dict[str, str | Sequence[str]]:
    """What a browser would send of the form as it came."""
    values: dict[str, list[str]] = {}
    for one in form.select("input[name], textarea[name], select[name]"):
        name = str(one["name"])
        if one.name == "textarea":
            values.setdefault(name, []).append(one.get_text())
        elif one.name == "select":
            chosen = one.select_one("option[selected]") or one.select_one("option")
            values.setdefault(name, []).append(str(chosen["value"]) if chosen else "")
        elif one.get("type") in ("checkbox", "radio"):
            if one.has_attr("checked"):
                values.setdefault(name, []).append(str(one.get("value", "on")))
        else:
            values.setdefault(name, []).append(str(one.get("value", "")))
    return {name: found[0] if len(found) == 1 else found for name, found in values.items()}


def text_of(page: requests.Response) -> str:
    soup = BeautifulSoup(page.text, "html.parser")
    main = soup.select_one("main")
    return " ".join((main or soup).get_text(" ").split())


def fields_of(page: requests.Response) -> Mapping[str, str | Sequence[str]]:
    return _standing(form_with(page, "See what would change"))
