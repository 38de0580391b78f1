"""The program as `deploy/try` starts it: keys in a file, a world that outlives a restart, levers for tests."""

from __future__ import annotations

import json
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import boto3
import pytest
import requests

from app.local.aws.outside import Outside
from app.local.aws.server import LocalAws
from tests.forges.saml import SamlForge
from tests.local.aws.bench import DEVELOPMENT, PRODUCTION, Bench, OidcIssuer, keys_of, refusal, trust
from tests.local.aws.phone import phone_of
from tests.local.aws.pools import BACKEND, COGNITO, new_pool
from tests.local.aws.test_managed_policies import made
from tests.local.aws.test_vectors_names import open_role
from tests.servers.process import LOOPBACK, Process, answers, free_port

ROOT = Path(__file__).parents[3]


@contextmanager
def program(folder: Path, *more: str) -> Iterator[str]:
    port = free_port()
    url = f"http://{LOOPBACK}:{port}"
    words = ["-m", "app.local.aws", "--port", str(port), "--keys", str(folder / "keys.json"), *more]
    with Process(
        [sys.executable, *words], log=folder / "log", cwd=ROOT, is_ready=lambda: answers(f"{url}/_local/health")
    ):
        yield url


def client(service: str, url: str, keys: dict[str, str]) -> Any:
    session: Any = boto3
    return session.client(service, endpoint_url=url, region_name="eu-west-1", **keys)


def operator(folder: Path) -> dict[str, str]:
    entries = json.loads((folder / "keys.json").read_text())
    entry = next(entry for entry in entries if entry["id"] == PRODUCTION)
    names = ("access_key_id", "secret_access_key")
    return {f"aws_{name}": entry[name] for name in names}


def test_the_world_outlives_a_restart(tmp_path: Path) -> None:
    state = ("--state", str(tmp_path / "world.json"))
    with program(tmp_path, *state) as url:
        keys = operator(tmp_path)
        iam, s3 = client("iam", url, keys), client("s3", url, keys)
        policy = trust({"AWS": PRODUCTION}, "sts:AssumeRole")
        role = iam.create_role(RoleName="Developer", AssumeRolePolicyDocument=policy)["Role"]
        s3.create_bucket(Bucket="productionapp")
        s3.put_object(Bucket="productionapp", Key="a", Body=b"\x00\xff")
        session = client("sts", url, keys).assume_role(RoleArn=role["Arn"], RoleSessionName="alice")["Credentials"]
    with program(tmp_path, *state) as url:
        assert client("iam", url, keys).get_role(RoleName="Developer")["Role"] | {"ResponseMetadata": 0}
        assert client("s3", url, keys).get_object(Bucket="productionapp", Key="a")["Body"].read() == b"\x00\xff"
        who = client("sts", url, keys_of(session)).get_caller_identity()
        assert who["Arn"].endswith(":assumed-role/Developer/alice")


def test_devices_pools_and_policies_outlive_a_restart_too(tmp_path: Path) -> None:
    file = tmp_path / "world.json"
    with LocalAws(state=file) as aws:
        before = Bench(aws, SamlForge("https://aws.example.com/issuer/saml"), OidcIssuer())
        key, phone, keys = before.user("dana"), phone_of(before, DEVELOPMENT, "dana"), aws.keys
        pool = new_pool(before, OpenIdConnectProviderARNs=[])
        pool.roles(pool.role("Reader"))
        given = {"IdentityPoolId": pool.id, "Logins": {BACKEND: "alice"}}
        vouched = pool.admin.get_open_id_token_for_developer_identity(**given)
        policy = made(before)
        before.client("iam").attach_role_policy(RoleName="Reader", PolicyArn=policy)
        code = phone.code(before.now(), 1)
        session = before.client("sts", key).get_session_token(SerialNumber=phone.serial, TokenCode=code)["Credentials"]
    with LocalAws(state=file, keys=keys) as aws:
        after = replace(before, aws=aws)
        sts = after.client("sts", key)
        assert "invalid MFA" in refusal(sts.get_session_token, SerialNumber=phone.serial, TokenCode=code).message
        assert after.client("sts", session).get_caller_identity()["Arn"].endswith(":user/dana")
        found = replace(pool, bench=after).anybody.get_credentials_for_identity(
            IdentityId=vouched["IdentityId"], Logins={COGNITO: vouched["Token"]}
        )["Credentials"]
        credentials = {**found, "SecretAccessKey": found["SecretKey"]}
        assert after.client("s3", credentials).list_buckets()["Buckets"] == []
        attached = after.client("iam").list_attached_role_policies(RoleName="Reader")["AttachedPolicies"]
        assert [entry["PolicyArn"] for entry in attached] == [policy]


def test_a_world_from_before_there_were_pools_is_read(tmp_path: Path) -> None:
    file = tmp_path / "world.json"
    with LocalAws(state=file) as aws:
        keys = aws.keys
        Bench(aws, SamlForge("https://aws.example.com/issuer/saml"), OidcIssuer()).user("dana")
    stored = json.loads(file.read_text())
    for part in ("policies", "mfa_devices", "identity_pools", "identities", "signing_keys"):
        del stored[part]
    file.write_text(json.dumps(stored))
    with LocalAws(state=file, keys=keys) as aws:
        assert f"arn:aws:iam::{DEVELOPMENT}:user/dana" in aws.desk.world.users
    file.write_text("{}")
    with pytest.raises(ValueError, match=r"world.json is not a kept world"):
        LocalAws(state=file)


def test_files_with_secrets_are_for_their_owner_only(tmp_path: Path) -> None:
    with program(tmp_path, "--state", str(tmp_path / "world.json")) as url:
        client("s3", url, operator(tmp_path)).create_bucket(Bucket="productionapp")
        for name in ("keys.json", "world.json"):
            assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600


def test_secrets_do_not_get_into_the_log(tmp_path: Path) -> None:
    with program(tmp_path) as url:
        key = operator(tmp_path)
        client("sts", url, key).get_caller_identity()
        requests.get(f"{url}/federation?Action=login&SigninToken=planted-secret", timeout=60)
    log = (tmp_path / "log").read_text()
    assert key["aws_secret_access_key"] not in log
    assert "planted-secret" not in log


@pytest.mark.parametrize(
    "resolve", ["nonsense", "http://id.example.test=http://127.0.0.1:1", "https://a.test=http://10.0.0.1"]
)
def test_a_wrong_argument_is_said_in_a_sentence(tmp_path: Path, resolve: str) -> None:
    words = [sys.executable, "-m", "app.local.aws", "--port", "1", "--resolve", resolve]
    done = subprocess.run(words, capture_output=True, text=True, cwd=ROOT, check=False, timeout=60)
    assert done.returncode == 2
    assert done.stderr.startswith("local AWS: ")
    assert "Traceback" not in done.stderr


def test_names_resolve_to_loopback_only() -> None:
    with pytest.raises(ValueError, match="loopback"):
        Outside({"https://id.example.test": "http://192.0.2.1"})
    assert Outside({"https://id.example.test": "http://127.0.0.1:8080"})


def test_levers_take_json_from_loopback_and_nothing_else(bench: Bench) -> None:
    url = f"{bench.aws.url}/_local/knobs"
    assert requests.post(url, json={"throttle_every": 3}, timeout=60).json()["throttle_every"] == 3
    assert requests.post(url, data="throttle_every=0", timeout=60).status_code == 415
    assert requests.post(url, json={"nonsense": 1}, timeout=60).status_code == 400
    assert requests.post(url, json={"throttle_every": "many"}, timeout=60).status_code == 400
    assert requests.get(url, headers={"Host": "evil.test"}, timeout=60).status_code == 403
    assert requests.get(url, timeout=60).json()["throttle_every"] == 3


def test_the_call_log_says_who_did_what_and_how_it_ended(bench: Bench) -> None:
    role, sts = open_role(bench), bench.client("sts")
    sts.assume_role(RoleArn=role, RoleSessionName="alice", SourceIdentity="corp-alice")
    refusal(sts.assume_role, RoleArn=role, RoleSessionName="a")
    calls = requests.get(f"{bench.aws.url}/_local/calls", timeout=60).json()["calls"][-2:]
    assert [(call["action"], call["result"], call["status"]) for call in calls] == [
        ("AssumeRole", "ok", 200),
        ("AssumeRole", "ValidationError", 400),
    ]
    assert (calls[0]["role_arn"], calls[0]["session_name"], calls[0]["source_identity"]) == (
        role,
        "alice",
        "corp-alice",
    )
    requests.post(f"{bench.aws.url}/_local/reset-calls", timeout=60).raise_for_status()
    assert requests.get(f"{bench.aws.url}/_local/calls", timeout=60).json()["calls"] == []


def test_latency_is_felt(bench: Bench) -> None:
    bench.aws.turn(latency_ms={"GetCallerIdentity": 300})
    answer = bench.client("sts").get_caller_identity
    begun = bench.now()
    answer()
    assert (bench.now() - begun).total_seconds() >= 0.3
