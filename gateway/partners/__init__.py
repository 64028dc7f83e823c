"""Trading partners and agreements: who exchanges what with us, and on which terms."""

from gateway.partners.acknowledging import AcknowledgmentPolicy, Strictness
from gateway.partners.agreement import (
    NOTHING_TO_ACCEPT,
    Agreement,
    FindingRule,
)
from gateway.partners.lookup import Parties, PartnerLookup, UnknownParty
from gateway.partners.partner import (
    ControlNumbers,
    Folders,
    GuideName,
    Identity,
    NoAgreement,
    Partner,
)
from gateway.partners.separators import OutgoingDelimiters

__all__ = [
    "NOTHING_TO_ACCEPT",
    "AcknowledgmentPolicy",
    "Agreement",
    "ControlNumbers",
    "FindingRule",
    "Folders",
    "GuideName",
    "Identity",
    "NoAgreement",
    "OutgoingDelimiters",
    "Parties",
    "Partner",
    "PartnerLookup",
    "Strictness",
    "UnknownParty",
]
