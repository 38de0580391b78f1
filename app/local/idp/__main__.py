"""`python -m app.local.idp`: the provider as a process of the local stack. Ends on SIGTERM or Ctrl-C."""

from __future__ import annotations

import argparse
import logging
import signal
import sys
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from app.local.idp.registration import OidcApplication, Registration, SamlApplication, Secret
from app.local.idp.server import LOOPBACK, LocalIdp


def arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m app.local.idp", description="A local SAML and OIDC provider.")
    parser.add_argument("--port", type=int, required=True, help=f"on {LOOPBACK}; 0 takes a free one")
    parser.add_argument("--base-url", default="", help="as browsers see it; default: http://127.0.0.1:PORT")
    parser.add_argument("--sp-entity-id", required=True)
    parser.add_argument("--sp-acs", required=True)
    parser.add_argument("--sp-slo", default="", help="where it takes SAML logout messages; with --sp-certificate-file")
    parser.add_argument("--sp-certificate-file", type=Path, help="PEM; a key beside the certificate is not looked at")
    parser.add_argument("--oidc-client-id", required=True)
    # A file, because everybody on the machine can read the arguments of a process.
    parser.add_argument("--oidc-client-secret-file", type=Path, required=True)
    parser.add_argument("--oidc-redirect-uri", required=True)
    parser.add_argument("--oidc-post-logout-uri", action="append", default=[], help="may be repeated")
    parser.add_argument("--oidc-backchannel-uri", default="", help="where it is told that a session is over")
    parser.add_argument("--state-dir", type=Path, default=None, help="keeps the signing keys")
    return parser


def registration(told: argparse.Namespace) -> Registration:
    secret = Secret(told.oidc_client_secret_file.read_text(encoding="utf-8").strip())
    if not secret.value:
        raise OSError(f"{told.oidc_client_secret_file} is empty")
    return Registration(
        SamlApplication(told.sp_entity_id, told.sp_acs, told.sp_slo, _certificate(told.sp_certificate_file)),
        OidcApplication(
            told.oidc_client_id,
            secret,
            told.oidc_redirect_uri,
            tuple(told.oidc_post_logout_uri),
            told.oidc_backchannel_uri,
        ),
    )


def _certificate(path: Path | None) -> bytes:
    if path is None:
        return b""
    found = x509.load_pem_x509_certificates(path.read_bytes())  # ValueError: not PEM, or none in it
    return found[0].public_bytes(Encoding.PEM)


def main() -> int:
    told = arguments().parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    try:
        idp = LocalIdp(registration(told), port=told.port, base_url=told.base_url.rstrip("/"), state_dir=told.state_dir)
    except (OSError, ValueError) as problem:
        print(f"local identity provider: cannot start: {problem}", file=sys.stderr)
        return 2
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    print(f"Local identity provider: {idp.addresses.base_url}", flush=True)
    try:
        idp.serve()
    except KeyboardInterrupt:
        pass
    finally:
        idp.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
