"""Who may do what in consultations: every RPC method, called by every kind of caller.

The letters are those of ``tests/support/who_may.py``. A method without a row fails, so that an
author of a new one says who may call it.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

import pytest

from services.common.context import VISITOR, Caller
from services.common.contracts.consultations import kinds
from services.consultations.app import App
from services.consultations.domain.action_plans import ActionPlan
from services.consultations.domain.campaigns import Campaign
from services.consultations.domain.milestones import Milestone
from services.consultations.domain.needs_studies import NeedsStudy
from services.consultations.domain.ratings import request_of
from services.consultations.domain.working_documents import WorkingDocument
from services.consultations.service import ConsultationsService
from tests.integration.consultations.test_who_may_calendars import ROWS as CALENDAR_ROWS
from tests.support.action_plans import make_plan, plan_request, put_milestone
from tests.support.assessments import agree, an_assessment_request, seed_instrument
from tests.support.bookings import (
    MANAGER,
    MEMBER,
    OTHER_MEMBER,
    RAQQA_DESK,
    REPRESENTATIVE,
    STRANGER,
    TABQA_DESK,
    call,
)
from tests.support.campaigns import (
    answers,
    campaign_request,
    close_after,
    link_of,
    open_campaign,
    prepare_campaign,
    seed_studies,
    study_request,
)
from tests.support.case_secrets import attach_file, tell, write_note
from tests.support.consultation_referrals import rating_link, refer
from tests.support.consultation_statistics import freeze_first_half
from tests.support.consultations import (
    HUDA,
    SALMA,
    case_request,
    offer,
    submit,
    submit_confidential,
)
from tests.support.instruments import an_instrument_request
from tests.support.who_may import NEVER, Row, methods_of, outcome
from tests.support.working_documents import begin_document, document_request

CALLERS = {
    "visitor": VISITOR,
    "stranger": STRANGER,
    "requester": MEMBER,
    "other member": OTHER_MEMBER,
    "representative": REPRESENTATIVE,
    "adviser elsewhere": HUDA,
    "desk elsewhere": TABQA_DESK,
    "desk here": RAQQA_DESK,
    "manager": MANAGER,
}

PERIOD = {"first_day": "2026-07-01", "last_day": "2026-12-31"}

#          visitor  stranger  requester  other  representative  adviser  elsewhere  here  manager
EVERYBODY = "Y Y Y Y Y Y Y Y Y"
NOT_STAFF = "Y Y Y Y Y H H H H"
SEEN_CASE = "S H Y Y Y H H Y Y"
ASSIGNS = "S H F F F H H Y Y"
SUPPORTS = "S H F F F H H F F"
SPEAKS = "S H Y F Y H H F F"
SIGNED_IN = "S Y Y Y Y Y Y Y Y"
MANAGES = "S F F F F F F F Y"
SEEN_LEVEL = "S H Y Y Y Y H H Y"
LISTED_LEVEL = "S y Y Y Y Y y y Y"
SCORES = "S H F F Y Y H H Y"
DECIDES = "S H F F F Y H H Y"
STAFF = "S F F F F F Y Y Y"
STAFF_AND_ADVISERS = "S F F F F Y Y Y Y"
MANAGERS = "S F F F F F F F Y"
WORKS_ON_CAMPAIGN = "S F F F F F F Y Y"
TAKES_PART = "S H Y F Y H H F F"
SIGNS = "S H F F Y H H F F"
SEEN_DOCUMENT = "S H Y Y Y H H H Y"
WRITES_DOCUMENT = "S H Y Y Y H H H F"
SEEN_SEALED = "S H Y H H H H H H"
ON_CASE = "S H Y F F H H F F"
INSIDE = "S H Y H H H H H H"


class Situation:
    """One thing of each kind, at the centre `raqqa`."""

    def __init__(self, app: App) -> None:
        self.app = app
        self.service = ConsultationsService()
        self.service.app = app
        self.case = submit(app)
        self.task = app.tasks.page({"case_id": self.case.id})[0]
        self.offer = offer(app, MEMBER)
        self.sealed = submit_confidential(app)
        self.instrument = seed_instrument(app)
        self.assessment = agree(app)
        self.recommendation = app.recommendations.page({})[0]
        self.referral = refer(app, self.case, RAQQA_DESK)
        closing = request_of(app.new_id(), self.case.id, "raqqa", 1, app.clock.now())
        app.database.transact(lambda session: app.ratings.add(session, closing))
        self.link = rating_link(app, self.case)
        self.period = freeze_first_half(app)
        self.note = write_note(app, self.case)
        self.sealed_note = write_note(app, self.case, sealed=True)
        self.file = attach_file(app, self.case)
        self.sealed_file = attach_file(app, self.case, note_id=self.sealed_note.id)

    @cached_property
    def study(self) -> NeedsStudy:
        return seed_studies(self.app)

    @cached_property
    def draft(self) -> Campaign:
        assert self.study
        return prepare_campaign(self.app, centre_ids=["raqqa"])

    @cached_property
    def campaign(self) -> Campaign:
        assert self.study
        return open_campaign(self.app, centre_ids=["raqqa"])

    @cached_property
    def closed(self) -> Campaign:
        return close_after(self.app, [answers(centre="raqqa") for _ in range(5)], self.campaign)

    @cached_property
    def plan(self) -> ActionPlan:
        return make_plan(self.app, self.case, MEMBER)

    @cached_property
    def sealed_plan(self) -> ActionPlan:
        return make_plan(self.app, self.sealed, MEMBER)

    @cached_property
    def milestone(self) -> Milestone:
        return put_milestone(self.app, self.plan)

    @cached_property
    def document(self) -> WorkingDocument:
        return begin_document(self.app)

    def ask(self, who: Caller, method: str, request: dict[str, Any]) -> Any:
        """What the method answers this caller, as over RPC but for the wire."""
        self.service.call = call(who)
        return getattr(self.service, method)(request)

    def stale(self, **more: Any) -> dict[str, Any]:
        return {"id": self.case.id, "expected_version": NEVER, **more}

    def stale_of(self, thing: Any, **more: Any) -> dict[str, Any]:
        return {"id": thing.id, "expected_version": NEVER, **more}

    def stale_campaign(self, **more: Any) -> dict[str, Any]:
        return {"id": self.campaign.id, "expected_version": NEVER, **more}

    def of_case(self, item_id: str, **more: Any) -> dict[str, Any]:
        return {"case_id": self.case.id, "id": item_id, **more}

    def stale_note(self, **more: Any) -> dict[str, Any]:
        return self.of_case(self.note.id, expected_version=NEVER, **more)

    def nothing(self) -> dict[str, Any]:
        return {}


ROWS: dict[str, Row[Situation]] = {
    "list_kinds": Row(EVERYBODY, Situation.nothing),
    "change_kind": Row(MANAGES, lambda _: {"id": "legal", "expected_version": NEVER}),
    "add_kind": Row(MANAGES, lambda _: kinds.EXAMPLE),
    "kind_history": Row(MANAGES, lambda _: {"id": "legal"}),
    "get_kind": Row(EVERYBODY, lambda _: {"id": "legal"}),
    "list_cases": Row("S y Y Y Y y y Y Y", Situation.nothing, lambda s: s.case.id),
    "get_case": Row(SEEN_CASE, lambda s: {"id": s.case.id}),
    "case_history": Row(SEEN_CASE, lambda s: {"id": s.case.id}),
    "submit_case": Row("S F Y Y Y Y F Y Y", lambda _: case_request()),
    "change_case": Row(SPEAKS, lambda s: s.stale(title="عنوان")),
    "suggest_advisers": Row(ASSIGNS, lambda s: {"id": s.case.id}),
    "assign_adviser": Row(ASSIGNS, lambda s: s.stale(adviser_id=SALMA.id)),
    "list_offers": Row("S y Y Y Y y y Y Y", Situation.nothing, lambda s: s.offer.id),
    "draft_case": Row(
        "S F Y Y Y Y Y Y Y",
        lambda s: {"organisation_id": "amal", "origin": "training", "origin_id": "cohort"},
    ),
    "triage_case": Row(ASSIGNS, lambda s: s.stale()),
    "decline_case": Row(ASSIGNS, lambda s: s.stale(reason="سبب")),
    "withdraw_case": Row(SPEAKS, lambda s: s.stale()),
    "start_case": Row(SUPPORTS, lambda s: s.stale()),
    "ask_organisation": Row(SUPPORTS, lambda s: s.stale(question="ما الميزانية؟")),
    "resume_case": Row(SPEAKS, lambda s: s.stale()),
    "resolve_case": Row(SUPPORTS, lambda s: s.stale(outcome="تم")),
    "close_case": Row(SPEAKS, lambda s: s.stale()),
    "reopen_case": Row(SPEAKS, lambda s: s.stale(reason="سبب")),
    "add_person": Row(SPEAKS, lambda s: s.stale(person_id=OTHER_MEMBER.id)),
    "remove_person": Row(SPEAKS, lambda s: s.stale(person_id=OTHER_MEMBER.id)),
    "list_time_limits": Row(SEEN_CASE, lambda s: {"id": s.case.id}),
    "make_referral": Row(ASSIGNS, lambda s: {"case_id": s.case.id, "reason": "سبب"}),
    "list_referrals": Row(SEEN_CASE, lambda s: {"case_id": s.case.id}, lambda s: s.referral.id),
    "get_referral": Row(SEEN_CASE, lambda s: {"id": s.referral.id}),
    "accept_referral": Row(ASSIGNS, lambda s: s.stale_of(s.referral)),
    "decline_referral": Row(ASSIGNS, lambda s: s.stale_of(s.referral)),
    "return_referral": Row(ASSIGNS, lambda s: s.stale_of(s.referral, result="helped")),
    "withdraw_referral": Row("S H Y F Y H H Y Y", lambda s: s.stale_of(s.referral)),
    "make_rating_link": Row("S H Y Y Y H H F F", lambda s: {"id": s.case.id}),
    "get_rating": Row(SEEN_CASE, lambda s: {"id": s.case.id}),
    "open_rating": Row(NOT_STAFF, lambda s: {"token": s.link}),
    "rate_by_link": Row(NOT_STAFF, lambda s: {"token": s.link, "score": 5}),
    "report_consultations": Row("S F F F F F Y Y Y", lambda _: PERIOD),
    "freeze_period": Row(MANAGES, lambda _: {**PERIOD, "title": "Q"}),
    "list_frozen_periods": Row(SIGNED_IN, Situation.nothing, lambda s: s.period.id),
    "get_frozen_period": Row(SIGNED_IN, lambda s: {"id": s.period.id}),
    "list_tasks": Row("S y y y y y y Y Y", Situation.nothing, lambda s: s.task.id),
    "close_task": Row("S H H H H H H Y Y", lambda s: {"id": s.task.id, "expected_version": NEVER}),
    "list_instruments": Row(SIGNED_IN, Situation.nothing, lambda s: s.instrument.id),
    "get_instrument": Row(SIGNED_IN, lambda s: {"id": s.instrument.id}),
    "add_instrument": Row(MANAGES, lambda _: an_instrument_request(family="other")),
    "change_instrument": Row(MANAGES, lambda s: s.stale_of(s.instrument)),
    "publish_instrument": Row(MANAGES, lambda s: s.stale_of(s.instrument)),
    "retire_instrument": Row(MANAGES, lambda s: s.stale_of(s.instrument)),
    "instrument_history": Row(MANAGES, lambda s: {"id": s.instrument.id}),
    "list_assessments": Row(LISTED_LEVEL, Situation.nothing, lambda s: s.assessment.id),
    "get_assessment": Row(SEEN_LEVEL, lambda s: {"id": s.assessment.id}),
    "start_assessment": Row(SCORES, lambda s: an_assessment_request()),
    "change_assessment": Row(SCORES, lambda s: s.stale_of(s.assessment)),
    "agree_assessment": Row(SCORES, lambda s: s.stale_of(s.assessment)),
    "note_evidence": Row(
        DECIDES, lambda s: s.stale_of(s.assessment, scores=[{"item_id": "cash", "score": 1}])
    ),
    "verify_assessment": Row(DECIDES, lambda s: s.stale_of(s.assessment)),
    "withdraw_assessment": Row(SCORES, lambda s: s.stale_of(s.assessment, reason="سبب")),
    "compare_assessments": Row(
        SEEN_LEVEL, lambda s: {"id": s.assessment.id, "earlier_id": s.assessment.id}
    ),
    "assessment_history": Row(SEEN_LEVEL, lambda s: {"id": s.assessment.id}),
    "list_recommendations": Row(LISTED_LEVEL, Situation.nothing, lambda s: s.recommendation.id),
    "get_recommendation": Row(SEEN_LEVEL, lambda s: {"id": s.recommendation.id}),
    "propose_from_needs": Row(DECIDES, lambda _: {"organisation_id": "amal"}),
    "approve_recommendation": Row(DECIDES, lambda s: s.stale_of(s.recommendation)),
    "decline_recommendation": Row(DECIDES, lambda s: s.stale_of(s.recommendation, reason="سبب")),
    "end_recommendation": Row(DECIDES, lambda s: s.stale_of(s.recommendation, reason="سبب")),
    "recommendation_history": Row(SEEN_LEVEL, lambda s: {"id": s.recommendation.id}),
    "get_trajectory": Row(SEEN_LEVEL, lambda _: {"organisation_id": "amal"}),
    "list_needs_studies": Row(STAFF_AND_ADVISERS, Situation.nothing, lambda s: s.study.id),
    "get_needs_study": Row(STAFF_AND_ADVISERS, lambda s: {"id": s.study.id}),
    "create_needs_study": Row(MANAGERS, lambda _: study_request()),
    "change_needs_study": Row(
        MANAGERS, lambda s: {"id": s.study.id, "expected_version": NEVER, "title": {"ar": "س"}}
    ),
    "list_campaigns": Row("S y y y y y Y Y Y", Situation.nothing, lambda s: s.draft.id),
    "get_campaign": Row("S H H H H H Y Y Y", lambda s: {"id": s.draft.id}),
    "create_campaign": Row(MANAGERS, lambda s: campaign_request(study_id=s.study.id)),
    "change_campaign": Row(MANAGERS, lambda s: s.stale_campaign(title={"ar": "س"})),
    "open_campaign": Row(MANAGERS, lambda s: s.stale_campaign()),
    "stop_campaign": Row(MANAGERS, lambda s: s.stale_campaign()),
    "close_campaign": Row(MANAGERS, lambda s: s.stale_campaign()),
    "cancel_campaign": Row(MANAGERS, lambda s: s.stale_campaign(reason="سبب")),
    "set_campaign_link": Row(WORKS_ON_CAMPAIGN, lambda s: s.stale_campaign(wanted=True)),
    "campaign_history": Row(WORKS_ON_CAMPAIGN, lambda s: {"id": s.campaign.id}),
    "get_campaign_form": Row(SIGNED_IN, lambda s: {"id": s.campaign.id}),
    "answer_campaign": Row(
        "S F F F F Y F Y Y", lambda s: answers(centre="raqqa", id=s.campaign.id, sheet="R-1")
    ),
    "open_campaign_link": Row(EVERYBODY, lambda s: {"token": link_of(s.app, s.campaign)}),
    "answer_campaign_link": Row(
        EVERYBODY, lambda s: answers(centre="raqqa", token=link_of(s.app, s.campaign))
    ),
    "ranked_needs": Row(SIGNED_IN, lambda s: {"id": s.closed.id}),
    "compare_needs": Row(SIGNED_IN, lambda s: {"id": s.closed.id, "earlier_id": s.closed.id}),
    "list_said": Row("S F F F F F F H H", lambda s: {"id": s.closed.id, "question_id": "wish"}),
    "needs_picture": Row(SIGNED_IN, lambda s: {"id": s.closed.id}),
    "seal_case": Row(ON_CASE, lambda s: s.stale()),
    "unseal_case": Row(ON_CASE, lambda s: s.stale()),
    "break_glass": Row(
        "S F F F F F F F Y", lambda s: {"case": s.sealed.number, "reason": "خطر", "minutes": 5}
    ),
    "list_access": Row(ON_CASE, lambda s: {"id": s.case.id}),
    "get_contact": Row(INSIDE, lambda s: {"id": s.case.id}),
    "set_contact": Row(ON_CASE, lambda s: s.stale(phone="+963944000000")),
    "get_news": Row("S H H H H Y H H H", lambda s: {"id": tell(s.app, s.case, HUDA).id}),
    "list_notes": Row(SEEN_CASE, lambda s: {"case_id": s.case.id}, lambda s: s.note.id),
    "get_note": Row(SEEN_CASE, lambda s: s.of_case(s.note.id)),
    "add_note": Row(ON_CASE, lambda s: {"case_id": s.case.id, "text": "ملاحظة"}),
    "change_note": Row(ON_CASE, lambda s: s.stale_note(text="غير ذلك")),
    "seal_note": Row(ON_CASE, lambda s: s.stale_note()),
    "unseal_note": Row(ON_CASE, lambda s: s.stale_note()),
    "comment_on_note": Row(ON_CASE, lambda s: s.of_case(s.note.id, text="شكراً")),
    "list_attachments": Row(SEEN_CASE, lambda s: {"case_id": s.case.id}, lambda s: s.file.id),
    "read_attachment": Row(SEEN_CASE, lambda s: s.of_case(s.file.id)),
    "add_attachment": Row(
        ON_CASE, lambda s: {"case_id": s.case.id, "name": "a.txt", "content": "YQ=="}
    ),
    "remove_attachment": Row("S H Y F F H H F F", lambda s: s.of_case(s.file.id)),
    "list_action_plans": Row(SEEN_CASE, lambda s: {"case_id": s.case.id}, lambda s: s.plan.id),
    "get_action_plan": Row(SEEN_CASE, lambda s: {"id": s.plan.id}),
    "create_action_plan": Row(TAKES_PART, lambda s: plan_request(s.case)),
    "change_action_plan": Row(TAKES_PART, lambda s: s.stale_of(s.plan, goal="هدف")),
    "sign_action_plan": Row(
        SIGNS, lambda s: {"id": s.plan.id, "edition": 9, "content_hash": "0" * 64}
    ),
    "close_action_plan": Row(SIGNS, lambda s: s.stale_of(s.plan, reason="سبب")),
    "list_plan_editions": Row(SEEN_CASE, lambda s: {"id": s.plan.id}),
    "get_plan_edition": Row(SEEN_CASE, lambda s: {"id": s.plan.id, "number": 1}),
    "print_plan_edition": Row(
        SEEN_CASE, lambda s: {"id": s.plan.id, "number": 1, "language": "ar"}
    ),
    "action_plan_history": Row(SEEN_CASE, lambda s: {"id": s.plan.id}),
    "list_milestones": Row(SEEN_CASE, lambda s: {"case_id": s.case.id}, lambda s: s.milestone.id),
    "get_milestone": Row(SEEN_CASE, lambda s: {"id": s.milestone.id}),
    "act_on_milestone": Row(TAKES_PART, lambda s: s.stale_of(s.milestone, action="start")),
    "milestone_history": Row(SEEN_CASE, lambda s: {"id": s.milestone.id}),
    "list_document_templates": Row("S Y Y Y Y Y Y Y Y", Situation.nothing),
    "list_working_documents": Row("S y Y Y Y y y y Y", Situation.nothing, lambda s: s.document.id),
    "get_working_document": Row(SEEN_DOCUMENT, lambda s: {"id": s.document.id}),
    "create_working_document": Row(WRITES_DOCUMENT, lambda _: document_request()),
    "change_working_document": Row(WRITES_DOCUMENT, lambda s: s.stale_of(s.document, title="أخرى")),
    "restore_working_document": Row(WRITES_DOCUMENT, lambda s: s.stale_of(s.document, number=1)),
    "list_document_editions": Row(SEEN_DOCUMENT, lambda s: {"id": s.document.id}),
    "get_document_edition": Row(SEEN_DOCUMENT, lambda s: {"id": s.document.id, "number": 1}),
    "document_picture": Row(SEEN_DOCUMENT, lambda s: {"id": s.document.id}),
    "document_table": Row(SEEN_DOCUMENT, lambda s: {"id": s.document.id}),
    "list_document_comments": Row(SEEN_DOCUMENT, lambda s: {"id": s.document.id}),
    "comment_on_document": Row(
        WRITES_DOCUMENT, lambda s: {"id": s.document.id, "edition": 1, "text": "؟"}
    ),
    "working_document_history": Row(SEEN_DOCUMENT, lambda s: {"id": s.document.id}),
    "export_person": Row("S F Y F F F F F Y", lambda _: {"person_id": MEMBER.id, "email": None}),
}
SEALED_ROWS: dict[str, Row[Situation]] = {
    "list_cases": Row("S y Y y y y y y y", Situation.nothing, lambda s: s.sealed.id),
    "get_case": Row(SEEN_SEALED, lambda s: {"id": s.sealed.id}),
    "case_history": Row(SEEN_SEALED, lambda s: {"id": s.sealed.id}),
    "list_time_limits": Row(SEEN_SEALED, lambda s: {"id": s.sealed.id}),
    "list_action_plans": Row(SEEN_SEALED, lambda s: {"case_id": s.sealed.id}),
    "create_action_plan": Row(SEEN_SEALED, lambda s: plan_request(s.sealed)),
    "get_action_plan": Row(SEEN_SEALED, lambda s: {"id": s.sealed_plan.id}),
    "list_plan_editions": Row(SEEN_SEALED, lambda s: {"id": s.sealed_plan.id}),
    "change_action_plan": Row(SEEN_SEALED, lambda s: s.stale_of(s.sealed_plan, goal="هدف")),
    "list_milestones": Row(SEEN_SEALED, lambda s: {"case_id": s.sealed.id}),
    "list_notes": Row(SEEN_SEALED, lambda s: {"case_id": s.sealed.id}),
    "add_note": Row(SEEN_SEALED, lambda s: {"case_id": s.sealed.id, "text": "ملاحظة"}),
    "list_attachments": Row(SEEN_SEALED, lambda s: {"case_id": s.sealed.id}),
    "list_access": Row(SEEN_SEALED, lambda s: {"id": s.sealed.id}),
    "get_contact": Row(SEEN_SEALED, lambda s: {"id": s.sealed.id}),
    "seal_case": Row(SEEN_SEALED, lambda s: {"id": s.sealed.id, "expected_version": NEVER}),
}
SEALED_NOTE_ROWS: dict[str, Row[Situation]] = {
    "list_notes": Row(
        "S H Y y y H H y y", lambda s: {"case_id": s.case.id}, lambda s: s.sealed_note.id
    ),
    "get_note": Row(INSIDE, lambda s: s.of_case(s.sealed_note.id)),
    "list_attachments": Row(
        "S H Y y y H H y y", lambda s: {"case_id": s.case.id}, lambda s: s.sealed_file.id
    ),
    "read_attachment": Row(INSIDE, lambda s: s.of_case(s.sealed_file.id)),
}


def test_every_method_has_a_row() -> None:
    assert set(ROWS) | set(CALENDAR_ROWS) == methods_of(ConsultationsService)


def check(app: App, row: Row[Situation], method: str) -> None:
    situation = Situation(app)
    expected = dict(zip(CALLERS, row.who.split(), strict=True))
    request, shown = row.request(situation), row.shows(situation)
    found = {
        name: outcome(lambda who=who: situation.ask(who, method, request), shown)
        for name, who in CALLERS.items()
    }
    assert found == expected


@pytest.mark.parametrize("method", ROWS)
def test_who_may(app: App, method: str) -> None:
    check(app, ROWS[method], method)


@pytest.mark.parametrize("method", SEALED_NOTE_ROWS)
def test_who_may_of_a_sealed_note(app: App, method: str) -> None:
    check(app, SEALED_NOTE_ROWS[method], method)


@pytest.mark.parametrize("method", SEALED_ROWS)
def test_who_may_of_a_sealed_case(app: App, method: str) -> None:
    check(app, SEALED_ROWS[method], method)
