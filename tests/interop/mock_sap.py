"""mock-sap for tests: an SAP system's OData services, BAPIs and IDoc port, as a program."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from tests.integration.world import wait_for
from tests.interop import environments

REQUIREMENTS = ("mock-sap==0.22.0",)
PROGRAM = Path(__file__).parent / "mock_sap_program.py"
USER, PASSWORD = "sapuser", "s3cret-of-sap"


class MockSap:
    """The SAP system, running."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._client = httpx.Client(base_url=url, trust_env=False, auth=(USER, PASSWORD))

    def reset(self) -> None:
        """Begin with the data of the beginning, without faults."""
        self._client.post("/_mock/reset").raise_for_status()

    def fail(self, **rule: object) -> None:
        """Let calls fail as the rule says."""
        self._client.post("/_mock/faults", json=rule).raise_for_status()

    def lose(self, method: str, match: str) -> None:
        """Lose the next good answer to such a call, after the call was done."""
        self.told("lose", method=method, match=match)

    def create(self, path: str, entity: object) -> dict[str, Any]:
        """Create an entity of version 2, as somebody in SAP would."""
        return self._changed("POST", path, entity).json()["d"]  # type: ignore[no-any-return]

    def change(self, path: str, entity: object) -> None:
        """Change an entity."""
        self._changed("PATCH", path, entity)

    def _changed(self, method: str, path: str, entity: object) -> httpx.Response:
        service = path.rpartition("/")[0]
        fetched = self._client.get(f"{service}/", headers={"X-CSRF-Token": "Fetch"})
        token = {"X-CSRF-Token": fetched.headers["X-CSRF-Token"], "If-Match": "*"}
        return self._client.request(method, path, json=entity, headers=token).raise_for_status()

    def told(self, path: str, **rule: object) -> None:
        """Tell it how to behave."""
        self._client.post(f"/_mock/{path}", json=rule).raise_for_status()

    def entities(self, path: str, condition: str) -> list[dict[str, Any]]:
        """Return what an entity set of version 2 holds."""
        parameters = {"$filter": condition, "$format": "json"}
        answer = self._client.get(path, params=parameters).raise_for_status()
        found: list[dict[str, Any]] = answer.json()["d"]["results"]
        return found

    def close(self) -> None:
        """Close the connection."""
        self._client.close()


@contextmanager
def mock_sap(cache: Path) -> Iterator[MockSap]:
    """Run the system until the block ends; skip where it cannot be installed."""
    python = environments.environment(cache, REQUIREMENTS)
    port = environments.free_port()
    command = [str(python), str(PROGRAM), str(port), f"{USER}:{PASSWORD}"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        sap = MockSap(f"http://127.0.0.1:{port}")
        try:
            wait_for(lambda: _answers(sap.url), seconds=30)
            yield sap
        finally:
            sap.close()
            process.kill()


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/_mock/health", trust_env=False).status_code in (200, 401)
    except httpx.TransportError:
        return False
