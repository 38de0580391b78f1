"""A report for programs, and for a terminal."""

from __future__ import annotations

import json
from collections.abc import Iterator

from app.core.credentials import as_zulu
from app.doctor.judging import Report
from app.doctor.reach import told


def as_dictionary(report: Report) -> dict[str, object]:
    """JSON's own types. `allowed` is `yes`, `no` or `cannot tell`; null where nothing could be judged."""
    chart, diagnosis, patch = report.chart, report.diagnosis, report.patch
    return {
        "arn": str(report.role.arn),
        "account_id": str(report.account.id),
        "name": report.role.arn.name,
        "state": str(report.state),
        "why_not": report.why_not,
        "looked_at": as_zulu(chart.looked_at) if chart else None,
        "seen_at": as_zulu(chart.seen_at) if chart and chart.seen_at else None,
        "allowed": str(diagnosis.allowed) if diagnosis else None,
        "findings": [
            {
                "code": found.code,
                "severity": str(found.severity),
                "sentence": found.sentence,
                "statement": found.statement,
            }
            for found in (diagnosis.findings if diagnosis else ())
        ],
        "others": list(diagnosis.others) if diagnosis else [],
        "worse": list(chart.worse) if chart else [],
        "worse_at": as_zulu(chart.worse_at) if chart and chart.worse_at else None,
        "possible_escalations": [
            {"id": path.id, "actions": list(path.actions), "could": path.could}
            for path in (told(chart.reach) if chart else ())
        ],
        "reach_why_not": chart.reach_why_not if chart else "",
        "permissions_boundary": chart.boundary if chart else "",
        "patch": None
        if patch is None
        else {
            "changes": list(patch.changes),
            "document": json.loads(patch.json),
            "commands": list(patch.commands),
            "cloudformation": patch.cloudformation,
            "terraform": patch.terraform,
        },
    }


def as_lines(report: Report) -> Iterator[str]:
    yield f"{report.role.arn}: {report.state}"
    if report.why_not:
        yield f"  {report.why_not}"
    diagnosis, patch, chart = report.diagnosis, report.patch, report.chart
    for found in diagnosis.findings if diagnosis else ():
        yield f"  {found.severity}: {found.sentence}"
    for change in patch.changes if patch else ():
        yield f"  patch: {change}"
    for other in diagnosis.others if diagnosis else ():
        yield f"  also: {other}"
    for path in told(chart.reach) if chart else ():
        yield f"  possible: whoever has this role could {path.could}"
