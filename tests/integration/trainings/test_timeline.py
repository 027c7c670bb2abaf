"""Timelines: what people applied for, attended and earned."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from services.common import errors
from services.common.context import Caller
from services.trainings.app import App
from services.trainings.operations import merging, timeline
from services.trainings.schemas.participants import MergeParticipants
from services.trainings.service import TrainingsService
from tests.support.attendance import cohort_of, during, mark, send
from tests.support.bookings import MANAGER, call
from tests.support.trainings import advance, register, seat

LEADER = Caller(id="leader", organisations={"hope": "representative"})


def ask(app: App, who: Caller, method: str, **request: Any) -> Any:
    service = TrainingsService()
    service.app, service.call = app, call(who)
    return getattr(service, method)(request)


def lines(timeline: dict[str, Any]) -> list[tuple[str, int]]:
    return [(each["kind"], each["times"]) for each in timeline["items"]]


def test_a_person_and_the_organisation_see_what_was_done(app: App) -> None:
    cohort = cohort_of(app, sessions=2)
    register(app, "رنا", id="rana", has_account=True)
    register(app, "سامي", id="sami", has_account=True)
    seat(app, cohort, "rana", organisation_id="hope")
    seat(app, app.cohorts.get(cohort.id), "sami", organisation_id="hope")
    during(app, cohort, 1)
    send(app, cohort, mark(cohort, 1, "rana"), mark(cohort, 1, "sami", "absent"))
    during(app, cohort, 2)
    send(app, cohort, mark(cohort, 2, "rana", "late"))
    own = ask(app, Caller(id="rana"), "participant_timeline")
    assert lines(own) == [("applied", 1), ("attended", 2)]
    assert own["items"][0]["title"] == dict(cohort.title)
    assert own["items"][1]["people"] == [{"id": "rana", "name": "رنا"}]
    of_hope = ask(app, LEADER, "organisation_timeline", id="hope")
    assert lines(of_hope) == [("applied", 2), ("attended", 2)]
    page = ask(app, LEADER, "organisation_timeline", id="hope", limit=1)
    rest = ask(app, LEADER, "organisation_timeline", id="hope", limit=1, after=page["next"])
    assert lines(page) + lines(rest) == lines(of_hope)
    assert ask(app, MANAGER, "organisation_timeline", id="peace")["items"] == []


def test_a_person_who_never_applied_has_an_empty_timeline(app: App) -> None:
    assert ask(app, Caller(id="nobody"), "participant_timeline")["items"] == []
    with pytest.raises(errors.NotFound):
        ask(app, MANAGER, "participant_timeline", id="nobody")


def test_what_was_done_under_a_merged_record_is_the_persons(app: App) -> None:
    register(app, "رنا", id="rana", has_account=True)
    register(app, "رنا", id="other")
    first, second = cohort_of(app, sessions=1), cohort_of(app, sessions=1)
    seat(app, first, "rana")
    seat(app, second, "other")
    during(app, second, 1)
    send(app, second, mark(second, 1, "other"))
    merging.merge_participants(app, call(MANAGER), MergeParticipants("rana", 1, "other"))
    for who, request in ((Caller(id="rana"), {}), (MANAGER, {"id": "other"})):
        found = ask(app, who, "participant_timeline", **request)
        assert sorted(lines(found)) == [("applied", 1), ("applied", 1), ("attended", 1)]


def test_the_last_cohorts_are_shown(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timeline, "MOST_COHORTS_OF_TIMELINE", 2)
    register(app, "رنا", id="rana", has_account=True)
    cohorts = []
    for _ in range(3):
        cohorts.append(cohort_of(app, sessions=1))
        seat(app, cohorts[-1], "rana", organisation_id="hope")
        advance(app, timedelta(minutes=1))
    for who, method, request in (
        (Caller(id="rana"), "participant_timeline", {}),
        (LEADER, "organisation_timeline", {"id": "hope"}),
    ):
        found = ask(app, who, method, **request)
        assert [each["cohort_id"] for each in found["items"]] == [each.id for each in cohorts[1:]]


def test_an_application_that_does_not_count_stays_in_the_timeline_of_its_organisation(
    app: App,
) -> None:
    register(app, "رنا", id="rana")
    register(app, "رنا", id="other")
    cohort = cohort_of(app, sessions=1)
    seat(app, cohort, "rana", organisation_id="hope")
    seat(app, app.cohorts.get(cohort.id), "other", organisation_id="peace")
    merging.merge_participants(app, call(MANAGER), MergeParticipants("rana", 1, "other"))
    found = ask(app, MANAGER, "organisation_timeline", id="peace")
    assert lines(found) == [("applied", 1)]
    assert found["items"][0]["title"] == dict(cohort.title)
