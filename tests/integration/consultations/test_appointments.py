"""Appointments: both sides make and move them; one version wins; nobody is in two places."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from itertools import pairwise

import pytest

from services.common import errors
from services.common.clock import from_wire
from services.common.errors import MasahaError
from services.consultations.app import App
from services.consultations.domain.appointment_states import AppointmentStatus
from services.consultations.domain.case_states import CaseStatus
from services.consultations.operations import advisers, appointments, calendars
from services.consultations.schemas.advisers import list_slots
from services.consultations.schemas.appointments import ActOnMeeting, CalendarOf
from tests.support.adviser_calendars import (
    agree,
    ask_visit,
    at,
    be_absent,
    cancel,
    make_adviser,
    move,
    open_case,
    slots,
)
from tests.support.bookings import MEMBER, REPRESENTATIVE, call
from tests.support.consultations import (
    HUDA,
    JAMAL,
    advance,
    events_of,
    run_due_deadlines,
    submit,
)
from tests.support.racing import contend

PLANNING = {"kind_id": "planning", "form": {"edition": 1, "answers": {"horizon": "year"}}}


def facts(app: App, subject: str) -> list[str]:
    return [each["type"].rpartition(".")[2] for each in events_of(app, subject)]


@pytest.mark.parametrize(
    ("clock", "offered"), [("11:00", False), ("11:10", False), ("12:30", True), ("15:00", True)]
)
def test_a_buffer_costs_no_slot_at_the_end_of_the_day(app: App, clock: str, offered: bool) -> None:
    """From 09:00 to 16:00, break from 12:00 to 12:30, an hour with 10 minutes after; 10:00 is
    taken."""
    make_adviser(app)
    case = open_case(app)
    agree(app, case, "10:00")
    if offered:
        assert agree(app, case, clock).live
        return
    with pytest.raises(errors.Conflict, match=r"consultations\.time_not_offered") as refused:
        agree(app, case, clock)
    first = refused.value.extra["alternatives"][0]
    assert from_wire(first["starts_at"]) == at("12:30")
    assert "12:30" in slots(app)


def test_a_long_visit_spans_a_break_only_where_its_kind_says_so(app: App) -> None:
    make_adviser(app)
    technical, planning = open_case(app), open_case(app, **PLANNING)
    with pytest.raises(errors.Conflict, match=r"consultations\.time_not_offered"):
        ask_visit(app, technical, "10:00", minutes=180)
    assert ask_visit(app, planning, "10:00", minutes=180).live
    # An appointment of the same case does not.
    with pytest.raises(errors.Conflict, match=r"consultations\.time_not_offered"):
        agree(app, planning, "10:00", 1, minutes=180)


@pytest.mark.parametrize(
    ("day", "first", "last"), [("2027-03-25", "12:00", "15:00"), ("2027-03-29", "11:00", "14:00")]
)
def test_every_slot_of_a_remote_adviser_can_be_had(
    app: App, day: str, first: str, last: str
) -> None:
    """From 10:00 to 14:00 in Berlin, before and after its clocks change."""
    week = ("monday", "thursday")
    make_adviser(
        app,
        time_zone="Europe/Berlin",
        working_hours={each: [["10:00", "14:00"]] for each in week},
        breaks={},
        buffer_minutes=0,
    )
    case = open_case(app)
    distance = (from_wire(f"{day}T00:00:00Z") - from_wire("2026-11-24T00:00:00Z")).days
    offered = slots(app, day=distance)
    assert (offered[0], offered[-1]) == (first, last)
    for clock in offered:
        cancel(app, agree(app, case, clock, distance))


def test_an_organisation_makes_and_moves_an_appointment_too(app: App) -> None:
    make_adviser(app)
    case = open_case(app)
    made = agree(app, case, "10:00", who=MEMBER)
    assert made.adviser_id == HUDA.id
    assert app.cases.get(case.id).status is CaseStatus.PLANNED
    moved = move(app, made, "13:00", who=REPRESENTATIVE)
    assert (moved.period.starts_at, moved.sequence) == (at("13:00"), 1)
    assert "10:00" in slots(app)
    with pytest.raises(errors.Stale):
        move(app, made, "09:00")
    assert facts(app, made.id) == ["agreed", "moved"]


def test_of_two_who_move_at_once_one_wins(app: App) -> None:
    make_adviser(app)
    made = agree(app, open_case(app), "10:00")
    tries = [
        partial(move, app, made, clock, who=who)
        for clock, who in (("13:00", HUDA), ("14:00", MEMBER))
    ]
    outcomes = contend(*tries)
    assert sorted(isinstance(each, errors.Stale) for each in outcomes) == [False, True]
    assert app.appointments.get(made.id).version == 2


def test_no_adviser_is_in_two_places_whatever_races(app: App) -> None:
    make_adviser(app, buffer_minutes=0)
    cases = [open_case(app) for _ in range(3)]
    clocks = ["09:00", "09:30", "10:00", "10:15", "13:00", "13:30"]
    tries = [
        partial(make, app, cases[n % 3], clock)
        for n, clock in enumerate(clocks * 2)
        for make in (agree, ask_visit)
    ]
    outcomes = contend(*tries)
    refused = {each.code for each in outcomes if isinstance(each, MasahaError)}
    assert refused == {"consultations.time_not_offered"}
    times = sorted(
        (each.period for each in outcomes if not isinstance(each, MasahaError)),
        key=lambda period: period.starts_at,
    )
    assert all(one.ends_at <= two.starts_at for one, two in pairwise(times))
    assert len(times) >= 2  # 09:30 stands against three others.


def test_an_absence_and_an_appointment_that_race_know_of_each_other(app: App) -> None:
    make_adviser(app)
    case = open_case(app)
    for day in (0, 1, 6, 7):
        made, away = contend(
            partial(agree, app, case, "10:00", day),
            partial(be_absent, app, ("09:00", day), ("12:00", day)),
        )
        assert not isinstance(away, MasahaError)
        told = app.tasks.page({"what": "adviser_absent", "details.adviser_id": HUDA.id})
        if isinstance(made, MasahaError):
            assert made.code == "consultations.time_not_offered"
        else:
            assert made.id in {each.subject for each in told}


def test_a_cancelled_appointment_frees_its_time(app: App) -> None:
    make_adviser(app)
    case = open_case(app)
    gone = cancel(app, agree(app, case, "10:00"), MEMBER)
    assert (gone.status, gone.content.reason) == (AppointmentStatus.CANCELLED, "ظرف طارئ")
    assert agree(app, case, "10:00").live
    with pytest.raises(errors.Conflict, match="appointment_not_allowed_now"):
        cancel(app, gone)


def test_an_appointment_is_held_when_it_has_begun(app: App) -> None:
    make_adviser(app)
    case = open_case(app)
    made = agree(app, case, "10:00")
    done = partial(appointments.complete_appointment, app, call(HUDA))
    with pytest.raises(errors.Conflict, match=r"consultations\.not_begun"):
        done(ActOnMeeting(made.id, made.version))
    advance(app, timedelta(days=1, hours=2))
    assert done(ActOnMeeting(made.id, made.version)).status is AppointmentStatus.DONE
    assert app.cases.get(case.id).status is CaseStatus.IN_PROGRESS


def test_people_are_reminded_once_and_of_the_time_in_force(app: App) -> None:
    make_adviser(app)
    made = agree(app, open_case(app), "10:00", 1)
    moved = move(app, made, "13:00", 2)
    advance(app, timedelta(days=1, hours=2))  # A day before the old time, and later.
    run_due_deadlines(app)
    assert facts(app, made.id) == ["agreed", "moved"]
    advance(app, timedelta(days=1, hours=3))
    run_due_deadlines(app)
    run_due_deadlines(app)
    assert facts(app, made.id) == ["agreed", "moved", "reminded"]
    cancel(app, app.appointments.get(moved.id))
    run_due_deadlines(app)
    assert facts(app, made.id)[-1] == "cancelled"


def test_nobody_is_met_about_a_case_that_is_not_theirs(app: App) -> None:
    make_adviser(app)
    make_adviser(app, JAMAL)
    case = open_case(app)
    with pytest.raises(errors.Conflict, match=r"consultations\.adviser_not_on_case"):
        agree(app, case, adviser_id=JAMAL.id)
    with pytest.raises(errors.Conflict, match=r"consultations\.case_not_allowed_now"):
        agree(app, submit(app), who=MEMBER)
    with pytest.raises(errors.NotFound):
        advisers.find_slots(
            app,
            call(MEMBER),
            list_slots(
                {
                    "adviser_id": JAMAL.id,
                    "case_id": case.id,
                    "starts_at": "2026-11-24T00:00:00Z",
                    "ends_at": "2026-11-25T00:00:00Z",
                }
            ),
        )


def test_a_calendar_has_one_uid_a_rising_sequence_and_no_word_of_the_case(app: App) -> None:
    make_adviser(app)
    case = open_case(app)
    made = agree(app, case, "10:00")

    def lines() -> dict[str, str]:
        text = calendars.appointment_calendar(app, call(MEMBER), CalendarOf(made.id, "en"))
        assert case.content.title not in text
        return dict(line.split(":", 1) for line in text.splitlines() if ":" in line)

    first = lines()
    move(app, made, "13:00")
    second = lines()
    cancel(app, app.appointments.get(made.id))
    third = lines()
    assert [each["SEQUENCE"] for each in (first, second, third)] == ["0", "1", "2"]
    assert {each["UID"] for each in (first, second, third)} == {f"{made.id}@masaha"}
    assert (first["SUMMARY"], first["LOCATION"]) == ("Appointment", "Raqqa centre")
    assert (second["DTSTART"], third["STATUS"]) == ("20261124T100000Z", "CANCELLED")


def test_a_time_that_ends_before_it_begins_has_no_slots(app: App) -> None:
    make_adviser(app)
    times = {"starts_at": "2026-11-24T09:00:00Z", "ends_at": "2026-11-24T09:00:00Z"}
    with pytest.raises(errors.Invalid, match="end_before_start") as refused:
        advisers.find_slots(app, call(HUDA), list_slots({"adviser_id": HUDA.id, **times}))
    assert [each.pointer for each in refused.value.errors] == ["/ends_at"]


def test_slots_come_page_by_page(app: App) -> None:
    make_adviser(app)
    whole = slots(app)
    request = {
        "adviser_id": HUDA.id,
        "starts_at": "2026-11-23T21:00:00Z",
        "ends_at": "2026-11-24T21:00:00Z",
        "limit": 5,
    }
    found: list[str] = []
    after = None
    while after is not None or not found:
        query = list_slots({**request, "after": after})
        page, _ = advisers.find_slots(app, call(HUDA), query)
        found += [f"{each.starts_at + timedelta(hours=3):%H:%M}" for each in page[:5]]
        last = page[4].starts_at if len(page) > 5 else None
        after = None if last is None else [f"{last:%Y-%m-%dT%H:%M:%SZ}", ""]
    assert found == whole
