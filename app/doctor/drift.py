"""What a change of the trust policy has made worse."""

from __future__ import annotations

from app.doctor.diagnosis import Diagnosis
from app.doctor.truth import Truth


def became_worse(before: Diagnosis, after: Diagnosis) -> tuple[str, ...]:
    """A sentence each; none if the change made nothing worse. What was wrong before is no drift."""
    known = {(finding.code, finding.severity) for finding in before.findings}
    said = [finding.sentence for finding in after.findings if (finding.code, finding.severity) not in known]
    if before.allowed is Truth.YES and after.allowed is not Truth.YES and not said:
        said.append("The gateway's call is no longer certainly allowed.")
    new = [other for other in after.others if other not in before.others]
    return (*said, *(f"New among those who may take the role without the gateway: {other}." for other in new))
