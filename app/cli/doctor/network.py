"""The way to the gateway: certificates, proxy, the gateway itself, and whether two clocks agree."""

from __future__ import annotations

import os
import ssl
import urllib.request
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from .. import address, configuration, oauth
from ..failures import Failure
from ..output import program
from ..wire import LOOK, Answer, Wire
from .findings import CAREFUL, FINE, WRONG, Finding, Findings, Scene, shown

SKEW_WORTH_TELLING, SKEW_TOO_MUCH = 60, 240  # seconds; AWS refuses signatures that are five minutes off


def look(scene: Scene) -> Findings:
    if not scene.gateway:
        return
    yield from certificates(scene)
    yield from proxy(scene)
    try:
        wire = Wire(scene.gateway, configuration.ca_bundle(scene.ca_bundle))
        answer = wire.get("/readyz")
        oauth.discover(wire)
    except Failure as failure:
        yield unreachable(scene, failure)
        return
    yield Finding("gateway", FINE, scene.gateway, "answers")
    yield from clock(scene, answer)
    yield from own_checks(scene, answer)


def unreachable(scene: Scene, failure: Failure) -> Finding:
    said = failure.sentence.rpartition("; try again")[0] or failure.sentence
    if failure.run not in ("", LOOK):
        check = "ca" if "file of certificates" in said else "gateway"
        return Finding(check, WRONG, scene.gateway, said, f"{program()} {failure.run}")
    if "certificate is not trusted" in said:
        why = (
            "Either the address is not the gateway's, or its CA is a private one, whose certificates your company "
            "has as a file (PEM); if it has expired or is not yet valid, look at this machine's clock"
        )
        run = f"{program()} configure --gateway {scene.gateway} --ca-bundle FILE"
        return Finding("gateway", WRONG, scene.gateway, f"{said}. {why}", run)
    sentence = f"{said}. Is the address right, and the VPN on?"
    return Finding("gateway", WRONG, scene.gateway, sentence, f"curl -sS {scene.gateway}/healthz")


def certificates(scene: Scene) -> Findings:
    if not scene.gateway.startswith("https:"):
        return
    try:
        bundle, origin = configuration.ca_bundle(scene.ca_bundle), bundle_from(scene)
    except Failure:
        return  # told with the settings
    store = system_store()
    if not store and not bundle:
        sentence = "this machine has no certificates of public CAs, so none can be verified; install ca-certificates"
        yield Finding("ca", WRONG, "certificates", sentence, "sudo apt-get install ca-certificates")
        return
    more = f", and those in {shown(bundle)} ({origin})" if bundle else ""
    yield Finding("ca", FINE, "certificates", f"trusted are the CAs in {store or 'no file of this machine'}{more}")


def bundle_from(scene: Scene) -> str:
    if scene.ca_bundle:
        return "--ca-bundle"
    return next((name for name in configuration.CA_VARIABLES if scene.environ.get(name)), configuration.path())


def system_store() -> str:
    """Where OpenSSL finds the CAs of the system; empty when it finds none."""
    paths = ssl.get_default_verify_paths()
    if paths.cafile and os.path.isfile(paths.cafile):
        return shown(paths.cafile)
    try:
        return shown(paths.capath) if paths.capath and os.listdir(paths.capath) else ""
    except OSError:
        return ""


def proxy(scene: Scene) -> Findings:
    parts = urlsplit(scene.gateway)
    host = parts.hostname or ""
    through = urllib.request.getproxies().get(parts.scheme, "")
    if address.is_loopback(host):
        yield from loopback(scene, host, through)
    elif through and not urllib.request.proxy_bypass(host):
        yield Finding("proxy", FINE, plain(through), f"fedgate asks {host} through this proxy")
    else:
        because = ", because NO_PROXY names it" if through else ""
        yield Finding("proxy", FINE, "proxy", f"none for {host}{because}")


def loopback(scene: Scene, host: str, through: str) -> Findings:
    """We go around it; AWS tools that speak to the gateway themselves do not."""
    if through and not urllib.request.proxy_bypass(host):
        sentence = (
            f"AWS tools would ask {scene.gateway} through this proxy, which cannot reach this machine and would see "
            "what they send. fedgate itself goes around it."
        )
        run = 'export NO_PROXY="$NO_PROXY,127.0.0.1,localhost"'
        yield Finding("proxy", CAREFUL, plain(through), sentence, run)
    else:
        yield Finding("proxy", FINE, "proxy", f"none for {host}")


def plain(through: str) -> str:
    """Without the name and the password that it may carry."""
    return through.rpartition("@")[2] if "@" in through else through


def clock(scene: Scene, answer: Answer) -> Findings:
    try:
        there = parsedate_to_datetime(answer.date).timestamp()
    except (TypeError, ValueError, IndexError):
        return
    off = scene.now - there
    if abs(off) < SKEW_WORTH_TELLING:
        yield Finding("clock", FINE, "clock", "agrees with the gateway's")
        return
    way = "ahead of" if off > 0 else "behind"
    sentence = f"{abs(off) / 60:.0f} min {way} the gateway's: AWS refuses signatures that are five minutes off"
    level = WRONG if abs(off) > SKEW_TOO_MUCH else CAREFUL
    yield Finding("clock", level, "clock", sentence, "sudo timedatectl set-ntp true")


def own_checks(scene: Scene, answer: Answer) -> Findings:
    """What the gateway says of itself. A load balancer may keep this page from the outside."""
    checks = (answer.object_or_none() or {}).get("checks")
    for name, said in sorted(checks.items() if isinstance(checks, dict) else ()):
        if isinstance(said, str) and said != "ok":
            level = WRONG if answer.status == 503 and name in ("store", "audit") else CAREFUL
            sentence = f"says of its {name}: {said}. Its operator can mend this, you cannot."
            yield Finding("gateway", level, scene.gateway, sentence)
