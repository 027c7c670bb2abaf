"""What becomes of the sessions of an announced cohort: an event for each, with its people."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from services.common import clock
from services.common.context import Caller
from services.common.contracts.registry import EventType
from services.common.contracts.trainings import events
from services.common.storage.mongo import Session
from services.trainings.app import App
from services.trainings.domain.cohorts import Cohort, CohortSession
from services.trainings.domain.roster import Roster


def record_session_events(
    app: App,
    caller: Caller,
    session: Session,
    before: Cohort,
    after: Cohort,
    reason: str | None = None,
) -> None:
    """Record what became of each session, if anybody may know of it.

    Args:
        before, after: the cohort, at the version before and after the change.
        reason: why, where a person has said so.
    """
    if after.roster is None:
        return
    centre = app.centres.get(after.centre_id, session)
    common = {
        "cohort_id": after.id,
        "course_id": after.course_id,
        "centre_id": after.centre_id,
        "centre_name": dict(centre.name),
        "time_zone": centre.time_zone,
        "title": dict(after.title),
        "people": _people_to_inform(app, session, after.roster),
        **({} if reason is None else {"reason": reason}),
        "version": after.version,
        "changed_by": caller.id,
    }
    for event_type, session_id, facts in _changes(before, after):
        app.outbox.record(
            session,
            event_type,
            subject=session_id,
            version=after.version,
            data=common | facts,
            caller=caller,
        )


def _people_to_inform(app: App, session: Session, roster: Roster) -> list[str]:
    """Who has a seat or is offered one, and has an account that messages can go to."""
    ids = {each.person_id for each in roster.entries if each.takes_seat}
    found = app.participants.named(ids, session)
    return sorted(each.id for each in found.values() if each.has_account and not each.erased)


def _changes(before: Cohort, after: Cohort) -> Iterator[tuple[EventType, str, dict[str, Any]]]:
    """What became of each session: the event, the session's id, and its facts."""
    for each in after.sessions:
        was = before.session(each.id)
        if was is None:
            yield events.SESSION_ADDED, each.id, _facts(each)
        elif (was.period, was.elsewhere) != (each.period, each.elsewhere):
            previous = {
                f"previous_{name}": value
                for name, value in _facts(was).items()
                if name != "session_id"
            }
            yield events.SESSION_MOVED, each.id, _facts(each) | previous
    for each in before.sessions:
        if after.session(each.id) is None:
            yield events.SESSION_REMOVED, each.id, _facts(each)


def _facts(session: CohortSession) -> dict[str, Any]:
    return {
        "session_id": session.id,
        "starts_at": clock.to_wire(session.starts_at),
        "ends_at": clock.to_wire(session.ends_at),
        "elsewhere": None if session.elsewhere is None else dict(session.elsewhere),
    }
