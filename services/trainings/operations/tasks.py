"""Tasks of staff: what there is to do at their centre, and saying that it is done."""

from __future__ import annotations

from services.common import errors
from services.common.authorisation import check_is_staff
from services.common.context import Call
from services.common.lists import one_more
from services.common.storage.mongo import Session
from services.trainings.app import App
from services.trainings.domain import permissions
from services.trainings.domain.tasks import Task
from services.trainings.schemas.tasks import CloseTask, ListTasks
from services.trainings.steps import tasks as steps


def find_tasks(app: App, call: Call, query: ListTasks) -> list[Task]:
    """Tasks of the centres whose staff the caller is, by id; one more than a page where there are
    more.

    Raises:
        errors.Unauthenticated, errors.Forbidden: for anybody but staff of some centre.
    """
    check_is_staff(call.caller)
    return app.tasks.find(
        visible=permissions.visible_tasks(call.caller),
        centre_id=query.centre_id,
        cohort_id=query.cohort_id,
        open=query.open,
        after=query.after,
        limit=one_more(query.limit),
    )


def close_task(app: App, call: Call, command: CloseTask) -> Task:
    """Say that a task is done; one that is closed stays as it is.

    Raises:
        errors.NotFound: if there is none.
        errors.Unauthenticated, errors.Forbidden: for anybody but staff of its centre.
        errors.Stale: it is not at the expected version any more.
    """
    check_is_staff(call.caller)

    def work(session: Session) -> Task:
        before = app.tasks.get(command.id, session)
        permissions.check_runs_cohorts_at(call.caller, before.centre_id)
        if before.version != command.expected_version:
            raise errors.Stale()
        cohort = app.cohorts.get(before.cohort_id, session)
        return steps.close_task(app, call.caller, session, before, cohort)

    return app.database.transact(work)
