"""What a destination says loses its secrets, and nothing else of its meaning."""

from __future__ import annotations

import pytest

from gateway.app.masking import Masked
from gateway.errors import GatewayError, Permanent, Refused, Transient
from gateway.pipeline.ports import Consignment
from gateway.secrets import Mask
from gateway.shaping import NotShaped
from gateway.transports.memory import Outbound

SECRET = "hunter2-and-more"


@pytest.mark.parametrize("kind", [Transient, Refused, Permanent, NotShaped])
def test_a_fault_stays_of_its_kind_without_the_secret(kind: type[GatewayError]) -> None:
    masked = Masked(Outbound([kind(f"no, says {SECRET}")]), Mask([SECRET]))
    with pytest.raises(kind) as raised:
        masked.deliver(Consignment(b"{}", "order.json", "key", "correlation"))
    assert type(raised.value) is kind
    assert SECRET not in str(raised.value)
    assert str(raised.value).startswith("no, says ")
