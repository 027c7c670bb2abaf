"""Reports: how the spaces are used, against the hours in which they are really open."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from services.bookings.app import App
from services.bookings.domain import permissions
from services.bookings.domain.centre import Centre, Space
from services.bookings.domain.statistics import Row, check_days, days, leaves_of, open_minutes
from services.bookings.schemas.statistics import ReportUtilisation, Utilisation
from services.bookings.store.statistics import Counts
from services.common import authorisation
from services.common.context import Call
from services.common.time.period import Period

_FIELDS = {"organisation": "organisation_id", "purpose": "purpose"}


def utilisation(app: App, call: Call, query: ReportUtilisation) -> Utilisation:
    """The use of the centres that the caller answers for, in rows by what was asked.

    Three queries a centre for any number of bookings.

    Raises:
        errors.Unauthenticated, errors.Forbidden: for anybody but managers and front desks.
        errors.Invalid: the period ends before it begins, or is too long.
    """
    permissions.check_may_read_reports(call.caller)
    check_days(query.first_day, query.last_day)
    centres = [
        centre
        for centre in app.centres.centres()
        if authorisation.is_staff_of(call.caller, centre.id)
    ]
    names: dict[str, Mapping[str, str]] = {}
    rows: dict[str, Row] = {}
    all_open = 0.0
    for centre in centres:
        within = days(query.first_day, query.last_day, centre.time_zone)
        known = app.centres.spaces(centre_id=centre.id, retired=True)
        spaces = {space.id: space for space in known if space.there_within(within)}
        opened = _open(app, centre, spaces, within)
        centre_open = sum(opened[space.id] for space in leaves_of(spaces))
        all_open += centre_open
        if query.group_by == "centre":
            rows[centre.id] = Row(open_minutes=centre_open)
            names[centre.id] = centre.name
        elif query.group_by == "space":
            for space in spaces.values():
                rows[space.id] = Row(open_minutes=opened[space.id] * len(space.leaves))
                names[space.id] = space.name
        for counts in app.statistics.counts(centre.id, within, _FIELDS.get(query.group_by)):
            key = {"centre": centre.id, "space": counts.space_id}.get(query.group_by, counts.key)
            if key is not None:
                rows.setdefault(key, Row()).add(_row(counts, spaces))
    if query.group_by in _FIELDS:
        # What one organisation or purpose uses is a share of all the room that there was.
        for row in rows.values():
            row.open_minutes = all_open
    return Utilisation(
        query=query,
        centres=tuple(centre.id for centre in centres),
        rows={key: rows[key] for key in sorted(rows)},
        names=names,
    )


def _open(
    app: App, centre: Centre, spaces: Mapping[str, Space], within: Period
) -> dict[str, float]:
    """The minutes in which each space could be used; a hall when all its parts can."""
    closed: dict[str, list[Period]] = defaultdict(list)
    for leaf, period in app.statistics.closed(centre.id, within):
        closed[leaf].append(period)
    found: dict[str, float] = {}
    known: dict[tuple[object, Sequence[Period], Sequence[Period]], float] = {}
    for space in spaces.values():
        gone = tuple(period for leaf in space.leaves for period in closed.get(leaf, ()))
        # Most spaces keep their centre's hours and are never closed: reckoned once.
        there = space.there_within(within)
        key = (id(space.timetable) if space.timetable else None, gone, there)
        if key not in known:
            known[key] = sum(open_minutes(centre, space, part, gone) for part in there)
        found[space.id] = known[key]
    return found


def _row(counts: Counts, spaces: Mapping[str, Space]) -> Row:
    space = spaces.get(counts.space_id)
    return Row(
        bookings=counts.bookings,
        minutes=counts.minutes * (len(space.leaves) if space else 1),
        came=counts.came,
        no_shows=counts.no_shows,
        cancelled=counts.cancelled,
        cancelled_late=counts.cancelled_late,
        met=counts.met,
        headcounts=counts.headcounts,
        women=counts.women,
        men=counts.men,
    )
