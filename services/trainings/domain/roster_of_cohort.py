"""What a change of a cohort means for its roster: the same limits, and the same first session."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from services.trainings.domain.cohorts import Cohort, roster_floors
from services.trainings.domain.roster import Change, Decision, Roster
from services.trainings.domain.roster_limits import (
    change_cap,
    change_capacity,
    change_floors,
    change_start,
)


def follow_cohort(before: Cohort, after: Cohort, now: datetime) -> Change | None:
    """The roster by the rules of the changed cohort, with what was decided on the way.

    Returns:
        ``None`` where the cohort has no roster yet, or nothing that it counts on has changed.

    Raises:
        errors.Invalid: ``trainings.floors_too_large``.
        errors.Conflict: ``trainings.cohort_started``, ``trainings.cohort_cancelled``.
    """
    roster, starts_at = after.roster, after.starts_at
    if roster is None or starts_at is None:
        return None
    # A roster that begins by the new rules refuses floors that need more seats than there are.
    wanted = after.begin_roster()
    decisions: list[Decision] = []
    changes: list[Callable[[Roster], Change]] = []
    if after.offer_hours != before.offer_hours:
        roster = replace(roster, offer_validity=timedelta(hours=after.offer_hours))
    if starts_at != before.starts_at and roster.closed is None:
        changes.append(lambda it: change_start(it, starts_at, now))
    if after.capacity > before.capacity:
        changes.append(lambda it: change_capacity(it, after.capacity, now))
    if after.floors != before.floors or starts_at != before.starts_at:
        floors = roster_floors(after.floors, starts_at)
        changes.append(lambda it: change_floors(it, floors, now))
    if after.cap_per_organisation != before.cap_per_organisation:
        changes.append(lambda it: change_cap(it, wanted.cap, now))
    if after.capacity < before.capacity:
        changes.append(lambda it: change_capacity(it, after.capacity, now))
    for each in changes:
        change = each(roster)
        roster = change.roster
        decisions += change.decisions
    return None if roster is after.roster else Change(roster, tuple(decisions))
