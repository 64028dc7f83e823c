"""Reading changed files anew, where what goes wrong is nothing that anybody expected."""

from __future__ import annotations

from pathlib import Path

import pytest
from structlog.testing import capture_logs

from gateway import config
from gateway.cli.init import write_instance
from gateway.cli.reload import Reload
from gateway.config import Instance


@pytest.fixture
def home(tmp_path: Path) -> Path:
    write_instance(tmp_path / "instance")
    return tmp_path / "instance"


def looked(reload: Reload) -> bool:
    """Look twice: a change is told when two looks agree."""
    return reload.due() or reload.due()


def test_a_bug_in_reading_leaves_the_gateway_on_the_configuration_before(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_home: Path, **_options: bool) -> Instance:
        raise KeyError("nobody thought of it")

    reload = Reload(home, look_every=0)
    routes = home / "routes.yaml"
    routes.write_text(routes.read_text() + "# changed\n")
    with monkeypatch.context() as patched, capture_logs() as logged:
        patched.setattr(config, "load", broken)
        assert not looked(reload)
    assert [one["event"] for one in logged] == [
        "configuration_problem",
        "configuration_not_reloaded",
    ]
    assert "KeyError: 'nobody thought of it'" in logged[0]["problem"]
    assert "Traceback (most recent call last)" in logged[0]["problem"]
    routes.write_text(routes.read_text() + "# and mended\n")
    assert looked(reload)


def test_a_secret_that_was_missing_is_all_that_was_needed(home: Path) -> None:
    token = home / "secrets" / "erp-token"
    kept = token.read_text()
    reload = Reload(home, look_every=0)
    token.unlink()
    assert not looked(reload)
    token.write_text(kept)
    assert looked(reload)
    assert reload.take() is not None
