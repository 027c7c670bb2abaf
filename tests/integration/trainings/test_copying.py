"""A cohort once more: the same hours of the clock on other days, in one step."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from services.common import errors
from services.common.context import Caller
from services.common.time.wall_clock import to_local_time
from services.trainings.app import App
from services.trainings.domain.centres import Centre
from services.trainings.domain.cohort_states import CohortStatus
from services.trainings.domain.cohorts import Cohort
from services.trainings.operations import cohorts
from services.trainings.operations.copying import copy_cohort
from services.trainings.operations.selection_rules import set_reviewers
from services.trainings.schemas.cohorts import copy_cohort as command_of
from services.trainings.schemas.cohorts import list_cohorts
from services.trainings.schemas.selection import SetReviewers
from tests.support.bookings import MANAGER, NOW, RAQQA_DESK, TABQA_DESK, call
from tests.support.trainings import announce, know, prepare, session_request

CAIRO = "Africa/Cairo"


def copy(app: App, cohort: Cohort, starts_on: str, who: Caller = RAQQA_DESK, **more: Any) -> Cohort:
    key = more.pop("key", None)
    request = {"id": cohort.id, "starts_on": starts_on, **more}
    return copy_cohort(app, call(who, key), command_of(request))


def hours(cohort: Cohort, zone: str) -> list[tuple[date, str, str]]:
    return [
        (
            to_local_time(each.starts_at, zone).date(),
            f"{to_local_time(each.starts_at, zone):%H:%M}",
            f"{to_local_time(each.ends_at, zone):%H:%M}",
        )
        for each in cohort.sessions
    ]


def test_a_copy_is_a_draft_at_the_same_hours(app: App) -> None:
    opens = (NOW + timedelta(days=1)).isoformat().replace("+00:00", "Z")
    original = announce(
        app,
        title={"ar": "إدارة الأزمات"},
        capacity=9,
        cap_per_organisation=2,
        floors={"women": 2, "released_at": opens},
        applications_open_at=opens,
    )
    made = copy(app, original, "2027-03-07")
    assert (made.status, made.version, made.roster) == (CohortStatus.DRAFT, 1, None)
    assert made.title == original.title
    assert (made.capacity, made.cap_per_organisation) == (9, 2)
    assert hours(made, "Asia/Damascus") == [
        (date(2027, 3, 7), "09:00", "13:00"),
        (date(2027, 3, 8), "09:00", "13:00"),
    ]
    assert made.starts_at is not None
    assert original.starts_at is not None
    assert made.floors is not None
    assert made.applications_open_at is not None
    later = made.starts_at - original.starts_at
    assert made.applications_open_at == NOW + timedelta(days=1) + later
    assert made.floors.released_at == made.applications_open_at
    ids = {each.id for each in (*made.sessions, *original.sessions)}
    assert len(ids) == 4


def test_a_copy_has_no_reviewers(app: App) -> None:
    """Who reviews one cohort is not asked to review the next, least of all at another centre."""
    original = prepare(app)
    know(app, "omar")
    command = SetReviewers(original.id, original.version, ("omar",))
    original = set_reviewers(app, call(RAQQA_DESK), command)
    assert original.reviewers == ("omar",)
    assert copy(app, original, "2027-03-07").reviewers == ()
    assert copy(app, original, "2027-03-07", MANAGER, centre_id="tabqa").reviewers == ()


def test_hours_stay_when_the_clock_changes_between(app: App) -> None:
    """In Cairo the clock goes forward on the last Friday of April."""
    app.centres.seed([Centre("cairo", {"ar": "القاهرة"}, CAIRO)])
    who = MANAGER
    original = prepare(app, who, centre_id="cairo")
    before = hours(original, CAIRO)
    made = copy(app, original, "2027-04-29", who)
    days = [date(2027, 4, 29), date(2027, 4, 30)]
    assert hours(made, CAIRO) == [(day, *each[1:]) for day, each in zip(days, before, strict=True)]
    first, second = made.sessions
    assert second.starts_at - first.starts_at == timedelta(hours=23)


def test_another_centre_has_its_own_rooms(app: App) -> None:
    original = prepare(app, sessions=[session_request(7, elsewhere=None, space_id="raqqa-meeting")])
    assert copy(app, original, "2027-03-07").sessions[0].space_id == "raqqa-meeting"
    with pytest.raises(errors.Forbidden):
        copy(app, original, "2027-03-07", centre_id="tabqa")
    made = copy(app, original, "2027-03-07", MANAGER, centre_id="tabqa")
    assert made.centre_id == "tabqa"
    assert made.sessions[0].space_id is None
    request = app.rooms.of(made.id)
    assert request is not None
    assert [each.centre_id for each in request.items] == ["tabqa"]
    with pytest.raises(errors.NotFound):
        copy(app, original, "2027-03-07", TABQA_DESK, centre_id="tabqa")


def test_a_copy_of_the_past_is_refused_and_leaves_nothing(app: App) -> None:
    original = prepare(app)
    with pytest.raises(errors.Conflict, match=r"trainings\.in_the_past") as refused:
        copy(app, original, "2026-11-01")
    assert refused.value.errors[0].pointer == "/starts_on"
    with pytest.raises(errors.Conflict, match=r"trainings\.too_far_ahead") as refused:
        copy(app, original, "2190-01-01")
    assert (refused.value.errors[0].pointer, refused.value.params) == ("/starts_on", {"days": 366})
    with pytest.raises(errors.Conflict, match=r"trainings\.no_sessions"):
        copy(app, prepare(app, sessions=[]), "2027-03-07")
    with pytest.raises(errors.Invalid, match=r"trainings\.unknown_centre"):
        copy(app, original, "2027-03-07", MANAGER, centre_id="aleppo")
    listed = cohorts.find_cohorts(app, call(MANAGER), list_cohorts({}))
    assert len(listed) == 2


def test_the_same_key_copies_once(app: App) -> None:
    original = prepare(app)
    both = [copy(app, original, "2027-03-07", key="one") for _ in range(2)]
    assert both[0] == both[1]
    with pytest.raises(errors.KeyReused):
        copy(app, original, "2027-03-14", key="one")
