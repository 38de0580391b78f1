"""What the provider does not answer: one exception, shown to the person on a page with status 400.

Not the gateway's own errors: this side of the wire shares nothing with the side that it tests.
"""

from __future__ import annotations


class RefusedRequest(Exception):
    """`sentence` is for the person at the browser, `reason` a short word for the log."""

    title = "That request cannot be read"
    status = 400

    def __init__(self, sentence: str, *, reason: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.reason = reason
