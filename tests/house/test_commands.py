"""The operators' commands say how they are used to whoever calls them alone, wherever that is."""

from __future__ import annotations

import pytest

from app.activity import __main__ as activity
from app.catalog import __main__ as catalog
from app.sessions import __main__ as sessions
from app.thirdparty import __main__ as thirdparty


@pytest.mark.parametrize("command", [activity, catalog, sessions, thirdparty])
@pytest.mark.parametrize("arguments", [[], ["--help"]])
def test_a_command_says_how_it_is_used_without_any_settings(
    command: object, arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("FEDGATE_CONFIG", raising=False)
    monkeypatch.delenv("FEDGATE_SEALING_KEYS", raising=False)
    assert command.main(arguments) == 2  # type: ignore[attr-defined]  # each of these modules has one
    assert "Exit codes: 0 done" in capsys.readouterr().err
