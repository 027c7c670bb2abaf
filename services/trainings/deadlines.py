"""What is done when something falls due: each kind of deadline, and its operation."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from services.common.storage.deadlines import Handler
from services.trainings.app import App
from services.trainings.domain.deadlines import DeadlineKind
from services.trainings.operations import (
    answer_requests,
    certificate_documents,
    cohort_deadlines,
    imports,
    issuing,
    room_answers,
)


def handlers(app: App) -> Mapping[str, Handler]:
    """Kind of deadline → what is done about one."""
    return {
        DeadlineKind.COHORT: partial(cohort_deadlines.run_cohort_deadline, app),
        DeadlineKind.CERTIFICATES: partial(issuing.run_certificates_deadline, app),
        DeadlineKind.CERTIFICATE_PDF: partial(
            certificate_documents.make_certificate_documents, app
        ),
        DeadlineKind.ANSWERS: partial(answer_requests.request_answers, app),
        DeadlineKind.ROOMS: partial(room_answers.repeat_room_request, app),
        DeadlineKind.IMPORT: partial(imports.run_import, app),
    }
