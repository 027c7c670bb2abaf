"""The person behind an application: the record that is made or updated, and what the rules of a
cohort ask about the person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from services.common.context import Caller
from services.common.contracts.trainings.application_errors import NOT_A_MEMBER, NOT_ELIGIBLE
from services.common.contracts.trainings.participants_errors import PARTICIPANT_GONE
from services.common.errors import FieldError, Invalid
from services.common.folding import fold
from services.common.history.changes import subject_of
from services.common.history.steps import entry_of
from services.common.languages import DEFAULT_LANGUAGE
from services.common.plain_text import fault_of_name
from services.common.storage.mongo import Session
from services.trainings.app import App
from services.trainings.domain.applying import rules_of
from services.trainings.domain.catalogue import Name
from services.trainings.domain.certificates import Kind
from services.trainings.domain.cohorts import Cohort
from services.trainings.domain.eligibility import (
    Applicant,
    EarnedCertificate,
    FailedRule,
    failed_rules,
)
from services.trainings.domain.participants import Disability, Participant, Sex
from services.trainings.steps.current_participant import all_records, current_record
from services.trainings.steps.participant_events import save_participant


def participant_of_account(
    app: App,
    caller: Caller,
    session: Session,
    person_id: str,
    details: Mapping[str, Any],
    organisation_id: str | None,
    *,
    by_oneself: bool,
    pointer: str = "/person",
) -> Participant:
    """The record of a person with an account, made or updated from what was said.

    Args:
        by_oneself: whether the person has said it. Others add what nobody has said yet, and change
            nothing.
        details: fields of the record; what is left out stays, or comes from the directory.
        organisation_id: the one that the person comes for now.
        pointer: of the details in the request.

    Raises:
        errors.Invalid: the name is missing: nothing has named the person yet; or that of the
            account has letters that no certificate can show.
        errors.Conflict: ``trainings.participant_gone``: the person was erased.
    """
    known = current_record(app, person_id, session)
    if known is not None and known.erased:
        raise PARTICIPANT_GONE()
    if known is not None:
        said = details if by_oneself else _unsaid(known, details)
        return _update(app, caller, session, known, said, organisation_id)
    if app.directory.lock_named(session, [person_id]):
        raise PARTICIPANT_GONE()
    person = app.directory.people([person_id], session).get(person_id)
    language = details.get("language") or (person.language if person else DEFAULT_LANGUAGE)
    name = details.get("name")
    if name is None and person is not None:
        name = person.name.get(language) or person.name[DEFAULT_LANGUAGE]
    # An account may have a name in any letters; a certificate needs one that it can show.
    fault = "required" if name is None else fault_of_name(name, person=True, printed=True)
    if fault is not None:
        raise Invalid(errors=[FieldError(f"{pointer}/name", fault)])
    new = {**details, "name": name, "language": language}
    made = _made(app, person_id, new, organisation_id, has_account=True)
    _add_all(app, caller, session, [made])
    return made


@dataclass(frozen=True, slots=True)
class Named:
    """A person without an account, as another has named one.

    Attributes:
        details: ``name``, and what else was said.
    """

    details: Mapping[str, Any]
    organisation_id: str | None


def participant_by_name(
    app: App,
    caller: Caller,
    session: Session,
    details: Mapping[str, Any],
    organisation_id: str | None,
) -> Participant:
    """As :func:`participants_by_name`, of one person."""
    return participants_by_name(app, caller, session, [Named(details, organisation_id)])[0]


def participants_by_name(
    app: App, caller: Caller, session: Session, people: Sequence[Named]
) -> list[Participant]:
    """The records of people without an account, made or updated from what was said.

    The same name and telephone number from the same organisation is the same person. What looks
    alike otherwise becomes a record of its own: staff are shown the two, and merge them.

    Args:
        people: nobody twice. New ones are stored in as many round trips for all as for one.
    """
    known = find_by_name(app, session, people)
    found: list[Participant] = []
    new: list[Participant] = []
    for each, record in zip(people, known, strict=True):
        if record is not None:
            said = each.details, each.organisation_id
            found.append(_update(app, caller, session, record, *said))
            continue
        made = _made(app, app.new_id(), each.details, each.organisation_id, has_account=False)
        new.append(made)
        found.append(made)
    _add_all(app, caller, session, new)
    return found


def find_by_name(app: App, session: Session, people: Sequence[Named]) -> list[Participant | None]:
    """For each of these people the record of a person without an account who has this name and
    telephone number and comes from this organisation; none where no number was given."""
    phones = {each.details["phone"] for each in people if each.details.get("phone") is not None}
    known: dict[tuple[str, str | None, str], Participant] = {}
    for record in app.participants.with_phones(phones, session):
        if not record.has_account and record.phone is not None:
            key = record.phone, record.organisation_id, fold(record.name)
            known.setdefault(key, record)
    return [
        known.get(
            (each.details.get("phone") or "", each.organisation_id, fold(each.details["name"]))
        )
        for each in people
    ]


def check_eligible(
    app: App,
    caller: Caller,
    session: Session,
    cohort: Cohort,
    participant: Participant,
    organisation_id: str | None,
    centre_id: str | None,
) -> None:
    """Whether a person may apply for a cohort by its rules.

    Raises:
        errors.Conflict: ``trainings.not_eligible``, naming every rule that the person fails.
    """
    applicant = Applicant(
        person_id=participant.id,
        organisation_id=organisation_id,
        organisation_approved=_is_approved(app, caller, session, organisation_id),
        roles=_roles(app, caller, session, participant.id, organisation_id),
        sex=participant.sex.value,
        centre_id=centre_id,
        certificates=_earned_certificates(app, session, participant.id),
    )
    assert cohort.starts_at is not None, "a cohort that takes applications has a session"
    course = app.courses.look_up(cohort.course_id, session)
    failed = failed_rules(rules_of(cohort, course), applicant, cohort.starts_at)
    if failed:
        raise NOT_ELIGIBLE(extra={"failed_rules": _to_wire(app, session, failed)})


def check_belongs_to(
    app: App,
    caller: Caller,
    session: Session,
    organisation_id: str,
    person_id: str,
    pointer: str = "/organisation_id",
) -> None:
    """Whether a person with an account belongs to the organisation that the person comes for.

    Raises:
        errors.Invalid: ``trainings.not_a_member``.
    """
    own = caller.kind == "person" and caller.id == person_id
    if own and organisation_id in caller.not_approved:
        return
    if not app.directory.is_member(organisation_id, person_id, caller=caller, session=session):
        raise NOT_A_MEMBER(errors=[FieldError(pointer, NOT_A_MEMBER.code)])


def _earned_certificates(
    app: App, session: Session, participant_id: str
) -> tuple[EarnedCertificate, ...]:
    """The courses that a person has completed; one that was attended only is none."""
    found = [
        each
        for person_id in all_records(app, participant_id, session)
        for each in app.certificates.all_of_person(person_id, session)
        if each.kind is Kind.COMPLETION and each.replacement is None
    ]
    cohorts = app.cohorts.named({each.cohort_id for each in found}, session)
    return tuple(
        EarnedCertificate(
            course_id=cohorts[each.cohort_id].course_id,
            expires_at=each.expires_at,
            revoked=each.revocation is not None,
        )
        for each in found
        if each.cohort_id in cohorts
    )


def _is_approved(app: App, caller: Caller, session: Session, organisation_id: str | None) -> bool:
    if organisation_id is None:
        return False
    if caller.belongs_to(organisation_id):
        return bool(app.organisations.those_that_still_may(session, [organisation_id]))
    known = app.directory.organisation(organisation_id, session)
    return known is not None and known.approved


def _roles(
    app: App, caller: Caller, session: Session, person_id: str, organisation_id: str | None
) -> frozenset[str]:
    if organisation_id is None:
        return frozenset()
    members = app.directory.members([organisation_id], session).get(organisation_id, {})
    roles = {members[person_id]} if person_id in members else set()
    if caller.kind == "person" and caller.id == person_id and caller.belongs_to(organisation_id):
        roles.add(caller.organisations[organisation_id])
    return frozenset(roles)


def _made(
    app: App,
    id: str,
    details: Mapping[str, Any],
    organisation_id: str | None,
    *,
    has_account: bool,
) -> Participant:
    return Participant(
        id=id,
        has_account=has_account,
        created_at=app.clock.now(),
        organisation_id=organisation_id,
        **details,
    )


def _add_all(app: App, caller: Caller, session: Session, new: Sequence[Participant]) -> None:
    app.participants.add_many(session, new)
    entries = ((subject_of(each), entry_of(app, caller, each, None, each.facts)) for each in new)
    app.history.add_many(session, entries)


def _update(
    app: App,
    caller: Caller,
    session: Session,
    before: Participant,
    details: Mapping[str, Any],
    organisation_id: str | None,
) -> Participant:
    said = {**details, "organisation_id": organisation_id or before.organisation_id}
    after = replace(before, **said)
    if after == before:
        return before
    after = replace(after, version=before.version + 1)
    save_participant(app, caller, session, before, after)
    return after


def _unsaid(known: Participant, details: Mapping[str, Any]) -> dict[str, Any]:
    """Those of the details that nobody has said of the person yet."""
    unknown = (None, Sex.UNKNOWN, Disability.UNKNOWN)
    return {name: value for name, value in details.items() if getattr(known, name) in unknown}


def _to_wire(app: App, session: Session, failed: Sequence[FailedRule]) -> list[dict[str, Any]]:
    """The rules with the names of the courses and centres that they ask for, so that people can be
    shown no ids."""

    def name_of(value: str) -> Name | None:
        if course := app.courses.look_up(value, session):
            return course.title
        centre = app.centres.look_up(value, session)
        return None if centre is None else centre.name

    return [
        {
            "code": each.code.value,
            "values": list(each.values),
            "names": [name_of(value) for value in each.values],
        }
        for each in failed
    ]
