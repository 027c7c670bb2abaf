"""Offers after trainings, and the requests that are filled in from them."""

from __future__ import annotations

import pytest

from services.common import errors
from services.common.context import Caller
from services.common.directory.people import Membership
from services.consultations.app import App
from services.consultations.domain.case_drafts import CaseDraft
from services.consultations.domain.cases import Origin, OriginKind
from services.consultations.domain.offers import OPEN_FOR
from services.consultations.operations import case_drafts, offers
from services.consultations.schemas.case_drafts import DraftCase
from services.consultations.schemas.offers import list_offers
from tests.support.assessments import agree, seed_instrument
from tests.support.bookings import MEMBER, OTHER_MEMBER, RAQQA_DESK, STRANGER, TABQA_DESK, call
from tests.support.consultations import (
    HUDA,
    JAMAL,
    advance,
    completed,
    events_of,
    offer,
    profile,
    submit,
    submit_confidential,
    trains,
)

ORIGIN = {"kind": "training", "id": "cohort"}


def listed(app: App, who: Caller) -> list[str]:
    return [each.id for each in offers.find_offers(app, call(who), list_offers({}))]


def adviser(app: App, person: Caller, *specialities: str) -> None:
    made = profile(person, specialities=specialities)
    app.database.transact(lambda session: app.advisers.add(session, made))


def test_an_organisation_is_offered_a_consultation_once_for_each_training(app: App) -> None:
    made = offer(app, MEMBER)
    offers.apply_training_events(app, [completed(MEMBER), completed(OTHER_MEMBER)])
    assert app.offers.page() == [made]
    (event,) = events_of(app, made.id)
    assert event["type"] == "consultations.offer.made"
    assert event["data"]["person_id"] == MEMBER.id
    assert listed(app, MEMBER) == listed(app, OTHER_MEMBER) == listed(app, RAQQA_DESK) == [made.id]
    assert listed(app, STRANGER) == listed(app, TABQA_DESK) == []


def test_who_has_left_the_organisation_gets_no_message_about_its_offer(app: App) -> None:
    left = Membership("amal", MEMBER.id, 2, "member", active=False)
    app.database.transact(lambda session: app.directory.put_memberships(session, [left]))
    made = offer(app, MEMBER)
    (told,) = events_of(app, made.id)
    assert told["data"]["person_id"] is None


def test_who_came_for_no_organisation_is_offered_nothing(app: App) -> None:
    offers.apply_training_events(app, [completed(MEMBER, None)])
    assert app.offers.page() == []


def test_trainers_of_the_cohort_are_named_first(app: App) -> None:
    adviser(app, HUDA, "finance")
    adviser(app, JAMAL, "statutes")
    assert offer(app, MEMBER, trains(JAMAL)).adviser_ids == (JAMAL.id, HUDA.id)


def test_a_trainer_who_was_let_go_is_not_named(app: App) -> None:
    adviser(app, JAMAL, "statutes")
    # The older one arrives last.
    events = trains(JAMAL, "withdrawn", version=3), trains(JAMAL, version=2)
    assert offer(app, MEMBER, *events).adviser_ids == ()


def test_a_request_is_filled_in_from_an_offer(app: App) -> None:
    offer(app, MEMBER)
    query = DraftCase("amal", Origin(OriginKind.TRAINING, "cohort"))
    draft = case_drafts.draft_case(app, call(MEMBER), query)
    assert (draft.kind_id, draft.speciality, draft.centre_id) == ("technical", "finance", "raqqa")
    assert draft.title == "Financial management basics"
    case = submit(app, origin=ORIGIN)
    assert case.origin == query.origin
    assert app.offers.page()[0].case_id == case.id
    assert listed(app, MEMBER) == []


def draft_from(app: App, kind: OriginKind, origin_id: str) -> CaseDraft:
    query = DraftCase("amal", Origin(kind, origin_id))
    return case_drafts.draft_case(app, call(MEMBER), query)


def test_a_request_is_filled_in_from_an_assessment(app: App) -> None:
    seed_instrument(app)
    draft = draft_from(app, OriginKind.ASSESSMENT, agree(app).id)
    assert (draft.kind_id, draft.title) == ("technical", "Finance")
    assert draft.description == "What cash is about (1/4)\nWhat budget is about (2/4)"


def test_a_request_is_filled_in_from_a_recommendation(app: App) -> None:
    seed_instrument(app)
    agree(app)
    found = {each.target.id: each for each in app.recommendations.page()}
    draft = draft_from(app, OriginKind.RECOMMENDATION, found["technical"].id)
    assert (draft.kind_id, draft.title) == ("technical", "Finance")
    assert draft.description.startswith("What cash is about (1/4)\n")
    # A training is no consultation.
    with pytest.raises(errors.Invalid, match=r"consultations\.unknown_origin"):
        draft_from(app, OriginKind.RECOMMENDATION, found["financial-management"].id)


def test_an_offer_stays_where_a_sealed_case_came_of_it(app: App) -> None:
    made = offer(app, MEMBER)
    assert submit_confidential(app, origin=ORIGIN).sealed
    assert app.offers.page() == [made]


@pytest.mark.parametrize("kind", ["training", "assessment", "recommendation"])
def test_an_origin_of_others_is_unknown(app: App, kind: str) -> None:
    offer(app, MEMBER)
    origin = {"kind": kind, "id": "cohort"}
    with pytest.raises(errors.Invalid, match=r"consultations\.unknown_origin") as refused:
        submit(app, STRANGER, organisation_id="furat", origin=origin)
    assert [each.pointer for each in refused.value.errors] == ["/origin/id"]
    assert app.cases.page() == []


def test_an_offer_ends(app: App) -> None:
    offer(app, MEMBER)
    advance(app, OPEN_FOR)
    assert listed(app, MEMBER) == []
    with pytest.raises(errors.Invalid, match=r"consultations\.unknown_origin"):
        submit(app, origin=ORIGIN)
