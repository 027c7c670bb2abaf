"""The checker of seats finds what a broken system would leave."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.support.checker import CONTRADICTED, DOUBLED, LEFT_OVER, LOST, OVERLAP, Violation
from tests.support.ledger import NOMINATE, OK, REFUSED, UNKNOWN, WITHDRAW, Request
from tests.support.seat_checker import check_news, check_nominations, check_seats

ASKED = Request("nominate 1", NOMINATE, "amal", "key", booking_id="a1", version=2, outcome=OK)
TAKEN_BACK = Request("withdraw 1", WITHDRAW, "amal", booking_id="a1", version=3, outcome=OK)
PERSON = {"_id": "p1", "name": "nominate 1"}


def application(number: int = 1, status: str = "enrolled", **values: Any) -> dict[str, Any]:
    return {
        "_id": f"a{number}",
        "participant_id": f"p{number}",
        "cohort_id": "c1",
        "status": status,
        **values,
    }


def cohort(capacity: int, **standings: str) -> dict[str, Any]:
    entries = [{"id": id, "standing": standing} for id, standing in standings.items()]
    return {"_id": "c1", "capacity": capacity, "roster": {"entries": entries}}


def kinds(violations: list[Violation]) -> list[str]:
    return [each.kind for each in violations]


def test_what_was_acknowledged_is_there_once() -> None:
    assert check_nominations([ASKED], [PERSON], [application()]) == []
    assert kinds(check_nominations([ASKED], [], [])) == [LOST]
    twice = [application(), application() | {"_id": "a2"}]
    assert kinds(check_nominations([ASKED], [PERSON], twice)) == [DOUBLED]
    other = [application() | {"_id": "a9"}]
    assert kinds(check_nominations([ASKED], [PERSON], other)) == [CONTRADICTED]


def test_what_was_refused_is_not_there_and_what_is_unknown_may_be() -> None:
    refused, unknown = replace(ASKED, outcome=REFUSED), replace(ASKED, outcome=UNKNOWN)
    assert kinds(check_nominations([refused], [PERSON], [application()])) == [CONTRADICTED]
    assert check_nominations([unknown], [PERSON], [application()]) == []
    assert check_nominations([unknown], [], []) == []


def test_who_was_taken_back_has_no_seat() -> None:
    asked = [ASKED, TAKEN_BACK]
    assert kinds(check_nominations(asked, [PERSON], [application()])) == [LOST]
    assert check_nominations(asked, [PERSON], [application(status="withdrawn")]) == []


def test_no_more_people_than_seats_and_none_empty_while_a_person_waits() -> None:
    two = [application(1), application(2)]
    assert check_seats([cohort(2, a1="enrolled", a2="enrolled")], two) == []
    assert kinds(check_seats([cohort(1, a1="enrolled", a2="enrolled")], two)) == [OVERLAP]
    waits = [application(1), application(2, "waitlisted")]
    assert check_seats([cohort(1, a1="enrolled", a2="waiting")], waits) == []
    assert kinds(check_seats([cohort(2, a1="enrolled", a2="waiting")], waits)) == [LEFT_OVER]


def test_the_roster_and_the_applications_say_the_same() -> None:
    two = [application(1), application(2, "withdrawn")]
    assert check_seats([cohort(2, a1="enrolled")], two) == []
    assert kinds(check_seats([cohort(2, a1="offered")], two)) == [CONTRADICTED]
    assert kinds(check_seats([cohort(2, a1="enrolled", a2="enrolled")], two)) == [CONTRADICTED]


def test_who_nominated_hears_of_each_decision_once() -> None:
    event = {
        "id": "e1",
        "type": "trainings.application.enrolled",
        "subject": "a1",
        "data": {"nominated_by": "nour"},
    }
    heard = {"event_id": "e1", "recipient_id": "nour"}
    entry = {"event": event}
    assert check_news([entry], [heard]) == []
    assert kinds(check_news([entry], [])) == [LOST]
    assert kinds(check_news([entry], [heard, heard])) == [DOUBLED]
    assert kinds(check_news([entry], [heard, heard | {"recipient_id": "x"}])) == [CONTRADICTED]
