"""What two records of one person have done, joined under the record that stays."""

from __future__ import annotations

from dataclasses import replace

from services.common.context import Caller
from services.common.storage.mongo import Session
from services.trainings.app import App
from services.trainings.domain.application_states import (
    TRANSITIONS,
    ApplicationAction,
    ApplicationStatus,
)
from services.trainings.domain.applications import Application
from services.trainings.domain.departures import merge_people
from services.trainings.domain.merging import Move, Moved, moves_of_seats
from services.trainings.domain.participants import Participant
from services.trainings.domain.roster import Reason
from services.trainings.steps.merge_attendance import merge_attendance
from services.trainings.steps.roster_changes import apply_roster_change
from services.trainings.steps.save_application import save_application


def merge_progress(
    app: App, caller: Caller, session: Session, kept: Participant, merged: Participant
) -> tuple[Move, ...]:
    """Move all that the one record has to the other.

    Returns:
        what became of each thing, for people.
    """
    attended = merge_attendance(app, caller, session, kept.id, merged.id)
    seats = _merge_seats(app, caller, session, kept.id, merged.id)
    spare = {each.of for each in seats if each.moved is Moved.SEAT_GIVEN_BACK}
    applications = _merge_applications(app, caller, session, kept.id, merged.id, spare)
    return (*seats, *attended, *applications)


def _merge_seats(app: App, caller: Caller, session: Session, kept: str, merged: str) -> list[Move]:
    """One seat in each cohort stays; a spare one is offered to the next."""
    moves: list[Move] = []
    for cohort in app.cohorts.of_person(merged, session):
        assert cohort.roster is not None, "the cohort was found by its roster"
        change = merge_people(cohort.roster, merged, kept, app.clock.now())
        moves += moves_of_seats(cohort.id, cohort.roster, change, merged)
        apply_roster_change(app, caller, session, cohort, change)
    return moves


def _merge_applications(
    app: App, caller: Caller, session: Session, kept: str, merged: str, spare: set[str]
) -> list[Move]:
    """One application for each cohort counts; all are found under the record that stays.

    Args:
        spare: ids of those whose seat, offer or waiting entry was given back.
    """
    moves: list[Move] = []
    for gone in app.applications.of_participant(merged, session):
        if gone.merged_into is not None:
            # Spare since an earlier merge: it follows the one that counts.
            _save(app, caller, session, gone, gone.changed(participant_id=kept))
            continue
        moves.append(Move(Moved.APPLICATION_MOVED, gone.id, gone.cohort_id))
        own = app.applications.of_person(gone.cohort_id, kept, session)
        if own is None:
            _save(app, caller, session, gone, gone.changed(participant_id=kept))
            continue
        counting, other = (own, gone) if _counts_before(own, gone, spare) else (gone, own)
        after = _withdrawn(app, other)
        # First, since one application of a person counts at any time.
        _save(
            app,
            caller,
            session,
            other,
            replace(after, participant_id=kept, merged_into=counting.id, version=other.version + 1),
        )
        joined = counting.changed(participant_id=kept)
        if (counting.status, other.status) == (_NOT_COMPLETED, _COMPLETED):
            completed = counting.after(ApplicationAction.COMPLETE, app.clock.now())
            joined = replace(completed, participant_id=kept)
        _save(app, caller, session, counting, joined)
    return moves


_COMPLETED, _NOT_COMPLETED = ApplicationStatus.COMPLETED, ApplicationStatus.NOT_COMPLETED
_BETTER = (
    _COMPLETED,
    _NOT_COMPLETED,
    ApplicationStatus.ENROLLED,
    ApplicationStatus.OFFERED,
    ApplicationStatus.WAITLISTED,
    ApplicationStatus.SHORTLISTED,
    ApplicationStatus.SUBMITTED,
)


def _counts_before(one: Application, other: Application, spare: set[str]) -> bool:
    """Whether the first of two applications of a person counts: what the roster has kept, then the
    further one, then the earlier one."""

    def key(each: Application) -> tuple[bool, int, object, str]:
        further = _BETTER.index(each.status) if each.status in _BETTER else len(_BETTER)
        return (each.id in spare, further, each.applied_at, each.id)

    return key(one) < key(other)


def _withdrawn(app: App, application: Application) -> Application:
    """The application without a claim to a seat; as it is where it has none."""
    action = ApplicationAction.WITHDRAW
    if (application.status, action) not in TRANSITIONS:
        return application
    return application.after(action, app.clock.now(), reason=Reason.SAME_PERSON.value)


def _save(
    app: App, caller: Caller, session: Session, before: Application, after: Application
) -> None:
    if after is not before:
        cohort = app.cohorts.get(before.cohort_id, session)
        save_application(app, caller, session, cohort, before, after)
