"""Referrals and ratings of cases, and cases that an adviser has."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from services.common.clock import to_wire
from services.common.context import Caller
from services.common.contracts.consultations import events
from services.common.storage.mongo import Session
from services.consultations.app import App
from services.consultations.domain.case_states import CaseStatus
from services.consultations.domain.cases import Case
from services.consultations.domain.referrals import Referral
from services.consultations.operations import case_steps, ratings, referrals
from services.consultations.schemas.case_steps import StepOfCase
from services.consultations.schemas.referrals import make_referral
from services.consultations.steps.case_events import save_case
from tests.support.bookings import MANAGER, MEMBER, call
from tests.support.consultations import HUDA, JAMAL, know_adviser


def know_advisers(app: App) -> None:
    """Have the app know that Huda and Jamal are advisers."""
    for each in (HUDA, JAMAL):
        know_adviser(app, each.id)


def given_to_huda(app: App, case: Case) -> Case:
    """The case, in the hands of Huda."""
    stored = app.cases.get(case.id)
    changed = replace(
        stored,
        adviser_id=HUDA.id,
        adviser_ids=frozenset({HUDA.id}),
        people=stored.people | {HUDA.id},
        version=stored.version + 1,
        status=CaseStatus.ASSIGNED,
    )

    def work(session: Session) -> None:
        save_case(app, session, MANAGER, events.CASE_CHANGED, stored, changed, action="assigned")

    app.database.transact(work)
    return changed


def referral_request(app: App, case: Case, **values: Any) -> dict[str, Any]:
    """What an adviser sends to refer a case to a lawyer, with the requester's consent."""
    return {
        "case_id": case.id,
        "body": "نقابة المحامين",
        "reason": "تمثيل أمام المحكمة",
        "consent": {
            "means": "in_person",
            "given_at": to_wire(app.clock.now()),
            "given_by": case.requester_id,
        },
        **values,
    }


def refer(app: App, case: Case, caller: Caller = HUDA, **values: Any) -> Referral:
    """A referral that has been made."""
    command = make_referral(referral_request(app, case, **values))
    return referrals.make_referral(app, call(caller), command)


def close(app: App, case: Case) -> Case:
    """The case after its support is done and the organisation is content."""
    for name, caller, values in (
        ("start_case", HUDA, {}),
        ("resolve_case", HUDA, {"content": {"outcome": "دليل"}}),
        ("close_case", MEMBER, {}),
    ):
        version = app.cases.get(case.id).version
        case = getattr(case_steps, name)(app, call(caller), StepOfCase(case.id, version, **values))
    return case


def rating_link(app: App, case: Case, caller: Caller = MEMBER) -> str:
    """The token of the link by which the last closing of a case is rated."""
    return ratings.make_rating_link(app, call(caller), case.id)[0]
