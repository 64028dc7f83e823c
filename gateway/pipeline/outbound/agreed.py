"""Which agreement a document of ours goes out under, and everything that follows from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from gateway import canonical
from gateway.counting import with_article
from gateway.errors import GatewayError
from gateway.mapping.plan import Json
from gateway.partners import Agreement, Partner
from gateway.pipeline.outbound.envelope import Envelope
from gateway.pipeline.rulebook import DocumentMap, Rulebook
from gateway.x12.validate import SetValidator
from gateway.yaml_source import suggestion


class SubmissionRefused(GatewayError):
    """This document cannot be sent; nothing of it was kept."""


class NotCanonical(SubmissionRefused):
    """What was submitted is no canonical document."""

    def __init__(self, faults: Sequence[tuple[str, str]]) -> None:
        said = "; ".join(f"{pointer}: {message}" for pointer, message in faults)
        super().__init__(f"this is no canonical document: {said}")
        self.faults = tuple(faults)
        """JSON Pointer and message of each fault."""


class KeyUsed(SubmissionRefused):
    """The idempotency key was used for something else."""


class PartnerUnknown(SubmissionRefused):
    """There is no such partner."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which of several agreements on the same kind of document is meant; None leaves it open."""

    set_id: str | None = None
    version: str | None = None
    """GS08, as the agreement has it."""
    usage: str | None = None
    """ISA15 that it goes out with; the agreement says which it allows."""

    def fits(self, agreement: Agreement) -> bool:
        """Say whether an agreement is one that is meant."""
        return (
            self.set_id in (None, agreement.set)
            and self.version in (None, agreement.version)
            and (self.usage is None or agreement.may_send(self.usage))
        )

    @property
    def spoken(self) -> str:
        """Say what is wanted besides the kind of document; empty where nothing is."""
        said = [one for one in (self.set_id, self.version) if one]
        if self.usage is not None:
            said.append(f"usage {self.usage}")
        return f" as {' '.join(said)}" if said else ""


ANY_AGREEMENT = Wanted()
"""Nothing is said: there is one agreement, or the document is refused."""


@dataclass(frozen=True, slots=True)
class Agreed:
    """A partner, the agreement on a document, and what it is written with."""

    partner: Partner
    agreement: Agreement
    document_map: DocumentMap
    validator: SetValidator
    envelope: Envelope
    version: str
    """The hash of all that writes the document, which it remembers."""


def find_agreement(
    rulebook: Rulebook, document: Mapping[str, Json], partner_id: str, wanted: Wanted
) -> Agreed:
    """Check a document, and find what was agreed on it; raise `SubmissionRefused` otherwise."""
    partner = rulebook.partners.get(partner_id)
    if partner is None:
        near = suggestion(partner_id, rulebook.partners)
        raise PartnerUnknown(f"there is no partner '{partner_id}'{near}")
    faults = canonical.check(document)
    if faults:
        raise NotCanonical(faults)
    document_type = str(document["document"])
    agreement, document_map = _choose(rulebook, partner, document_type, wanted)
    validator = rulebook.validator(
        agreement.schema_version, agreement.set, partner.guide_of(agreement)
    )
    if validator is None:
        raise SubmissionRefused(
            f"there is no schema for {agreement.set} in version {agreement.schema_version}"
        )
    envelope = _envelope(rulebook, partner, agreement, validator.schema.functional_id)
    if wanted.usage is not None:
        mark = partner.control_numbers.mark(wanted.usage)
        envelope = replace(envelope, usage=wanted.usage, series_mark=mark)
    version = rulebook.version_of(partner, agreement) or document_map.version
    return Agreed(partner, agreement, document_map, validator, envelope, version)


def _choose(
    rulebook: Rulebook, partner: Partner, document_type: str, wanted: Wanted
) -> tuple[Agreement, DocumentMap]:
    """Return the one agreement on sending such a document; production goes before tests."""
    found = []
    for agreement in partner.agreements:
        if agreement.direction != "out" or not wanted.fits(agreement):
            continue
        document_map = rulebook.map_named(agreement.map or "", agreement.schema_version)
        if document_map is not None and document_map.document == document_type:
            found.append((agreement, document_map))
    found = [one for one in found if one[0].outgoing_usage == "P"] or found
    if len(found) == 1:
        return found[0]
    what = f"{document_type.replace('_', ' ')}{wanted.spoken}"
    if found:
        agreements = [one for one, _ in found]
        raise SubmissionRefused(
            f"several agreements with partner '{partner.id}' send {with_article(what)}: "
            f"{_labels(agreements)}; {_how_to_choose(agreements)}"
        )
    sent = [one for one in partner.agreements if one.direction == "out"]
    agreed = f"agreed is {_labels(sent)}" if sent else "nothing is agreed to be sent"
    raise SubmissionRefused(
        f"no agreement with partner '{partner.id}' sends {with_article(what)}; {agreed}"
    )


def _how_to_choose(agreements: Sequence[Agreement]) -> str:
    """Say what tells the agreements apart: the set, the version of one set, or nothing."""
    if len({one.set for one in agreements}) > 1:
        return "expected the set that is meant (`--set`, or `set` over the API)"
    versions = sorted({one.version for one in agreements})
    if len(versions) > 1:
        return (
            f"expected the version that is meant (`--version {versions[0]}`, "
            "or `version` over the API)"
        )
    return "nothing that is sent tells them apart: remove one of them"


def _labels(agreements: Sequence[Agreement]) -> str:
    return ", ".join(f"{one.label} (map {one.map})" for one in agreements)


def _envelope(
    rulebook: Rulebook, partner: Partner, agreement: Agreement, functional_id: str
) -> Envelope:
    ours = rulebook.our_identity(partner.as_agreed(agreement))
    if ours is None:
        raise SubmissionRefused("we have no identity to send under")
    theirs = partner.sent_to(agreement)
    delimiters = agreement.delimiters or partner.delimiters
    return Envelope(
        partner=partner.id,
        set_id=agreement.set,
        functional_id=functional_id,
        version=agreement.version,
        usage=agreement.outgoing_usage,
        sender=ours.key,
        receiver=theirs.key,
        group_sender=ours.group_id,
        group_receiver=theirs.group_id,
        delimiters=delimiters.delimiters(),
        expects=agreement.expect.kind,
        expect_within=agreement.expect.seconds,
        resends=agreement.expect.resend,
        series_mark=partner.control_numbers.mark(agreement.outgoing_usage),
        first_interchange=partner.control_numbers.first_interchange,
        first_group=partner.control_numbers.first_group,
        time_zone=agreement.time_zone or partner.time_zone,
    )
