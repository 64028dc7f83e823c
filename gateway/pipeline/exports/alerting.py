"""When a person must know of an export: its runs fail, or its ERP cannot be told."""

from __future__ import annotations

from datetime import datetime

from gateway.pipeline.alerts import Alert, AlertKind, raise_alert, resolve_alert
from gateway.pipeline.export_records import MarkRecord, RunRecord
from gateway.pipeline.exports.definition import Export
from gateway.pipeline.jobs import Jobs
from gateway.pipeline.states import RunState
from gateway.pipeline.store_port import Transaction

_LONGEST_ROW = 200
"""Runs that are looked at for the first that failed in a row: later ones raise no further alert."""


def alert_of_run(
    transaction: Transaction, jobs: Jobs, export: Export, run: RunRecord, now: datetime
) -> None:
    """Raise an alert with the first run that fails in a row; resolve it with the first that ends.

    Call it once the run is kept as it ended.
    """
    before = _failed_before(transaction, run)
    if run.state != RunState.FAILED:
        if before is not None:
            resolve_alert(
                transaction,
                AlertKind.EXPORT_FAILED,
                export.name,
                now,
                because="a run came to its end",
                occurrence=before.id,
            )
        return
    if before is None:
        alert = Alert(
            AlertKind.EXPORT_FAILED,
            export.name,
            export.owner,
            f"export {export.name} failed: {run.because}",
            f"gateway exports show {export.name}",
            "mend the source or the export; the next run goes on from where this one stopped",
            occurrence=run.id,
        )
        raise_alert(transaction, jobs, alert, now)


def _failed_before(transaction: Transaction, run: RunRecord) -> RunRecord | None:
    """Return the first of the runs that failed in a row right before this one."""
    first = None
    for one in transaction.exports.runs(run.export, _LONGEST_ROW):
        if one.id == run.id or one.ended_at is None or one.state == RunState.SKIPPED:
            continue
        if one.state != RunState.FAILED:
            break
        first = one
    return first


def alert_of_mark(
    transaction: Transaction, jobs: Jobs, mark: MarkRecord, owner: str, now: datetime
) -> None:
    """Raise an alert about an ERP that could not be told."""
    alert = Alert(
        AlertKind.ERP_NOT_TOLD,
        mark.id,
        owner,
        f"the ERP could not be told of {mark.key} of export {mark.export}: {mark.last_error}",
        f"gateway exports show {mark.export}",
        f"mend its destination, then `gateway exports tell {mark.export}`",
    )
    raise_alert(transaction, jobs, alert, now)


def end_alert_of_mark(transaction: Transaction, mark: MarkRecord, now: datetime) -> None:
    """Resolve the alert about an ERP that knows by now."""
    because = "the ERP was told"
    resolve_alert(transaction, AlertKind.ERP_NOT_TOLD, mark.id, now, because=because)
