"""Each request, counted when its answer is ready: how long it took, and with which code it was refused."""

from __future__ import annotations

import time

from flask import Flask, Response, g, request

from app.errors import TooManyRequests
from app.ops.metrics import Metrics
from app.web.visit import Visit

_METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS")  # anything else is a word of the visitor's own


def install(app: Flask, metrics: Metrics) -> None:
    @app.after_request
    def count(response: Response) -> Response:
        here = g.get("visit")
        if isinstance(here, Visit):
            _count(metrics, here, response.status_code)
        return response


def _count(metrics: Metrics, here: Visit, status: int) -> None:
    # The pattern and not the path: paths hold account ids and names of roles, and whatever somebody typed.
    route = str(request.url_rule) if request.url_rule is not None else "none"
    method = request.method if request.method in _METHODS else "other"
    metrics.requests.labels(route, method, f"{status // 100}xx").observe(time.monotonic() - here.started)
    if here.refused is None:
        return
    metrics.refusals.labels(here.refused.code).inc()
    if isinstance(here.refused, TooManyRequests):
        metrics.limits.labels(metrics.word("limit", here.refused.reason.removeprefix("limit."))).inc()
