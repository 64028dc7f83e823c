"""Instances for tests: the complete example of the documentation, written to a folder."""

from __future__ import annotations

import re
from pathlib import Path

DOCUMENTATION = Path(__file__).parents[3] / "docs" / "configuration.md"
_BLOCK = re.compile(r"```yaml\n# (\S+\.yaml)\n(.*?)```", re.DOTALL)

SECRETS = {"GATEWAY_DB_PASSWORD": "s3cr3t-db", "ERP_TOKEN": "s3cr3t-token"}


def example() -> dict[str, str]:
    """Return the example's files by name; the comment with the name stays line 1."""
    return {name: f"# {name}\n{text}" for name, text in _BLOCK.findall(DOCUMENTATION.read_text())}


def write(home: Path, files: dict[str, str]) -> Path:
    """Write an instance's files and return its home."""
    for name, text in files.items():
        path = home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return home


def write_example(home: Path) -> Path:
    """Write the example with the secret file that it names."""
    return write(home, example() | {"secrets/erp-test-key": "s3cr3t-key\n"})
