"""What the builder of the zipapp writes over: the version, and the gateway that served this copy."""

from __future__ import annotations

VERSION = "development"
GATEWAY = ""
