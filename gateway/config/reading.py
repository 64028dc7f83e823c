"""One YAML file to one model: read, place every fault, never stop at the first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from pydantic import BaseModel, ValidationError

from gateway import yaml_source
from gateway.config.wording import problems_of
from gateway.errors import ConfigProblems, Problem
from gateway.small_files import read_small
from gateway.yaml_source import Source

Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Read(Generic[Model]):
    """A file that was read: its value where it has one, where things stand, what is wrong."""

    source: Source
    model: Model | None
    problems: tuple[Problem, ...] = ()


def read_source(path: Path, name: str) -> Source:
    """Read a YAML file; raise ConfigProblems where that is not possible."""
    try:
        text = read_small(path).decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        line = fault.object[: fault.start].count(b"\n") + 1
        raise ConfigProblems([Problem(name, line, 1, "", "not UTF-8 text")]) from fault
    except OSError as fault:
        message = f"cannot be read: {fault.strerror}"
        raise ConfigProblems([Problem(name, 1, 1, "", message)]) from fault
    return yaml_source.load(text, name)


def read_model(
    path: Path,
    name: str,
    model: type[Model],
    overlay: tuple[Path, str] | None = None,
    *,
    completed: Callable[[Source], Source] | None = None,
) -> Read[Model]:
    """Read a YAML file as a model, with every fault placed.

    `overlay` is a file, with its name, whose settings are laid over those of the first;
    `completed` adds what other files bring to it.
    """
    try:
        source = read_source(path, name)
        if overlay is not None:
            source = yaml_source.laid_over(source, read_source(*overlay))
        if completed is not None:
            source = completed(source)
    except ConfigProblems as fault:
        return Read(Source(name, None), None, fault.problems)
    try:
        return Read(source, model.model_validate(source.value))
    except ValidationError as fault:
        return Read(source, None, tuple(problems_of(fault, source, model)))
