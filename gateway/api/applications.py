"""Applications for cohorts, nominations, offers of seats, and the seats themselves."""

from __future__ import annotations

from typing import Any

from gateway.api import branch
from gateway.web import schemas, training_schemas
from gateway.web.endpoint import PUBLIC, SIGNED_IN, Answer, Incoming, endpoint
from gateway.web.openapi import Blueprint
from services.common.contracts.trainings import application_errors as errors
from services.common.contracts.trainings import applications as contract
from services.common.contracts.trainings import (
    forms_errors,
    participants_errors,
    refusals,
    roster_errors,
)
from services.common.contracts.trainings.errors import UNKNOWN_CENTRE
from services.common.contracts.trainings.forms import CohortAnswers

blueprint = Blueprint("applications", __name__, description="Applications and seats")

_BRANCH = "trainings"
_NOT_NOW = roster_errors.APPLICATION_NOT_ALLOWED_NOW
_QUEUE_OVER = (roster_errors.COHORT_STARTED, roster_errors.COHORT_CANCELLED)
_PERSON = {
    "name": "هبة الأحمد",
    "phone": "+963944123456",
    "sex": "female",
    "birth_year": 1994,
    "disability": "no",
}


# -- applying ----------------------------------------------------------------------------------


@blueprint.route("/v1/cohorts/<id:cohort_id>/applications", methods=["POST"])
@endpoint(
    body=contract.Applying,
    answer=contract.Application,
    status=201,
    access=SIGNED_IN,
    creates=True,
    versioned=True,
    refuses=(
        403,
        404,
        *refusals.OF_APPLYING,
        forms_errors.ANSWERS_MISSING,
        *refusals.OF_ANSWERS,
    ),
    branch=_BRANCH,
    example={"organisation_id": "amal", "person": _PERSON},
)
def apply_for_cohort(incoming: Incoming, cohort_id: str) -> Answer:
    """Apply for a seat in a cohort, for oneself or as a member of an organisation.

    A cohort that takes people as they come answers with a seat (`enrolled`) or a place in the queue
    (`waitlisted`). One with a selection answers `submitted`. A person who has left applies again
    here, and stands behind those who have not left. A refusal of eligibility names every rule that
    the person fails.
    """
    sent = {**incoming.body, "cohort_id": cohort_id}
    return branch.created(incoming, _BRANCH, "apply_for_cohort", "/v1/applications", **sent)


@blueprint.route("/v1/cohorts/<id:cohort_id>/nominations", methods=["POST"])
@endpoint(
    body=contract.Nomination,
    answer=contract.Applications,
    status=201,
    access=SIGNED_IN,
    creates=True,
    refuses=(
        403,
        404,
        *refusals.OF_APPLYING,
        errors.UNKNOWN_ORGANISATION,
        errors.ORGANISATION_NOT_APPROVED,
        errors.PERSON_TWICE,
    ),
    branch=_BRANCH,
    example={
        "organisation_id": "amal",
        "together": True,
        "people": [{"person_id": "omar"}, _PERSON],
    },
)
def nominate_people(incoming: Incoming, cohort_id: str) -> Answer:
    """Nominate people of an organisation (its representatives; staff of the centre for anybody).

    Members are named by account, others by name and telephone number. Either all are taken or
    nobody. Those who stay together are offered seats together or not at all.
    """
    return _many(incoming, "nominate_people", cohort_id)


# -- reading -----------------------------------------------------------------------------------


@blueprint.route("/v1/cohorts/<id:cohort_id>/applications", methods=["GET"])
@endpoint(
    query=training_schemas.ApplicationsQuery,
    answer=training_schemas.ApplicationPage,
    access=SIGNED_IN,
    refuses=(404,),
    branch=_BRANCH,
)
def list_applications_of_cohort(incoming: Incoming, cohort_id: str) -> Answer:
    """The applications for a cohort: all for staff of the centre and its trainers; for others their
    own, and those of the organisations that they represent."""
    return branch.listed(incoming, _BRANCH, "list_applications", cohort_id=cohort_id)


@blueprint.route("/v1/applications", methods=["GET"])
@endpoint(
    query=training_schemas.ApplicationsQuery,
    answer=training_schemas.ApplicationPage,
    access=SIGNED_IN,
    branch=_BRANCH,
)
def list_applications(incoming: Incoming) -> Answer:
    """My applications, and those of the organisations that I represent."""
    return branch.listed(incoming, _BRANCH, "list_applications")


@blueprint.route("/v1/applications/<id:application_id>", methods=["GET"])
@endpoint(
    query=schemas.Selection,
    answer=contract.Application,
    access=SIGNED_IN,
    versioned=True,
    refuses=(404,),
    branch=_BRANCH,
)
def get_application(incoming: Incoming, application_id: str) -> Answer:
    """One application, with the reason of the last decision and the place in the queue."""
    answer = branch.one(incoming, _BRANCH, "get_application", id=application_id)
    # The queue moves, and the cohort and the name change, without a new version.
    answer.conditional = False
    return answer


@blueprint.route("/v1/applications/<id:application_id>/history", methods=["GET"])
@endpoint(
    query=schemas.ListQuery,
    answer=schemas.HistoryPage,
    access=SIGNED_IN,
    refuses=(403, 404),
    branch=_BRANCH,
)
def application_history(incoming: Incoming, application_id: str) -> Answer:
    """Who decided what, when and why (staff of the centre). Oldest first."""
    return branch.listed(incoming, _BRANCH, "application_history", id=application_id)


@blueprint.route("/v1/applications/<id:application_id>/answers", methods=["GET"])
@endpoint(
    query=schemas.Selection,
    answer=contract.AnsweredForm,
    access=SIGNED_IN,
    refuses=(404,),
    branch=_BRANCH,
)
def application_answers(incoming: Incoming, application_id: str) -> Answer:
    """What was answered with an application, and the form as it was then."""
    return Answer(branch.ask(incoming, _BRANCH, "application_answers", id=application_id))


@blueprint.route("/v1/applications/<id:application_id>/answers", methods=["PUT"])
@endpoint(
    body=CohortAnswers,
    answer=contract.Application,
    access=SIGNED_IN,
    changes=True,
    refuses=(403, 404, _NOT_NOW, *refusals.OF_ANSWERS),
    branch=_BRANCH,
    example={
        "form_id": "0198c0de-0000-7000-8000-00000000000f",
        "edition": 1,
        "answers": {"why": "أدير مشروعاً للمرة الأولى"},
    },
)
def change_answers(incoming: Incoming, application_id: str) -> Answer:
    """Answer the form anew, until the application is decided: the person, a representative, or
    staff on the telephone."""
    return branch.changed(incoming, _BRANCH, "change_answers", application_id, **incoming.body)


# -- what applicants do ------------------------------------------------------------------------


@blueprint.route("/v1/applications/<id:application_id>/accept-offer", methods=["POST"])
@endpoint(
    body=schemas.Empty,
    answer=contract.Application,
    access=SIGNED_IN,
    changes=True,
    refuses=(403, 404, _NOT_NOW, roster_errors.OFFER_OVER),
    branch=_BRANCH,
)
def accept_seat(incoming: Incoming, application_id: str) -> Answer:
    """Take the seat that is offered: the person, a representative, or staff on the telephone."""
    return branch.changed(incoming, _BRANCH, "accept_offer", application_id)


@blueprint.route("/v1/applications/<id:application_id>/decline-offer", methods=["POST"])
@endpoint(
    body=schemas.Empty,
    answer=contract.Application,
    access=SIGNED_IN,
    changes=True,
    refuses=(403, 404, _NOT_NOW, roster_errors.OFFER_OVER),
    branch=_BRANCH,
)
def decline_seat(incoming: Incoming, application_id: str) -> Answer:
    """Give an offered seat back; it is offered to the next."""
    return branch.changed(incoming, _BRANCH, "decline_offer", application_id)


@blueprint.route("/v1/applications/<id:application_id>/withdraw", methods=["POST"])
@endpoint(
    body=schemas.Empty,
    answer=contract.Application,
    access=SIGNED_IN,
    changes=True,
    refuses=(403, 404, _NOT_NOW),
    branch=_BRANCH,
)
def withdraw_application(incoming: Incoming, application_id: str) -> Answer:
    """Leave the queue, an offer or a seat, also after the start."""
    return branch.changed(incoming, _BRANCH, "withdraw_application", application_id)


# -- what staff decide -------------------------------------------------------------------------


@blueprint.route("/v1/applications/<id:application_id>/shortlist", methods=["POST"])
@endpoint(
    body=schemas.Empty,
    answer=contract.Application,
    access=SIGNED_IN,
    changes=True,
    refuses=(403, 404, _NOT_NOW),
    branch=_BRANCH,
)
def shortlist_application(incoming: Incoming, application_id: str) -> Answer:
    """Put an application on the shortlist (staff of the centre)."""
    return branch.changed(incoming, _BRANCH, "shortlist_application", application_id)


@blueprint.route("/v1/applications/<id:application_id>/waitlist", methods=["POST"])
@endpoint(
    body=schemas.Empty,
    answer=contract.Application,
    access=SIGNED_IN,
    changes=True,
    refuses=(403, 404, _NOT_NOW, *_QUEUE_OVER, roster_errors.COHORT_NOT_ALLOWED_NOW),
    branch=_BRANCH,
)
def waitlist_application(incoming: Incoming, application_id: str) -> Answer:
    """Put an application into the queue (staff of the centre). A seat that is free for it is
    offered at once."""
    return branch.changed(incoming, _BRANCH, "waitlist_application", application_id)


@blueprint.route("/v1/applications/<id:application_id>/decline", methods=["POST"])
@endpoint(
    body=contract.Declining,
    answer=contract.Application,
    access=SIGNED_IN,
    changes=True,
    refuses=(403, 404, _NOT_NOW),
    branch=_BRANCH,
    example={
        "reason": "not_eligible",
        "note": {"ar": "الدورة للعاملين في المنظمات", "en": "The course is for staff of NGOs"},
    },
)
def decline_application(incoming: Incoming, application_id: str) -> Answer:
    """Decline an application, with a reason that the person reads (staff of the centre)."""
    return branch.changed(incoming, _BRANCH, "decline_application", application_id, **incoming.body)


@blueprint.route("/v1/applications/<id:application_id>/reconsider", methods=["POST"])
@endpoint(
    body=contract.DecisionNote,
    body_optional=True,
    answer=contract.Application,
    access=SIGNED_IN,
    changes=True,
    refuses=(403, 404, _NOT_NOW, *_QUEUE_OVER, roster_errors.COHORT_NOT_ALLOWED_NOW),
    branch=_BRANCH,
)
def reconsider_application(incoming: Incoming, application_id: str) -> Answer:
    """Take back that an application was declined (staff of the centre)."""
    return branch.changed(
        incoming, _BRANCH, "reconsider_application", application_id, **incoming.body
    )


@blueprint.route("/v1/applications/<id:application_id>/admit", methods=["POST"])
@endpoint(
    body=contract.Admitting,
    answer=contract.Application,
    access=SIGNED_IN,
    changes=True,
    refuses=(403, 404, _NOT_NOW, *refusals.OF_ADMISSION),
    branch=_BRANCH,
    example={"reason": "حضرت الجلسة الأولى بدلاً من زميلتها"},
)
def admit_application(incoming: Incoming, application_id: str) -> Answer:
    """Give an applicant a free seat by hand, also after the start (staff of the centre, trainers of
    the cohort). It passes over rank, cap and floors, and not over the capacity."""
    return branch.changed(incoming, _BRANCH, "admit_application", application_id, **incoming.body)


@blueprint.route("/v1/cohorts/<id:cohort_id>/admissions", methods=["POST"])
@endpoint(
    body=contract.AdmittedPerson,
    answer=contract.Application,
    status=201,
    access=SIGNED_IN,
    creates=True,
    versioned=True,
    refuses=(
        403,
        404,
        _NOT_NOW,
        *refusals.OF_ADMISSION,
        participants_errors.PARTICIPANT_GONE,
        errors.NOT_A_MEMBER,
        errors.TOO_MANY_APPLICATIONS,
        UNKNOWN_CENTRE,
        errors.UNKNOWN_ORGANISATION,
        errors.ORGANISATION_NOT_APPROVED,
    ),
    branch=_BRANCH,
    example={"person": _PERSON, "reason": "حضرت بدلاً من زميلتها"},
)
def admit_person(incoming: Incoming, cohort_id: str) -> Answer:
    """Give a free seat by hand to a person who has not applied (staff of the centre, trainers of
    the cohort)."""
    sent = {**incoming.body, "cohort_id": cohort_id}
    return branch.created(incoming, _BRANCH, "admit_person", "/v1/applications", **sent)


@blueprint.route("/v1/cohorts/<id:cohort_id>/offers", methods=["POST"])
@endpoint(
    body=contract.Offering,
    answer=contract.Applications,
    status=201,
    access=SIGNED_IN,
    creates=True,
    refuses=(
        403,
        404,
        _NOT_NOW,
        *_QUEUE_OVER,
        roster_errors.ALREADY_ON_ROSTER,
        roster_errors.COHORT_NOT_ALLOWED_NOW,
        errors.NO_CANDIDATES,
        errors.UNKNOWN_APPLICATION,
    ),
    branch=_BRANCH,
    example={"first": 20},
)
def offer_seats(incoming: Incoming, cohort_id: str) -> Answer:
    """Offer seats to the best of the shortlist, or to applicants who are named (staff of the
    centre). Whom no seat is free for waits in the queue."""
    return _many(incoming, "offer_seats", cohort_id)


# -- seats -------------------------------------------------------------------------------------


@blueprint.route("/v1/cohorts/<id:cohort_id>/seats", methods=["GET"])
@endpoint(
    query=schemas.Selection,
    answer=contract.Seats,
    access=PUBLIC,
    refuses=(404,),
    branch=_BRANCH,
)
def cohort_seats(incoming: Incoming, cohort_id: str) -> Answer:
    """The seats of a cohort: how many there are and how many are free; staff of the centre and its
    trainers see who has taken them, by organisation and centre."""
    if incoming.caller.kind == "visitor":
        found, age = branch.public(incoming, _BRANCH, "cohort_seats", id=cohort_id)
        return Answer(found, age=age)
    return Answer(branch.ask(incoming, _BRANCH, "cohort_seats", id=cohort_id))


@blueprint.route("/v1/cohorts/<id:cohort_id>/audit", methods=["GET"])
@endpoint(
    query=schemas.Selection,
    answer=contract.Audit,
    access=SIGNED_IN,
    refuses=(403, 404),
    branch=_BRANCH,
)
def audit_cohort(incoming: Incoming, cohort_id: str) -> Answer:
    """Every rule of the seats, recomputed from what is stored (staff of the centre)."""
    return Answer(branch.ask(incoming, _BRANCH, "audit_cohort", id=cohort_id))


def _many(incoming: Incoming, method: str, cohort_id: str) -> Answer:
    sent: dict[str, Any] = {**incoming.body, "cohort_id": cohort_id}
    answer = Answer(branch.ask(incoming, _BRANCH, method, **sent))
    answer.location = f"/v1/cohorts/{cohort_id}/applications"
    return answer
