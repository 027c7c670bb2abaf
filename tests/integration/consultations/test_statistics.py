"""Reports about consultations: exact for staff, frozen and without small numbers for others."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from openpyxl import load_workbook

from gateway.api.consultation_reports import as_rows
from services.common import csv, errors, xlsx
from services.common.context import Caller
from services.common.time.period import Period
from services.consultations.app import App
from services.consultations.domain.cases import Case
from services.consultations.domain.statistics import Improvement
from services.consultations.operations import appointments, visits
from services.consultations.operations.loop_events import apply_loop_events
from services.consultations.schemas.appointments import ActOnMeeting
from services.consultations.schemas.visits import ReportVisit
from services.consultations.service import ConsultationsService
from services.consultations.steps import report_rows
from tests.support.adviser_calendars import accept, ask_visit, make_adviser, open_case, put_on_case
from tests.support.adviser_calendars import agree as agree_meeting
from tests.support.adviser_calendars import at as meeting_at
from tests.support.assessments import agree, seed_instrument
from tests.support.bookings import MANAGER, MEMBER, RAQQA_DESK, call
from tests.support.consultation_hours import at, clock_to, hear, hours_changed
from tests.support.consultation_referrals import close, given_to_huda, rating_link
from tests.support.consultation_statistics import freeze
from tests.support.consultations import HUDA, advance, completed, submit, submit_confidential

QUARTER = {"first_day": "2026-10-01", "last_day": "2026-12-31"}


def ask(app: App, who: Caller, method: str, key: str | None = None, **request: Any) -> Any:
    service = ConsultationsService()
    service.app, service.call = app, call(who, key) if key else call(who)
    return getattr(service, method)(request)


def cases_by(report: dict[str, Any], by: str) -> dict[str, int | None]:
    (table,) = [each for each in report["tables"] if each["by"] == by]
    return {row["category"]: row["cases"] for row in table["rows"] if row["cases"] != 0}


@pytest.fixture
def worked(app: App) -> App:
    """It is Thursday at 09:00. Six technical cases of Raqqa, one of Tabqa; one is closed two hours
    after it was submitted, and rated. Three cases are sealed."""
    hear(app, hours_changed(2, at(1, 9)))
    clock_to(app, at(26, 9))
    cases = [submit(app) for _ in range(6)]
    submit(app, centre_id="tabqa")
    for _ in range(3):
        submit_confidential(app)
    clock_to(app, at(26, 11))
    rate(app, close(app, given_to_huda(app, cases[0])), 4)
    return app


def rate(app: App, case: Case, score: int) -> None:
    ask(app, MEMBER, "rate_by_link", token=rating_link(app, case), score=score)


class TestLive:
    def test_staff_read_exact_figures_of_open_cases(self, worked: App) -> None:
        report = ask(worked, RAQQA_DESK, "report_consultations", **QUARTER)
        assert (report["cases"], report["suppressed"], report["sealed"]) == (7, False, None)
        assert cases_by(report, "kind") == {"technical": 7}
        assert cases_by(report, "centre") == {"raqqa": 6, "tabqa": 1}
        assert cases_by(report, "status") == {"submitted": 6, "closed": 1}
        assert report["first_answer"][-1] == {
            "category": "all",
            "name": None,
            "cases": 1,
            "median_minutes": 120,
            "in_time": 1,
        }
        assert report["resolution"][-1]["median_minutes"] == 120
        assert report["ratings"]["mean_score"] == 4.0

    def test_of_one_centre_and_of_other_days(self, worked: App) -> None:
        report = ask(worked, MANAGER, "report_consultations", **QUARTER, centre_id="tabqa")
        assert (report["cases"], report["organisations"]) == (1, [])
        day = {"first_day": "2026-11-25", "last_day": "2026-11-25"}
        assert ask(worked, MANAGER, "report_consultations", **day)["cases"] == 0

    def test_a_day_is_one_of_the_centre(self, app: App) -> None:
        clock_to(app, at(27, 0, 30))  # half past nine on the 26th in London
        submit(app)
        day = {"first_day": "2026-11-27", "last_day": "2026-11-27"}
        assert ask(app, MANAGER, "report_consultations", **day)["cases"] == 1

    def test_others_do_not(self, worked: App) -> None:
        with pytest.raises(errors.Forbidden):
            ask(worked, MEMBER, "report_consultations", **QUARTER)

    @pytest.mark.parametrize(
        ("request_", "code"),
        [
            ({"first_day": "2026-10-02", "last_day": "2026-10-01"}, "period_ends_early"),
            ({"first_day": "2020-01-01", "last_day": "2026-10-01"}, "period_too_long"),
            ({**QUARTER, "centre_id": "nowhere"}, "unknown_centre"),
        ],
    )
    def test_bad_periods_are_refused(self, app: App, request_: dict[str, Any], code: str) -> None:
        with pytest.raises(errors.Invalid, match=code):
            ask(app, MANAGER, "report_consultations", **request_)


def test_meetings_that_took_place_count_with_their_time(app: App) -> None:
    make_adviser(app)
    case = open_case(app)
    hidden = put_on_case(app, submit_confidential(app), HUDA)
    held = agree_meeting(app, case, "09:00")
    agree_meeting(app, case, "15:00")
    secret = agree_meeting(app, hidden, "10:30")
    visit = accept(app, ask_visit(app, case, "13:00"))
    clock_to(app, meeting_at("14:00"))
    for each in (held, secret):
        done = ActOnMeeting(each.id, app.appointments.get(each.id).version)
        appointments.complete_appointment(app, call(HUDA), done)
    version = app.visits.get(visit.id).version
    seen = visits.complete_visit(app, call(HUDA), ActOnMeeting(visit.id, version))
    lasted = Period(meeting_at("13:00"), meeting_at("13:45"))
    report = ReportVisit(seen.id, seen.version, lasted, women=3, men=1, text="اجتمعنا")
    visits.report_visit(app, call(HUDA), report)
    assert ask(app, MANAGER, "report_consultations", **QUARTER)["meetings"] == [
        {"way": "at_centre", "cases": 0, "meetings": 0, "minutes": 0},
        {"way": "on_site", "cases": 1, "meetings": 1, "minutes": 45},
        {"way": "remote", "cases": 1, "meetings": 1, "minutes": 60},
    ]


def test_a_report_is_not_refused_for_what_is_sealed(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One case with a meeting is open, two are sealed: the refusal does not tell that there are
    more than the reader sees."""
    make_adviser(app)
    hidden = [put_on_case(app, submit_confidential(app), HUDA) for _ in range(2)]
    cases = zip([open_case(app), *hidden], ("09:00", "10:30", "13:00"), strict=True)
    held = [agree_meeting(app, case, begins) for case, begins in cases]
    clock_to(app, meeting_at("16:00"))
    for each in held:
        done = ActOnMeeting(each.id, app.appointments.get(each.id).version)
        appointments.complete_appointment(app, call(HUDA), done)
    monkeypatch.setattr(report_rows, "MOST_CASES", 1)
    assert ask(app, MANAGER, "report_consultations", **QUARTER)["cases"] == 1
    monkeypatch.setattr(report_rows, "MOST_CASES", 0)
    with pytest.raises(errors.Invalid, match="report_too_large"):
        ask(app, MANAGER, "report_consultations", **QUARTER)
    monkeypatch.setattr(report_rows, "MOST_CASES", 1)
    advance(app, timedelta(days=60))
    assert freeze(app, **QUARTER).statistics.cases == 1


class TestImprovement:
    @pytest.fixture
    def assessed(self, app: App) -> App:
        """The organisation was assessed three times; the last time it is better than before."""
        seed_instrument(app)
        agree(app, held_on="2025-11-01")
        agree(app, {"budget": 1, "cash": 1, "roles": 1, "pay": None}, held_on="2026-03-01")
        agree(app, {"budget": 3, "cash": 2, "roles": 2, "pay": 4}, held_on="2026-11-01")
        return app

    def organisations(self, app: App, **days: str) -> list[dict[str, Any]]:
        report = ask(app, MANAGER, "report_consultations", **{**QUARTER, **days})
        found: list[dict[str, Any]] = report["organisations"]
        return found

    def test_an_organisation_that_tried_and_is_better_counts_once(self, assessed: App) -> None:
        submit(assessed)
        submit(assessed)
        assert self.organisations(assessed, first_day="2025-06-01") == [
            {"year": 2025, "pursued": 0, "improved": 0},
            {"year": 2026, "pursued": 1, "improved": 1},
        ]

    def test_a_completed_training_is_an_effort(self, assessed: App) -> None:
        apply_loop_events(assessed, [completed(MEMBER)])
        assert self.organisations(assessed) == [{"year": 2026, "pursued": 1, "improved": 1}]

    def test_without_an_effort_it_does_not(self, assessed: App) -> None:
        submit_confidential(assessed)
        assert self.organisations(assessed) == [{"year": 2026, "pursued": 0, "improved": 0}]

    def test_one_that_is_worse_has_tried(self, assessed: App) -> None:
        submit(assessed)
        agree(assessed, {"budget": 1, "cash": 1, "roles": 1, "pay": 1}, held_on="2026-11-20")
        assert self.organisations(assessed) == [{"year": 2026, "pursued": 1, "improved": 0}]

    def test_a_frozen_period_has_whole_years_alone(self, assessed: App) -> None:
        submit(assessed)
        advance(assessed, timedelta(days=60))
        quarter = freeze(assessed, **QUARTER).statistics
        assert quarter.organisations == {}
        assert freeze(assessed, "2025-01-01", "2025-12-31", "2025").statistics.organisations == {
            "2025": Improvement(0, 0)
        }


class TestFrozen:
    def test_sealed_cases_are_counted_apart_without_small_numbers(self, worked: App) -> None:
        advance(worked, timedelta(days=60))
        period = freeze(worked, **QUARTER)
        for who in (MANAGER, MEMBER):
            report = ask(worked, who, "get_frozen_period", id=period.id)["report"]
            assert report["sealed"]["cases"] is None
            assert set(report["sealed"]["by_kind"].values()) == {None}
        assert period.statistics.sealed is not None
        assert period.statistics.sealed.cases is None, "what is small is not even kept"

    def test_enough_of_them_are_shown(self, app: App) -> None:
        for _ in range(6):
            submit_confidential(app)
        advance(app, timedelta(days=60))
        period = freeze(app, **QUARTER)
        sealed = ask(app, MEMBER, "get_frozen_period", id=period.id)["report"]["sealed"]
        assert sealed == {
            "cases": 6,
            "by_kind": {"legal": 6, "planning": 0, "technical": 0},
            "by_centre": {"raqqa": 6, "tabqa": 0},
        }

    def test_others_read_it_without_small_numbers(self, worked: App) -> None:
        advance(worked, timedelta(days=60))
        period = freeze(worked, **QUARTER)
        exact = ask(worked, RAQQA_DESK, "get_frozen_period", id=period.id)["report"]
        shown = ask(worked, MEMBER, "get_frozen_period", id=period.id)["report"]
        assert (exact["suppressed"], shown["suppressed"]) == (False, True)
        assert cases_by(exact, "centre") == {"raqqa": 6, "tabqa": 1}
        assert cases_by(shown, "centre") == {"raqqa": None, "tabqa": None}
        assert shown["ratings"]["rated"] is None
        assert [each["id"] for each in ask(worked, MEMBER, "list_frozen_periods")["items"]] == [
            period.id
        ]

    def test_it_is_the_same_for_ever(self, worked: App) -> None:
        advance(worked, timedelta(days=60))
        period = freeze(worked, **QUARTER)
        assert freeze(worked, **QUARTER) == period
        worked.database.collection("cases").delete_many({})
        assert worked.frozen_periods.get(period.id) == period

    @pytest.mark.parametrize(
        ("days", "code"),
        [
            (("2026-07-01", "2026-09-29"), "period_too_short"),
            (("2026-09-01", "2026-11-30"), "period_not_over"),
            (("2026-03-31", "2026-06-30"), "periods_overlap"),
        ],
    )
    def test_what_cannot_be_frozen(self, app: App, days: tuple[str, str], code: str) -> None:
        freeze(app, "2026-01-01", "2026-03-31", "first")
        with pytest.raises(errors.MasahaError, match=code):
            freeze(app, *days)


def test_a_report_is_a_table_for_spreadsheets(worked: App) -> None:
    report = ask(worked, MANAGER, "report_consultations", **QUARTER)
    formula = '=HYPERLINK("http://example.org")'
    (kinds,) = [each for each in report["tables"] if each["by"] == "kind"]
    kinds["rows"][0]["name"] = {"ar": formula}
    rows = as_rows(report, "ar")
    assert {len(each) for each in rows} == {5}
    assert "'=HYPERLINK" in csv.write(["x"] * 5, rows)
    sheet = load_workbook(BytesIO(xlsx.write(["x"] * 5, rows, "ar"))).worksheets[0]
    assert list(sheet.iter_rows(values_only=True))[1] == (
        "ملفات الاستشارات",
        None,
        None,
        "عدد الملفات",
        7,
    )


def test_a_hidden_figure_is_a_star(worked: App) -> None:
    advance(worked, timedelta(days=60))
    period = freeze(worked, **QUARTER)
    report = ask(worked, MEMBER, "get_frozen_period", id=period.id)["report"]
    rows = as_rows(report, "en")
    assert ["Cases by centre", "Tabqa centre", None, "Cases", "*"] in rows
    assert ["Sealed cases", None, None, "Cases", "*"] in rows
