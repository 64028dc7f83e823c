"""An acknowledgment that somebody holds as a file finds what it is about in the store."""

from __future__ import annotations

from gateway.acks.segments import read_group
from gateway.acks.ta1 import read_ta1
from gateway.pipeline.reconciliation.answered import Said, answered
from gateway.pipeline.rulebook import Rulebook
from gateway.x12.reader import read_interchanges
from tests.integration.answers import functional, technical
from tests.integration.test_engine import run_until_done
from tests.integration.test_outbound import outgoing, sending
from tests.integration.test_reconciliation import REJECTION, send
from tests.integration.world import World, order, rulebook, world


def asked(here: World, rules: Rulebook, payload: bytes) -> bytes | None:
    """Ask the store what the only acknowledgment in a payload is about."""
    [interchange] = read_interchanges(payload)
    said: Said | None
    if interchange.acknowledgments:
        said = read_ta1(interchange.acknowledgments[0])
    else:
        said = read_group(interchange.groups[0].transaction_sets[0])
    assert said is not None
    with here.store.transaction() as transaction:
        return answered(transaction, rules.lookup, interchange.header, said)


def test_theirs_finds_what_we_sent_and_what_we_never_sent_is_not_found(database_url: str) -> None:
    with sending(database_url) as (here, rules):
        send(here, 1)
        [one] = outgoing(here)
        assert asked(here, rules, functional(9, named=[REJECTION], status="R")) == one.content
        assert asked(here, rules, technical(10)) == one.content
        assert asked(here, rules, functional(11, group="4711")) is None
        stranger = functional(12).replace(b"QUAYSIDE ", b"STRANGER ")
        assert asked(here, rules, stranger) is None


def test_ours_finds_what_it_answers(database_url: str) -> None:
    received, rules = order(1), rulebook()
    with world(database_url, rules=rules) as here:
        here.drop(received)
        run_until_done(here)
        [reply] = [one for one in outgoing(here) if one.kind == "997"]
        assert asked(here, rules, reply.content) == received
