from __future__ import annotations

import io
import json
import stat
import subprocess
import zipfile
from pathlib import Path

import pytest

from app.terminal import zipapp


def test_the_same_input_gives_the_same_bytes(tmp_path: Path) -> None:
    written = io.BytesIO()
    content = zipapp.build(tmp_path / "one.pyz", "1.2.3", "https://aws.example.com")
    assert zipapp.build(written, "1.2.3", "https://aws.example.com") == content
    assert written.getvalue() == content
    assert (tmp_path / "one.pyz").read_bytes() == content
    assert zipapp.build(None, "1.2.4", "https://aws.example.com") != content


def test_it_starts_by_its_own_name(tmp_path: Path) -> None:
    path = tmp_path / "fedgate.pyz"
    zipapp.build(path, "1.2.3")
    assert stat.S_IMODE(path.stat().st_mode) == 0o755
    done = subprocess.run([str(path), "version"], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.startswith("fedgate 1.2.3 ")


def test_it_holds_the_cli_and_nothing_else() -> None:
    with zipfile.ZipFile(io.BytesIO(zipapp.build(None, "1.2.3"))) as packed:
        names = packed.namelist()
        times = {entry.date_time for entry in packed.infolist()}
    assert "fedgate/hand_over.py" in names
    assert {name.partition("/")[0] for name in names} == {"__main__.py", "fedgate"}
    assert times == {zipapp.EPOCH}


@pytest.mark.parametrize("gateway", ["https://aws.example.com/", 'https://x"\nimport os; os.abort()\n"'])
def test_the_gateway_in_it_is_data_and_never_code(tmp_path: Path, gateway: str) -> None:
    path = tmp_path / "fedgate.pyz"
    zipapp.build(path, "1.2.3", gateway)
    done = subprocess.run([str(path), "version", "--json"], capture_output=True, text=True, timeout=60, check=True)
    assert json.loads(done.stdout)["gateway"] == gateway.rstrip("/")


@pytest.mark.parametrize("version", ["", "1.2\nimport os", "x" * 65])
def test_what_is_no_version_is_refused(version: str) -> None:
    with pytest.raises(ValueError, match="not a version"):
        zipapp.build(None, version)
