"""The script for bash, 3.2 (macOS) and newer, with or without the package bash-completion.

Names from files are compared by hand and never given to `compgen -W`, which would expand a `$(...)` in them.
"""

from __future__ import annotations

from shlex import quote

from .words import FILES, PROFILES, PROGRAMS, ROLES, Command, Option, Value, paths

SCRIPT = r"""# fedgate completion for bash: written by `fedgate completion bash`
__fedgate_kept() {
  local file
  case ${XDG_CONFIG_HOME-} in
    /*) file=$XDG_CONFIG_HOME/fedgate/profiles ;;
    *) file=$HOME/.config/fedgate/profiles ;;
  esac
  [ ! -r "$file" ] || cat "$file"
}

__fedgate_profiles() {
  local line name rest
  while IFS=$'\t' read -r name rest; do printf '%s\n' "$name"; done < <(__fedgate_kept)
  line=${AWS_CONFIG_FILE:-$HOME/.aws/config}
  [ -r "$line" ] || return 0
  while IFS=$' \t' read -r line rest; do
    case $line in
      '[profile') name=${rest%%]*} ;;
      '['*) name= ;;
      sso_session) [ "${rest%$'\r'}" = '= fedgate' ] && [ -n "$name" ] && printf '%s\n' "$name" ;;
    esac
  done <"$line"
}

# A role goes by other names too, which are offered to who has begun to type one.
__fedgate_roles() {
  local name arn rest
  __fedgate_profiles
  [ -n "$cur" ] || return 0
  while IFS=$'\t' read -r name arn rest; do
    name=${arn##*/} arn=${arn#*::}
    printf '%s\n' "$name" "${arn%%:*}/$name"
  done < <(__fedgate_kept)
}

__fedgate_offer() {
  local one
  while IFS= read -r one; do
    case $one in '' | *[!A-Za-z0-9._/-]*) continue ;; esac
    case $one in "$cur"*) COMPREPLY[${#COMPREPLY[@]}]=$one ;; esac
  done
}

__fedgate_files() {
  local one
  while IFS= read -r one; do COMPREPLY[${#COMPREPLY[@]}]=$one; done < <(compgen "$1" -- "$cur")
  compopt -o filenames 2>/dev/null
}

_fedgate() {
  local cur path='' word option='' i=0 words='' options='' kind='' foreign=''
  COMPREPLY=()
  cur=${COMP_WORDS[COMP_CWORD]}
  while [ $((i += 1)) -lt "$COMP_CWORD" ]; do
    word=${COMP_WORDS[i]}
    if [ "$word" = = ]; then continue; fi
    if [ -n "$option" ]; then option=; continue; fi
    case $word in
      --) [ -z "$foreign" ] || { __fedgate_foreign $((i + 1)); return; } ;;
      -*) case "$path $word" in
@takes@
        esac ;;
      *) case "$path $word" in
@enters@
        esac ;;
    esac
  done
  [ "$cur" != = ] || cur=
  case "$path $option" in
@values@
  esac
  if [ -z "$option" ]; then
    case $path in
@words@
    esac
    case $cur in -*) words=$options kind= ;; esac
  fi
  case $kind in
    profiles) __fedgate_offer < <(__fedgate_profiles | sort -u) ;;
    roles) __fedgate_offer < <(__fedgate_roles | sort -u) ;;
    files) __fedgate_files -f ;;
    programs) __fedgate_files -c ;;
  esac
  [ -z "$words" ] || __fedgate_offer < <(printf '%s\n' $words)
}

__fedgate_foreign() {
  if declare -F _comp_command_offset >/dev/null; then
    _comp_command_offset "$1"
  elif declare -F _command_offset >/dev/null; then
    _command_offset "$1"
  elif [ "$COMP_CWORD" = "$1" ]; then
    __fedgate_files -c
  else
    __fedgate_files -f
  fi
}

complete -F _fedgate fedgate fedgate.pyz
"""


def script(top: Command) -> str:
    found = paths(top)
    parts = {"takes": takes(found), "enters": enters(found), "values": values(found), "words": words(found)}
    text = SCRIPT
    for name, lines in parts.items():
        text = text.replace(f"@{name}@", "\n".join(lines))
    return text


def takes(found: list[tuple[str, Command]]) -> list[str]:
    """Behind which options comes a value, which is no command."""
    return [
        f"        {quote(f'{path} {name}')}) option=$word ;;"
        for path, command in found
        for option in command.options
        if option.value is not None
        for name in option.names
    ]


def enters(found: list[tuple[str, Command]]) -> list[str]:
    lines = []
    for path, command in found:
        for one in command.commands:
            names = "|".join(quote(f"{path} {name}") for name in one.names)
            more = " foreign=yes" if one.takes_command else ""
            lines.append(f"        {names}) path={quoted(f'{path} {one.names[0]}'.strip())}{more} ;;")
    return lines


def values(found: list[tuple[str, Command]]) -> list[str]:
    lines = []
    for path, command in found:
        for option in command.options:
            if option.value is not None and (offer := offered(option.value)):
                names = "|".join(quote(f"{path} {name}") for name in option.names)
                lines.append(f"    {names}) {offer} ;;")
    return lines


def words(found: list[tuple[str, Command]]) -> list[str]:
    lines = []
    for path, command in found:
        options = quote(" ".join(all_names(command.options)))
        below = Value("", tuple(one.names[0] for one in command.commands))
        offer = offered(below if command.commands else command.positional or Value(""))
        lines.append(f"      {quote(path)}) options={options} {offer} ;;")
    return lines


def quoted(text: str) -> str:
    """In quotes also where bash needs none: `path=env` looks like somebody forgot to run it."""
    return f"'{text}'"


def all_names(options: tuple[Option, ...]) -> list[str]:
    return [name for option in options for name in option.names]


def offered(value: Value) -> str:
    if value.words:
        return f"words={quote(' '.join(value.words))}"
    return f"kind={value.kind}" if value.kind in (PROFILES, ROLES, FILES, PROGRAMS) else ""
