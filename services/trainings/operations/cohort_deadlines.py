"""What time does to a cohort: applications open and close, it starts, it ends; offers of its roster
expire and floors are released."""

from __future__ import annotations

from services.common.storage.deadlines import Deadline
from services.common.storage.mongo import Session
from services.trainings.app import App
from services.trainings.steps.cohort_time import advance_cohort
from services.trainings.steps.save_cohort import set_cohort_deadline
from services.trainings.store.cohorts import turn_of_cohort


def run_cohort_deadline(app: App, deadline: Deadline) -> None:
    """Bring a cohort to where it stands now.

    Raises:
        LeaseLost: if the deadline was moved or is another worker's by now; nothing has changed.
    """

    def work(session: Session) -> None:
        app.deadlines.finish(session, deadline)
        cohort = app.cohorts.look_up(deadline.subject, session)
        if cohort is not None:
            set_cohort_deadline(app, session, advance_cohort(app, session, cohort))

    app.database.transact(work, turn=turn_of_cohort(deadline.subject))
