"""What a person, or an organisation's people, applied for, attended and earned; in the last
cohorts, so that a page takes no longer the longer a centre has worked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from services.common import errors
from services.common.authorisation import check_signed_in, is_staff
from services.common.context import Call
from services.common.contracts.trainings.limits import MOST_COHORTS_OF_TIMELINE
from services.common.lists import one_more
from services.common.storage.mongo import Document
from services.trainings.app import App
from services.trainings.domain import permissions
from services.trainings.domain.applications import Application
from services.trainings.domain.attendance import ATTENDED
from services.trainings.domain.cohorts import Cohort
from services.trainings.domain.merging import current_id
from services.trainings.domain.participants import Participant
from services.trainings.domain.timeline import (
    Kind,
    Line,
    Step,
    timeline_of_organisation,
    timeline_of_person,
)
from services.trainings.schemas.timeline import TimelineOf, position_of
from services.trainings.steps.current_participant import all_records, current_participant
from services.trainings.steps.known_attendance import attendance_in


@dataclass(frozen=True, slots=True)
class Timeline:
    """Lines, one more than a page where there are more; cohorts and people by id."""

    lines: list[Line]
    cohorts: Mapping[str, Cohort]
    people: Mapping[str, Participant]


def participant_timeline(app: App, call: Call, query: TimelineOf) -> Timeline:
    """A person's timeline, for the person and staff; that of the caller where nobody is named.

    Raises:
        errors.Unauthenticated: for a visitor.
        errors.NotFound: if there is no such participant, or the caller may not see it.
    """
    check_signed_in(call.caller)
    own = query.id is None
    participant_id = query.id or call.caller.id
    permissions.check_may_see_participant(call.caller, participant_id)
    participant = current_participant(app, participant_id)
    if participant is None:
        if own:
            # Who has never applied for anything has an empty timeline.
            return Timeline([], {}, {})
        raise errors.NotFound()
    records = all_records(app, participant.id)
    applications = _applications(app, {"participant_id": {"$in": records}})
    merged = app.participants.current_ids(records)
    steps, cohorts = _steps(app, applications, merged)
    return _timeline(app, timeline_of_person(steps, participant.id, merged), cohorts, query)


def organisation_timeline(app: App, call: Call, query: TimelineOf) -> Timeline:
    """The timeline of all who came for an organisation, for its representatives and staff.

    Raises:
        errors.Unauthenticated: for a visitor.
        errors.NotFound: for anybody else.
    """
    check_signed_in(call.caller)
    if not (is_staff(call.caller) or call.caller.represents(query.id)):
        raise errors.NotFound()
    assert query.id is not None, "the contract requires it"
    applications = _applications(app, {"organisation_id": query.id})
    merged = app.participants.current_ids({each.participant_id for each in applications})
    steps, cohorts = _steps(app, applications, merged)
    return _timeline(app, timeline_of_organisation(steps, query.id, merged), cohorts, query)


def _applications(app: App, whose: Document) -> list[Application]:
    """These applications, as far as they are for the last cohorts."""
    cohorts = app.applications.last_cohorts(whose, most=MOST_COHORTS_OF_TIMELINE)
    return app.applications.in_cohorts(whose, cohorts)


def _timeline(
    app: App, lines: list[Line], cohorts: Mapping[str, Cohort], query: TimelineOf
) -> Timeline:
    if query.after is not None:
        after = query.after
        lines = [each for each in lines if position_of(each) > after]
    shown = lines[: one_more(query.limit)]
    people = app.participants.named({person for line in shown for person in line.people})
    return Timeline(shown, cohorts, people)


def _steps(
    app: App, applications: Iterable[Application], merged: Mapping[str, str]
) -> tuple[list[Step], dict[str, Cohort]]:
    """What the people of these applications did in the cohorts that they applied for, and the
    cohorts by id."""
    by_cohort: dict[str, dict[str, Application]] = {}
    steps: list[Step] = []
    for each in applications:
        person = current_id(each.participant_id, merged)
        if each.merged_into is None:
            by_cohort.setdefault(each.cohort_id, {})[person] = each
        steps.append(
            Step(
                Kind.APPLIED,
                each.merged_into or each.id,
                each.cohort_id,
                person,
                each.applied_at,
                each.organisation_id,
            )
        )
    cohorts = app.cohorts.named({each.cohort_id for each in steps})
    for cohort_id, people in by_cohort.items():
        steps += _attended(app, cohorts[cohort_id], people)
        steps += _earned(app, cohort_id, people, merged)
    return steps, cohorts


def _attended(app: App, cohort: Cohort, people: Mapping[str, Application]) -> list[Step]:
    sessions = {each.id: each.starts_at for each in cohort.sessions}
    return [
        Step(
            Kind.ATTENDED,
            session_id,
            cohort.id,
            person,
            sessions[session_id],
            people[person].organisation_id,
        )
        for (session_id, person), entry in attendance_in(app, cohort.id).entries.items()
        if person in people and session_id in sessions and entry.status in ATTENDED
    ]


def _earned(
    app: App, cohort_id: str, people: Mapping[str, Application], merged: Mapping[str, str]
) -> list[Step]:
    """Certificates that count; of one person and cohort the corrected one takes the place of the
    first, so that it is earned once."""
    ids = {*people, *(each for each in merged if current_id(each, merged) in people)}
    return [
        Step(
            Kind.EARNED,
            cohort_id,
            cohort_id,
            current_id(each.person_id, merged),
            each.issued_at,
            people[current_id(each.person_id, merged)].organisation_id,
        )
        for each in app.certificates.of_people(cohort_id, ids)
        if each.person_id is not None and each.withdrawn_at is None
    ]
