"""Telling the application, server to server, that a session is over (Back-Channel Logout 1.0, 2.5)."""

from __future__ import annotations

import requests

SECONDS = 3


def tell(address: str, logout_token: str) -> bool:
    """Whether the application says that it is done; False where there is nobody to tell, or no answer."""
    if not address:
        return False
    with requests.Session() as session:
        session.trust_env = False  # no proxy stands between two servers of one machine
        try:
            answer = session.post(address, data={"logout_token": logout_token}, timeout=SECONDS, allow_redirects=False)
        except requests.RequestException:
            return False
        return answer.status_code in (200, 204)  # the application may answer either (2.8)
