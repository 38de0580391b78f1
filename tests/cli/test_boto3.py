"""The AWS tools themselves read the profile and run what it says."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.fake_gateway import Gateway
from tests.cli.terminal import Terminal

SCRIPT = """
import json, boto3
session = boto3.Session(profile_name="production.UpdateApp")
found = session.get_credentials()
frozen = found.get_frozen_credentials()
print(json.dumps([found.method, frozen.access_key, frozen.token, session.region_name, found.account_id]))
"""


def environment(terminal: Terminal) -> dict[str, str]:
    return {"HOME": str(terminal.home), "PATH": os.environ["PATH"], "AWS_EC2_METADATA_DISABLED": "true"}


@pytest.fixture
def with_profiles(signed_in: Terminal, patient_pyz: Path) -> Terminal:
    """Patient, since eight boto3 that start at once keep a machine busy for seconds."""
    signed_in.pyz = patient_pyz
    assert signed_in.type("profiles", "sync").code == 0
    return signed_in


def test_boto3_gets_credentials_through_the_profile(with_profiles: Terminal, gateway: Gateway) -> None:
    done = boto3(with_profiles, SCRIPT)
    assert done.returncode == 0, done.stderr
    method, key, token, region, account = json.loads(done.stdout)
    assert (method, key, region, account) == ("custom-process", "ASIAIOSFODNN7EXAMPLE", "eu-west-1", "999999999999")
    assert token.startswith("EXAMPLETOKEN")
    assert json.loads(boto3(with_profiles, SCRIPT).stdout)[2] == token
    assert gateway.calls["/api/v1/credentials"] == 1


def test_a_path_with_a_space_works_for_boto3(with_profiles: Terminal) -> None:
    spaced = with_profiles.home / "my programs" / "fedgate.pyz"
    spaced.parent.mkdir()
    shutil.copy(with_profiles.pyz, spaced)
    with_profiles.pyz = spaced
    assert with_profiles.type("profiles", "sync").code == 0
    assert "my programs" in with_profiles.launcher.read_text()
    assert boto3(with_profiles, SCRIPT).returncode == 0


def test_boto3_shows_what_to_run(with_profiles: Terminal) -> None:
    with_profiles.type("logout")
    done = boto3(with_profiles, SCRIPT)
    assert done.returncode != 0
    assert "run: fedgate login" in done.stderr


def test_eight_threads_of_one_session_make_one_call(with_profiles: Terminal, gateway: Gateway) -> None:
    """botocore runs the helper once for each thread (botocore#3364)."""
    gateway.delay = 0.5
    threads = """
import boto3, threading
session = boto3.Session(profile_name="production.UpdateApp")
all_ready = threading.Barrier(8)
def take():
    all_ready.wait()
    session._session.get_component("credential_provider").load_credentials().get_frozen_credentials()
running = [threading.Thread(target=take) for _ in range(8)]
[one.start() for one in running]
[one.join() for one in running]
"""
    done = boto3(with_profiles, threads)
    assert (done.returncode, done.stderr) == (0, "")
    assert gateway.calls["/api/v1/credentials"] == 1


def test_eight_processes_with_a_spent_token_all_succeed_and_lose_no_sign_in(
    with_profiles: Terminal, gateway: Gateway
) -> None:
    """A refresh token that were spent twice would end the sign-in (aws-cli#10628)."""
    assert with_profiles.launched().code == 0
    with_profiles.age(4000)
    gateway.spend_access_tokens()
    gateway.grace = 0.0
    gateway.calls.clear()
    pipe = subprocess.PIPE
    command = [sys.executable, "-c", SCRIPT]
    started = [
        subprocess.Popen(command, env=environment(with_profiles), stdout=pipe, stderr=pipe, text=True)
        for _ in range(8)
    ]  # fmt: skip
    ends = [(*one.communicate(timeout=90), one.returncode) for one in started]
    assert {(err, code) for _, err, code in ends} == {("", 0)}
    assert len({json.loads(out)[2] for out, _, _ in ends}) == 1
    assert gateway.calls["grant:refresh_token"] == 1
    assert gateway.calls["/api/v1/credentials"] == 2  # with the spent token, and with the new one
    assert with_profiles.type("status", "--check").code == 0


def boto3(terminal: Terminal, script: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", script]
    return subprocess.run(
        command, env=environment(terminal), capture_output=True, text=True, timeout=60, check=False, cwd=terminal.home
    )
