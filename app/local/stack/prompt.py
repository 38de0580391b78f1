"""A prompt of its own for the stack: the CLI as the gateway serves it, and a home for what it writes.

The developer's own ~/.aws and ~/.config stay untouched: `. var/try/8080/env` points one shell elsewhere.
"""

from __future__ import annotations

import shlex
from pathlib import Path

import requests

from app.local.stack.children import StackFailed
from app.local.stack.place import Place

# Set in a developer's shell, AWS tools would prefer these to what a profile says.
_KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
_WOULD_WIN = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_ENDPOINT_URL", *_KEYS)

# One by one: AWS_ENDPOINT_URL wins over ~/.aws/config, and `aws sso login` would then never find the gateway.
_LOCAL_SERVICES = ("STS", "S3", "IAM")


def prepare(place: Place) -> None:
    """Fetches the CLI and writes the file to source. Raises StackFailed."""
    answer = requests.get(f"{place.gateway}/cli/fedgate.pyz", timeout=30)
    if answer.status_code != 200:
        raise StackFailed(f"the gateway does not serve its CLI: HTTP {answer.status_code} for {answer.url}")
    program = program_of(place)
    program.parent.mkdir(mode=0o700, exist_ok=True)
    program.write_bytes(answer.content)
    program.chmod(0o700)
    (place.folder / "env").write_text(to_source(place), "utf-8")


def to_source(place: Place) -> str:
    """For a shell. The `aws` of .venv is version 1, without `aws sso login`: it is found where the person has none."""
    lines = [f"export {name}={shlex.quote(value)}" for name, value in variables(place, home_of(place)).items()]
    first, last = (shlex.quote(str(folder)) for folder in (program_of(place).parent, place.root / ".venv" / "bin"))
    head = "# For one shell: the local stack's CLI, AWS and files instead of your own."
    return "\n".join([head, f"unset {' '.join(_WOULD_WIN)}", *lines, f'export PATH={first}:"$PATH":{last}', ""])


def program_of(place: Place) -> Path:
    return place.folder / "bin" / "fedgate"


def home_of(place: Place, person: str = "person") -> Path:
    return place.folder / "homes" / person


def variables(place: Place, home: Path) -> dict[str, str]:
    """What makes `fedgate`, boto3 and the AWS CLI of one shell use this stack, and nothing of the developer's."""
    return {
        "FEDGATE_GATEWAY": place.gateway,
        "XDG_CONFIG_HOME": f"{home}/.config",
        # The launcher, of which there is one for all gateways: the developer's own would call this stack's program.
        "XDG_DATA_HOME": f"{home}/.local/share",
        "XDG_STATE_HOME": f"{home}/.local/state",
        "XDG_CACHE_HOME": f"{home}/.cache",
        "AWS_CONFIG_FILE": f"{home}/.aws/config",
        "AWS_SHARED_CREDENTIALS_FILE": f"{home}/.aws/credentials",
        **{f"AWS_ENDPOINT_URL_{service}": place.aws for service in _LOCAL_SERVICES},
        "NO_PROXY": "127.0.0.1,localhost",
    }
