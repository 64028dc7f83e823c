"""What a command imports before it does anything: people wait for it each time."""

from __future__ import annotations

import subprocess
import sys

import pytest

SLOW = {"alembic", "dbos", "httpx", "paramiko", "psycopg", "pyx12", "starlette", "uvicorn"}


@pytest.mark.parametrize(
    ("module", "not_needed"),
    [
        ("gateway.cli", {*SLOW, "pydantic", "sqlalchemy", "gateway.config"}),
        ("gateway.cli.check", {*SLOW, "sqlalchemy"}),
        ("gateway.cli.validate", {*SLOW, "sqlalchemy"}),
        ("gateway.cli.documents", SLOW),
        ("gateway.cli.interchanges", SLOW),
        (
            "gateway.cli.run, gateway.app.reachable, gateway.app.partner_connections",
            {"alembic", "asyncssh", "bcrypt", "boto3", "paramiko", "starlette", "uvicorn"},
        ),
    ],
)
def test_a_command_imports_nothing_slow_that_it_does_not_need(
    module: str, not_needed: set[str]
) -> None:
    program = f"import sys, {module}; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert not_needed & set(done.stdout.split()) == set()
