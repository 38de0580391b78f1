"""Where in a browser an address opens: a container of Firefox, or a profile of a browser like Chrome.

Two consoles at once need two jars of cookies. The gateway's own sign-in lives in such a jar, too: the first link that
opens in a new one passes through the company's sign-in page.

Firefox has no option for containers. Two extensions bring an address scheme for them: granted's ("Granted Containers")
and "Open external links in a container", both with `name` and `url` as parameters.
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import sys
from types import MappingProxyType
from typing import NamedTuple
from urllib.parse import quote, urlencode

from . import browser
from .failures import USAGE, Failure
from .profiles import shared_file

SCHEMES = MappingProxyType({"granted": "ext+granted-containers", "open-url": "ext+container"})
COLORS = ("blue", "turquoise", "green", "yellow", "orange", "red", "pink", "purple")
FIREFOXES = ("firefox", "firefox-esr", "firefox-developer-edition", "librewolf")
CHROMES = (
    *("google-chrome", "google-chrome-stable", "chromium", "chromium-browser"),
    *("brave-browser", "microsoft-edge", "vivaldi"),
)
SETTINGS = MappingProxyType(  # where each keeps the names of its profiles, below the home directory
    {
        "google-chrome": (".config/google-chrome", "Library/Application Support/Google/Chrome"),
        "chromium": (".config/chromium", "Library/Application Support/Chromium"),
        "brave": (".config/BraveSoftware/Brave-Browser", "Library/Application Support/BraveSoftware/Brave-Browser"),
        "microsoft-edge": (".config/microsoft-edge", "Library/Application Support/Microsoft Edge"),
        "vivaldi": (".config/vivaldi", "Library/Application Support/Vivaldi"),
    }
)


class Place(NamedTuple):
    """`container` and `profile`: at most one of them is set, neither is the browser's usual window."""

    container: str = ""
    scheme: str = "granted"
    profile: str = ""

    def named(self, role: str) -> Place:
        """`auto` is one place for each role."""
        container = role if self.container == "auto" else self.container
        return self._replace(container=container, profile=role if self.profile == "auto" else self.profile)


def open_there(url: str, place: Place, typed: str) -> bool:
    """Whether something was started; exit code 2 when the browser that this needs is not here."""
    if place.container:
        return start(typed, FIREFOXES, "Firefox", [container_address(url, place)], "--container needs Firefox")
    if place.profile:
        known = first(typed, CHROMES)
        folder = profile_folder(place.profile, os.path.basename(known[0]) if known else "google-chrome")
        words = [f"--profile-directory={folder}", "--no-first-run", url]
        return start(typed, CHROMES, "Google Chrome", words, "--browser-profile needs Chrome or a browser like it")
    return browser.open_address(url, typed, instead="console --url")


def container_address(url: str, place: Place) -> str:
    """The same name always has the same colour, so that production looks like production."""
    color = COLORS[sum(place.container.encode()) % len(COLORS)]
    fields = {"name": place.container, "url": url, "color": color, "icon": "fingerprint"}
    return f"{SCHEMES[place.scheme]}:{urlencode(fields, quote_via=quote, safe='')}"


def start(typed: str, known: tuple[str, ...], mac: str, words: list[str], needs: str) -> bool:
    command = first(typed, known)
    if not command and sys.platform == "darwin":
        # `open -n` starts a second one, which passes the words on to the one that runs already.
        command = ["open", "-na", mac, "--args"]
    if not command or not browser.started([*command, *words]):
        raise Failure(USAGE, f"{needs}, and none was found here; name it with --browser", run="console --help")
    return True


def first(typed: str, known: tuple[str, ...]) -> list[str]:
    try:
        wanted = shlex.split(typed)
    except ValueError:
        raise Failure(USAGE, f"cannot read the browser {typed!r}", run="console --help") from None
    if wanted:
        return [word for word in wanted if word != "%s"]
    return next(([name] for name in known if shutil.which(name)), [])


def profile_folder(name: str, program: str) -> str:
    """Chrome wants the folder of a profile, people see its name. A name that it does not know becomes a new folder."""
    folder = name.replace("/", "-")
    for part, places in SETTINGS.items():
        if part in program:
            return next((found for place in places if (found := known_folder(place, name))), folder)
    return folder


def known_folder(place: str, name: str) -> str:
    try:
        content = shared_file.look(os.path.join(os.path.expanduser("~"), place, "Local State")).content
        profiles = json.loads(content)["profile"]["info_cache"]
        return next((str(key) for key, one in profiles.items() if name in (key, one.get("name"))), "")
    except (Failure, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return ""
