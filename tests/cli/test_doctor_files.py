"""`fedgate doctor`: files that AWS tools cannot read, and disks on which nothing should be locked."""

from __future__ import annotations

from pathlib import Path

import pytest
from botocore.configloader import raw_config_parse
from botocore.exceptions import ConfigParseError

from app.cli.doctor import files as doctor_files
from app.cli.doctor.aws_files import why_unreadable


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[default]\nregion = x\n",
        b"# only a comment\n",
        b"[a]\ns3 =\n  max = 1\n  max = 2\n",
        b"[a]\r\nb = c\r\n",
        b"[a]\n[a]\n",
        b"[a]\nb = c\nb = d\n",
        b"[a]\nB = c\nb = d\n",
        b"b = c\n[a]\n",
        b"[a]\nnothing\n",
        b"[a]\n = c\n",
        b"[a\nb = c\n",
        b"\xef\xbb\xbf[a]\nb = c\n",
        b"[a]\nb = \xff\n",
        b"[DEFAULT]\na = b\n[DEFAULT]\n",
        b"[a]\nb = 100%\n",
        "[a]\nb = c".encode("utf-16"),
    ],
)
def test_what_botocore_cannot_read_is_what_the_doctor_calls_unreadable(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "config"
    path.write_bytes(content)
    try:
        raw_config_parse(str(path), parse_subsections=False)
    except ConfigParseError:
        assert why_unreadable(content)
    else:
        assert why_unreadable(content) == ""


def test_a_disk_of_the_network_is_known_by_its_mount(tmp_path: Path) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(
        "/dev/sda1 / ext4 rw 0 0\nserver:/home /home nfs4 rw 0 0\ntmpfs /home/ada/.cache tmpfs rw 0 0\n"
        "//server/x /mnt/a\\040b cifs rw 0 0\n"
    )
    kinds = {"/home/bob/.cache": "nfs4", "/home/ada/.cache/fedgate": "tmpfs", "/homeless": "ext4", "/mnt/a b/c": "cifs"}
    assert {path: doctor_files.kind_of_disk(path, str(mounts)) for path in kinds} == kinds
    assert doctor_files.kind_of_disk("/x", str(tmp_path / "none")) == ""
