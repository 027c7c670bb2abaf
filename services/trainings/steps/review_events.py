"""Asking people to review the applications of a cohort, inside the transaction that names them."""

from __future__ import annotations

from collections.abc import Collection

from services.common.context import Caller
from services.common.contracts.trainings import events
from services.common.storage.mongo import Session
from services.trainings.app import App
from services.trainings.domain.cohorts import Cohort


def record_review_assigned(
    app: App, caller: Caller, session: Session, cohort: Cohort, before: Collection[str] = ()
) -> None:
    """Record who is asked to review, once reviewers may see the cohort: nobody sees a draft.

    Args:
        before: who has been asked already.
    """
    asked = sorted(set(cohort.reviewers) - set(before))
    if not asked or not cohort.announced:
        return
    centre = app.centres.get(cohort.centre_id, session)
    review_id = app.new_id()
    app.outbox.record(
        session,
        events.REVIEW_ASSIGNED,
        subject=review_id,
        version=1,
        data={
            "review_id": review_id,
            "cohort_id": cohort.id,
            "course_id": cohort.course_id,
            "centre_id": cohort.centre_id,
            "centre_name": dict(centre.name),
            "time_zone": centre.time_zone,
            "title": dict(cohort.title),
            "reviewers": asked,
            "version": 1,
            "changed_by": caller.id,
        },
        caller=caller,
    )
