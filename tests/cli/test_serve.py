"""`fedgate serve`: the container credentials endpoint, asked by the AWS tools themselves and by everybody else."""

from __future__ import annotations

import http.client
import json
import os
import re
import shlex
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.cli.fake_answers import CONSOLE_ONLY, READ_ONLY, UPDATE_APP
from tests.cli.fake_gateway import Gateway
from tests.cli.terminal import Terminal
from tests.patience import until

ROLE = "production.UpdateApp"
BOTO3 = """
import json, boto3
found = boto3.Session().get_credentials()
print(json.dumps([found.method, found.get_frozen_credentials().access_key, found.get_frozen_credentials().token]))
"""


@dataclass
class Serving:
    """One `fedgate serve --json`, and what it has said."""

    process: subprocess.Popen[str]
    said: dict[str, object]

    @property
    def roles(self) -> list[dict[str, str]]:
        found = self.said["roles"]
        assert isinstance(found, list)
        return found

    @property
    def port(self) -> int:
        return int(str(self.said["port"]))

    @property
    def token(self) -> str:
        return str(self.said["token"])

    def ask(self, path: str = f"/role/{ROLE}", method: str = "GET", **headers: str) -> tuple[int, dict[str, str]]:
        """As an SDK asks; an empty header is left out."""
        sent = {"Authorization": self.token, "Host": f"127.0.0.1:{self.port}"} | headers
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.putrequest(method, path, skip_host=True)
        for name, value in sent.items():
            if value:
                connection.putheader(name, value)
        connection.endheaders()
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        assert answer.getheader("Cache-Control") == "no-store"
        return answer.status, json.loads(body)

    def raw(self, sent: bytes) -> bytes:
        with socket.create_connection(("127.0.0.1", self.port), timeout=60) as connection:
            connection.sendall(sent)
            received = b""
            while piece := connection.recv(4096):
                received += piece
            return received

    def environment(self, home: Path, place: int = 0) -> dict[str, str]:
        return {
            "HOME": str(home),
            "PATH": os.environ["PATH"],
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONTAINER_CREDENTIALS_FULL_URI": self.roles[place]["uri"],
            "AWS_CONTAINER_AUTHORIZATION_TOKEN": str(self.said.get("token", "")),
        }


def start(terminal: Terminal, *words: str) -> Serving:
    process = terminal.start("serve", *words, "--json")
    assert process.stdout is not None
    text = ""
    while not text.endswith("\n}\n"):
        line = process.stdout.readline()
        assert line, process.communicate()[1]
        text += line
    return Serving(process, json.loads(text))


def ended(serving: Serving, number: int = signal.SIGINT) -> tuple[int, str]:
    serving.process.send_signal(number)
    _, err = serving.process.communicate(timeout=60)
    return serving.process.returncode, err


@pytest.fixture
def serving(signed_in: Terminal) -> Iterator[Serving]:
    found = start(signed_in, ROLE)
    try:
        yield found
    finally:
        found.process.kill()
        found.process.communicate()


def run(command: list[str], environment: dict[str, str], home: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=60, check=False, cwd=home, stdin=-3
    )


def test_boto3_gets_credentials_from_it(serving: Serving, signed_in: Terminal, gateway: Gateway) -> None:
    done = run([sys.executable, "-c", BOTO3], serving.environment(signed_in.home), signed_in.home)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == ["container-role", "ASIAIOSFODNN7EXAMPLE", "EXAMPLETOKEN1"]
    assert gateway.calls["/api/v1/credentials"] == 1


def test_the_aws_cli_shows_what_the_gateway_says(serving: Serving, signed_in: Terminal, gateway: Gateway) -> None:
    aws = str(Path(sys.executable).with_name("aws"))
    environment = serving.environment(signed_in.home)
    done = run([aws, "configure", "list"], environment, signed_in.home)
    assert re.search(r"access_key .*\*MPLE .*container-role", done.stdout), done.stdout + done.stderr
    signed_in.age(4000)
    gateway.end_sign_ins()
    done = run([aws, "configure", "list"], environment, signed_in.home)
    assert "run: fedgate login" in done.stderr


def test_an_sdk_gets_what_it_expects(serving: Serving) -> None:
    status, found = serving.ask()
    assert status == 200
    assert found["RoleArn"] == UPDATE_APP
    assert (found["AccessKeyId"], found["Token"], found["AccountId"]) == (
        "ASIAIOSFODNN7EXAMPLE", "EXAMPLETOKEN1", "999999999999",
    )  # fmt: skip
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", found["Expiration"])
    assert "SecretAccessKey" in found


OTHER_HOSTS = (
    "evil.example.com",
    "127.0.0.1.evil.example.com:{port}",
    "",
    "127.0.0.1:{port}@x",
    "0.0.0.0:{port}",
    "[::1]:{port}",
)


def test_another_host_is_refused_even_with_the_token(serving: Serving) -> None:
    for host in OTHER_HOSTS:
        status, found = serving.ask(Host=host.format(port=serving.port))
        assert (status, found["code"]) == (403, "Forbidden"), host


def test_the_port_of_an_ssh_tunnel_is_as_good_as_ours(serving: Serving) -> None:
    for host in ("localhost", f"localhost:{serving.port}", "127.0.0.1:9911", "LOCALHOST:1"):
        assert serving.ask(Host=host)[0] == 200


def test_without_the_token_nothing_is_said(serving: Serving, gateway: Gateway) -> None:
    before = gateway.calls["/api/v1/credentials"]
    for token in ("", "x", serving.token + "x", serving.token[:-1], f"Bearer {serving.token}", "\xe9" * 40):
        for path in (f"/role/{ROLE}", "/role/no-such", "/"):
            status, found = serving.ask(path, Authorization=token)
            assert (status, found["code"]) == (401, "Unauthorized")
            assert ROLE not in found["message"]
    assert gateway.calls["/api/v1/credentials"] == before


def test_only_get_and_only_the_exact_path(serving: Serving) -> None:
    for method in ("POST", "HEAD", "OPTIONS", "PUT", "DELETE"):
        if method == "HEAD":
            head = f"HEAD /role/{ROLE} HTTP/1.1\r\nHost: localhost\r\nAuthorization: {serving.token}\r\n\r\n"
            assert serving.raw(head.encode()).startswith(b"HTTP/1.1 405 ")
        else:
            assert serving.ask(method=method)[0] == 405
    for path in ("/", "/role", "/role/", f"/role/{ROLE}/", f"/role/{ROLE}?a=b", f"//role/{ROLE}", f"/ROLE/{ROLE}"):
        status, found = serving.ask(path)
        assert (status, found["message"]) == (404, f"served here: /role/{ROLE}")


NO_SDK_SENDS = (
    b"GET /role/x\r\n\r\n",
    b"nonsense\r\n\r\n",
    b"GET /role/x HTTP/2\r\n\r\n",
    b"GET http://127.0.0.1/role/x HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    b"GET /role/x HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n",
    b"GET /role/x HTTP/1.1\r\nHost: localhost\r\nAuthorization: a\r\nAuthorization: b\r\n\r\n",
    b"GET /role/x HTTP/1.1\r\nHost : localhost\r\n\r\n",
    b"GET /role/x HTTP/1.1\r\nHost: localhost\r\n folded\r\n\r\n",
    b"GET /role/x HTTP/1.1\nHost: localhost\n\r\n\r\n",
)


def test_what_no_sdk_sends_is_refused(serving: Serving) -> None:
    for sent in NO_SDK_SENDS:
        assert serving.raw(sent).startswith(b"HTTP/1.1 400 "), sent


def test_an_endless_request_is_cut_off(serving: Serving) -> None:
    with suppress(ConnectionResetError, BrokenPipeError):
        assert serving.raw(b"GET / HTTP/1.1\r\nX: " + b"x" * 200_000) == b""
    assert serving.ask()[0] == 200


def test_many_silent_connections_keep_nobody_out_for_long(serving: Serving) -> None:
    silent = [socket.create_connection(("127.0.0.1", serving.port)) for _ in range(80)]
    time.sleep(0.3)
    status, _ = serving.ask()
    assert status == 503
    until(lambda: serving.ask()[0] == 200)
    for one in silent:
        one.close()


def test_it_listens_on_this_machine_only(serving: Serving) -> None:
    [line] = [one for one in Path("/proc/net/tcp").read_text().splitlines() if f":{serving.port:04X} 00000000:" in one]
    assert line.split()[1].startswith("0100007F:")


def test_forty_at_once_ask_the_gateway_once(serving: Serving, signed_in: Terminal, gateway: Gateway) -> None:
    signed_in.age(4000)
    gateway.calls.clear()
    gateway.delay = 0.5
    found: list[int] = []
    threads = [threading.Thread(target=lambda: found.append(serving.ask()[0])) for _ in range(40)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert found == [200] * 40
    assert gateway.calls["/api/v1/credentials"] == 1


def test_refusals_of_the_gateway_are_told_to_the_client_and_once_on_the_terminal(
    serving: Serving, signed_in: Terminal, gateway: Gateway
) -> None:
    for problem, status, code in (
        ("role_denied", 403, "AccessDenied"),
        ("aws_refused", 502, "AWSRefused"),
        ("aws_unavailable", 503, "Unavailable"),
        ("unexpected", 500, "InternalError"),
    ):
        signed_in.age(4000)
        gateway.problem = problem
        answers = [serving.ask() for _ in range(3)]
        assert {(told, found["code"]) for told, found in answers} == {(status, code)}
        assert answers[0][1]["message"].startswith(f"A sentence about {problem}")
    gateway.problem = "sign_in_required"
    status, found = serving.ask()
    assert (status, found["code"]) == (401, "SignInRequired")
    assert found["message"].endswith("run: fedgate login")
    _, err = ended(serving)
    assert err.count("A sentence about role_denied.") == 1
    assert f" {ROLE}: " in err


def test_after_a_new_sign_in_it_goes_on(serving: Serving, signed_in: Terminal, gateway: Gateway) -> None:
    gateway.end_sign_ins()
    signed_in.age(4000)
    assert serving.ask()[0] == 401
    assert signed_in.login().code == 0
    assert serving.ask()[0] == 200


def test_several_roles_have_a_path_each(signed_in: Terminal, tmp_path: Path) -> None:
    serving = start(signed_in, ROLE, READ_ONLY, CONSOLE_ONLY)
    for path, arn in ((ROLE, UPDATE_APP), ("development.ReadOnly", READ_ONLY), ("999999999999/Billing", CONSOLE_ONLY)):
        assert serving.ask(f"/role/{path}")[1]["RoleArn"] == arn
    assert [one["role_arn"] for one in serving.roles] == [UPDATE_APP, READ_ONLY, CONSOLE_ONLY]
    done = run([sys.executable, "-c", BOTO3], serving.environment(tmp_path, 2), tmp_path)
    assert json.loads(done.stdout)[0] == "container-role"
    assert ended(serving)[0] == 130


def test_all_serves_every_profile_and_asks_for_none_before_somebody_does(signed_in: Terminal, gateway: Gateway) -> None:
    serving = start(signed_in, "--all")
    assert gateway.calls["/api/v1/credentials"] == 0
    assert serving.ask("/role/development.ReadOnly")[0] == 200
    assert ended(serving)[0] == 130


@pytest.mark.parametrize("way", [(), ("--token-file", "it's a file")])
def test_the_printed_lines_are_for_a_shell(signed_in: Terminal, tmp_path: Path, way: tuple[str, ...]) -> None:
    process = signed_in.start("serve", ROLE, *way)
    assert process.stdout is not None
    lines = [process.stdout.readline() for _ in range(2)]
    script = "".join(lines) + shlex.join([sys.executable, "-c", BOTO3])
    environment = {"HOME": str(tmp_path), "PATH": os.environ["PATH"]}
    done = run(["sh", "-c", script], environment, tmp_path)
    assert json.loads(done.stdout)[0] == "container-role", done.stderr
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (130, "")
    assert "Ctrl-C stops" in err


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_the_tokens_file_is_for_one_and_goes_with_the_endpoint(signed_in: Terminal, number: int, code: int) -> None:
    path = signed_in.home / "app.token"
    serving = start(signed_in, ROLE, "--token-file", str(path))
    assert "token" not in serving.said
    token = path.read_text()
    assert re.fullmatch(r"fedgate-serve-[A-Za-z0-9_-]{43}", token)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    environment = serving.environment(signed_in.home)
    del environment["AWS_CONTAINER_AUTHORIZATION_TOKEN"]
    environment["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"] = str(path)
    done = run([sys.executable, "-c", BOTO3], environment, signed_in.home)
    assert json.loads(done.stdout)[0] == "container-role", done.stderr
    assert ended(serving, number)[0] == code
    assert not path.exists()


def test_a_file_of_something_else_is_not_replaced(signed_in: Terminal) -> None:
    other = signed_in.home / "id_ed25519"
    other.write_text("somebody's key")
    link = signed_in.home / "link"
    link.symlink_to(other)
    other.chmod(0o644)
    for path in (other, link, signed_in.home, signed_in.home / "none" / "token"):
        typed = signed_in.type("serve", ROLE, "--token-file", str(path))
        assert (typed.code, typed.out) == (2, "")
        assert str(path) in typed.err
        assert "remove it" not in typed.err or path != signed_in.home
    assert other.read_text() == "somebody's key"
    assert stat.S_IMODE(other.stat().st_mode) == 0o644  # not ours to close to others
    (signed_in.home / "left").write_text("fedgate-serve-of-one-that-was-killed")
    assert ended(start(signed_in, ROLE, "--token-file", str(signed_in.home / "left")))[0] == 130


def test_the_token_may_come_from_the_environment(signed_in: Terminal) -> None:
    signed_in.env["FEDGATE_SERVE_TOKEN"] = "a-token-that-somebody-else-has-made"
    serving = start(signed_in, ROLE)
    assert serving.token == "a-token-that-somebody-else-has-made"
    assert serving.ask()[0] == 200
    assert ended(serving)[0] == 130
    for bad in ("short", "a token that holds spaces", "a-token-that-holds-a-newline\nX: y"):
        signed_in.env["FEDGATE_SERVE_TOKEN"] = bad
        typed = signed_in.type("serve", ROLE)
        assert (typed.code, "FEDGATE_SERVE_TOKEN must be" in typed.err, bad in typed.err) == (2, True, False)


def test_what_cannot_be_served_is_said_at_once(signed_in: Terminal, gateway: Gateway, serving: Serving) -> None:
    assert signed_in.type("serve").code == 2
    assert signed_in.type("serve", ROLE, "--all").code == 2
    taken = signed_in.type("serve", ROLE, "--port", str(serving.port))
    assert (taken.code, f"port {serving.port} on 127.0.0.1: address already in use" in taken.err) == (2, True)
    assert signed_in.type("serve", "arn:aws:iam::999999999999:role/Nobody").code == 5
    gateway.end_sign_ins()
    signed_in.age(4000)
    assert signed_in.type("serve", ROLE).code == 4
    assert signed_in.type("serve", "--all").code == 4
