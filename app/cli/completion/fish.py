"""The script for fish 3.0 and newer."""

from __future__ import annotations

from .words import FILES, PROFILES, PROGRAMS, ROLES, Command, Option, Value, paths

SCRIPT = r"""# fedgate completion for fish: written by `fedgate completion fish`
function __fedgate_profiles
    set -l file $HOME/.config/fedgate/profiles
    string match -q '/*' -- "$XDG_CONFIG_HOME"; and set file $XDG_CONFIG_HOME/fedgate/profiles
    set -l found
    if test -r $file
        set found (string replace -r '\t.*' '' <$file)
        # A role goes by other names too, which are offered to who has begun to type one.
        if test "$argv[1]" = roles; and test -n (commandline -ct)""
            set -l role '^[^\t]*\tarn:[a-z-]+:iam::([0-9]{12}):(?:role|user)/(?:[^\t]*/)?([^/\t]+)\t.*'
            set -a found (string replace -fr $role '$2' <$file) (string replace -fr $role '$1/$2' <$file)
        end
    end
    set file $HOME/.aws/config
    test -n "$AWS_CONFIG_FILE"; and set file $AWS_CONFIG_FILE
    set -l name
    if test -r $file
        while read -l line
            set line (string trim -- $line)
            if string match -q '[*' -- $line
                set name (string match -r '^\[profile\s+([^]]+)\]' -- $line)[2]
            else if string match -qr '^sso_session\s*=\s*fedgate$' -- $line
                set -a found $name
            end
        end <$file
    end
    string match -r '^[A-Za-z0-9._/-]+$' -- $found
end

# The command that has been typed so far: `login`, `profiles sync`; empty before the first word.
function __fedgate_path
    set -l path
    set -l skip
    for word in (commandline -opc)[2..-1]
        if test -n "$skip"
            set skip
            continue
        end
        switch "$path $word"
@takes@
                set skip yes
@enters@
        end
    end
    echo "$path"
end

function __fedgate_at
    test (__fedgate_path) = "$argv[1]"
end

# Behind `--` stands somebody else's command line.
function __fedgate_foreign
    contains -- -- (commandline -opc)
end

function __fedgate_foreign_words
    set -l words (commandline -opc)
    set -l begin (math (contains -i -- -- $words) + 1)
    set -l before
    test (count $words) -ge $begin; and set before (string escape -- $words[$begin..-1])
    complete -C "$before "(commandline -ct)
end

# `--wraps` would not be found for `./fedgate.pyz`: there fish goes by the last part of the path only.
for program in fedgate fedgate.pyz
    complete -c $program -f
@lines@
end
"""


def script(top: Command) -> str:
    found = paths(top)
    lines = [line for path, command in found for line in lines_of(path, command)]
    text = SCRIPT.replace("@takes@", takes(found)).replace("@enters@", "\n".join(enters(found)))
    return text.replace("@lines@", "\n".join(lines))


def quote(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def takes(found: list[tuple[str, Command]]) -> str:
    """Behind which options comes a value, which is no command."""
    names = [
        f"{path} {name}"
        for path, command in found
        for option in command.options
        if option.value is not None
        for name in option.names
    ]
    return "            case " + " ".join(map(quote, names))


def enters(found: list[tuple[str, Command]]) -> list[str]:
    lines = []
    for path, command in found:
        for one in command.commands:
            lines.append("            case " + " ".join(quote(f"{path} {name}") for name in one.names))
            lines.append(f"                set path {quote(f'{path} {one.names[0]}'.strip())}")
    return lines


def lines_of(path: str, command: Command) -> list[str]:
    at = f"    complete -c $program -n {quote(f'__fedgate_at {quote(path)}')}"
    lines = [f"{at} {of_option(one)}" for one in command.options]
    lines += [f"{at} -a {one.names[0]} -d {quote(one.help)}" for one in command.commands]
    if command.positional is not None and (offer := offered(command.positional)):
        lines.append(f"{at} {offer}")
    if command.takes_command:
        lines.append("    complete -c $program -n __fedgate_foreign -a '(__fedgate_foreign_words)'")
    return lines


def of_option(option: Option) -> str:
    names = [f"-l {name[2:]}" if name.startswith("--") else f"-s {name[1:]}" for name in option.names]
    value = "" if option.value is None else f"-r {offered(option.value) or '-f'}"
    return " ".join(part for part in (*names, value, f"-d {quote(option.help)}") if part)


def offered(value: Value) -> str:
    if value.words:
        return f"-f -a {quote(' '.join(value.words))}"
    offers = {
        PROFILES: "-f -a '(__fedgate_profiles)'",
        ROLES: "-f -a '(__fedgate_profiles roles)'",
        FILES: "-F",
        PROGRAMS: "-f -a '(__fish_complete_command)'",
    }
    return offers.get(value.kind, "")
