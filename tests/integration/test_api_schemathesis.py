"""schemathesis reads the OpenAPI of a running instance, and finds nothing wrong with its answers.

No server error, no status or body that is not described, nothing refused that is valid, nothing
taken that is not. The calls are made up from the description, some to be valid and some not.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from gateway.api.tokens import Scope
from tests.integration.api_world import (
    PARTNER,
    SETS,
    ApiWorld,
    api_world,
    post,
    version_of,
)

pytestmark = pytest.mark.slow

PROGRAM = Path(sys.executable).parent / "schemathesis"
HOOKS = "tests.integration.schemathesis_keys"
NO_LIMIT = "api: {limits: {calls: 100000, burst: 1000000}}"
DOCUMENTS = "^/api/v1/documents/[a-z0-9_]+$"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiWorld]:
    with api_world(tmp_path_factory.mktemp("st") / "instance", settings=NO_LIMIT) as here:
        yield here


@pytest.fixture(scope="module")
def token(world: ApiWorld) -> str:
    return world.app.tokens.create("schemathesis", tuple(Scope))


@pytest.fixture(scope="module")
def settings(world: ApiWorld, token: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Say what of the calls cannot be made up: who our partners are, and where a page ended."""
    with world.client(token) as client:
        for number in range(2):
            post(client, str(number))
        page = client.get("/documents", params={"limit": "1"}).json()
        described = client.get("/openapi.json").content
    lines = [
        f'hooks = "{HOOKS}"',
        f'auth.openapi.token.bearer = "{token}"',
        "[parameters]",
        f'"query.partner" = "{PARTNER}"',
        # A name that no key has is refused, though it is well formed.
        '"query.key" = "purchase_order_number:PO-1"',
        f'"query.cursor" = "{page["next"]}"',
    ]
    for name, set_id in SETS.items():
        agreed = f'"query.set" = "{set_id}", "query.version" = "{version_of(set_id)}"'
        lines += [
            "[[operations]]",
            f'include-path = "/api/v1/documents/{name}"',
            f'parameters = {{{agreed}, "query.usage" = "P"}}',
        ]
    lines += [
        "[[operations]]",
        # Nothing can be agreed on this one: that a sound one is refused is right.
        'include-path = "/api/v1/documents/x12_set"',
        "checks.positive_data_acceptance.enabled = false",
    ]
    folder = tmp_path_factory.mktemp("settings")
    (folder / "openapi.json").write_bytes(described)
    file = folder / "schemathesis.toml"
    file.write_text("\n".join(lines), "utf-8")
    return file


def find_nothing(world: ApiWorld, settings: Path, *options: str) -> None:
    """Run schemathesis, and fail with what it found."""
    done = subprocess.run(
        [
            str(PROGRAM), "--config-file", str(settings), "run",
            str(settings.parent / "openapi.json"), "--origin", world.url.removesuffix("/api/v1"),
            "--continue-on-failure", "--no-color", "--seed", "1",
            "--suppress-health-check", "all", *options,
        ],
        capture_output=True, text=True, check=False, timeout=240, cwd=settings.parent,
    )  # fmt: skip
    if done.returncode == 0:
        return
    _, _, failures = done.stdout.partition(" FAILURES ")
    pytest.fail(failures or done.stdout + done.stderr, pytrace=False)


def test_nothing_is_wrong_with_calls_about_documents(world: ApiWorld, settings: Path) -> None:
    find_nothing(world, settings, "-n", "8", "--exclude-path-regex", DOCUMENTS)


def test_nothing_is_wrong_with_submissions(world: ApiWorld, settings: Path) -> None:
    options = ("-n", "3", "--phases", "fuzzing", "--include-path-regex", DOCUMENTS)
    find_nothing(world, settings, *options)


def test_nothing_is_wrong_with_any_single_deviation_from_a_submission(
    world: ApiWorld, settings: Path
) -> None:
    path = "/api/v1/documents/order_acknowledgment"
    options = ("--phases", "coverage", "--include-path", path)
    find_nothing(world, settings, *options)


def test_the_description_is_complete_and_of_openapi_3_1(world: ApiWorld, token: str) -> None:
    answer = httpx.get(f"{world.url}/openapi.json", headers={"Authorization": f"Bearer {token}"})
    described = answer.json()
    assert described["openapi"] == "3.1.0"
    ids = [one["operationId"] for path in described["paths"].values() for one in path.values()]
    assert len(ids) == len(set(ids)) >= 13
