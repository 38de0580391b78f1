"""The launcher: a small `sh` script beside which Python is slow. It hands out what is kept while that is fresh, and
in every other case, whatever it is, becomes `python fedgate.pyz` with the same words.

    fedgate credential-process --profile production.UpdateApp
      a profile of its table, in the home for which it was written, and not started by ourselves
      sign-in, credentials and their two directories: ours, no links, 0600 in 0700        (test -O, one `find`)
      the credentials' time of change lies ahead: they have 15 minutes left               (the same `find`)
      their head names the sign-in of this moment, and this role                          (read)
        ► print one line                                   everything else ► Python

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

FINDS = ("/usr/bin/find", "/bin/find", "/run/current-system/sw/bin/find")
# All that `places` looks at. Where one of them differs, the files may be elsewhere.
PLACES = ("HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "FEDGATE_CACHE_DIR")

SCRIPT = """\
#!/bin/sh
# Written by `fedgate profiles sync`, which writes it anew. The comments are in the program: app/cli/launcher.py
fresh() {{
  [ "$#" = 3 ] && [ "$1 $2" = 'credential-process --profile' ] || return 1
  [ -z "${{FEDGATE_CREDENTIAL_PROCESS+x}}" ] && [ "{variables}" = {values} ] || return 1
  case $3 in
{table}
  *) return 1 ;;
  esac
  case $d in
{gateways}
  esac
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


def install(words: list[str]) -> None:
    """Writes the launcher for the profiles that the map holds. `words` start this copy of fedgate.

    The caller holds the lock of the map; profiles that are gone from it are gone from the launcher."""
    private_files.write(path(), os.fsencode(script(words, profile_map.load())), mode=0o700)


def script(words: list[str], profiles: list[Profile]) -> str:
    from shlex import quote

    gone = Failure(USAGE, f"{words[-1]} or its Python has moved", run="profiles sync").as_line().rstrip("\n")
    return SCRIPT.format(
        variables="|".join(f"${{{name}-}}" for name in PLACES),
        values=quote("|".join(os.environ.get(name, "") for name in PLACES)),
        table="\n".join(entry(one) for one in profiles),
        gateways="\n".join(sorted({f"  {folder(one)}) g={quote(one.gateway)} ;;" for one in profiles})),
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


def entry(one: Profile) -> str:
    """One line of the table: the directory of the gateway, the role, and the name of the role's file. As short as it
    can be, since the shell reads the whole table for one line of it."""
    from shlex import quote

    kept = os.path.basename(cached.path_of(one.gateway, one.role))
    return f"  {quote(one.name)}) d={folder(one)} r={quote(one.role)} f={quote(kept)} ;;"


def folder(one: Profile) -> str:
    from shlex import quote

    return quote(places.folder_of(one.gateway))


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
