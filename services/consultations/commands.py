"""What an operator does by hand: ``python -m services.consultations audit``, and ``rebuild``."""

from __future__ import annotations

from services.common.config import Settings
from services.common.events.event_log import EventLog
from services.common.storage.mongo import connect
from services.consultations.app import NAME, build
from services.consultations.operations.audit import audit_all
from services.consultations.operations.rebuilding import rebuild_trajectories

BRANCHES = ("bookings", "trainings", NAME)
"""Those whose events trajectories are made of."""


def audit(settings: Settings) -> list[str]:
    """Recompute every rule of cases from documents, keys, histories and both logs.

    Returns:
        a line for each difference; none if all is sound.
    """
    app = build(settings)
    try:
        return [
            f"{each.rule.value} {each.of}: expected {each.expected}, found {each.found}"
            for each in audit_all(app)
        ]
    finally:
        app.close()


def rebuild(settings: Settings) -> list[str]:
    """Make the facts of all trajectories anew from the logs of all branches.

    Returns:
        lines that say what was made, and whether it is what was there.
    """
    app = build(settings)
    databases = {branch: connect(settings, branch) for branch in BRANCHES}
    try:
        logs = {branch: EventLog(database) for branch, database in databases.items()}
        made = rebuild_trajectories(app, logs)
    finally:
        for database in databases.values():
            database.close()
        app.close()
    same = made.hash == made.hash_before
    return [
        f"{made.facts} facts of {made.events} events, {made.hash}.",
        "The facts were the same before." if same else f"They were {made.hash_before} before.",
    ]
