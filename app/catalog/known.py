"""What a catalog is read against."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from app.core.proof import Passing


@dataclass(frozen=True, slots=True)
class Known:
    """Whom rules may name: the providers of gateway.toml, disabled ones too, and as for `load_catalog`."""

    providers: frozenset[str]
    passing: Mapping[str, Passing]
