"""`gateway run --once` beside a gateway that runs on the same instance."""

from __future__ import annotations

import socket
from pathlib import Path

from gateway.cli.init import write_instance
from tests.unit.cli.test_instance import run_once


def test_a_run_over_what_is_there_opens_no_port_that_another_process_has(tmp_path: Path) -> None:
    home = tmp_path / "instance"
    write_instance(home, stable_for="50ms")
    with (
        socket.create_server(("127.0.0.1", 0)) as http,
        socket.create_server(("127.0.0.1", 0)) as sftp,
    ):
        ports = [one.getsockname()[1] for one in (http, sftp)]
        settings = home / "gateway.yaml"
        settings.write_text(
            f"{settings.read_text()}server: {{port: {ports[0]}}}\n"
            f"sftp_server: {{port: {ports[1]}}}\n"
        )
        code, err = run_once(home)
    assert code == 0, err
    assert "gateway_stopped" in err
    assert "server_listens" not in err
