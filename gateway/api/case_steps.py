"""The steps of a case, from triage to its end."""

from __future__ import annotations

from gateway.api import branch
from gateway.web import schemas
from gateway.web.endpoint import SIGNED_IN, Answer, Incoming, endpoint
from gateway.web.openapi import Blueprint
from services.common.contracts.consultations import case_errors, case_steps
from services.common.contracts.consultations.cases import Case
from services.common.contracts.consultations.rpc import ReasonGiven
from services.common.contracts.consultations.time_limit_errors import PAUSED_TOO_OFTEN

blueprint = Blueprint("case_steps", __name__, description="Steps of cases")

_BRANCH = "consultations"
_REFUSES = (403, 404, case_errors.CASE_NOT_ALLOWED_NOW)


@blueprint.route("/v1/cases/<id:case_id>", methods=["PATCH"])
@endpoint(
    body=case_steps.CaseChanges,
    answer=Case,
    access=SIGNED_IN,
    changes=True,
    refuses=(403, 404, case_errors.UNKNOWN_SPECIALITY, case_errors.CASE_NOT_ALLOWED_NOW),
    branch=_BRANCH,
    example={"woman_adviser": True},
)
def change_case(incoming: Incoming, case_id: str) -> Answer:
    """Say otherwise what is asked for (the requester, representatives of the organisation)."""
    return _changed(incoming, "change_case", case_id)


@blueprint.route("/v1/cases/<id:case_id>/triage", methods=["POST"])
@endpoint(
    body=case_steps.CaseSpeciality,
    body_optional=True,
    answer=Case,
    access=SIGNED_IN,
    changes=True,
    refuses=(403, 404, case_errors.UNKNOWN_SPECIALITY, case_errors.CASE_NOT_ALLOWED_NOW),
    branch=_BRANCH,
    example={"speciality": "finance"},
)
def triage_case(incoming: Incoming, case_id: str) -> Answer:
    """Look a new case through (staff of the centre): it is for the centre, and its subject is
    clear."""
    return _changed(incoming, "triage_case", case_id)


@blueprint.route("/v1/cases/<id:case_id>/decline", methods=["POST"])
@endpoint(
    body=ReasonGiven,
    answer=Case,
    access=SIGNED_IN,
    changes=True,
    refuses=_REFUSES,
    branch=_BRANCH,
    example={"reason": "يُرجى التوجّه إلى مركز الطبقة."},
)
def decline_case(incoming: Incoming, case_id: str) -> Answer:
    """Not take a case on (staff of the centre). The organisation reads the reason."""
    return _changed(incoming, "decline_case", case_id)


@blueprint.route("/v1/cases/<id:case_id>/withdraw", methods=["POST"])
@endpoint(
    body=case_steps.ReasonAllowed,
    body_optional=True,
    answer=Case,
    access=SIGNED_IN,
    changes=True,
    refuses=_REFUSES,
    branch=_BRANCH,
    example={"reason": "وجدنا الحل"},
)
def withdraw_case(incoming: Incoming, case_id: str) -> Answer:
    """Need no support any more (the requester, representatives of the organisation)."""
    return _changed(incoming, "withdraw_case", case_id)


@blueprint.route("/v1/cases/<id:case_id>/start", methods=["POST"])
@endpoint(
    body=schemas.Empty,
    answer=Case,
    access=SIGNED_IN,
    changes=True,
    refuses=_REFUSES,
    branch=_BRANCH,
)
def start_case(incoming: Incoming, case_id: str) -> Answer:
    """Begin to work on it (an adviser of the case)."""
    return _changed(incoming, "start_case", case_id)


@blueprint.route("/v1/cases/<id:case_id>/ask", methods=["POST"])
@endpoint(
    body=case_steps.QuestionAsked,
    answer=Case,
    access=SIGNED_IN,
    changes=True,
    refuses=(*_REFUSES, PAUSED_TOO_OFTEN),
    branch=_BRANCH,
    example={"question": "يُرجى إرسال آخر تقرير مالي."},
)
def ask_organisation(incoming: Incoming, case_id: str) -> Answer:
    """Ask the organisation for something (an adviser of the case). Time limits rest until it
    answers."""
    return _changed(incoming, "ask_organisation", case_id)


@blueprint.route("/v1/cases/<id:case_id>/resume", methods=["POST"])
@endpoint(
    body=schemas.Empty,
    answer=Case,
    access=SIGNED_IN,
    changes=True,
    refuses=_REFUSES,
    branch=_BRANCH,
)
def resume_case(incoming: Incoming, case_id: str) -> Answer:
    """Say that the organisation has answered (people of the case, representatives)."""
    return _changed(incoming, "resume_case", case_id)


@blueprint.route("/v1/cases/<id:case_id>/resolve", methods=["POST"])
@endpoint(
    body=case_steps.OutcomeGiven,
    answer=Case,
    access=SIGNED_IN,
    changes=True,
    refuses=_REFUSES,
    branch=_BRANCH,
    example={"outcome": "أُعدّ الدليل المالي واعتمدته المنظمة."},
)
def resolve_case(incoming: Incoming, case_id: str) -> Answer:
    """Say what came of it (an adviser of the case). The case closes by itself after seven days."""
    return _changed(incoming, "resolve_case", case_id)


@blueprint.route("/v1/cases/<id:case_id>/close", methods=["POST"])
@endpoint(
    body=schemas.Empty,
    answer=Case,
    access=SIGNED_IN,
    changes=True,
    refuses=_REFUSES,
    branch=_BRANCH,
)
def close_case(incoming: Incoming, case_id: str) -> Answer:
    """Close a case whose support is done (the requester, representatives of the organisation)."""
    return _changed(incoming, "close_case", case_id)


@blueprint.route("/v1/cases/<id:case_id>/reopen", methods=["POST"])
@endpoint(
    body=ReasonGiven,
    answer=Case,
    access=SIGNED_IN,
    changes=True,
    refuses=(403, 404, case_errors.CASE_NOT_ALLOWED_NOW, case_errors.REOPENING_OVER),
    branch=_BRANCH,
    example={"reason": "رُفض الدليل من المانح."},
)
def reopen_case(incoming: Incoming, case_id: str) -> Answer:
    """Go on with the same case, because the support did not help (the requester, representatives
    of the organisation): within 30 days after it was done."""
    return _changed(incoming, "reopen_case", case_id)


@blueprint.route("/v1/cases/<id:case_id>/people/add", methods=["POST"])
@endpoint(
    body=case_steps.PersonNamed,
    answer=Case,
    access=SIGNED_IN,
    changes=True,
    refuses=(
        403,
        404,
        case_errors.NOT_A_MEMBER,
        case_errors.TOO_MANY_PEOPLE,
        case_errors.CASE_NOT_ALLOWED_NOW,
    ),
    branch=_BRANCH,
    example={"person_id": "person-17"},
)
def add_person(incoming: Incoming, case_id: str) -> Answer:
    """Let one more member take part (the requester, representatives of the organisation)."""
    return _changed(incoming, "add_person", case_id)


@blueprint.route("/v1/cases/<id:case_id>/people/remove", methods=["POST"])
@endpoint(
    body=case_steps.PersonNamed,
    answer=Case,
    access=SIGNED_IN,
    changes=True,
    refuses=(403, 404, case_errors.ON_THE_CASE_BY_OFFICE, case_errors.CASE_NOT_ALLOWED_NOW),
    branch=_BRANCH,
    example={"person_id": "person-17"},
)
def remove_person(incoming: Incoming, case_id: str) -> Answer:
    """Let a member take part no more (the requester, representatives of the organisation)."""
    return _changed(incoming, "remove_person", case_id)


def _changed(incoming: Incoming, method: str, case_id: str) -> Answer:
    answer = branch.changed(incoming, _BRANCH, method, case_id, **incoming.body)
    return branch.unstored(answer)
