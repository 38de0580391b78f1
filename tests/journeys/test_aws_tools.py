"""`aws sso login` in Chromium: the question, and the way back to the loopback address where AWS's CLI listens."""

from __future__ import annotations

import socket
from contextlib import closing
from dataclasses import replace
from threading import Thread

import pytest

from tests.journeys.person import Person
from tests.native.desk import Pkce, Wire
from tests.patience import SECONDS

pytestmark = pytest.mark.needs("chromium")
SAML = "Example Corp (SAML)"


class Listener:
    """As AWS's CLI listens: one answer, and it has heard enough."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self.heard = ""
        self._thread = Thread(target=self._listen, daemon=True)
        self._thread.start()

    def _listen(self) -> None:
        connection, _ = self._socket.accept()
        with closing(self._socket), closing(connection):
            self.heard = connection.recv(8_192).decode("latin-1").partition("\r\n")[0]
            connection.sendall(
                b"HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\n<title>AWS</title>You can close this."
            )

    def line(self) -> str:
        self._thread.join(SECONDS)
        return self.heard


@pytest.mark.parametrize(("button", "brings"), [("Sign the AWS tool in", "code="), ("Decline", "error=access_denied")])
def test_alices_answer_reaches_the_cli(alice: Person, button: str, brings: str) -> None:
    listener = Listener()
    login = replace(Pkce.of(Wire(alice.gateway)), back=f"http://127.0.0.1:{listener.port}/oauth/callback")
    alice.open(login.wish())
    alice.sign_in(SAML)
    assert alice.heading == "Did you just run aws sso login?"
    assert "AWS CLI (fedgate)" in alice.text
    alice.page.get_by_role("button", name=button).click()
    alice.page.wait_for_url("**/oauth/callback?*")
    assert brings in listener.line()
    assert "state=0cf1c9c2-9d2b-4f4e-9d0c-b5a3a2a7d9e1" in listener.line()
