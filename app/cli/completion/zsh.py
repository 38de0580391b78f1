"""The script for zsh: to be sourced after `compinit`, or to lie as `_fedgate` in a directory of `fpath`."""

from __future__ import annotations

from shlex import quote

from .words import FILES, PROFILES, PROGRAMS, ROLES, Command, Option, Value, paths

SCRIPT = r"""#compdef fedgate fedgate.pyz
# fedgate completion for zsh: written by `fedgate completion zsh`
_fedgate_profiles() {
  local line name rest file arn
  local -aU found
  case ${XDG_CONFIG_HOME-} in
    /*) file=$XDG_CONFIG_HOME/fedgate/profiles ;;
    *) file=$HOME/.config/fedgate/profiles ;;
  esac
  if [[ -r $file ]]; then
    while IFS=$'\t' read -r name arn rest; do
      found+=("$name")
      # A role goes by other names too, which are offered to who has begun to type one.
      [[ $1 = roles && -n $PREFIX ]] && found+=("${arn##*/}" "${${arn#*::}%%:*}/${arn##*/}")
    done <$file
  fi
  file=${AWS_CONFIG_FILE:-$HOME/.aws/config}
  if [[ -r $file ]]; then
    while IFS=$' \t' read -r line rest; do
      case $line in
        '[profile') name=${rest%%]*} ;;
        '['*) name= ;;
        sso_session) [[ ${rest%$'\r'} = '= fedgate' && -n $name ]] && found+=("$name") ;;
      esac
    done <$file
  fi
  found=(${(M)found:#[A-Za-z0-9._/-]##})
  _wanted profiles expl profile compadd -a found
}

_fedgate() {
  local curcontext=$curcontext state expl
  local -a line commands
  local -A opt_args
  _fedgate_at ''
}

_fedgate_at() {
  local at=$1
  case $at in
@cases@
  esac
}

if [ "$funcstack[1]" = _fedgate ]; then
  _fedgate "$@"
elif (( $+functions[compdef] )); then
  compdef _fedgate fedgate fedgate.pyz
fi
"""

# Behind `--` stands somebody else's command line.
FOREIGN = (
    "    local foreign=${words[(i)--]}",
    "    if (( foreign < CURRENT )); then",
    "      shift $foreign words; (( CURRENT -= foreign ))",
    "      _normal; return",
    "    fi",
)


def script(top: Command) -> str:
    return SCRIPT.replace("@cases@", "\n".join(line for path, command in paths(top) for line in case(path, command)))


def case(path: str, command: Command) -> list[str]:
    specs = [spec for option in command.options for spec in of_option(option)]
    lines = [f"  {quote(path)})"]
    if command.commands:
        specs += ["'1: :->command'", "'*:: :->words'"]
    elif command.takes_command:
        lines += FOREIGN
        specs.append(quote(f"1:{shown(command.positional)}"))
    elif command.positional is not None:
        specs.append(quote(f"*:{shown(command.positional)}"))
    lines.append("    _arguments -C \\\n      " + " \\\n      ".join(specs))
    return [*lines, *(below(path, command) if command.commands else []), "    ;;"]


def below(path: str, command: Command) -> list[str]:
    described = [quote(f"{one.names[0]}:{one.help}") for one in command.commands]
    lines = [
        "    case $state in",
        "    command)",
        "      commands=(" + " ".join(described) + ")",
        "      _describe -t commands command commands ;;",
        "    words)",
        "      case $words[1] in",
    ]
    for one in command.commands:
        names = "|".join(map(quote, one.names))
        lines.append(f"      {names}) _fedgate_at {quote(f'{path} {one.names[0]}'.strip())} ;;")
    return [*lines, "      esac ;;", "    esac"]


def of_option(option: Option) -> list[str]:
    """One for each name; a long one may be joined to its value by `=`."""
    text = "".join(f"\\{letter}" if letter in "[]\\" else letter for letter in option.help)
    if option.value is None:
        return [quote(f"{name}[{text}]") for name in option.names]
    end = f"[{text}]:{shown(option.value)}"
    return [quote(f"{name}={end}" if name.startswith("--") else f"{name}+{end}") for name in option.names]


def shown(value: Value | None) -> str:
    """What `_arguments` wants behind the colon: a title, and how to find the words."""
    if value is not None and value.words:
        return f"value:({' '.join(value.words)})"
    kind = "" if value is None else value.kind
    actions = {
        PROFILES: "profile:_fedgate_profiles",
        ROLES: "role:{_fedgate_profiles roles}",
        FILES: "file:_files",
        PROGRAMS: "command:_command_names -e",
    }
    return actions.get(kind, "value: ")
