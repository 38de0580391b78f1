"""What is written down agrees with the program."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import BaseModel

from app import errors, settings
from app.catalog import CatalogShape, load_catalog
from app.core.roles import RoleArn
from app.errors import GatewayError
from app.gateway_file import GatewayShape, load_gateway
from app.web import errors as web_errors

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text("utf-8")
POLICIES = sorted((ROOT / "deploy" / "iam").rglob("*.json"))
KINDS = [
    kind
    for kind in {**vars(errors), **vars(web_errors)}.values()
    if isinstance(kind, type) and issubclass(kind, GatewayError)
]


def test_the_example_files_are_accepted_as_they_stand(tmp_path: Path) -> None:
    for name in ("gateway.example.toml", "catalog.example.toml"):
        shutil.copy(ROOT / "config" / name, tmp_path)
    (tmp_path / "okta.secret").write_text("not a real one")
    gateway = load_gateway(tmp_path / "gateway.example.toml")
    view = load_catalog(tmp_path / "catalog.example.toml", [provider.id for provider in gateway.providers])
    assert RoleArn("arn:aws:iam::999999999999:role/UpdateApp") in view.roles
    assert {rule.provider for rule in view.rules} <= {provider.id for provider in gateway.providers}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_error_code_is_in_the_readme_with_its_status(kind: type[GatewayError]) -> None:
    assert f"| `{kind.code}` | {kind.status} |" in README


@pytest.mark.parametrize("name", settings._NAMES)
def test_every_setting_is_in_the_readme(name: str) -> None:
    assert f"| `FEDGATE_{name}` |" in README


@pytest.mark.parametrize("shape", [GatewayShape, CatalogShape])
def test_every_key_of_the_two_files_is_in_the_readme(shape: type[BaseModel]) -> None:
    spelled = ("`{}`", "[[{}]]", "[{}]")
    missing = [key for key in _keys(shape) if not any(form.format(key) in README for form in spelled)]
    assert missing == []


def _keys(shape: type[BaseModel]) -> Iterator[str]:
    """From the JSON schema: the keys of every table of the file."""
    schema = shape.model_json_schema()
    for table in (schema, *schema.get("$defs", {}).values()):
        yield from table.get("properties", {})


@pytest.mark.parametrize("path", POLICIES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_every_policy_is_json_that_iam_would_take(path: Path) -> None:
    text = path.read_text("utf-8")
    assert json.loads(text)["Version"] == "2012-10-17"
    if path.name == "trust-policy.json":
        assert len("".join(text.split())) <= 2048  # characters, white space not counted (IAM quotas)
        assert "sts:SetSourceIdentity" in text
        assert "sts:TagSession" in text


def test_what_the_readme_links_to_exists() -> None:
    for target in re.findall(r"\]\(((?!https?:)[^)#]+)\)", README):
        assert (ROOT / target).exists(), target


def test_nothing_committed_names_a_place_of_the_machine_it_was_written_on() -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    places = re.compile("|".join(("/wor" + "k/", "/roo" + "t/", "/opt/py" + "pi", "find-" + "links")))
    told = "config/lock"  # switches the machine's own settings off, by name
    for name in filter(None, listed.split("\0")):
        path = ROOT / name
        if name == told or not path.is_file():
            continue
        found = places.search(path.read_text("utf-8", "replace"))
        assert found is None, f"{name}: {found and found[0]}"


def test_lock_files_hold_hashes_for_every_pin_and_no_address() -> None:
    for name in ("requirements.txt", "config/local.txt", "config/dev.txt"):
        text = (ROOT / name).read_text("utf-8")
        pins = re.findall(r"^[a-z0-9][^\s=]*==[^\s]+ (?:; .+ )?\\\n    --hash=sha256:[0-9a-f]{64}", text, re.MULTILINE)
        assert len(pins) == len(re.findall(r"^[^\s#]", text, re.MULTILINE)), name
        assert "://" not in text, name
