"""The rows that reports about consultations count."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from services.common.contracts.consultations.statistics_errors import REPORT_TOO_LARGE
from services.common.storage.mongo import Document, Session
from services.consultations.app import App
from services.consultations.domain.appointments import Mode
from services.consultations.domain.scores import compare_scores
from services.consultations.domain.statistics import CaseRow, Comparison, Effort, MeetingRow
from services.consultations.domain.time_limits import Limited, TimeLimit
from services.consultations.store.report_rows import in_parts

MOST_CASES = 50_000
"""A report of more cases, or of more meetings, is refused."""

MOST_ASSESSMENTS = 5_000
"""A report of more assessments is refused."""

#: No zone is further from UTC.
_FURTHEST = timedelta(hours=15)


@dataclass(frozen=True, slots=True)
class Rows:
    """What a report counts."""

    cases: list[CaseRow]
    meetings: list[MeetingRow]
    comparisons: list[Comparison]
    efforts: list[Effort]


def rows_in(
    app: App,
    first_day: date,
    last_day: date,
    years: range,
    centre_id: str | None = None,
    *,
    with_sealed: bool,
    session: Session | None = None,
) -> Rows:
    """The rows of a period; the days are those of each centre's zone.

    Args:
        years: in which organisations are counted.
        centre_id: cases of this centre alone; then no organisations, who belong to none.
        with_sealed: whether sealed cases are among them.

    Raises:
        errors.Invalid: ``consultations.report_too_large``, whatever is sealed: a refusal that
            counts sealed cases tells how many there are.
    """
    return Rows(
        cases=_cases(app, first_day, last_day, centre_id, with_sealed, session),
        meetings=_meetings(app, first_day, last_day, centre_id, session),
        comparisons=_comparisons(app, years, session),
        efforts=_efforts(app, years, session),
    )


def _cases(
    app: App,
    first_day: date,
    last_day: date,
    centre_id: str | None,
    with_sealed: bool,
    session: Session | None,
) -> list[CaseRow]:
    after, before = _period_around(first_day, last_day)
    found = app.report_rows.cases_between(
        after, before, centre_id, sealed=False, limit=MOST_CASES + 1, session=session
    )
    if len(found) > MOST_CASES:
        raise REPORT_TOO_LARGE(most=MOST_CASES)
    if with_sealed:
        found += app.report_rows.cases_between(
            after, before, centre_id, sealed=True, session=session
        )
    wanted = _rows_of_days(app, found, "submitted_at", first_day, last_day, session)
    scores: dict[str, int] = {}
    limits: dict[tuple[str, Limited], TimeLimit] = {}
    for part in in_parts([each["_id"] for each in wanted]):
        scores.update(app.ratings.scores_of(part, session))
        # In the order of their rounds: the last one counts.
        for limit in app.time_limits.of_cases(part, session):
            if limit.took is not None:
                limits[limit.case_id, limit.what] = limit
    return [_row(each, limits, scores) for each in wanted]


def _meetings(
    app: App, first_day: date, last_day: date, centre_id: str | None, session: Session | None
) -> list[MeetingRow]:
    """The meetings of cases that are not sealed."""
    after, before = _period_around(first_day, last_day)
    found = app.report_rows.meetings_between(
        after, before, centre_id, limit=MOST_CASES + 1, session=session
    )
    if len(found) > MOST_CASES:
        raise REPORT_TOO_LARGE(most=MOST_CASES)
    wanted = _rows_of_days(app, found, "starts_at", first_day, last_day, session)
    return [_meeting(each) for each in wanted]


def _meeting(meeting: Document) -> MeetingRow:
    # The time that a visit took indeed is in its report.
    lasted = (meeting.get("report") or {}).get("lasted") or meeting
    return MeetingRow(
        case_id=meeting["case_id"],
        way=meeting.get("mode", Mode.ON_SITE.value),
        length=lasted["ends_at"] - lasted["starts_at"],
    )


def _period_around(first_day: date, last_day: date) -> tuple[datetime, datetime]:
    """Instants between which the days lie in every zone."""
    after = datetime.combine(first_day, time(), UTC) - _FURTHEST
    return after, datetime.combine(last_day, time(), UTC) + timedelta(days=1) + _FURTHEST


def _rows_of_days(
    app: App,
    found: list[Document],
    field: str,
    first_day: date,
    last_day: date,
    session: Session | None,
) -> list[Document]:
    """Those whose day, by the clock of their centre, lies in the period."""
    zones = {each.id: ZoneInfo(each.time_zone) for each in app.centres.page(session=session)}
    return [
        each
        for each in found
        if first_day <= each[field].astimezone(zones[each["centre_id"]]).date() <= last_day
    ]


def _row(
    case: Document, limits: dict[tuple[str, Limited], TimeLimit], scores: dict[str, int]
) -> CaseRow:
    answer = limits.get((case["_id"], Limited.FIRST_ANSWER))
    resolution = limits.get((case["_id"], Limited.RESOLUTION))
    return CaseRow(
        kind=case["kind_id"],
        centre_id=case["centre_id"],
        status=case["status"],
        sealed=case["sealed"],
        answered_in=answer.took if answer else None,
        answered_in_time=answer.kept if answer else None,
        resolved_in=resolution.took if resolution else None,
        resolved_in_time=resolution.kept if resolution else None,
        score=scores.get(case["_id"]),
    )


def _comparisons(app: App, years: range, session: Session | None) -> list[Comparison]:
    """The last assessment of each organisation, instrument and year, beside the one before it."""
    if not years:
        return []
    found = app.report_rows.assessed_in(years, limit=MOST_ASSESSMENTS + 1, session=session)
    if len(found) > MOST_ASSESSMENTS:
        raise REPORT_TOO_LARGE(most=MOST_ASSESSMENTS)
    # In the order of their days: the last one of a year stays.
    last = {
        (each["organisation_id"], each["family"], each["held_on"][:4]): each["_id"]
        for each in found
    }
    compared = (_comparison(app, each, session) for each in last.values())
    return [each for each in compared if each is not None]


def _comparison(app: App, assessment_id: str, session: Session | None) -> Comparison | None:
    later = app.assessments.get(assessment_id, session)
    earlier = app.assessments.one_before(later, session)
    if earlier is None:
        return None
    editions = app.instruments.editions_between(earlier.instrument_id, later.instrument_id, session)
    compared = editions and compare_scores(editions, earlier.scores, later.scores)
    if not compared:
        return None
    return Comparison(later.organisation_id, later.held_on, float(compared.change))


def _efforts(app: App, years: range, session: Session | None) -> list[Effort]:
    if not years:
        return []
    asked = app.report_rows.asked_in(years, session)
    return [Effort(*each) for each in {*asked, *app.report_rows.moved_in(years, session)}]
