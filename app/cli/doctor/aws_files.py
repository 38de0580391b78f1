"""The two files that AWS tools share: can they be read at all, and may somebody else change them?

Whether they can be read is asked of `configparser`, with which the AWS CLI and boto3 read them: one wrong line, and
every profile is gone. What stands in a line is never shown: it may be a key.
"""

from __future__ import annotations

import configparser
import os
import stat

from ..failures import Failure
from ..profiles import aws_paths, shared_file
from ..profiles.aws_sections import BYTE_ORDER_MARK, Section, sections, split
from .findings import CAREFUL, WRONG, Finding, Findings, edit, shown, typed

CHECKS = {"config-file": aws_paths.config, "credentials-file": aws_paths.credentials}


def look() -> Findings:
    for check, place in CHECKS.items():
        path = place()
        try:
            seen = shared_file.look(path)
        except Failure as failure:
            yield Finding(check, WRONG, shown(path), failure.sentence)
            continue
        if seen.mark is not None:
            yield from content(check, path, seen.content)
            yield from mode(check, path, seen)


def parsed(path: str) -> list[Section]:
    """Nothing when it cannot be read; `look` says why."""
    try:
        return sections(split(shared_file.look(path).content))
    except Failure:
        return []


def content(check: str, path: str, found: bytes) -> Findings:
    what = why_unreadable(found)
    if what:
        sentence = f"{what}: the AWS CLI and boto3 can read nothing of this file"
        yield Finding(check, WRONG, shown(path), sentence, edit(path))
    elif b"\r\n" in found and os.name == "posix":
        ends = "some of its lines end" if found.count(b"\r\n") < found.count(b"\n") else "its lines end"
        sentence = f"{ends} as on Windows (CRLF). AWS tools cope; scripts that read it by line keep the CR."
        yield Finding(check, CAREFUL, shown(path), sentence, f"sed -i.bak 's/\\r$//' {typed(path)}")


def why_unreadable(found: bytes) -> str:
    """Empty when botocore reads it (`configloader.raw_config_parse`)."""
    if found.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in found:
        return "it is not UTF-8 (saved as UTF-16?)"
    if found.startswith(BYTE_ORDER_MARK):
        return "it begins with a byte order mark"
    try:
        configparser.RawConfigParser().read_string(found.decode("utf-8"))
    except UnicodeDecodeError as problem:
        return f"line {found.count(10, 0, problem.start) + 1} is not UTF-8"
    except configparser.DuplicateSectionError as problem:
        return f"line {problem.lineno}: the section [{problem.section}] is there for the second time"
    except configparser.DuplicateOptionError as problem:
        return f"line {problem.lineno}: {problem.option} is there for the second time in [{problem.section}]"
    except configparser.MissingSectionHeaderError as problem:
        return f"line {problem.lineno} stands before the first [section]"
    except configparser.ParsingError as problem:
        return f"line {problem.errors[0][0]} is no `name = value`"
    except configparser.Error:
        return "its lines cannot be understood"
    return ""


def mode(check: str, path: str, seen: shared_file.Seen) -> Findings:
    """Whoever may write to it names the programs that AWS tools start as you."""
    try:
        found = os.stat(seen.path)
    except OSError:
        return
    if found.st_uid not in (os.geteuid(), 0):
        sentence = "belongs to another user, who can make AWS tools start any program as you"
        yield Finding(check, WRONG, shown(path), sentence, f"sudo chown $(id -un) {typed(path)}")
    elif others_may_write(found):
        sentence = f"others may change it (mode {seen.mode:04o}), and so make AWS tools start any program as you"
        yield Finding(check, WRONG, shown(path), sentence, f"chmod go-w {typed(path)}")
    elif check == "credentials-file" and seen.mode & 0o044 and b"aws_secret_access_key" in seen.content:
        sentence = f"others may read the keys in it (mode {seen.mode:04o})"
        yield Finding(check, CAREFUL, shown(path), sentence, f"chmod 600 {typed(path)}")


def others_may_write(found: os.stat_result) -> bool:
    """A group that is called like its user has nobody else in it: many systems give everybody one."""
    if found.st_mode & stat.S_IWOTH:
        return True
    if not found.st_mode & stat.S_IWGRP:
        return False
    import grp
    import pwd

    try:
        return grp.getgrgid(found.st_gid).gr_name != pwd.getpwuid(found.st_uid).pw_name
    except KeyError:
        return True
