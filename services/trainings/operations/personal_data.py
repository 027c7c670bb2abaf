"""What trainings holds about a person, and what it erases."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

from services.common.context import SYSTEM, Call
from services.common.personal_data import Erasure, check_may_export
from services.common.storage.mongo import Session
from services.trainings.app import App
from services.trainings.domain.certificates import Certificate
from services.trainings.domain.reviews import ApplicationReview
from services.trainings.domain.settlements import StoredSettlement
from services.trainings.schemas.assignments import assignment
from services.trainings.schemas.imports import import_to_wire
from services.trainings.schemas.materials import material
from services.trainings.schemas.participants import participant
from services.trainings.steps.assignments import withdraw_assignment
from services.trainings.steps.current_participant import all_records
from services.trainings.steps.erase_participant import erase_participant


def export(
    app: App, call: Call, person_id: str, email: str | None
) -> dict[str, list[dict[str, Any]]]:
    """All that is held about a person, by kind.

    Raises:
        errors.Unauthenticated, errors.Forbidden: neither the person nor a manager asks.
    """
    check_may_export(call.caller, person_id)
    records = all_records(app, person_id)
    participants = app.participants.named(records)
    return {
        "participants": [participant(each) for each in participants.values()],
        "applications": [
            {
                "cohort_id": each.cohort_id,
                "applied_at": each.applied_at,
                **each.facts,
                "note": each.note,
            }
            for record in records
            for each in app.applications.of_participant(record)
        ],
        "directory": app.directory.export(person_id),
        "answers": [asdict(each) for record in records for each in app.forms.answers_of(record)],
        "reviews": [
            _review(review)
            for record in records
            for each in app.applications.of_participant(record)
            for review in app.reviews.of_application(each.id)
        ],
        "reviewed": [_review(each) for each in app.reviews.of_reviewer(person_id)],
        "changes": app.history.changes_by(person_id),
        "assignments": [
            assignment(each) for each in app.assignments.of_trainer(person_id, live=False)
        ],
        "certificates": [
            _exported(each) for record in records for each in app.certificates.all_of_person(record)
        ],
        "materials": [material(each) for each in app.materials.added_by(person_id)],
        "imports": [import_to_wire(each) for each in app.imports.of_person(person_id)],
        "attendance_marks": app.marks.of_person(records),
        "attendance_settlements": [
            {
                "session_id": each.session_id,
                "status": each.status.value,
                "decided_at": each.decided_at,
                "reason": each.reason,
            }
            for each in app.settlements.of_person(records)
        ],
    }


def erase(app: App, session: Session, erasure: Erasure) -> None:
    """Erase what is held about a person; ids in histories stay, and so do counts. A trainer is
    taken no more, and certificates count without a name."""
    for each in app.assignments.of_trainer(erasure.person_id, session):
        cohort = app.cohorts.get(each.cohort_id, session)
        withdraw_assignment(app, SYSTEM, session, cohort, each)
    for each in app.assignments.of_trainer(erasure.person_id, session, live=False):
        if each.reason is not None:
            app.assignments.save(session, replace(each, reason=None), each.version)
    erase_participant(app, session, erasure.person_id)
    app.directory.erase(session, erasure.person_id, erasure.version)
    records = all_records(app, erasure.person_id, session)
    settled = app.settlements.forget_reasons(session, records)
    subjects = [f"{StoredSettlement.kind}/{each}" for each in settled]
    app.history.forget_reasons(session, subjects)
    app.keys.forget(session, caller_id=erasure.person_id)
    # Answers that staff were given: to what they entered from paper, and to issuing certificates.
    for record in records:
        app.keys.forget(session, respondent=record)
        app.keys.forget(session, results__participant_id=record)


def _review(review: ApplicationReview) -> dict[str, Any]:
    """What was said of an application; who said it is not the applicant's to know."""
    return {
        "cohort_id": review.cohort_id,
        "scores": dict(review.scores),
        "remark": review.remark,
        "reviewed_at": review.reviewed_at,
    }


def _exported(certificate: Certificate) -> dict[str, Any]:
    """A certificate as its holder gets it: what was issued, and what became of it."""
    return {
        "code": certificate.code,
        "name": certificate.name,
        "kind": certificate.kind.value,
        "title": dict(certificate.title),
        "hours": certificate.hours,
        "first_day": certificate.first_day.isoformat(),
        "last_day": certificate.last_day.isoformat(),
        "issued_at": certificate.issued_at,
        "expires_at": certificate.expires_at,
        "withdrawn_at": certificate.withdrawn_at,
        "note": certificate.revocation.note if certificate.revocation else None,
    }
