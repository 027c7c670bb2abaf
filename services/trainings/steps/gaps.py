"""The assessed gaps of applicants, as far as consultations has published them."""

from __future__ import annotations

from collections.abc import Sequence

from services.common.context import SYSTEM
from services.common.storage.mongo import Session
from services.trainings.app import App
from services.trainings.domain.applications import Application
from services.trainings.domain.cohorts import Cohort, Mode
from services.trainings.domain.gaps import Assessment, gap_of, newest_of
from services.trainings.domain.reviews import UNDECIDED
from services.trainings.steps.save_application import Saved, save_applications


def with_gaps(
    app: App,
    cohort: Cohort,
    applications: Sequence[Application],
    session: Session | None = None,
) -> list[Application]:
    """Undecided applications with the gaps that are known now, at the versions that they have.

    A cohort that takes people as they come ranks them by time alone, and knows no gap.
    """
    if cohort.mode is Mode.FIRST_COME:
        return list(applications)
    organisations = {each.organisation_id for each in applications if each.organisation_id}
    by_organisation: dict[str, list[Assessment]] = {}
    for assessment in app.assessments.counting(organisations, session):
        by_organisation.setdefault(assessment.organisation_id, []).append(assessment)
    gaps = {
        each: gap_of(newest_of(found), cohort.topic_id) for each, found in by_organisation.items()
    }
    return [
        each.with_gap(gaps.get(each.organisation_id or "")) if each.status in UNDECIDED else each
        for each in applications
    ]


def refresh_gaps(
    app: App, session: Session, cohort: Cohort, applications: Sequence[Application]
) -> list[Application]:
    """Store the gaps that are known now, where they have changed; the applications with them."""
    known = with_gaps(app, cohort, applications, session)
    steps = [
        Saved(SYSTEM, before, before.changed(gap=after.gap))
        for before, after in zip(applications, known, strict=True)
        if before.gap != after.gap
    ]
    save_applications(app, session, cohort, steps)
    changed = {each.after.id: each.after for each in steps}
    return [changed.get(each.id, each) for each in applications]
