"""People who have a seat, or are offered one, are named by the event of a session."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from services.common.clock import to_wire
from services.trainings.app import App
from services.trainings.domain.admissions import enrol
from services.trainings.domain.cohorts import Cohort
from services.trainings.domain.participants import Participant
from services.trainings.domain.roster import Entry, Rank
from services.trainings.operations import sessions
from services.trainings.schemas.cohorts import add_session, change_session, remove_session
from services.trainings.steps.save_cohort import save_roster
from tests.support.bookings import NOW, RAQQA_DESK, call
from tests.support.trainings import events_of, open_cohort, prepare, session_request

REASON = "مرض المدرّبة"


def seat(app: App, cohort: Cohort, *names: str) -> None:
    """These people come to the cohort, one a minute; those named ``guest-…`` have no account."""
    for minute, name in enumerate(names):
        participant = Participant(
            name, has_account=not name.startswith("guest-"), name=name, created_at=NOW
        )
        entry = Entry(f"application-{name}", name, Rank(NOW + timedelta(minutes=minute)))

        def work(session: Any, participant: Any = participant, entry: Entry = entry) -> None:
            app.participants.add(session, participant)
            now = app.cohorts.get(cohort.id, session)
            assert now.roster is not None
            save_roster(app, session, now, enrol(now.roster, [entry], NOW))

        app.database.transact(work)


def about(app: App, session_id: str) -> list[tuple[str, int, dict[str, Any]]]:
    return [
        (each["type"].removeprefix("trainings.session."), each["aggregateversion"], each["data"])
        for each in events_of(app, session_id)
    ]


def test_a_session_that_moves_says_from_when_to_when_and_whom_it_concerns(app: App) -> None:
    cohort = open_cohort(app, capacity=2)
    seat(app, cohort, "sara", "guest-huda", "omar")
    first = cohort.sessions[0]
    town_hall = {"ar": "قاعة البلدية", "en": "Town hall"}
    later = session_request(9)
    request = {
        "id": cohort.id,
        "expected_version": cohort.version,
        "session_id": first.id,
        "starts_at": later["starts_at"],
        "ends_at": later["ends_at"],
        "elsewhere": town_hall,
        "reason": REASON,
    }
    moved = sessions.change_session(app, call(RAQQA_DESK), change_session(request))
    [(kind, version, data)] = about(app, first.id)
    assert (kind, version) == ("moved", moved.version)
    # Omar waits, and Huda has no account to which a message could go.
    assert data["people"] == ["sara"]
    assert (data["starts_at"], data["ends_at"]) == (later["starts_at"], later["ends_at"])
    assert data["previous_starts_at"] == to_wire(first.starts_at)
    assert data["previous_ends_at"] == to_wire(first.ends_at)
    assert data["elsewhere"] == town_hall
    assert data["previous_elsewhere"] == dict(first.elsewhere or {})
    assert data["reason"] == REASON


def test_sessions_that_come_and_go_have_events_of_their_own(app: App) -> None:
    cohort = open_cohort(app)
    seat(app, cohort, "sara")
    command = add_session({"cohort_id": cohort.id, **session_request(9)})
    cohort = sessions.add_session(app, call(RAQQA_DESK), command)
    added = cohort.sessions[-1]
    request = {"id": cohort.id, "expected_version": cohort.version, "session_id": added.id}
    sessions.remove_session(app, call(RAQQA_DESK), remove_session(request))
    assert [(kind, data["people"]) for kind, _, data in about(app, added.id)] == [
        ("added", ["sara"]),
        ("removed", ["sara"]),
    ]


def test_other_words_of_a_session_and_a_draft_concern_nobody(app: App) -> None:
    cohort = open_cohort(app)
    titled = {
        "id": cohort.id,
        "expected_version": cohort.version,
        "session_id": cohort.sessions[0].id,
        "title": {"ar": "المدخل"},
    }
    after = sessions.change_session(app, call(RAQQA_DESK), change_session(titled))
    assert after == replace(after, version=cohort.version + 1)
    assert about(app, cohort.sessions[0].id) == []
    draft = prepare(app)
    command = add_session({"cohort_id": draft.id, **session_request(9)})
    draft = sessions.add_session(app, call(RAQQA_DESK), command)
    assert [about(app, each.id) for each in draft.sessions] == [[], [], []]
