"""Who may do what in trainings, object by object.

============================= ======= ======== ======= =============
caller                        catalogue cohort  seats   attendance
============================= ======= ======== ======= =============
manager                       change   change   change  change
front desk of the centre      see      change   change  change
trainer of the cohort         see      see      admit   change
representative                see      see      nominate
anybody                       see      see      apply
============================= ======= ======== ======= =============

Cohorts that were never announced are seen by managers, the front desk of their centre and their
trainers alone.
A trainer of a cohort has the role of a trainer and has accepted an assignment to it; a trainer who
is asked sees the cohort too.
Staff assign and withdraw; the trainer alone accepts and declines.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from services.common.authorisation import check_is_manager, check_signed_in, is_staff, is_staff_of
from services.common.context import Caller
from services.common.errors import Forbidden, NotFound
from services.trainings.domain.applications import Application
from services.trainings.domain.assignments import Assignment
from services.trainings.domain.certificates import Certificate
from services.trainings.domain.cohorts import Cohort


def check_may_change_catalogue(caller: Caller) -> None:
    """Whether the caller says what is taught.

    Raises:
        errors.Unauthenticated: for a visitor.
        errors.Forbidden: for anybody but a manager.
    """
    check_is_manager(caller)


def check_runs_cohorts_at(caller: Caller, centre_id: str) -> None:
    """Whether the caller sets up and decides on cohorts of a centre.

    Raises:
        errors.Unauthenticated: for a visitor.
        errors.Forbidden: for anybody but staff of the centre.
    """
    check_signed_in(caller)
    if not is_staff_of(caller, centre_id):
        raise Forbidden()


def may_see_certificate(caller: Caller, certificate: Certificate, records: Collection[str]) -> bool:
    """Whether the caller may know of a certificate: its holder, and staff of its centre.

    Args:
        records: ids of all records of the caller.
    """
    holds = caller.kind == "person" and certificate.person_id in records
    return holds or is_staff_of(caller, certificate.centre_id)


def check_may_see_participant(caller: Caller, participant_id: str) -> None:
    """Whether the caller may see a participant's record.

    Raises:
        errors.Unauthenticated: for a visitor.
        errors.NotFound: for anybody but staff and the person.
    """
    check_signed_in(caller)
    own = caller.kind == "person" and caller.id == participant_id
    if not own and not is_staff(caller):
        raise NotFound()


def check_may_see_cohort(caller: Caller, cohort: Cohort, *, assigned: bool = False) -> None:
    """Whether the caller may know of a cohort.

    Args:
        assigned: whether the caller teaches it, or is asked to.

    Raises:
        errors.NotFound: of one that was never announced, for anybody but staff of the centre and
            its trainers.
    """
    seen = assigned or cohort.announced or is_staff_of(caller, cohort.centre_id)
    if not seen:
        raise NotFound()


def check_teaches(caller: Caller, cohort: Cohort, *, trains: bool) -> None:
    """Whether the caller does what a trainer does in the room: attendance, admission by hand.

    Args:
        trains: whether the caller has accepted to teach it.

    Raises:
        errors.Unauthenticated: for a visitor.
        errors.Forbidden: for anybody but staff of the centre and its trainers.
    """
    check_signed_in(caller)
    if not (trains or is_staff_of(caller, cohort.centre_id)):
        raise Forbidden()


def check_applies_as_person(caller: Caller) -> None:
    """Whether the caller can have a seat.

    Raises:
        errors.Unauthenticated: for a visitor.
        errors.Forbidden: for a service account.
    """
    check_signed_in(caller)
    if caller.kind != "person":
        raise Forbidden()


def is_own_application(caller: Caller, own_id: str, application: Application) -> bool:
    """Whether the caller is the person, or represents the organisation that the person comes for.

    Args:
        own_id: the caller's id as a participant.
    """
    own = caller.kind == "person" and application.participant_id == own_id
    return own or caller.represents(application.organisation_id)


def check_may_answer(caller: Caller, own_id: str, application: Application) -> None:
    """Whether the caller answers an offer, or leaves, for the person: the person, a representative
    of the organisation, staff of the centre.

    Raises:
        errors.Forbidden: for anybody else, such as a trainer, who sees it.
    """
    own = is_own_application(caller, own_id, application)
    if not own and not is_staff_of(caller, application.cohort_centre_id):
        raise Forbidden()


def visible_applications(caller: Caller, own_id: str) -> dict[str, Any] | None:
    """The query for the applications that the caller may know of; ``None`` for all."""
    if caller.is_manager():
        return None
    ways: list[dict[str, Any]] = [{"cohort_centre_id": {"$in": sorted(caller.desks)}}]
    return {"$or": [*ways, *own_applications(caller, own_id)["$or"]]}


def own_applications(caller: Caller, own_id: str) -> dict[str, Any]:
    """The query for the caller's own applications, and those of the organisations that the caller
    represents."""
    represented = sorted(each for each in caller.organisations if caller.represents(each))
    own = [{"participant_id": own_id}] if caller.kind == "person" else []
    return {"$or": [*own, {"organisation_id": {"$in": represented}}]}


def may_enter_answers(caller: Caller, cohort: Cohort, *, trains: bool, of_advisers: bool) -> bool:
    """Whether the caller enters what participants of a cohort answered on paper.

    Args:
        trains: whether the caller has accepted to teach it.
        of_advisers: whether visiting advisers ask for these answers.
    """
    if caller.kind != "person":
        return False
    adviser = of_advisers and "adviser" in caller.roles
    return trains or adviser or is_staff_of(caller, cohort.centre_id)


def visible_cohorts(caller: Caller, assigned: Sequence[str] = ()) -> dict[str, Any] | None:
    """The query for the cohorts that the caller may know of; ``None`` for all.

    Args:
        assigned: ids of those that the caller teaches, or is asked to.
    """
    if caller.is_manager():
        return None
    return {
        "$or": [
            {"roster": {"$ne": None}},
            {"centre_id": {"$in": sorted(caller.desks)}},
            {"_id": {"$in": sorted(assigned)}},
        ]
    }


def check_may_see_assignment(caller: Caller, assignment: Assignment) -> None:
    """Whether the caller may know of an assignment.

    Raises:
        errors.NotFound: for anybody but staff of the centre and the trainer.
    """
    if not (caller.id == assignment.trainer_id or is_staff_of(caller, assignment.centre_id)):
        raise NotFound()


def check_is_trainer_of(caller: Caller, assignment: Assignment) -> None:
    """Whether the caller is the one who answers.

    Raises:
        errors.Forbidden: for anybody but the trainer.
    """
    if caller.id != assignment.trainer_id:
        raise Forbidden()


def visible_tasks(caller: Caller) -> dict[str, Any] | None:
    """The query for the tasks of the caller's centres; ``None`` for all."""
    return None if caller.is_manager() else {"centre_id": {"$in": sorted(caller.desks)}}


def visible_assignments(caller: Caller) -> dict[str, Any] | None:
    """The query for the assignments that the caller may know of; ``None`` for all."""
    if caller.is_manager():
        return None
    return {
        "$or": [{"trainer_id": caller.id}, {"centre_id": {"$in": sorted(caller.desks)}}],
    }
