"""What consultations holds about a person, and what it erases.

An export opens nothing that its reader may not read otherwise: managers and an operator get nothing
of sealed cases that they do not see, and a person nothing of those that the person is not on any
more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from operator import attrgetter
from typing import Any

from services.common.context import SYSTEM, Call
from services.common.contracts.consultations import events
from services.common.history.changes import subject_of
from services.common.history.steps import record_change
from services.common.personal_data import Erasure, check_may_export
from services.common.storage.aggregates import Aggregates
from services.common.storage.mongo import Session
from services.consultations.app import App
from services.consultations.domain.cases import Case, Contact
from services.consultations.domain.trips import Trip
from services.consultations.schemas.cases import case
from services.consultations.schemas.personal_data import exported
from services.consultations.steps.adviser_calendar import follow_adviser_later
from services.consultations.steps.case_events import save_case
from services.consultations.store.owning_case import cases_of

Rows = list[dict[str, Any]]
CaseOf = Callable[[Any], str]

#: What is changed within a case; of a sealed one its history is for its people alone.
_OF_CASES = frozenset(
    {
        "action_plan",
        "appointment",
        "case",
        "milestone",
        "note",
        "referral",
        "task",
        "trip",
        "visit",
    }
)


def export(app: App, call: Call, person_id: str, email: str | None) -> dict[str, Rows]:
    """All that is held about a person, by kind, as far as the caller sees the cases.

    Raises:
        errors.Unauthenticated, errors.Forbidden: neither the person nor a manager asks.
    """
    check_may_export(call.caller, person_id)
    own = call.caller.kind == "person" and call.caller.id == person_id

    def readable(found: Iterable[Any], case_of: CaseOf = attrgetter("case_id")) -> list[Any]:
        """What belongs to a case that the caller sees."""
        rows = list(found)
        ids = sorted({case_of(each) for each in rows})
        seen = app.cases.visible_ids(ids, call.caller, app.clock.now())
        return [each for each in rows if case_of(each) in seen]

    def unsealed(found: list[Any]) -> list[Any]:
        """Of sealed notes and their files, others than the person get none."""
        return [each for each in found if own or not each.sealed]

    cases = readable(app.cases.of_person(person_id), attrgetter("id"))
    adviser = app.advisers.look_up(person_id)
    return {
        "directory": app.directory.export(person_id),
        "cases": [case(each) for each in cases],
        "notes": exported(unsealed(readable(app.notes.written_by(person_id)))),
        "attachments": exported(unsealed(readable(app.attachments.added_by(person_id)))),
        "referrals": exported(readable(app.referrals.of_person(person_id))),
        "news": exported(readable(app.news.of_recipient(person_id))),
        "tasks": exported(_tasks(app, call, person_id)),
        "readings": exported(readable(app.access_log.of_person(person_id))) if own else [],
        "adviser": exported([] if adviser is None else [adviser]),
        "absences": exported(app.absences.page({"adviser_id": person_id})),
        "appointments": exported(readable(app.appointments.page({"adviser_id": person_id}))),
        "visits": exported(readable(app.visits.page({"adviser_id": person_id}))),
        "consulting_hours": exported(app.consulting_hours.page({"adviser_id": person_id})),
        "assessments": exported(app.assessments.of_person(person_id)),
        "answers": exported(app.forms.answers_of(person_id)),
        "campaign_requests": exported(app.campaign_requests.of_person(person_id)),
        "working_documents": _rows_in_documents(app, person_id),
        "document_comments": exported(app.document_comments.page({"by": person_id})),
        "changes": _changes(app, call, person_id),
    }


def _rows_in_documents(app: App, person_id: str) -> Rows:
    """The roles and the tasks that an organisation has written down for the person."""
    return [
        {"document_id": each.id, "organisation_id": each.organisation_id, "row_id": row.id}
        for each in app.working_documents.naming(person_id)
        for row in each.current.content.rows
        if row.holder is not None and row.holder.person_id == person_id
    ]


def _tasks(app: App, call: Call, person_id: str) -> list[Any]:
    found = app.tasks.of_person(person_id)
    ids = sorted({each.case_id for each in found if each.case_id is not None})
    seen = app.cases.visible_ids(ids, call.caller, app.clock.now())
    return [each for each in found if each.case_id is None or each.case_id in seen]


def _changes(app: App, call: Call, person_id: str) -> Rows:
    """What the person has changed; of cases, as far as the caller sees them."""
    found = [(_subject_of(each), each) for each in app.history.changes_by(person_id)]
    case_of: dict[tuple[str, str], set[str]] = {}
    for kind in _OF_CASES:
        ids = {id for (each, id), _ in found if each == kind}
        for id, cases in _cases_of(app, kind, ids).items():
            case_of[kind, id] = cases
    named = sorted({each for cases in case_of.values() for each in cases})
    seen = app.cases.visible_ids(named, call.caller, app.clock.now())
    return [
        change
        for subject, change in found
        if subject[0] not in _OF_CASES or (subject in case_of and case_of[subject] <= seen)
    ]


def _subject_of(change: dict[str, Any]) -> tuple[str, str]:
    kind, _, id = str(change["subject"]).partition("/")
    return kind, id


def _cases_of(app: App, kind: str, ids: set[str]) -> dict[str, set[str]]:
    """Id → the cases that a thing of this kind belongs to; what is not there any more is left
    out. A trip belongs to the cases of its visits."""
    if kind == Case.kind:
        return {each: {each} for each in ids}
    if kind == Trip.kind:
        trips = {each.id: each for each in app.trips.page({"_id": {"$in": sorted(ids)}})}
        visits = {id for each in trips.values() for id in each.visit_ids}
        case_of_visit = cases_of(app.visits, visits)
        return {
            key: {case_of_visit[id] for id in each.visit_ids if id in case_of_visit}
            for key, each in trips.items()
        }
    found = cases_of(_store_of(app, kind), ids)
    return {id: {case_id} for id, case_id in found.items()}


def _store_of(app: App, kind: str) -> Aggregates[Any]:
    stores: Mapping[str, Aggregates[Any]] = {
        "action_plan": app.action_plans,
        "appointment": app.appointments,
        "milestone": app.milestones,
        "note": app.notes,
        "referral": app.referrals,
        "task": app.tasks,
        "visit": app.visits,
    }
    return stores[kind]


def erase(app: App, session: Session, erasure: Erasure) -> None:
    """Erase what is held about a person; ids in cases and histories stay: they are the
    organisation's. Nobody is asked to meet an adviser who is gone, and staff give their cases to
    another one."""
    person_id = erasure.person_id
    for each in app.cases.of_person(person_id, session):
        if each.requester_id == person_id and each.content.contact != Contact():
            _erase_contact(app, session, each)
    _erase_adviser(app, session, person_id)
    follow_adviser_later(app, session, person_id)
    app.campaign_requests.erase(session, person_id)
    app.forms.erase_respondent(session, person_id, app.new_id())
    app.document_comments.forget_texts(session, person_id)
    _erase_from_documents(app, session, person_id)
    app.news.erase(session, person_id)
    app.directory.erase(session, person_id, erasure.version)
    app.keys.forget(session, caller_id=person_id)


def _erase_contact(app: App, session: Session, before: Case) -> None:
    """Take the name and the telephone number of the requester out of a case."""
    content = replace(before.content, contact=Contact())
    after = replace(before, content=content, version=before.version + 1)
    save_case(app, session, SYSTEM, events.CASE_CHANGED, before, after, action="erase_contact")


def _erase_from_documents(app: App, session: Session, person_id: str) -> None:
    """Take the name of a person out of the working documents that name the person's account, in
    every edition."""
    for before in app.working_documents.naming(person_id, session):
        after = before.without_person(person_id)
        if after is not before:
            app.working_documents.save(session, after, before.version)
            was = before.facts
            record_change(app, SYSTEM, session, after, was, after.facts, action="erase_person")
    app.document_editions.forget_person(session, person_id)


def _erase_adviser(app: App, session: Session, person_id: str) -> None:
    """Leave nothing of an adviser's profile but the id, at no centre and for nobody to meet."""
    before = app.advisers.look_up(person_id, session)
    if before is None:
        return
    after = replace(
        before,
        centre_ids=(),
        specialities=(),
        languages=(),
        sex=None,
        active=False,
        version=before.version + 1,
    )
    if replace(after, version=before.version) == before:
        return
    app.advisers.save(session, after, before.version)
    record_change(app, SYSTEM, session, after, before.facts, after.facts, action="erase")
    app.history.erase(session, subject_of(after))
