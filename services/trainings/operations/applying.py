"""Applying for a cohort, and nominating people for one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

from services.common.authorisation import check_signed_in, is_staff_of
from services.common.context import Call, Caller
from services.common.contracts.form_words import Source as FormSource
from services.common.contracts.trainings.application_errors import (
    ALREADY_APPLIED,
    PERSON_TWICE,
    TOO_MANY_APPLICATIONS,
)
from services.common.contracts.trainings.errors import UNKNOWN_CENTRE
from services.common.contracts.trainings.form_purposes import FormPurpose
from services.common.contracts.trainings.limits import MOST_APPLICATIONS
from services.common.contracts.trainings.roster_errors import ALREADY_ON_ROSTER
from services.common.errors import Conflict, FieldError, Forbidden
from services.common.storage.idempotency import Request
from services.common.storage.mongo import Document, Session
from services.trainings.app import App
from services.trainings.domain import permissions
from services.trainings.domain.admissions import enrol, readmit
from services.trainings.domain.application_states import LEFT, ApplicationAction
from services.trainings.domain.applications import Application, Source
from services.trainings.domain.applying import check_takes_applications
from services.trainings.domain.cohorts import Cohort, Mode
from services.trainings.domain.participants import Participant, Sex
from services.trainings.operations.application_lists import own_participant_id
from services.trainings.operations.cohorts import check_may_see_cohort
from services.trainings.schemas.applications import ApplyForCohort, NominatePeople, Nominee
from services.trainings.steps.applicants import (
    check_belongs_to,
    check_eligible,
    participant_by_name,
    participant_of_account,
)
from services.trainings.steps.cohort_answers import answer_cohort_form, check_answers_sent
from services.trainings.steps.cohort_time import advance_cohort
from services.trainings.steps.gaps import with_gaps
from services.trainings.steps.roster_changes import apply_roster_change
from services.trainings.steps.save_application import Saved, save_applications
from services.trainings.store.cohorts import turn_of_cohort


def apply_for_cohort(app: App, call: Call, command: ApplyForCohort) -> Application:
    """Apply for a seat; the same key gives the same application again.

    A cohort that takes people as they come gives a free seat at once, or a place in the queue. One
    with a selection takes the application, which staff decide about. A person who has left the
    cohort before continues the same application, behind those who have not.

    Raises:
        errors.Unauthenticated, errors.Forbidden: for anybody but a person who is signed in.
        errors.NotFound: if there is no such cohort.
        errors.Invalid: ``trainings.not_a_member``, ``trainings.unknown_centre``; the name is
            missing; ``trainings.answers_missing``; and as of
            :func:`services.trainings.steps.cohort_answers.answer_cohort_form`.
        errors.Conflict: ``trainings.already_applied``, ``trainings.already_on_roster``,
            ``trainings.not_eligible``, ``trainings.participant_gone``,
            ``trainings.too_many_applications``; and as of
            :func:`services.trainings.domain.applying.check_takes_applications`.
    """
    caller = call.caller
    permissions.check_applies_as_person(caller)
    request = Request.of(call, "trainings.apply_for_cohort", asdict(command))

    def work(session: Session) -> Application:
        cohort = _open_cohort(app, session, lock_cohort(app, session, caller, command.cohort_id))
        centre_id = centre_of(app, session, cohort, command.centre_id)
        organisation_id = command.organisation_id
        if organisation_id is not None:
            check_belongs_to(app, caller, session, organisation_id, caller.id)
        participant = participant_of_account(
            app, caller, session, caller.id, command.person, organisation_id, by_oneself=True
        )
        _check_can_join(app, caller, session, cohort, participant)
        check_eligible(app, caller, session, cohort, participant, organisation_id, centre_id)
        submission_id = _answer_form(app, session, cohort, participant, command.answers)
        wanted = new_application(
            app,
            cohort,
            participant,
            Source.SELF,
            organisation_id,
            centre_id,
            submission_id=submission_id,
        )
        return take_applications(app, caller, session, cohort, [wanted])[0]

    return once_for_one(app, request, work, turn_of_cohort(command.cohort_id))


def nominate_people(app: App, call: Call, command: NominatePeople) -> list[Application]:
    """Nominate people of one's organisation, all of them or nobody; the same key gives the same
    applications again. Staff of the centre nominate for any organisation, or for none.

    Raises:
        errors.Unauthenticated, errors.Forbidden: for anybody but a representative of the
            organisation and staff of the centre.
        errors.NotFound: if there is no such cohort.
        errors.Invalid: ``trainings.unknown_organisation``, ``trainings.not_a_member``,
            ``trainings.unknown_centre``, ``trainings.person_twice``.
        errors.Conflict: ``trainings.organisation_not_approved``; and as of
            :func:`apply_for_cohort`.
    """
    caller, organisation_id = call.caller, command.organisation_id
    # Before an earlier answer is given, too.
    by_staff = _check_may_nominate(app, caller, command)
    request = Request.of(call, "trainings.nominate_people", asdict(command))

    def work(session: Session) -> list[Application]:
        cohort = _open_cohort(app, session, lock_cohort(app, session, caller, command.cohort_id))
        if organisation_id is not None:
            app.organisations.check_may_use(session, caller, organisation_id)
        centre_id = centre_of(app, session, cohort, command.centre_id)
        source = Source.STAFF if by_staff else Source.NOMINATED
        group_id = app.new_id() if command.together and len(command.people) > 1 else None
        wanted: list[Application] = []
        for number, each in enumerate(command.people):
            pointer = f"/people/{number}"
            participant = find_nominee(app, caller, session, each, organisation_id, pointer)
            if any(other.participant_id == participant.id for other in wanted):
                raise PERSON_TWICE(errors=[FieldError(pointer, PERSON_TWICE.code)])
            with _naming(pointer):
                _check_can_join(app, caller, session, cohort, participant)
                check_eligible(
                    app, caller, session, cohort, participant, organisation_id, centre_id
                )
            wanted.append(
                new_application(
                    app,
                    cohort,
                    participant,
                    source,
                    organisation_id,
                    centre_id,
                    group_id=group_id,
                    nominated_by=caller.id,
                )
            )
        return take_applications(app, caller, session, cohort, wanted)

    turn = turn_of_cohort(command.cohort_id)
    return once_for_all(app, request, work, turn)


@contextmanager
def _naming(pointer: str) -> Iterator[None]:
    """Say in a refusal which of several people it is about."""
    try:
        yield
    except Conflict as refusal:
        refusal.errors = (FieldError(pointer, refusal.code),)
        raise


def _check_may_nominate(app: App, caller: Caller, command: NominatePeople) -> bool:
    """Whether the caller nominates as staff of the centre.

    Raises:
        errors.NotFound: if there is no such cohort.
        errors.Unauthenticated, errors.Forbidden: for others than staff of the centre and
            representatives of the organisation.
    """
    check_signed_in(caller)
    cohort = app.cohorts.get(command.cohort_id)
    check_may_see_cohort(app, caller, cohort)
    by_staff = is_staff_of(caller, cohort.centre_id)
    if not by_staff and not caller.represents(command.organisation_id):
        raise Forbidden()
    return by_staff


def _answer_form(
    app: App,
    session: Session,
    cohort: Cohort,
    participant: Participant,
    sent: Mapping[str, Any] | None,
) -> str | None:
    """Store what an applicant answers to the form of the cohort; returns the id of the submission.

    Raises:
        errors.Invalid: ``trainings.answers_missing``; and as of
            :func:`services.trainings.steps.cohort_answers.answer_cohort_form`.
    """
    check_answers_sent(cohort, sent, "/answers")
    if sent is None:
        return None
    return answer_cohort_form(
        app,
        session,
        cohort,
        FormPurpose.APPLICATION,
        sent,
        respondent=participant.id,
        source=FormSource.SIGNED_IN,
        # Of an application that was withdrawn.
        replacing=True,
        pointer="/answers",
    ).id


def find_nominee(
    app: App,
    caller: Caller,
    session: Session,
    nominee: Nominee,
    organisation_id: str | None,
    pointer: str,
) -> Participant:
    """The record of a person whom the caller has named.

    Raises:
        errors.Invalid: ``trainings.not_a_member``; the name is missing.
    """
    if nominee.person_id is None:
        return participant_by_name(app, caller, session, nominee.details, organisation_id)
    if organisation_id is not None:
        check_belongs_to(
            app, caller, session, organisation_id, nominee.person_id, f"{pointer}/person_id"
        )
    return participant_of_account(
        app,
        caller,
        session,
        nominee.person_id,
        nominee.details,
        organisation_id,
        by_oneself=nominee.person_id == caller.id,
        pointer=pointer,
    )


def take_applications(
    app: App,
    caller: Caller,
    session: Session,
    cohort: Cohort,
    wanted: Sequence[Application],
) -> list[Application]:
    """Store applications, and let the roster decide about those that need no selection.

    Args:
        wanted: new ones, each of its person. Where the person has left the cohort before, the
            application of then goes on in its place.
    """
    now = app.clock.now()
    taken: list[Application] = []
    steps: list[Saved] = []
    known = app.applications.of_people(cohort.id, [each.participant_id for each in wanted], session)
    wanted = with_gaps(app, cohort, wanted, session)
    check_room_for(app, session, cohort, sum(each.participant_id not in known for each in wanted))
    for each in wanted:
        left = known.get(each.participant_id)
        application = each if left is None else _continued(left, each)
        steps.append(Saved(caller, left, application))
        taken.append(application)
    save_applications(app, session, cohort, steps)
    assert cohort.roster is not None, "a cohort that takes applications has a roster"
    if cohort.mode is Mode.FIRST_COME:
        change = enrol(cohort.roster, [each.entry for each in taken], now)
        apply_roster_change(app, caller, session, cohort, change)
    else:
        # Who was offered a seat before was selected then.
        for each in taken:
            roster = cohort.roster
            if roster is not None and roster.departures_of(each.participant_id):
                change = readmit(roster, each.entry, now)
                cohort = apply_roster_change(app, caller, session, cohort, change)
    stored = app.applications.named([each.id for each in taken], session)
    return [stored[each.id] for each in taken]


def check_room_for(app: App, session: Session, cohort: Cohort, more: int) -> None:
    """Whether the cohort takes so many more applications.

    Raises:
        errors.Conflict: ``trainings.too_many_applications``.
    """
    if more > MOST_APPLICATIONS - count_applications(app, session, cohort):
        raise TOO_MANY_APPLICATIONS(most=MOST_APPLICATIONS)


def count_applications(app: App, session: Session, cohort: Cohort) -> int:
    """How many applications the cohort has, whatever became of them; at most its limit."""
    return app.applications.count_of_cohort(cohort.id, session, most=MOST_APPLICATIONS)


def new_application(
    app: App,
    cohort: Cohort,
    participant: Participant,
    source: Source,
    organisation_id: str | None,
    centre_id: str | None,
    **more: Any,
) -> Application:
    """An application that is not stored yet."""
    return Application(
        id=app.new_id(),
        cohort_id=cohort.id,
        cohort_centre_id=cohort.centre_id,
        participant_id=participant.id,
        applied_at=app.clock.now(),
        source=source,
        organisation_id=organisation_id,
        centre_id=centre_id,
        woman=participant.sex is Sex.FEMALE,
        **more,
    )


def _continued(left: Application, wanted: Application) -> Application:
    """An application that goes on, by what the person says now."""
    return left.after(
        ApplicationAction.REAPPLY,
        wanted.applied_at,
        applied_at=wanted.applied_at,
        source=wanted.source,
        organisation_id=wanted.organisation_id,
        centre_id=wanted.centre_id,
        woman=wanted.woman,
        nominated_by=wanted.nominated_by,
        group_id=wanted.group_id,
        submission_id=wanted.submission_id,
        gap=wanted.gap,
        decided_at=None,
    )


def lock_cohort(app: App, session: Session, caller: Caller, cohort_id: str) -> Cohort:
    """The cohort that the transaction is going to change.

    Raises:
        errors.NotFound: if there is none, or it is a draft that the caller may not see.
    """
    cohort = app.cohorts.lock(session, cohort_id)
    check_may_see_cohort(app, caller, cohort, session)
    return cohort


def _open_cohort(app: App, session: Session, cohort: Cohort) -> Cohort:
    """The cohort as it stands now.

    Raises:
        errors.Conflict: it takes no applications now.
    """
    cohort = advance_cohort(app, session, cohort)
    check_takes_applications(cohort)
    return cohort


def centre_of(app: App, session: Session, cohort: Cohort, centre_id: str | None) -> str:
    """The centre that an applicant counts for.

    Raises:
        errors.Invalid: ``trainings.unknown_centre``.
    """
    if centre_id is None:
        return cohort.centre_id
    if app.centres.look_up(centre_id, session) is None:
        raise UNKNOWN_CENTRE(errors=[FieldError("/centre_id", UNKNOWN_CENTRE.code)])
    return centre_id


def _check_can_join(
    app: App, caller: Caller, session: Session, cohort: Cohort, participant: Participant
) -> None:
    """Raises:
    errors.Conflict: ``trainings.already_applied``, which names the application and its state to
        those who may see it; ``trainings.already_on_roster``.
    """
    known = app.applications.of_person(cohort.id, participant.id, session)
    if known is not None and known.status not in LEFT:
        own_id = own_participant_id(app, caller, session)
        by_staff = is_staff_of(caller, cohort.centre_id)
        if by_staff or permissions.is_own_application(caller, own_id, known):
            named = {"application_id": known.id, "state": known.status.value}
            raise ALREADY_APPLIED(extra=named)
        raise ALREADY_APPLIED()
    if cohort.roster is not None and cohort.roster.entry_of(participant.id) is not None:
        raise ALREADY_ON_ROSTER()


def once_for_all(
    app: App,
    request: Request,
    work: Callable[[Session], list[Application]],
    turn: str | None = None,
) -> list[Application]:
    """Do the work once, or give the applications that it gave before, as they are now.

    The key holds their ids alone: what it held of a person would outlive an erasure.
    """

    def load(document: Document) -> list[Application]:
        found = app.applications.named(document["items"])
        return [found[each] for each in document["items"]]

    return app.keys.once(
        request,
        work,
        save=lambda applications: {"items": [each.id for each in applications]},
        load=load,
        turn=turn,
    )


def once_for_one(
    app: App, request: Request, work: Callable[[Session], Application], turn: str
) -> Application:
    """As :func:`once_for_all`, of one application."""
    return once_for_all(app, request, lambda session: [work(session)], turn)[0]
