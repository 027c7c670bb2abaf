"""Referrals: nothing goes anywhere without consent, and what came of it returns."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from services.common import errors
from services.common.clock import to_wire
from services.common.context import Caller
from services.consultations.app import App
from services.consultations.domain.cases import Case
from services.consultations.domain.referrals import MOST_OF_A_CASE
from services.consultations.service import ConsultationsService
from tests.support.bookings import MANAGER, MEMBER, NOW, RAQQA_DESK, REPRESENTATIVE, call
from tests.support.consultation_referrals import (
    close,
    given_to_huda,
    know_advisers,
    refer,
    referral_request,
)
from tests.support.consultations import (
    HUDA,
    JAMAL,
    advance,
    events_of,
    submit,
    submit_confidential,
)


def ask(app: App, who: Caller, method: str, key: str | None = None, **request: Any) -> Any:
    service = ConsultationsService()
    service.app, service.call = app, call(who, key) if key else call(who)
    return getattr(service, method)(request)


@pytest.fixture
def case(app: App) -> Case:
    """A case that Huda has."""
    know_advisers(app)
    return given_to_huda(app, submit(app))


def make(app: App, case: Case, who: Caller = HUDA, key: str = "key", **values: Any) -> Any:
    return ask(app, who, "make_referral", key, **referral_request(app, case, **values))


def to_jamal(app: App, case: Case, **values: Any) -> Any:
    return make(app, case, body=None, adviser_id="jamal", **values)


def facts(app: App, case: Case) -> list[str]:
    return [each["type"].rpartition(".")[2] for each in events_of(app, case.id)]


class TestConsent:
    @pytest.mark.parametrize(
        ("consent", "code"),
        [
            (None, "consent_missing"),
            ({"means": "in_person", "given_by": MEMBER.id, "ahead": 1}, "consent_missing"),
            ({"means": "in_person", "given_by": "huda"}, "consent_not_theirs"),
            ({"means": "in_person", "given_by": "somebody"}, "consent_not_theirs"),
            ({"means": "by_phone"}, "consent_not_theirs"),
        ],
        ids=["none", "ahead", "of the adviser", "of somebody else", "of nobody, by phone"],
    )
    def test_without_it_nothing_is_referred(
        self, app: App, case: Case, consent: dict[str, Any] | None, code: str
    ) -> None:
        if consent is not None:
            ahead = timedelta(minutes=consent.pop("ahead", 0))
            consent["given_at"] = to_wire(app.clock.now() + ahead)
        with pytest.raises(errors.Invalid, match=code):
            make(app, case, consent=consent)
        assert app.referrals.of_case(case.id) == []
        assert app.cases.get(case.id).version == case.version

    def test_one_from_before_it_was_taken_back_refers_nothing_more(
        self, app: App, case: Case
    ) -> None:
        given_at = to_wire(app.clock.now())
        consent = {"means": "in_person", "given_at": given_at, "given_by": case.requester_id}
        made = make(app, case, consent=consent)
        advance(app, timedelta(minutes=5))
        ask(app, MEMBER, "withdraw_referral", id=made["id"], expected_version=1)
        with pytest.raises(errors.Conflict, match="consent_withdrawn") as refused:
            make(app, case, key="again", body="جهة أخرى", consent=consent)
        assert refused.value.errors[0].pointer == "/consent/given_at"
        advance(app, timedelta(minutes=5))
        anew = {**consent, "given_at": to_wire(app.clock.now())}
        assert make(app, case, key="anew", consent=anew)["status"] == "made"

    def test_what_the_adviser_takes_back_takes_no_consent_back(self, app: App, case: Case) -> None:
        made = make(app, case)
        advance(app, timedelta(minutes=5))
        ask(app, HUDA, "withdraw_referral", id=made["id"], expected_version=1)
        again = {"means": "in_person", "given_at": to_wire(NOW), "given_by": case.requester_id}
        assert make(app, case, key="again", consent=again)["status"] == "made"

    def test_a_signed_paper_needs_no_account(self, app: App, case: Case) -> None:
        paper = {"means": "written", "given_at": to_wire(app.clock.now())}
        assert make(app, case, consent=paper)["consent"]["given_by"] is None


class TestTarget:
    @pytest.mark.parametrize(
        "target",
        [
            {"body": None},
            {"adviser_id": "jamal"},
            {"body": None, "adviser_id": "huda"},
            {"body": None, "adviser_id": "nobody"},
            {"body": None, "adviser_id": MEMBER.id},
        ],
        ids=["nowhere", "both", "on the case", "unknown", "no adviser"],
    )
    def test_it_goes_to_one_who_is_not_on_the_case(
        self, app: App, case: Case, target: dict[str, Any]
    ) -> None:
        with pytest.raises(errors.Invalid, match="referred_nowhere"):
            make(app, case, **target)

    def test_a_case_has_a_limited_number_of_them(self, app: App, case: Case) -> None:
        for number in range(MOST_OF_A_CASE):
            make(app, case, key=f"key-{number}")
        with pytest.raises(errors.Conflict, match="too_many_referrals"):
            make(app, case, key="one more")

    def test_the_same_key_gives_the_same_referral(self, app: App, case: Case) -> None:
        first = make(app, case)
        assert make(app, case)["id"] == first["id"]
        assert len(app.referrals.of_case(case.id)) == 1

    def test_a_case_that_is_over_is_not_referred(self, app: App, case: Case) -> None:
        closed = close(app, case)
        with pytest.raises(errors.Conflict, match="case_not_allowed_now"):
            make(app, closed)

    def test_staff_refer_a_case_that_nobody_has(self, app: App) -> None:
        assert make(app, submit(app), RAQQA_DESK)["status"] == "made"


class TestAnotherAdviser:
    def test_an_adviser_sees_the_referral_alone_until_accepting(self, app: App, case: Case) -> None:
        made = to_jamal(app, case)
        assert ask(app, JAMAL, "get_referral", id=made["id"])["reason"] == made["reason"]
        assert [each["id"] for each in ask(app, JAMAL, "list_referrals")["items"]] == [made["id"]]
        with pytest.raises(errors.NotFound):
            ask(app, JAMAL, "get_case", id=case.id)
        accepted = ask(app, JAMAL, "accept_referral", id=made["id"], expected_version=1)
        assert accepted["status"] == "accepted"
        after = app.cases.get(case.id)
        assert "jamal" in after.people & after.adviser_ids
        assert after.adviser_id == "huda"
        assert ask(app, JAMAL, "get_case", id=case.id)["id"] == case.id

    def test_the_outcome_returns(self, app: App, case: Case) -> None:
        made = to_jamal(app, case)
        ask(app, JAMAL, "accept_referral", id=made["id"], expected_version=1)
        done = ask(
            app,
            JAMAL,
            "return_referral",
            id=made["id"],
            expected_version=2,
            result="helped_partly",
            outcome="بقي الترخيص",
        )
        assert (done["status"], done["result"], done["version"]) == ("returned", "helped_partly", 3)
        assert ask(app, MEMBER, "get_referral", id=made["id"])["outcome"] == "بقي الترخيص"
        assert facts(app, case)[-3:] == ["referred", "referral_accepted", "referral_returned"]

    def test_who_declined_sees_it_no_more(self, app: App, case: Case) -> None:
        made = to_jamal(app, case)
        ask(app, JAMAL, "decline_referral", id=made["id"], expected_version=1)
        with pytest.raises(errors.NotFound):
            ask(app, JAMAL, "get_referral", id=made["id"])
        assert ask(app, JAMAL, "list_referrals")["items"] == []

    def test_taking_consent_back_ends_what_the_adviser_may_know(self, app: App, case: Case) -> None:
        made = to_jamal(app, case)
        ask(app, JAMAL, "accept_referral", id=made["id"], expected_version=1)
        ask(app, REPRESENTATIVE, "withdraw_referral", id=made["id"], expected_version=2)
        after = app.cases.get(case.id)
        assert "jamal" not in after.people | after.adviser_ids
        with pytest.raises(errors.NotFound):
            ask(app, JAMAL, "get_case", id=case.id)
        with pytest.raises(errors.NotFound):
            ask(app, JAMAL, "get_referral", id=made["id"])

    def test_nobody_else_accepts_or_withdraws(self, app: App, case: Case) -> None:
        made = to_jamal(app, case)
        with pytest.raises(errors.Forbidden):
            ask(app, HUDA, "accept_referral", id=made["id"], expected_version=1)
        with pytest.raises(errors.Forbidden):
            ask(app, JAMAL, "withdraw_referral", id=made["id"], expected_version=1)

    def test_a_table_says_what_follows_what(self, app: App, case: Case) -> None:
        made = to_jamal(app, case)
        with pytest.raises(errors.Conflict, match="referral_not_allowed_now") as refusal:
            ask(app, HUDA, "return_referral", id=made["id"], expected_version=1, result="helped")
        assert refusal.value.params == {"state": "made", "to": "returned"}
        with pytest.raises(errors.Stale):
            ask(app, JAMAL, "accept_referral", id=made["id"], expected_version=7)


def test_an_outside_body_answers_through_the_adviser(app: App, case: Case) -> None:
    made = make(app, case)
    ask(app, HUDA, "accept_referral", id=made["id"], expected_version=1)
    done = ask(app, HUDA, "return_referral", id=made["id"], expected_version=2, result="helped")
    assert (done["status"], app.cases.get(case.id).people) == ("returned", case.people)


def test_of_a_sealed_case_managers_learn_nothing(app: App) -> None:
    know_advisers(app)
    case = given_to_huda(app, submit_confidential(app))
    referral = refer(app, case, body=None, adviser_id="jamal")
    for who in (MANAGER, RAQQA_DESK):
        with pytest.raises(errors.NotFound):
            ask(app, who, "get_referral", id=referral.id)
        with pytest.raises(errors.NotFound):
            ask(app, who, "list_referrals", case_id=case.id)
    assert ask(app, JAMAL, "get_referral", id=referral.id)["id"] == referral.id
    assert events_of(app, case.id) == []


def test_the_adviser_gets_news_of_the_referral_and_not_of_the_case(app: App) -> None:
    know_advisers(app)
    case = given_to_huda(app, submit_confidential(app))
    referral = refer(app, case, body=None, adviser_id="jamal")
    (news,) = app.news.of_recipient("jamal")
    shown = ask(app, JAMAL, "get_news", id=news.id)
    assert (shown["what"], shown["referral_id"]) == ("referred_to_you", referral.id)
    assert (shown["case_number"], shown["case_title"]) == (None, None)
    entries = ask(app, MEMBER, "list_access", id=case.id)["items"]
    assert ("jamal", "referral", "referred", referral.id) in {
        (each["person_id"], each["read"], each["way"], each["item_id"]) for each in entries
    }


def test_the_database_holds_no_word_of_it(app: App, case: Case) -> None:
    made = make(app, case)
    ask(app, HUDA, "accept_referral", id=made["id"], expected_version=1)
    words = {"result": "helped", "outcome": "حصلت على الترخيص"}
    ask(app, HUDA, "return_referral", id=made["id"], expected_version=2, **words)
    stored = str(app.database.collection("referrals").find_one({"_id": made["id"]}))
    for word in (made["reason"], made["body"], words["outcome"], "in_person", MEMBER.id):
        assert word not in stored
