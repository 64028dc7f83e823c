"""Fields and facts that templates in files ask for and that nothing has.

A template stops at a name that is not there, so that the first document of the day would wait for a
person. Which names there are depends on where the template stands.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from gateway.config.check_destinations import shapings
from gateway.config.check_fields import asked_in_vain, fields_of_documents, known_names
from gateway.config.files import Files, Report
from gateway.config.shaping import Place, Shaping, shape_of
from gateway.errors import ConfigProblems, Problem
from gateway.shaping import TextTemplate
from gateway.yaml_source import Source

_OF_FOLLOWING = ("correlation_id", "document_id", "document_type", "partner")
"""What is known beside a document from which another is made for a partner."""

_Names = tuple[Sequence[str], Sequence[str]]
"""Fields and facts."""


def check(files: Files, report: Report, home: Path) -> None:
    """Note what templates of destinations, routes and next documents ask for in vain."""
    if files.settings.model is not None:
        told = {export.done.destination for _, export in files.read_exports if export.done}
        for name, destination in files.settings.model.destinations.items():
            names = known_names(destination, marks=name in told)
            for place, shaping in shapings(destination):
                at = ("destinations", name, *place)
                _file(shaping, names, files.settings.source, report, home, at=at)
    routes, source = files.routes.model, files.routes.source
    if routes is None:
        return
    fields = sorted(fields_of_documents())
    for name, shaping in routes.shapes.items():
        _file(shaping, (fields, _OF_FOLLOWING), source, report, home, at=("shapes", name))
    following = ([*fields, "delivered"], _OF_FOLLOWING)
    for index, one in enumerate(routes.next):
        _file(one.body, following, source, report, home, at=("next", index, "body"))


def _file(
    shaping: Shaping, names: _Names, source: Source, report: Report, home: Path, *, at: Place
) -> None:
    """Note what a template in a file asks for in vain; after `select` it sees something else."""
    if shaping.template is None or shaping.select is not None:
        return
    try:
        render = shape_of(shaping, home, source, at).render
    except ConfigProblems:
        return  # Told where it is compiled.
    if isinstance(render, TextTemplate):
        for named, sentence in asked_in_vain(render.seen, *names):
            found = Problem(shaping.template, named.line, 1, "", sentence)
            if found not in report.warnings:
                report.warnings.append(found)
