"""The lines of the page "Set up your terminal".

What stands in AWS's own files comes from `app.cli.profiles.aws_lines`, so that the page and
`fedgate configure --native` cannot disagree. Here is what is typed into a shell. No secret passes through: what the
lines lead to is a sign-in.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from app.cli.profiles import aws_lines
from app.cli.profiles.aws_lines import Entry

PROGRAM = "~/.local/bin/fedgate"


@dataclass(frozen=True, slots=True)
class Lines:
    """To be copied as they are. `anchor` is their id on the page, `what` their heading."""

    anchor: str
    what: str
    text: str


@dataclass(frozen=True, slots=True)
class Served:
    """What the gateway has for terminals. `digest`: SHA-256 of fedgate.pyz, in hexadecimal."""

    gateway: str
    digest: str
    takes_codes: bool  # does it sign terminals in by a code typed elsewhere?
    speaks_aws: bool  # does it answer AWS's own tools?


def first_call(profile: str, what: str) -> Lines:
    return Lines("first-call", what, _joined(aws_lines.sso_commands(profile)[1:]))


def with_fedgate(served: Served, first: str) -> tuple[Lines, ...]:
    folder = PurePosixPath(PROGRAM).parent
    # Joined by `&&`: a file that is not what the gateway serves must not become a program.
    download = (
        f"mkdir -p {folder} &&",
        f"curl -fsS -o {PROGRAM} {served.gateway}/cli/fedgate.pyz &&",
        f'echo "{served.digest}  $HOME{PROGRAM[1:]}" |',
        "  sha256sum --check &&",
        f"chmod +x {PROGRAM}",
    )
    return (
        Lines("fedgate-get", "Download it, and check what came", _joined(download)),
        Lines(
            "fedgate-sign-in", "Sign in, and write a profile for each role", "fedgate login\nfedgate profiles sync\n"
        ),
        first_call(first, "Try it"),
    )


def on_windows(served: Served) -> Lines:
    lines = (
        f"curl.exe -fsS -o fedgate.pyz {served.gateway}/cli/fedgate.pyz",
        "py fedgate.pyz login",
        "py fedgate.pyz profiles sync",
    )
    return Lines("fedgate-windows", "In PowerShell", _joined(lines))


def completion() -> tuple[Lines, ...]:
    """For who wants it, by shell; `fedgate completion --help` says the same."""
    return (
        Lines("completion-bash", "bash", "echo 'eval \"$(fedgate completion bash)\"' >> ~/.bashrc\n"),
        Lines("completion-zsh", "zsh, after compinit in ~/.zshrc", "source <(fedgate completion zsh)\n"),
        Lines("completion-fish", "fish", "fedgate completion fish > ~/.config/fish/completions/fedgate.fish\n"),
    )


def with_text_alone(served: Served, roles: Sequence[Entry], first: str) -> tuple[Lines, ...]:
    """AWS's own sign-in, led to the gateway. Without `[default]`: two of these would make the file unreadable."""
    settings = aws_lines.sso(served.gateway, roles, default=False)
    return (
        Lines("sso-config", "Add this to ~/.aws/config", _sections(settings)),
        Lines("sso-login", "Sign in, and try it", _joined(aws_lines.sso_commands(first))),
    )


def with_aws_login(served: Served, role: Entry) -> tuple[Lines, ...]:
    """One role for each profile, picked on a page of the gateway; these lines stand in place of the ones above."""
    settings = aws_lines.sign_in(served.gateway, role.profile, role.region)
    return (
        Lines("login-config", "For aws login, in ~/.aws/config", _sections(settings)),
        Lines("login-run", "Pick the role, and try it", _joined(aws_lines.sign_in_commands(role.profile))),
    )


def for_default() -> Lines:
    return Lines("sso-default", "For JavaScript programs", _joined(("[default]", *aws_lines.default_lines())))


def models(served: Served) -> dict[str, str]:
    """The two files for older AWS CLIs: path below `~/.aws/models` to text."""
    return aws_lines.sso_models(served.gateway)


def fetch_models(served: Served) -> Lines:
    lines: list[str] = []
    for path in models(served):
        target = PurePosixPath("~/.aws/models", path)
        lines += [f"mkdir -p {target.parent}", f"curl -fsS -o {target} {served.gateway}{models_path(path)}"]
    return Lines("models-get", "Put two files under ~/.aws/models", _joined(lines))


def shown_models(served: Served) -> tuple[Lines, ...]:
    return tuple(
        Lines(f"models-{path.partition('/')[0]}", f"~/.aws/models/{path}", text)
        for path, text in models(served).items()
    )


def models_path(path: str) -> str:
    """Where the gateway serves one of them."""
    return f"/cli/models/{path}"


def behind_ssh(first: str) -> tuple[Lines, ...]:
    port = 9911
    return (
        Lines("ssh-serve", "On your computer", f"fedgate serve {first} --port {port}\n"),
        Lines("ssh-forward", "In a second terminal", f"ssh -R {port}:127.0.0.1:{port} build.example.com\n"),
    )


def in_a_container(first: str) -> Lines:
    """Docker hands on the two variables that it is given by name."""
    lines = (
        f"fedgate exec {first} --serve -- docker run --rm --network host \\",
        "  -e AWS_CONTAINER_CREDENTIALS_FULL_URI -e AWS_CONTAINER_AUTHORIZATION_TOKEN \\",
        "  amazon/aws-cli sts get-caller-identity",
    )
    return Lines("container-run", "In a container", _joined(lines))


def at_the_gateway(served: Served, role: Entry) -> Lines:
    """With the token of `aws sso login`, in a file of its own because AWS SDKs want nothing else in it."""
    target = "$HOME/.aws/fedgate-token"
    variables = aws_lines.container_env(served.gateway, role.account, role.role_name, token_file=target)
    # The AWS CLI and SDKs name a sign-in's file by the hash of its session's name.
    cache = f"~/.aws/sso/cache/{hashlib.sha1(aws_lines.NAME.encode(), usedforsecurity=False).hexdigest()}.json"
    found = r"""sed -n 's/.*"accessToken": *"\([^"]*\)".*/\1/p' """
    # Its mode comes first; and nothing here that only bash and zsh could read.
    token = (f"install -m 600 /dev/null {target}", f"{found}{cache} | tr -d '\\n' > {target}")
    exports = [f"export {variable}" for variable in variables]
    return Lines("container-direct", "From the gateway itself", _joined((*token, *exports)))


def _sections(lines: Sequence[str]) -> str:
    """With an empty line between them."""
    return "\n[".join(_joined(lines).split("[")).lstrip("\n")


def _joined(lines: Sequence[str]) -> str:
    return "".join(f"{line}\n" for line in lines)
