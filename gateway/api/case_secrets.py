"""Who may know of a case: sealing, break-glass access, the access log, contacts, and news."""

from __future__ import annotations

from gateway.api import branch
from gateway.web import consultation_schemas, schemas
from gateway.web.endpoint import SIGNED_IN, Answer, Incoming, endpoint
from gateway.web.openapi import Blueprint
from gateway.web.problems import texts
from services.common.contracts.consultations import (
    case_contacts,
    case_errors,
    need_to_know_errors,
    sealing,
)
from services.common.contracts.consultations.case_steps import ReasonAllowed
from services.common.contracts.consultations.cases import Case

blueprint = Blueprint("case_secrets", __name__, description="Who may know of a case")

_BRANCH = "consultations"


@blueprint.route("/v1/cases/<id:case_id>/seal", methods=["POST"])
@endpoint(
    body=ReasonAllowed,
    body_optional=True,
    answer=Case,
    access=SIGNED_IN,
    changes=True,
    refuses=(403, 404),
    branch=_BRANCH,
    example={"reason": "تتضمن أسماء شهود."},
)
def seal_case(incoming: Incoming, case_id: str) -> Answer:
    """Let only its people know of a case (its people). What others have read before, such as
    events, they have read. Its notes stay sealed or open as they are."""
    return branch.unstored(branch.changed(incoming, _BRANCH, "seal_case", case_id, **incoming.body))


@blueprint.route("/v1/cases/<id:case_id>/unseal", methods=["POST"])
@endpoint(
    body=ReasonAllowed,
    body_optional=True,
    answer=Case,
    access=SIGNED_IN,
    changes=True,
    refuses=(403, 404, need_to_know_errors.KIND_STAYS_SEALED),
    branch=_BRANCH,
    example={"reason": "انتهى سبب السرّية."},
)
def unseal_case(incoming: Incoming, case_id: str) -> Answer:
    """Open a case again that was sealed by hand (its people). Its sealed notes stay sealed."""
    return branch.unstored(
        branch.changed(incoming, _BRANCH, "unseal_case", case_id, **incoming.body)
    )


@blueprint.route("/v1/cases/<id:case_id>/break-glass", methods=["POST"])
@endpoint(
    body=sealing.GlassBroken,
    answer=sealing.AccessGrant,
    status=201,
    access=SIGNED_IN,
    creates=True,
    refuses=(403, 404),
    branch=_BRANCH,
    example={"reason": "بلاغ عن خطر على حياة أحد أطراف الملف.", "minutes": 30},
)
def break_glass(incoming: Incoming, case_id: str) -> Answer:
    """Read a case for at most 60 minutes without being on it (managers). Its people get news of it,
    its history has the reason, and each reading is logged. In place of the id stands the number of
    the case, by which people call it."""
    answer = Answer(branch.ask(incoming, _BRANCH, "break_glass", case=case_id, **incoming.body))
    return branch.unstored(answer)


@blueprint.route("/v1/cases/<id:case_id>/access-log", methods=["GET"])
@endpoint(
    query=schemas.ListQuery,
    answer=consultation_schemas.AccessLogPage,
    access=SIGNED_IN,
    refuses=(403, 404),
    branch=_BRANCH,
)
def list_access(incoming: Incoming, case_id: str) -> Answer:
    """Who has read what of a case while it was sealed, and of its sealed notes, the newest first
    (its people)."""
    return branch.unstored(branch.listed(incoming, _BRANCH, "list_access", id=case_id))


@blueprint.route("/v1/cases/<id:case_id>/contact", methods=["GET"])
@endpoint(
    answer=case_contacts.CaseContact,
    access=SIGNED_IN,
    versioned=True,
    refuses=(404,),
    branch=_BRANCH,
)
def get_contact(incoming: Incoming, case_id: str) -> Answer:
    """Whom to call about a case (its people)."""
    return branch.unstored(branch.one(incoming, _BRANCH, "get_contact", id=case_id))


@blueprint.route("/v1/cases/<id:case_id>/contact", methods=["PUT"])
@endpoint(
    body=case_contacts.ContactGiven,
    answer=case_contacts.CaseContact,
    access=SIGNED_IN,
    changes=True,
    refuses=(403, 404, case_errors.CASE_NOT_ALLOWED_NOW),
    branch=_BRANCH,
    example={"name": "سارة", "phone": "+963944000000"},
)
def set_contact(incoming: Incoming, case_id: str) -> Answer:
    """Say whom to call about a case (its people). Its history says that the contact was changed,
    and no value; `If-Match` is the version of the case."""
    return branch.unstored(
        branch.changed(incoming, _BRANCH, "set_contact", case_id, **incoming.body)
    )


@blueprint.route("/v1/news/<id:news_id>", methods=["GET"])
@endpoint(
    answer=consultation_schemas.CaseNewsInWords, access=SIGNED_IN, refuses=(404,), branch=_BRANCH
)
def get_news(incoming: Incoming, news_id: str) -> Answer:
    """What a message about a consultation is about (its recipient, as long as the case is theirs to
    see)."""
    found = branch.ask(incoming, _BRANCH, "get_news", id=news_id)
    text = texts.text(f"news.{found['what']}", incoming.call.language)
    return branch.unstored(Answer({**found, "text": text}))
