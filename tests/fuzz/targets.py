"""All targets by name. Importing it makes keys and honest messages."""

from __future__ import annotations

from tests.fuzz import addresses, aws_tools, documents, names, tokens
from tests.fuzz.target import Target

KINDS = (documents, tokens, addresses, aws_tools, names)
TARGETS: dict[str, Target] = {target.name: target for kind in KINDS for target in kind.TARGETS}
