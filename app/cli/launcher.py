"""The launcher: a small `sh` script beside which Python is slow. It hands out what is kept while that is fresh, and
in every other case, whatever it is, becomes `python fedgate.pyz` with the same words.

    fedgate credential-process --profile production.UpdateApp
      a profile with an entry, in the home for which it was written, and not started by ourselves
      sign-in, credentials and their two directories: ours, no links, 0600 in 0700        (test -O, one `find`)
      the credentials' time of change lies ahead: they have 15 minutes left               (the same `find`)
      their head names the sign-in of this moment, and this role                          (read)
        ► print one line                                   everything else ► Python

Each profile has a small file, its entry, so that a thousand of them cost no more than one: a table would be read
whole each time. An entry is taken away before the map says something else of its profile, and put there afterwards,
so that it is never of another role, wherever a sync is killed. It holds its profile's name: some file systems take
`Prod` for `prod`.

It decides nothing that `hand_over` would decide otherwise: `cached.save` dates the file to the moment from which it
is no longer fresh, and who signs out takes the sign-in away, without which nothing here is printed. A `find`, `sh` or
file system that lacks something makes it slower, never wrong. One process is all that it starts: `sh` can read files
and not the clock, and `find` tells the clock, the owner's mode and a link at once.

(POSIX.1-2017 `sh`, `find`; `-mmin` and `-cmin` are in GNU, BSD and busybox; `test -O` in dash, busybox, bash and zsh.)
"""

from __future__ import annotations

import os
import sys

from . import cached, places, private_files, profile_map
from .failures import USAGE, Failure
from .profile_map import Profile
from .profiles.aws_lines import PROFILE

if sys.platform == "win32":
    from . import on_windows as system
else:
    from . import on_posix as system

FINDS = ("/usr/bin/find", "/bin/find", "/run/current-system/sw/bin/find")
# All that `places` looks at. Where one of them differs, the files may be elsewhere.
PLACES = ("HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "FEDGATE_CACHE_DIR")

SCRIPT = """\
#!/bin/sh
# Written by `fedgate profiles sync`, which writes it anew. The comments are in the program: app/cli/launcher.py
fresh() {{
  [ "$#" = 3 ] && [ "$1 $2" = 'credential-process --profile' ] || return 1
  [ -z "${{FEDGATE_CREDENTIAL_PROCESS+x}}" ] && [ "{variables}" = {values} ] || return 1
  case $3 in .* | */*) return 1 ;; esac
  IFS='{tab}' read -r name g d r f <{entries}/"$3" && [ "$name" = "$3" ] || return 1
  a={state}/$d c={cache}/$d
  [ -O "$a" ] && [ -O "$a/sign-in" ] && [ -O "$c" ] && [ -O "$c/$f" ] || return 1
  seen=$(LC_ALL=C {find} "$a" "$a/sign-in" "$c" "$c/$f" -prune \\( -type d -perm 700 \\
    -o -type f -perm 600 \\( -name sign-in -o -mmin -0 ! -cmin -0 \\) \\))
  [ "$seen" = "$a
$a/sign-in
$c
$c/$f" ] || return 1
  {{ IFS='{tab}' read -r is who && IFS='{tab}' read -r of at; }} <"$a/sign-in" || return 1
  {{ IFS='{tab}' read -r mark id fetched ends role && IFS= read -r line; }} <"$c/$f" || return 1
  [ "$is $of $at" = "id gateway $g" ] && [ "$mark $id $role" = "{mark} $who $r" ] || return 1
  case $line in
  '{{"Version":1,'*'}}') printf '%s\\n' "$line" ;;
  *) return 1 ;;
  esac
  exit
}}
fresh "$@" 2>/dev/null
[ -x {program} ] && [ -r {last} ] && exec {words} "$@"
printf '%s\\n' {gone} >&2
exit 2
"""


def path() -> str:
    return places.data("fedgate")


def usable() -> bool:
    """Where `find` is missing it would only be a detour; from a `noexec` home nothing may be started."""
    return finder() != "" and may_run(os.path.dirname(path()))


def entries() -> str:
    return places.data("profiles")


def install(words: list[str]) -> None:
    """Writes the launcher, and the entries of the profiles that the map holds. `words` start this copy of fedgate.

    The caller holds the lock of the map, and has called `forget` before it was changed."""
    private_files.write(path(), os.fsencode(script(words)), mode=0o700)
    private_files.directory(entries())
    there = kept()
    for one in profile_map.load():
        # A damaged map must not lead to any other file; what has no entry is Python's.
        if PROFILE.fullmatch(one.name) and there.get(one.name) != entry(one):
            put(os.path.join(entries(), one.name), entry(one))


def forget(profiles: list[Profile]) -> None:
    """Takes away the entries that say something else than these profiles."""
    meant = {one.name: entry(one) for one in profiles}
    for name, content in kept().items():
        if meant.get(name) != content:
            put(os.path.join(entries(), name), None)


def kept() -> dict[str, bytes]:
    """Nothing is looked at before the directory is known to be ours: what is no entry is taken away, and behind a
    link that would be somebody's keys."""
    if not os.path.lexists(entries()):
        return {}
    private_files.directory(os.path.dirname(entries()))
    private_files.directory(entries())
    return {name: private_files.read(os.path.join(entries(), name)) or b"" for name in os.listdir(entries())}


def put(target: str, content: bytes | None) -> None:
    """None only takes away. Neither atomic nor forced to the disk, which would take seconds for a thousand: what is cut
    is no entry."""
    try:
        private_files.remove(target)
        if content is not None:
            with open(system.open_new(target, 0o600), "wb") as file:
                file.write(content)
    except OSError as problem:
        raise private_files.refusal(target, problem) from None


def script(words: list[str]) -> str:
    from shlex import quote

    gone = Failure(USAGE, f"{words[-1]} or its Python has moved", run="profiles sync").as_line().rstrip("\n")
    return SCRIPT.format(
        variables="|".join(f"${{{name}-}}" for name in PLACES),
        values=quote("|".join(os.environ.get(name, "") for name in PLACES)),
        entries=quote(entries()),
        state=quote(places.state_top()),
        cache=quote(places.cache_top()),
        find=quote(finder()),
        tab="\t",
        mark=cached.MARK,
        program=quote(words[0]),
        last=quote(words[-1]),
        words=" ".join(quote(word) for word in words),
        gone=quote(gone),
    )


def entry(one: Profile) -> bytes:
    """Name, gateway, the gateway's directory, role, and the name of the role's file."""
    place = (places.folder_of(one.gateway), one.role, os.path.basename(cached.path_of(one.gateway, one.role)))
    return "\t".join((one.name, one.gateway, *place)).encode("ascii") + b"\n"


def finder() -> str:
    """By its full name: a `find` of the directory where somebody works is not ours to start."""
    return next((name for name in FINDS if os.access(name, os.X_OK)), "")


def may_run(directory: str) -> bool:
    """Whether the file system of this directory, which need not exist, lets programs be started."""
    runs = False
    if sys.platform != "win32":
        while not os.path.isdir(directory):
            directory = os.path.dirname(directory)
        runs = not os.statvfs(directory).f_flag & getattr(os, "ST_NOEXEC", 0)  # Python knows it on Linux only
    return runs
