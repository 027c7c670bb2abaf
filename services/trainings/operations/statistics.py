"""Trainees of a period: exact for staff, and frozen for donors and everybody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date

from services.common import authorisation
from services.common.authorisation import check_signed_in, is_staff
from services.common.context import Call
from services.common.contracts.trainings.errors import UNKNOWN_CENTRE
from services.common.contracts.trainings.statistics_errors import (
    PERIOD_ENDS_EARLY,
    PERIOD_NOT_OVER,
    PERIOD_TOO_LONG,
    PERIODS_OVERLAP,
)
from services.common.errors import FieldError
from services.common.lists import one_more
from services.common.report_periods import PeriodCodes, check_days, check_may_freeze
from services.common.storage.idempotency import Request
from services.common.storage.mongo import Session
from services.trainings.app import App
from services.trainings.domain.catalogue import Name
from services.trainings.domain.statistics import (
    AGE_BANDS,
    Breakdown,
    FrozenPeriod,
    PublicStatistics,
    Statistics,
    count_trainees,
    freeze_period,
    suppress,
)
from services.trainings.schemas.statistics import FreezePeriod, ListFrozenPeriods, ReportTrainings
from services.trainings.steps.participations import participations_in

CODES = PeriodCodes(PERIOD_ENDS_EARLY, PERIOD_TOO_LONG, PERIOD_NOT_OVER, PERIODS_OVERLAP)


@dataclass(frozen=True, slots=True)
class Report:
    """The figures of a period, with the names of its categories.

    Attributes:
        public: the figures without small cells; ``None`` where the exact ones are shown.
        names: by breakdown and category, of what trainings knows the names.
    """

    first_day: date
    last_day: date
    centre_id: str | None
    statistics: Statistics
    public: PublicStatistics | None
    names: Mapping[Breakdown, Mapping[str, Name]]


def report_trainings(app: App, call: Call, query: ReportTrainings) -> Report:
    """The exact figures of a period, as they are now.

    Raises:
        errors.Unauthenticated, errors.Forbidden: for anybody but staff: others read frozen
            periods.
        errors.Invalid: ``trainings.period_ends_early``, ``trainings.period_too_long``,
            ``trainings.unknown_centre``.
    """
    authorisation.check_is_staff(call.caller)
    check_days(query.first_day, query.last_day, CODES)
    if query.centre_id is not None and app.centres.look_up(query.centre_id) is None:
        raise UNKNOWN_CENTRE(errors=[FieldError("/centre_id", UNKNOWN_CENTRE.code)])
    rows = participations_in(app, query.first_day, query.last_day, query.centre_id)
    statistics = count_trainees(rows, _categories(app))
    return Report(query.first_day, query.last_day, query.centre_id, statistics, None, _names(app))


def freeze(app: App, call: Call, command: FreezePeriod) -> FrozenPeriod:
    """Freeze the figures of a period that is over, for ever; the same key gives the same period
    again.

    Raises:
        errors.Unauthenticated, errors.Forbidden: for anybody but a manager.
        errors.Invalid: ``trainings.period_ends_early``, ``trainings.period_too_long``.
        errors.Conflict: ``trainings.period_not_over``, ``trainings.periods_overlap``.
    """
    authorisation.check_is_manager(call.caller)
    request = Request.of(call, "trainings.freeze_period", asdict(command))

    def work(session: Session) -> FrozenPeriod:
        check_days(command.first_day, command.last_day, CODES)
        zones = {each.time_zone for each in app.centres.page(session=session)}
        now = app.clock.now()
        check_may_freeze(
            command.first_day,
            command.last_day,
            CODES,
            zones=zones,
            now=now,
            frozen=app.frozen_periods,
            session=session,
        )
        period = freeze_period(
            app.new_id(),
            command.title,
            command.first_day,
            command.last_day,
            participations_in(app, command.first_day, command.last_day, session=session),
            _categories(app, session),
            now=now,
            by=call.caller.id,
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
    """A frozen period with its figures: the exact ones for staff, for others those without small
    cells.

    Raises:
        errors.Unauthenticated: for a visitor.
        errors.NotFound: if there is none.
    """
    check_signed_in(call.caller)
    period = app.frozen_periods.get(period_id)
    public = None if is_staff(call.caller) else suppress(period.statistics)
    report = Report(period.first_day, period.last_day, None, period.statistics, public, _names(app))
    return period, report


def _categories(app: App, session: Session | None = None) -> Mapping[Breakdown, Sequence[str]]:
    """The categories that have a line also where nobody is in them."""
    return {
        Breakdown.SEX: ("female", "male"),
        Breakdown.AGE_BAND: tuple(AGE_BANDS),
        Breakdown.DISABILITY: ("yes", "no"),
        Breakdown.CENTRE: [each.id for each in app.centres.page(session=session)],
        Breakdown.TOPIC: [each.id for each in app.topics.page(session=session)],
    }


def _names(app: App) -> Mapping[Breakdown, Mapping[str, Name]]:
    return {
        Breakdown.CENTRE: {each.id: each.name for each in app.centres.page()},
        Breakdown.TOPIC: {each.id: each.name for each in app.topics.page()},
    }
