"""A person at a browser, scripted: follows redirects, keeps cookies, fills in the forms that it meets.

    browser = Browser()
    page = browser.open("http://127.0.0.1:8080/signin/corp")
    page = browser.sign_in(page, User("alice", "alicepass"))

Knows the login pages of SimpleSAMLphp (`username`, `password`), of `oidc_provider.mjs` (`user`, `password`)
and the picking page of the local provider (buttons named `person`). A page that only carries a message onward
(a form with hidden fields, as SAML's POST binding makes) is submitted as its script would.

`until` names an address at which to stop *before* going there, for tests without anything that listens: the
answer is then a `Stopped` with the address and the form.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import parse_qs, urljoin, urlsplit

import requests
from bs4 import BeautifulSoup
from bs4.element import Tag
from requests.adapters import HTTPAdapter

from tests.leaks.planted import PLANTED

MAX_STEPS = 25  # pages and redirects; a loop is a failure, not a wait


@dataclass(frozen=True, slots=True)
class User:
    """What somebody types; at the local provider the name is the button. `mfa` is a tick there and at oidc-provider."""

    name: str
    password: str = ""
    mfa: bool = False


@dataclass(frozen=True, slots=True)
class Stopped:
    """The browser was about to go to `url`, with `form` in a POST (empty: a GET)."""

    url: str
    form: dict[str, str] = field(default_factory=dict)

    @property
    def query(self) -> dict[str, str]:
        return {name: values[0] for name, values in parse_qs(urlsplit(self.url).query).items()}


class Elsewhere(HTTPAdapter):
    """Requests that come from another address of this machine, to be mounted on a browser's `http`."""

    def init_poolmanager(self, *given: object, **more: object) -> None:
        super().init_poolmanager(*given, source_address=("127.0.0.2", 0), **more)  # type: ignore[arg-type]  # passed on


class Browser:
    """One person's browser: one jar of cookies, no proxies, no credentials from the environment."""

    def __init__(self, until: str = "") -> None:
        self.http = requests.Session()
        self.http.trust_env = False
        self.http.hooks["response"] = [PLANTED.saw]  # what passes here must be found in no log at the end of the run
        self.until = until
        self.trail: list[str] = []  # where the person went, without queries, for failure messages

    def open(self, url: str) -> requests.Response | Stopped:
        """GET, and every redirect that follows."""
        return self._go("GET", url, {})

    def post(self, url: str, form: dict[str, str], origin: str = "") -> requests.Response | Stopped:
        """POST a form as the page at `origin` would (browsers send Origin with every POST)."""
        return self._go("POST", url, form, {"Origin": origin} if origin else {})

    def sign_in(self, page: requests.Response | Stopped, user: User) -> requests.Response | Stopped:
        """Go through every form that stands between this page and the application; then the page reached.

        Raises AssertionError when the same login page comes back, that is, when the provider refused.
        """
        asked = 0
        for _ in range(MAX_STEPS):
            if isinstance(page, Stopped):
                return page
            form = _form(page)
            if form is None:
                return page
            asked += not _carries(form)
            assert asked <= 1, f"the provider refused {user.name}: {page.url} {page.status_code}"
            page = self._submit(page, form, user)
        raise AssertionError(f"sign-in did not end: {self.trail}")

    def carry_on(self, page: requests.Response | Stopped) -> requests.Response | Stopped:
        """Through every page that only carries a message onward, as its script or its button would."""
        for _ in range(MAX_STEPS):
            form = None if isinstance(page, Stopped) else _form(page)
            if isinstance(page, Stopped) or form is None or not _carries(form):
                return page
            page = self._submit(page, form, User(""))
        raise AssertionError(f"it did not end: {self.trail}")

    def _submit(self, page: requests.Response, form: Tag, user: User) -> requests.Response | Stopped:
        action = urljoin(page.url, str(form.get("action") or page.url))
        parts = urlsplit(page.url)
        return self.post(action, _filled(form, user), f"{parts.scheme}://{parts.netloc}")

    def _go(
        self, method: str, url: str, form: dict[str, str], headers: dict[str, str] | None = None
    ) -> requests.Response | Stopped:
        for _ in range(MAX_STEPS):
            if self.until and url.startswith(self.until):
                return Stopped(url, form)
            answer = self._request(method, url, form, headers)
            if not answer.is_redirect:
                return answer
            url = urljoin(answer.url, answer.headers["location"])
            if answer.status_code not in (307, 308):
                method, form, headers = "GET", {}, None
        raise AssertionError(f"too many redirects: {self.trail}")

    def _request(
        self, method: str, url: str, form: dict[str, str], headers: dict[str, str] | None
    ) -> requests.Response:
        self.trail.append(f"{method} {url.partition('?')[0]}")
        return self.http.request(method, url, data=form or None, headers=headers, allow_redirects=False, timeout=60)


def _form(page: requests.Response) -> Tag | None:
    """The form that takes part in signing in, if this page has one."""
    if "html" not in page.headers.get("content-type", ""):
        return None
    forms = BeautifulSoup(page.text, "html.parser").find_all("form")
    return next((form for form in forms if _carries(form) or _asks(form)), None)


def _names(form: Tag) -> set[str]:
    return {str(tag["name"]) for tag in form.find_all(["input", "button"]) if tag.get("name")}


def _carries(form: Tag) -> bool:
    return not {"SAMLResponse", "SAMLRequest"}.isdisjoint(_names(form))


def _asks(form: Tag) -> bool:
    return "person" in _names(form) or "password" in _names(form)


def _filled(form: Tag, user: User) -> dict[str, str]:
    """The form as this person sends it: hidden fields as they are, and who they are."""
    kept = {
        str(tag["name"]): str(tag.get("value", ""))
        for tag in form.find_all("input")
        if tag.get("name") and tag.get("type") not in ("checkbox", "submit")
    }
    if _carries(form):
        return kept
    if user.mfa:
        kept["mfa"] = "yes"
    if "person" in _names(form):
        return {**kept, "person": user.name}
    name_field = "username" if "username" in _names(form) else "user"
    return {**kept, name_field: user.name, "password": user.password}
