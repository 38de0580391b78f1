"""A message of Single Logout as the browser brought it: a LogoutRequest or a LogoutResponse, by either binding.

Nothing in it is believed. By redirect it is the raw query string, because the signature is over those very octets
(bindings 3.4.4.1): what a framework has decoded and encoded again is another text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import parse_qsl


@dataclass(frozen=True, slots=True)
class Incoming:
    """`binding` says where the rest is: `redirect` in `query`, as it came and without the question mark; `post` in
    `form`."""

    binding: Literal["redirect", "post"]
    query: str = field(default="", repr=False)
    form: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def claims_to_answer(self) -> bool:
        """Is it a LogoutResponse, by the name of its parameter? The room asks this to choose the method."""
        return "SAMLResponse" in self.parameters

    @property
    def relay_state(self) -> str:
        """What travels along, opaque: in an answer the `state` that `farewell` was given."""
        return self.parameters.get("RelayState", "")

    @property
    def parameters(self) -> Mapping[str, str]:
        if self.binding == "post":
            return self.form
        try:
            return dict(parse_qsl(self.query, keep_blank_values=True, max_num_fields=20, errors="strict"))
        except ValueError:  # too many fields, or octets that are not text: it says nothing
            return {}
