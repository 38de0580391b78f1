"""How names and contents are hidden from Redis.

Redis sees `fg:<shelf>:<HMAC of the key>` and AES-256-GCM text. The encryption key of each document is
derived (HKDF, RFC 5869) from the gateway's sealing key *and the document's own key*: for a browser session
that is the value of the cookie, for a token the token itself. So a dump of Redis with the gateway's sealing
key opens no session, and neither does a stolen cookie without Redis. The Redis name is the associated
data: a document that somebody moves under another name does not open.

Several sealing keys may be active, newest first: all of them are tried when reading, the newest writes. To change
keys while several workers run, give all of them the new key in second place first, then in first place: a worker
that does not know a key does not see what others wrote with it.

What this cannot prevent: whoever writes to Redis can put back, under the same name, a document that was taken or
changed. So what opens something states its own end inside (`sessions.Session.expires_at`).
"""

from __future__ import annotations

import hashlib
import hmac
import os
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_FORMAT = b"\x01"
_NONCE_BYTES = 12


class Sealer:
    """`keys`: one or more of 32 bytes, newest first."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        if not keys or any(len(key) != 32 for key in keys):
            raise ValueError("expected one or more sealing keys of 32 bytes")
        self._masters = tuple(keys)

    def __repr__(self) -> str:
        return f"Sealer({len(self._masters)} keys)"

    def names(self, shelf: str, key: str) -> list[str]:
        """The Redis names under which this document may stand, newest sealing key first."""
        return [f"fg:{shelf}:{_name(master, shelf, key)}" for master in self._masters]

    def seal(self, shelf: str, key: str, name: str, plain: bytes) -> bytes:
        nonce = os.urandom(_NONCE_BYTES)
        return _FORMAT + nonce + _cipher(self._masters[0], shelf, key).encrypt(nonce, plain, name.encode())

    def open(self, shelf: str, key: str, name: str, sealed: bytes) -> bytes | None:
        """None if this was not sealed by us, for this key, under this name."""
        nonce, text = sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
        if sealed[:1] != _FORMAT:
            return None
        for master in self._masters:
            try:
                return _cipher(master, shelf, key).decrypt(nonce, text, name.encode())
            except (InvalidTag, ValueError):
                continue
        return None


def _name(master: bytes, shelf: str, key: str) -> str:
    return hmac.new(master, _bytes(f"name\0{shelf}\0{key}"), hashlib.sha256).hexdigest()[:40]


def _cipher(master: bytes, shelf: str, key: str) -> AESGCM:
    derived = HKDF(SHA256(), 32, salt=None, info=_bytes(f"fedgate\0{shelf}\0{key}")).derive(master)
    return AESGCM(derived)


def _bytes(text: str) -> bytes:
    """`surrogatepass`: a key may come from outside, and half a surrogate pair must find nothing rather than crash."""
    return text.encode("utf-8", "surrogatepass")
