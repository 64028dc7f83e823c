"""A run that is under way: what it has, and who judges, keeps and waits for it."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.clock import Clock
from gateway.pipeline.exports.judging import Judge
from gateway.pipeline.exports.keeping import Held, Keeper
from gateway.pipeline.exports.patience import Patience
from gateway.pipeline.store_port import Store


@dataclass(frozen=True, slots=True)
class UnderWay:
    """One run, with everything that it works by."""

    held: Held
    judge: Judge
    keeper: Keeper
    store: Store
    clock: Clock
    patience: Patience
