"""A private CA for AWS tools: `ca_bundle` replaces the certificates that they trust, for AWS too, so the file that we
name there holds the public ones besides the private one. (AWS SDKs and Tools Reference Guide, "General settings".)"""

from __future__ import annotations

import os

from .. import configuration, places, private_files
from ..failures import USAGE, Failure

SYSTEM = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
    "/opt/homebrew/etc/ca-certificates/cert.pem",
)
HONOURED = ("AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE")  # AWS tools read these themselves


def path(gateway: str) -> str:
    return places.config(f"roots-{places.folder_of(gateway)}.pem")


def private(typed: str) -> str:
    """The file of the private CA; empty when there is none, or when AWS tools have been told already."""
    if not typed and any(os.environ.get(name) for name in HONOURED):
        return ""
    return typed or configuration.text("ca_bundle")


def planned(gateway: str, typed: str) -> str:
    """What the lines shall name."""
    return path(gateway) if gateway.startswith("https:") and private(typed) else ""


def install(gateway: str, typed: str) -> None:
    source, own = public(), private(typed)
    try:
        with open(source, "rb") as first, open(own, "rb") as second:
            together = first.read().rstrip(b"\n") + b"\n" + second.read()
    except OSError as problem:
        raise Failure(USAGE, f"{problem.filename}: {problem.strerror}") from None
    private_files.write(path(gateway), together)


def public() -> str:
    import ssl

    known = (ssl.get_default_verify_paths().cafile or "", *SYSTEM)
    found = next((one for one in known if one and os.path.isfile(one)), "")
    if not found:
        raise Failure(
            USAGE, "the public certificates of this system were not found; set AWS_CA_BUNDLE to a file of all"
        )
    return found


def remove(gateway: str) -> None:
    try:
        os.unlink(path(gateway))
    except FileNotFoundError:
        pass
