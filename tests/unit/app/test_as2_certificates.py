"""A running gateway announces certificates that end: once for each notice."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from structlog.testing import capture_logs

from gateway import config
from gateway.app import opened
from gateway.app.as2_certificates import Announcing, announcing
from gateway.app.reachable import announcing_certificates, keep_certificates
from gateway.cli.init import write_instance
from gateway.clock import utc_now
from gateway.config import Instance
from gateway.pipeline.alerts import Alert
from tests.as2_instance import with_as2
from tests.as2_peers import signing_key

PARTNER = "northstar-3pl"
ENDS = (utc_now() + timedelta(days=100)).replace(microsecond=0)


@pytest.fixture
def instance(tmp_path: Path) -> Instance:
    home = tmp_path / "instance"
    write_instance(home, port=1)
    with_as2(home, PARTNER, port=8443, url="http://127.0.0.1:9/as2")
    pem = signing_key("acme", end=ENDS).certificate.x509.public_bytes(Encoding.PEM)
    (home / "certificates" / "acme.pem").write_bytes(pem)
    return config.load(home, maps_too=False)


def test_each_notice_is_told_once(instance: Instance) -> None:
    left = [90, 59, 58, 29, 6, -1, -2]
    moments = iter([ENDS - timedelta(days=days) for days in left])
    made = Announcing(instance, clock=lambda: next(moments))
    with capture_logs() as logs:
        for _ in left:
            made.announce()
    assert [(one["log_level"], one["days_left"]) for one in logs] == [
        ("warning", 59),
        ("warning", 29),
        ("warning", 6),
        ("warning", -1),
    ]
    assert logs[0]["whose"] == f"{PARTNER}/as2"


def test_what_ends_is_told_at_the_start(instance: Instance) -> None:
    with capture_logs() as logs, announcing(instance, clock=lambda: ENDS - timedelta(days=7)):
        pass
    assert [one["event"] for one in logs] == ["as2_certificate_ends"]


def test_each_notice_is_an_alert_of_its_own_for_the_partners_owner(instance: Instance) -> None:
    kept: list[Sequence[Alert]] = []
    moments = iter([ENDS - timedelta(days=days) for days in (90, 59, 58, 6)])
    made = Announcing(instance, clock=lambda: next(moments), keep=kept.append)
    for _ in range(4):
        made.announce()
    none, [far], [still_far], [near] = kept
    assert none == []
    assert far.id == still_far.id != near.id
    assert (far.kind, far.partner) == ("certificate_ends", PARTNER)
    assert far.owner == instance.partners[PARTNER].owner
    assert far.what.endswith(f"({PARTNER}/as2) ends on {ENDS:%F}, and no other takes over")


def test_an_alert_stands_until_another_certificate_takes_over(instance: Instance) -> None:
    def week_before() -> datetime:
        return ENDS - timedelta(days=7)

    with opened(instance, clock=week_before) as app:
        with announcing_certificates(instance, app.store, app.jobs, clock=week_before):
            [view] = app.desk.alerts.alerts()
        keep_certificates(app.store, app.jobs, [], clock=week_before)
        [after] = app.desk.alerts.alerts()
    assert (view.alert.kind, view.alert.state) == ("certificate_ends", "open")
    assert after.alert.state == "resolved"
