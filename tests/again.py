"""What failed and then passed, in a run that asks once more (`.ci/run`): shown in full, above the summary.

A run is thousands of sign-ins by real programs on a machine that others use, too: one chance in ten thousand for each
of them would stop every other change from landing. But each of these is a fault of ours or of a test until somebody
has understood it: several faults of the gateway were found in this way. So nothing of it is swallowed, and
`tests/run` asks nothing twice.
"""

from __future__ import annotations

import pytest


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reports = terminalreporter.getreports("rerun")
    if reports:
        terminalreporter.section("FAILED AT FIRST, each to be understood", red=True, bold=True)
    for report in reports:
        terminalreporter.section(report.nodeid, sep="_", red=True, bold=True)
        terminalreporter.line(report.longreprtext)
