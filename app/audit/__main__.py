"""`python -m app.audit verify DIRECTORY`"""

from __future__ import annotations

import sys
from pathlib import Path

from app.audit.verification import verify


def main(arguments: list[str]) -> int:
    """0 if the chain is whole, 1 with a line for each break."""
    if len(arguments) != 2 or arguments[0] != "verify" or not Path(arguments[1]).is_dir():
        sys.stderr.write("usage: python -m app.audit verify DIRECTORY\n")
        return 2
    breaks = list(verify(Path(arguments[1])))
    sys.stdout.write("\n".join(breaks or ["The chain is whole."]) + "\n")
    return 1 if breaks else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
