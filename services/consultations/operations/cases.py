"""Cases: an organisation asks for support; who may know of a case reads it."""

from __future__ import annotations

from dataclasses import asdict, replace

from marshmallow import ValidationError

from services.common import errors
from services.common.authorisation import check_signed_in
from services.common.context import Call
from services.common.contracts.consultations import events
from services.common.contracts.consultations.case_errors import (
    KIND_IS_CONFIDENTIAL,
    NOT_A_MEMBER,
    UNKNOWN_CENTRE,
    UNKNOWN_KIND,
    UNKNOWN_SPECIALITY,
)
from services.common.contracts.forms_errors import UNKNOWN_EDITION
from services.common.errors import FieldError
from services.common.forms.validation import load_answers
from services.common.history.changes import Change, subject_of
from services.common.history.wire import ListHistory
from services.common.lists import one_more
from services.common.storage.idempotency import Request
from services.common.storage.mongo import Document, Session
from services.consultations.app import App
from services.consultations.domain import permissions
from services.consultations.domain.case_access import Reading
from services.consultations.domain.cases import Case, CaseContent
from services.consultations.domain.kinds import Kind
from services.consultations.domain.tasks import TaskKind
from services.consultations.schemas.cases import ListCases, SubmitCase
from services.consultations.steps.case_events import save_case
from services.consultations.steps.case_origins import take_origin
from services.consultations.steps.case_reading import read_case, record_reading
from services.consultations.steps.suggestions import find_intake_adviser
from services.consultations.steps.tasks import open_task


def find_cases(app: App, call: Call, query: ListCases) -> list[Case]:
    """Cases that the caller may know of, the newest first; one more than a page where there are
    more.

    Raises:
        errors.Unauthenticated: for a visitor.
    """
    check_signed_in(call.caller)
    found = app.cases.find(
        caller=call.caller,
        now=app.clock.now(),
        kind_id=query.kind_id,
        centre_id=query.centre_id,
        organisation_id=query.organisation_id,
        adviser_id=query.adviser_id,
        status=query.status,
        after=query.after,
        limit=one_more(query.limit),
    )
    record_reading(app, call.caller, found[: query.limit], Reading.LIST)
    return found


def get_case(app: App, call: Call, case_id: str, session: Session | None = None) -> Case:
    """A case; outside of a transaction it is to be answered, which the log of a sealed one notes.

    Raises:
    errors.Unauthenticated: for a visitor.
    errors.NotFound: if there is none that the caller may know of.
    """
    check_signed_in(call.caller)
    if session is None:
        return read_case(app, call.caller, case_id)
    return app.cases.get_visible(case_id, call.caller, app.clock.now(), session)


def case_history(app: App, call: Call, query: ListHistory) -> list[Change]:
    """Who did what to a case, when and why, oldest first; one more than a page where there are
    more.

    Raises:
        errors.Unauthenticated, errors.NotFound: as of :func:`get_case`.
    """
    case = read_case(app, call.caller, query.id, Reading.HISTORY)
    return app.history.of(subject_of(case), after=query.after, limit=one_more(query.limit))


def submit_case(app: App, call: Call, command: SubmitCase) -> Case:
    """Ask for support; the same key gives the same case again, as it is now.

    Raises:
        errors.Unauthenticated, errors.Forbidden: for others than people of the organisation,
            advisers, and staff of the centre.
        errors.Invalid: ``consultations.unknown_kind``, ``…unknown_centre``,
            ``…unknown_speciality``, ``…unknown_organisation``, ``…not_a_member``,
            ``…unknown_origin``, ``forms.unknown_edition``.
        errors.Conflict: ``consultations.organisation_not_approved``,
            ``consultations.kind_is_confidential``, ``consultations.nobody_for_kind``.
        marshmallow.ValidationError: naming each answer that does not fit.
    """
    permissions.check_may_request(call.caller, command.organisation_id, command.centre_id)
    request = Request.of(call, "consultations.submit_case", asdict(command))

    def work(session: Session) -> Case:
        kind = _kind(app, session, command)
        requester_id = _requester_of(app, call, session, command)
        _check_enters_sealed(call, kind, command)
        app.organisations.check_may_use(session, call.caller, command.organisation_id)
        form = _form_of(app, session, kind, command)
        case = Case(
            id=app.new_id(),
            number=app.new_number(),
            kind_id=kind.id,
            organisation_id=command.organisation_id,
            centre_id=command.centre_id,
            content=CaseContent(
                title=command.title,
                description=command.description,
                answers=form[1],
            ),
            opened_by=call.caller.id,
            submitted_at=app.clock.now(),
            requester_id=requester_id,
            form_id=kind.form_id,
            edition=form[0],
            language=command.language,
            speciality=command.speciality,
            woman_adviser=command.woman_adviser,
            origin=command.origin,
            people=_first_people(call, command, requester_id),
            sealed=kind.sealed,
        )
        take_origin(app, session, case)
        case, looked_at_by = _with_intake(app, session, case, call)
        save_case(app, session, call.caller, events.CASE_SUBMITTED, None, case, action="submit")
        open_task(
            app,
            session,
            TaskKind.ASSIGN_ADVISER,
            subject=case.id,
            centre_id=case.centre_id,
            case=case,
            people=looked_at_by,
        )
        return case

    def as_it_is_now(kept: Document) -> Case:
        return get_case(app, call, kept["id"])

    # A key keeps an id and no text: what it is about may be erased or hidden meanwhile.
    return app.keys.once(request, work, save=lambda case: {"id": case.id}, load=as_it_is_now)


def _kind(app: App, session: Session, command: SubmitCase) -> Kind:
    """Raises:
    errors.Invalid: ``consultations.unknown_kind``, ``consultations.unknown_centre``,
        ``consultations.unknown_speciality``.
    """
    kind = app.kinds.look_up(command.kind_id, session)
    if kind is None or kind.retired:
        raise UNKNOWN_KIND(errors=[FieldError("/kind_id", UNKNOWN_KIND.code)])
    if app.centres.look_up(command.centre_id, session) is None:
        raise UNKNOWN_CENTRE(errors=[FieldError("/centre_id", UNKNOWN_CENTRE.code)])
    if command.speciality is not None and not kind.has_speciality(command.speciality):
        raise UNKNOWN_SPECIALITY(errors=[FieldError("/speciality", UNKNOWN_SPECIALITY.code)])
    return kind


def _requester_of(app: App, call: Call, session: Session, command: SubmitCase) -> str | None:
    """The person who asks: the caller, or the one whom staff name.

    Raises:
        errors.Invalid: ``consultations.not_a_member``.
    """
    caller = call.caller
    if caller.belongs_to(command.organisation_id) and command.requester_id in (None, caller.id):
        return caller.id
    named = command.requester_id
    if named is not None and not app.directory.is_member(
        command.organisation_id, named, caller=caller, session=session
    ):
        raise NOT_A_MEMBER(errors=[FieldError("/requester_id", NOT_A_MEMBER.code)])
    return named


def _check_enters_sealed(call: Call, kind: Kind, command: SubmitCase) -> None:
    """Whether who enters a case of a confidential kind may know of it.

    Raises:
        errors.Conflict: ``consultations.kind_is_confidential``.
    """
    own = call.caller.belongs_to(command.organisation_id)
    if kind.sealed and not own and not permissions.is_adviser(call.caller):
        raise KIND_IS_CONFIDENTIAL()


def _with_intake(app: App, session: Session, case: Case, call: Call) -> tuple[Case, frozenset[str]]:
    """The case with an adviser who looks at it first, where nobody else could know of it; and who
    that is. An open one is looked at by staff of the centre.

    Raises:
        errors.Conflict: ``consultations.nobody_for_kind``.
    """
    if not case.sealed:
        return case, frozenset()
    if permissions.is_adviser(call.caller) and call.caller.id in case.people:
        advisers = frozenset({call.caller.id})
    else:
        advisers = frozenset({find_intake_adviser(app, session, case)})
    return replace(case, people=case.people | advisers, adviser_ids=advisers), advisers


def _form_of(
    app: App, session: Session, kind: Kind, command: SubmitCase
) -> tuple[int | None, dict[str, object]]:
    """The edition of the kind's form and the answers, as they are kept. The edition is frozen since
    it was made, so that nothing about it shows the first case.

    Raises:
        errors.Invalid: ``forms.unknown_edition``.
        marshmallow.ValidationError: naming each answer that does not fit.
    """
    try:
        form = (
            app.forms.latest(kind.form_id, session)
            if command.edition is None
            else app.forms.edition(kind.form_id, command.edition, session)
        )
    except errors.NotFound as error:
        raise UNKNOWN_EDITION(errors=[FieldError("/form/edition", UNKNOWN_EDITION.code)]) from error
    try:
        return form.edition, dict(load_answers(form, command.answers))
    except ValidationError as error:
        raise ValidationError({"form": error.messages}) from error


def _first_people(call: Call, command: SubmitCase, requester_id: str | None) -> frozenset[str]:
    """Who is on a new case: the requester, and an adviser who has written it down."""
    people = set() if requester_id is None else {requester_id}
    if permissions.is_adviser(call.caller) or call.caller.belongs_to(command.organisation_id):
        people.add(call.caller.id)
    return frozenset(people)
