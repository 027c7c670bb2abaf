"""What a branch does with forms inside its own transaction."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from services.common import errors
from services.common.contracts.form_words import Source
from services.common.contracts.forms_errors import UNKNOWN_EDITION
from services.common.errors import FieldError
from services.common.forms.questions import Submission
from services.common.forms.store import FormStore
from services.common.forms.validation import load_answers
from services.common.storage.mongo import Session


def submit_answers(
    forms: FormStore,
    session: Session,
    *,
    submission_id: str,
    form_id: str,
    sent: Mapping[str, Any],
    subject: str,
    respondent: str,
    source: Source,
    now: datetime,
    entered_by: str | None = None,
    replacing: bool = False,
) -> Submission:
    """Check and store what a respondent answered.

    Args:
        sent: as ``AnswersGiven`` of the contract has loaded it. An older edition is taken: a phone
            without a connection may have shown it.
        subject, respondent, entered_by: as of :class:`Submission`.
        replacing: as of :meth:`FormStore.submit`.

    Raises:
        errors.Invalid: ``forms.unknown_edition``.
        marshmallow.ValidationError: naming each answer that does not fit.
        errors.Conflict: ``forms.answered_already``.
    """
    try:
        form = forms.edition(form_id, sent["edition"], session)
    except errors.NotFound as error:
        raise UNKNOWN_EDITION(errors=[FieldError("/edition", UNKNOWN_EDITION.code)]) from error
    submission = Submission(
        id=submission_id,
        form_id=form_id,
        edition=form.edition,
        subject=subject,
        respondent=respondent,
        source=source,
        submitted_at=now,
        answers=load_answers(form, sent["answers"]),
        entered_by=entered_by,
    )
    return forms.submit(session, form, submission, replacing=replacing)
