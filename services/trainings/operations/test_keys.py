"""The right answers of tests, for staff of the centre whose form it is."""

from __future__ import annotations

from marshmallow import ValidationError

from services.common import errors
from services.common.context import Call
from services.common.contracts.form_words import Kind
from services.common.contracts.trainings.answers_errors import KEY_UNFIT
from services.common.errors import FieldError
from services.common.forms.questions import Form, Question
from services.common.forms.store import key_of
from services.common.forms.validation import answer_of
from services.common.history.steps import record_change
from services.common.storage.mongo import Session
from services.trainings.app import App
from services.trainings.domain import permissions
from services.trainings.domain.test_keys import RightAnswers, TestKey
from services.trainings.schemas.answers import GetTestKey, SetTestKey

#: Kinds of questions whose answers are right or wrong.
_SCORED = frozenset(
    {Kind.CHOICE, Kind.CHOICES, Kind.INTEGER, Kind.DECIMAL, Kind.SCALE, Kind.DATE, Kind.TEXT}
)


def get_test_key(app: App, call: Call, query: GetTestKey) -> TestKey:
    """The right answers to an edition of a form; version 0 and no questions before they are set.

    Raises:
        errors.NotFound: if there is no such form or edition.
        errors.Unauthenticated, errors.Forbidden: for anybody but staff of the centre whose form it
            is.
    """
    newest = app.forms.latest(query.id)
    permissions.check_runs_cohorts_at(call.caller, newest.owner)
    form = newest if query.edition is None else app.forms.edition(query.id, query.edition)
    return _key_of(app, form)


def set_test_key(app: App, call: Call, command: SetTestKey) -> TestKey:
    """Say which answers to an edition of a test are right. A key that was wrong is corrected the
    same way, and scores follow. A request that changes nothing gives the key as it is.

    Raises:
        errors.NotFound: if there is no such form or edition.
        errors.Unauthenticated, errors.Forbidden: as of :func:`get_test_key`.
        errors.Stale: it is not at the expected version any more.
        errors.Invalid: ``trainings.key_unfit``, naming each answer.
    """

    def work(session: Session) -> TestKey:
        newest = app.forms.latest(command.id, session)
        permissions.check_runs_cohorts_at(call.caller, newest.owner)
        form = app.forms.edition(command.id, command.edition, session)
        before = _key_of(app, form, session)
        if before.version != command.expected_version:
            raise errors.Stale()
        _check_fits(form, command.questions)
        after = before.changed(command.questions)
        if after is before:
            return before
        if before.version == 0:
            app.test_keys.add(session, after)
        else:
            app.test_keys.save(session, after, before.version)
        was = before.facts if before.version else None
        record_change(app, call.caller, session, after, was, after.facts)
        return after

    return app.database.transact(work)


def _key_of(app: App, form: Form, session: Session | None = None) -> TestKey:
    key = key_of(form.id, form.edition)
    found = app.test_keys.look_up(key, session)
    return found or TestKey(key, form.id, form.edition)


def _check_fits(form: Form, questions: tuple[RightAnswers, ...]) -> None:
    """Raises:
    errors.Invalid: ``trainings.key_unfit``.
    """
    faults = []
    for number, each in enumerate(questions):
        question = form.question(each.question_id)
        if question is None or question.kind not in _SCORED:
            faults.append(FieldError(f"/questions/{number}/question_id", KEY_UNFIT.code))
        elif not _are_answers(question, each.right):
            faults.append(FieldError(f"/questions/{number}/right", KEY_UNFIT.code))
    if faults:
        raise KEY_UNFIT(errors=faults)


def _are_answers(question: Question, right: tuple[object, ...]) -> bool:
    try:
        if question.kind is Kind.CHOICES:
            answer_of(question, list(right))
        else:
            for each in right:
                answer_of(question, each)
    except ValidationError:
        return False
    return True
