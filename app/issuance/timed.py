"""How long AWS takes: an issuer that is timed, whichever way it takes."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass

from app.core.roles import Method
from app.errors import GatewayError
from app.issuers.order import Issued, Issuer, Order
from app.ops.metrics import Metrics


@dataclass(frozen=True, slots=True)
class Timed:
    issuer: Issuer
    method: Method
    metrics: Metrics

    def issue(self, order: Order) -> Issued:
        begun, outcome = time.perf_counter(), "unexpected"
        try:
            issued = self.issuer.issue(order)
            outcome = "ok"
            return issued
        except GatewayError as error:
            outcome = error.code
            raise
        finally:
            self.metrics.aws.labels(str(self.method), outcome).observe(time.perf_counter() - begun)


def timed(issuers: Mapping[Method, Issuer], metrics: Metrics) -> Mapping[Method, Issuer]:
    return {method: Timed(issuer, method, metrics) for method, issuer in issuers.items()}
