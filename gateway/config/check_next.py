"""What must fit between declared next documents and the rest: destinations, partners, shapes."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.canonical import DOCUMENTS
from gateway.config.check_routes import check_when
from gateway.config.files import Files, Report
from gateway.config.instance import onwards_of
from gateway.config.maps import inherited
from gateway.config.next_documents import NextDocument, RoutesFile
from gateway.config.shaping import shape_of
from gateway.errors import ConfigProblems
from gateway.partners import Partner
from gateway.routing import Onward
from gateway.secrets import Vault
from gateway.yaml_source import Source, suggestion

_SHOWN = 3
"""Partners that one warning names."""


def check(files: Files, report: Report, vault: Vault) -> None:
    """Note what does not fit below `next` of `routes.yaml`, and refusals that nobody is told."""
    routes, source = files.routes.model, files.routes.source
    _advised(files, report)
    if routes is None:
        return
    _names(routes, source, report)
    _shapes(routes, source, report, vault)
    partners = {partner.id: partner for partner in files.partner_models}
    for index, one in enumerate(routes.next):
        check_when(one.when, source, ("next", index, "when"), report)
        _after(files, one, index, report)
        if all(read.model is not None for read in files.partners):
            _senders(files, one, index, report)
            _back(files, one, index, report)
            _partners(one, index, partners, source, report=report)
        try:
            shape_of(one.body, vault.home, source, ("next", index, "body"))
        except ConfigProblems as fault:
            report.problems += fault.problems


def _shapes(routes: RoutesFile, source: Source, report: Report, vault: Vault) -> None:
    """Note shapes that there are not, that nobody uses, or that cannot be compiled."""
    for name, shaping in routes.shapes.items():
        if all(to.shape != name for to in onwards_of(routes)):
            report.warn(source, ("shapes", name), "no rule sends anything on in this shape")
        try:
            shape_of(shaping, vault.home, source, ("shapes", name))
        except ConfigProblems as fault:
            report.problems += fault.problems
    for index, rule in enumerate(routes.rules):
        for place, target in enumerate(rule.to):
            wanted = target.shape if isinstance(target, Onward) else None
            if wanted is not None and wanted not in routes.shapes:
                message = f"there is no shape '{wanted}'{suggestion(wanted, routes.shapes)}"
                report.problem(source, ("rules", index, "to", place), message)


def _names(routes: RoutesFile, source: Source, report: Report) -> None:
    first: dict[str, int] = {}
    for index, one in enumerate(routes.next):
        if first.setdefault(one.name, index) != index:
            message = f"'{one.name}' is the name of next[{first[one.name]}] already"
            report.problem(source, ("next", index, "name"), message)


def _after(files: Files, one: NextDocument, index: int, report: Report) -> None:
    if files.settings.model is None:
        return
    known = sorted(files.settings.model.destinations)
    for place, name in enumerate(one.after):
        if name not in known:
            message = f"there is no destination '{name}'{suggestion(name, known)}"
            report.problem(files.routes.source, ("next", index, "after", place), message)


def _partners(
    one: NextDocument,
    index: int,
    partners: Mapping[str, Partner],
    source: Source,
    *,
    report: Report,
) -> None:
    """Note partners that there are not, and those to whom nothing of the kind may be sent."""
    for place, name in enumerate(one.when.partner):
        if name not in partners:
            message = f"there is no partner '{name}'{suggestion(name, partners)}"
            report.problem(source, ("next", index, "when", "partner", place), message)
    if one.partner is not None and one.partner not in partners:
        message = f"there is no partner '{one.partner}'{suggestion(one.partner, partners)}"
        report.problem(source, ("next", index, "to"), message)
        return
    # Without `to`, it goes back to whoever sent the document.
    if one.sender_of is not None:
        return
    for name in (one.partner,) if one.partner is not None else one.when.partner:
        partner = partners.get(name)
        if partner is not None and not _takes(partner, one):
            what = one.set or "anything"
            message = f"no agreement to send {what} to partner '{name}'"
            report.problem(source, ("next", index, "to" if one.to else "name"), message)


def _takes(partner: Partner, one: NextDocument) -> bool:
    """Say whether anything of the kind may be sent to a partner."""
    return any(a.direction == "out" and one.set in (None, a.set) for a in partner.agreements)


def _senders(files: Files, one: NextDocument, index: int, report: Report) -> None:
    """Note where nobody sends the document whose sender is asked for, or who may get nothing."""
    kind, source, place = one.sender_of, files.routes.source, ("next", index, "to")
    if kind is None:
        return
    if kind not in DOCUMENTS:
        message = f"there is no document type '{kind}'{suggestion(kind, DOCUMENTS)}"
        report.problem(source, place, message)
        return
    senders = [partner for partner in files.partner_models if _sends(files, partner, kind)]
    words, what = kind.replace("_", " "), one.set or "anything"
    if not any(_takes(partner, one) for partner in senders):
        message = f"no partner that sends us this ({words}) has an agreement to be sent {what}"
        report.problem(source, place, message)
        return
    for partner in senders:
        if not _takes(partner, one):
            message = f"no agreement to send {what} to partner '{partner.id}', who sends this"
            report.warn(source, place, message)


def _back(files: Files, one: NextDocument, index: int, report: Report) -> None:
    """Note who sends what leads to an answer to the sender, and may get none."""
    if one.to is not None or one.when.partner or not one.when.document:
        return
    names = [
        f"'{partner.id}'"
        for partner in files.partner_models
        if any(_sends(files, partner, kind) for kind in one.when.document)
        and not _takes(partner, one)
    ]
    if not names:
        return
    listed = ", ".join(names[:_SHOWN]) + (
        f" and {len(names) - _SHOWN} more" if names[_SHOWN:] else ""
    )
    whom = f"partner {listed}, who sends" if len(names) == 1 else f"partners {listed}, who send"
    message = (
        f"no agreement to send {one.set or 'anything'} to {whom} this: "
        "its delivery would wait for a person; let `when: {partner: …}` name who gets one"
    )
    report.warn(files.routes.source, ("next", index), message)


def _sends(files: Files, partner: Partner, kind: str) -> bool:
    """Say whether a partner has an agreement whose map makes such a document of what comes."""
    return any(
        agreement.direction == "in"
        and agreement.map is not None
        and inherited(agreement.map, "document", files.maps.files) == kind
        for agreement in partner.agreements
    )


def _advised(files: Files, report: Report) -> None:
    for source, partner in files.read_partners:
        told = any(one.direction == "out" and one.set == "824" for one in partner.agreements)
        for index, agreement in enumerate(partner.agreements):
            if agreement.on_refusal == "advise" and not told:
                message = "nobody can be told: expected an agreement of `out` on set 824 too"
                report.problem(source, ("agreements", index, "on_refusal"), message)
