"""Consultations of a period: exact for staff, and frozen for donors and everybody."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date

from services.common import authorisation
from services.common.authorisation import check_signed_in, is_staff
from services.common.context import Call
from services.common.contracts.consultations.case_errors import UNKNOWN_CENTRE
from services.common.contracts.consultations.statistics_errors import (
    PERIOD_ENDS_EARLY,
    PERIOD_NOT_OVER,
    PERIOD_TOO_LONG,
    PERIOD_TOO_SHORT,
    PERIODS_OVERLAP,
)
from services.common.errors import FieldError
from services.common.lists import one_more
from services.common.report_periods import PeriodCodes, check_days, check_may_freeze
from services.common.storage.idempotency import Request
from services.common.storage.mongo import Session
from services.consultations.app import App
from services.consultations.domain.case_states import CaseStatus
from services.consultations.domain.published_statistics import suppress
from services.consultations.domain.statistics import (
    LEAST_MONTHS,
    Categories,
    FrozenPeriod,
    Statistics,
    count_consultations,
    is_long_enough,
    years_in,
)
from services.consultations.schemas.statistics import (
    FreezeConsultations,
    ListFrozenPeriods,
    ReportConsultations,
)
from services.consultations.steps.report_rows import rows_in

Names = Mapping[str, Mapping[str, str]]


CODES = PeriodCodes(PERIOD_ENDS_EARLY, PERIOD_TOO_LONG, PERIOD_NOT_OVER, PERIODS_OVERLAP)


@dataclass(frozen=True, slots=True)
class Report:
    """The figures of a period as the caller sees them, with the names of kinds and centres.

    Attributes:
        suppressed: whether small numbers of open cases are hidden.
    """

    first_day: date
    last_day: date
    centre_id: str | None
    statistics: Statistics
    suppressed: bool
    kinds: Names
    centres: Names


def report_consultations(app: App, call: Call, query: ReportConsultations) -> Report:
    """The exact figures of open cases of a period, as they are now.

    Raises:
        errors.Unauthenticated, errors.Forbidden: for anybody but staff: others read frozen
            periods.
        errors.Invalid: ``consultations.period_ends_early``, ``consultations.period_too_long``,
            ``consultations.unknown_centre``, ``consultations.report_too_large``.
    """
    authorisation.check_is_staff(call.caller)
    check_days(query.first_day, query.last_day, CODES)
    if query.centre_id is not None and app.centres.look_up(query.centre_id) is None:
        raise UNKNOWN_CENTRE(errors=[FieldError("/centre_id", UNKNOWN_CENTRE.code)])
    first_day, last_day = query.first_day, query.last_day
    statistics = _count(app, first_day, last_day, query.centre_id)
    return _report(app, first_day, last_day, query.centre_id, statistics, suppressed=False)


def freeze(app: App, call: Call, command: FreezeConsultations) -> FrozenPeriod:
    """Freeze the figures of a period that is over, for ever, with the sealed cases counted apart;
    the same key gives the same period again.

    Raises:
        errors.Unauthenticated, errors.Forbidden: for anybody but a manager.
        errors.Invalid: ``consultations.period_ends_early``, ``consultations.period_too_long``,
            ``consultations.period_too_short``, ``consultations.report_too_large``.
        errors.Conflict: ``consultations.period_not_over``, ``consultations.periods_overlap``.
    """
    authorisation.check_is_manager(call.caller)
    request = Request.of(call, "consultations.freeze_period", asdict(command))
    first_day, last_day = command.first_day, command.last_day

    def work(session: Session) -> FrozenPeriod:
        check_days(first_day, last_day, CODES)
        if not is_long_enough(first_day, last_day):
            fault = FieldError("/last_day", PERIOD_TOO_SHORT.code)
            raise PERIOD_TOO_SHORT(months=LEAST_MONTHS, errors=[fault])
        zones = {each.time_zone for each in app.centres.page(session=session)}
        now = app.clock.now()
        check_may_freeze(
            first_day,
            last_day,
            CODES,
            zones=zones,
            now=now,
            frozen=app.frozen_periods,
            session=session,
        )
        period = FrozenPeriod(
            id=app.new_id(),
            title=command.title,
            first_day=first_day,
            last_day=last_day,
            frozen_at=now,
            frozen_by=call.caller.id,
            statistics=_count(app, first_day, last_day, session=session, with_sealed=True),
        )
        app.frozen_periods.add(session, period)
        return period

    store = app.frozen_periods
    return app.keys.once(request, work, save=store.document_of, load=store.aggregate_of)


def find_frozen_periods(app: App, call: Call, query: ListFrozenPeriods) -> list[FrozenPeriod]:
    """Frozen periods by id, one more than a page where there are more.

    Raises:
        errors.Unauthenticated: for a visitor.
    """
    check_signed_in(call.caller)
    return app.frozen_periods.page(after=query.after, limit=one_more(query.limit))


def get_frozen_period(app: App, call: Call, period_id: str) -> tuple[FrozenPeriod, Report]:
    """A frozen period with its figures: of open cases the exact ones for staff, for others those
    without small numbers; of sealed cases those without small numbers for everybody.

    Raises:
        errors.Unauthenticated: for a visitor.
        errors.NotFound: if there is none.
    """
    check_signed_in(call.caller)
    period = app.frozen_periods.get(period_id)
    suppressed = not is_staff(call.caller)
    statistics = suppress(period.statistics) if suppressed else period.statistics
    report = _report(
        app, period.first_day, period.last_day, None, statistics, suppressed=suppressed
    )
    return period, report


def _count(
    app: App,
    first_day: date,
    last_day: date,
    centre_id: str | None = None,
    *,
    session: Session | None = None,
    with_sealed: bool = False,
) -> Statistics:
    years = range(0)
    if centre_id is None:
        years = years_in(first_day, last_day, whole=with_sealed)
    rows = rows_in(
        app, first_day, last_day, years, centre_id, with_sealed=with_sealed, session=session
    )
    categories = Categories(
        kinds=[each.id for each in app.kinds.page(session=session)],
        centres=[each.id for each in app.centres.page(session=session)],
        statuses=[each.value for each in CaseStatus],
    )
    return count_consultations(
        rows.cases,
        rows.meetings,
        rows.comparisons,
        rows.efforts,
        categories,
        years,
        with_sealed=with_sealed,
    )


def _report(
    app: App,
    first_day: date,
    last_day: date,
    centre_id: str | None,
    statistics: Statistics,
    *,
    suppressed: bool,
) -> Report:
    return Report(
        first_day=first_day,
        last_day=last_day,
        centre_id=centre_id,
        statistics=statistics,
        suppressed=suppressed,
        kinds={each.id: each.name for each in app.kinds.page()},
        centres={each.id: each.name for each in app.centres.page()},
    )
