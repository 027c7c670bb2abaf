"""Applications and seats: commands in, wire form out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from marshmallow import ValidationError

from services.common import clock
from services.common.contracts.trainings import applications as contract
from services.common.forms.questions import Answers, Form
from services.common.lists import after_id, by_id, page_to_wire
from services.trainings.domain.applications import Application, DeclineReason
from services.trainings.domain.audit import Difference
from services.trainings.domain.catalogue import Name
from services.trainings.domain.cohorts import Cohort
from services.trainings.domain.participants import Disability, Participant, Sex
from services.trainings.domain.seats import SeatCount
from services.trainings.schemas import Request, instant
from services.trainings.schemas.forms import form
from services.trainings.schemas.participants import phone_number

_apply = contract.ApplyForCohort()
_nominate = contract.NominatePeople()
_list = contract.ListApplications()
_act = contract.ActOnApplication()
_change_answers = contract.ChangeAnswers()
_decide = contract.DecideOnApplication()
_decline = contract.DeclineApplication()
_admit = contract.AdmitApplication()
_admit_person = contract.AdmitPerson()
_offer = contract.OfferSeats()

Details = Mapping[str, Any]
"""Fields of :class:`Participant`; what was not said is not there."""


@dataclass(frozen=True, slots=True)
class ApplyForCohort:
    """``answers`` is what ``CohortAnswers`` of the contract has loaded."""

    cohort_id: str
    organisation_id: str | None
    centre_id: str | None
    person: Details
    answers: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Nominee:
    """A person by account, or by name and telephone number."""

    person_id: str | None
    details: Details


@dataclass(frozen=True, slots=True)
class NominatePeople:
    cohort_id: str
    organisation_id: str | None
    centre_id: str | None
    people: tuple[Nominee, ...]
    together: bool


@dataclass(frozen=True, slots=True)
class ListApplications:
    cohort_id: str | None
    organisation_id: str | None
    status: str | None
    limit: int
    after: str | None


@dataclass(frozen=True, slots=True)
class ActOnApplication:
    id: str
    expected_version: int


@dataclass(frozen=True, slots=True)
class ChangeAnswers:
    """``sent`` is what ``CohortAnswers`` of the contract has loaded."""

    id: str
    expected_version: int
    sent: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class DecideOnApplication:
    id: str
    expected_version: int
    note: Name | None = None


@dataclass(frozen=True, slots=True)
class DeclineApplication:
    id: str
    expected_version: int
    reason: DeclineReason
    note: Name | None = None


@dataclass(frozen=True, slots=True)
class AdmitApplication:
    id: str
    expected_version: int
    reason: str


@dataclass(frozen=True, slots=True)
class AdmitPerson:
    cohort_id: str
    organisation_id: str | None
    centre_id: str | None
    person: Nominee
    reason: str


@dataclass(frozen=True, slots=True)
class OfferSeats:
    """``first``: so many of the shortlist; else the applications that are named."""

    cohort_id: str
    first: int | None
    application_ids: tuple[str, ...]


def apply_for_cohort(request: Request) -> ApplyForCohort:
    data = _apply.load(request)
    return ApplyForCohort(**{**data, "person": _details(data["person"], "person")})


def nominate_people(request: Request) -> NominatePeople:
    data = _nominate.load(request)
    people = tuple(
        _nominee(each, "people", number) for number, each in enumerate(data.pop("people"))
    )
    return NominatePeople(**data, people=people)


def list_applications(request: Request) -> ListApplications:
    data = _list.load(request)
    after = data.pop("after")
    return ListApplications(**data, after=after_id(after))


def act_on_application(request: Request) -> ActOnApplication:
    return ActOnApplication(**_act.load(request))


def change_answers(request: Request) -> ChangeAnswers:
    sent = _change_answers.load(request)
    return ChangeAnswers(sent.pop("id"), sent.pop("expected_version"), sent)


def decide_on_application(request: Request) -> DecideOnApplication:
    return DecideOnApplication(**_decide.load(request))


def decline_application(request: Request) -> DeclineApplication:
    data = _decline.load(request)
    return DeclineApplication(**{**data, "reason": DeclineReason(data["reason"])})


def admit_application(request: Request) -> AdmitApplication:
    return AdmitApplication(**_admit.load(request))


def admit_person(request: Request) -> AdmitPerson:
    data = _admit_person.load(request)
    return AdmitPerson(**{**data, "person": _nominee(data["person"], "person")})


def offer_seats(request: Request) -> OfferSeats:
    data = _offer.load(request)
    return OfferSeats(**{**data, "application_ids": tuple(data["application_ids"])})


def _nominee(data: Mapping[str, Any], *place: str | int) -> Nominee:
    said = dict(data)
    return Nominee(said.pop("person_id"), _details(said, *place))


def _details(data: Mapping[str, Any], *place: str | int) -> Details:
    """What was said of a person, as a participant has it.

    Args:
        place: where it is in the request.

    Raises:
        ValidationError: ``phone``, for a text that is no telephone number.
    """
    said = dict(data)
    if "phone" in said:
        try:
            said["phone"] = phone_number(said["phone"])
        except ValidationError as error:
            messages: Any = error.messages
            for name in reversed(place):
                messages = {name: messages}
            raise ValidationError(messages) from error
    if "sex" in said:
        said["sex"] = Sex(said["sex"])
    if "disability" in said:
        said["disability"] = Disability(said["disability"])
    return said


# -- wire form -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Context:
    """What applications are shown with."""

    cohorts: Mapping[str, Cohort]
    participants: Mapping[str, Participant]


@dataclass(frozen=True, slots=True)
class AnsweredForm:
    """What was answered with an application, and the edition that was answered."""

    form: Form
    answers: Answers
    submitted_at: datetime


def application(value: Application, context: Context) -> dict[str, Any]:
    cohort = context.cohorts[value.cohort_id]
    participant = context.participants.get(value.participant_id)
    shown = participant is not None and not participant.erased
    return {
        "id": value.id,
        "cohort_id": value.cohort_id,
        "cohort_title": dict(cohort.title),
        "centre_id": cohort.centre_id,
        "starts_at": instant(cohort.starts_at),
        "participant_id": value.participant_id,
        "name": participant.name if participant is not None and shown else None,
        "organisation_id": value.organisation_id,
        "applicant_centre_id": value.centre_id,
        "source": value.source.value,
        "nominated_by": value.nominated_by,
        "status": value.status.value,
        "reason": value.reason,
        "note": None if value.note is None else dict(value.note),
        "score": value.score,
        "gap": value.gap,
        "group_id": value.group_id,
        "place": _place_in_queue(cohort, value),
        "applied_at": clock.to_wire(value.applied_at),
        "decided_at": instant(value.decided_at),
        "expires_at": instant(value.offer_expires_at),
        "submission_id": value.submission_id,
        "version": value.version,
    }


def answered_form(value: AnsweredForm) -> dict[str, Any]:
    return {
        "form": form(value.form),
        "answers": dict(value.answers),
        "submitted_at": clock.to_wire(value.submitted_at),
    }


def applications(values: Sequence[Application], context: Context) -> dict[str, Any]:
    return {"items": [application(each, context) for each in values]}


def application_page(values: Sequence[Application], context: Context, limit: int) -> dict[str, Any]:
    return page_to_wire(values, limit, lambda each: application(each, context), by_id)


def _place_in_queue(cohort: Cohort, value: Application) -> int | None:
    queue = () if cohort.roster is None else cohort.roster.queue()
    return next((place for place, each in enumerate(queue, 1) if each.id == value.id), None)


def seats(cohort_id: str, count: SeatCount, *, details: bool) -> dict[str, Any]:
    """The seats of a cohort.

    Args:
        details: whether the caller sees more than what is free.
    """
    return {
        "cohort_id": cohort_id,
        "capacity": count.capacity,
        "free": count.free,
        "taken": _taken(count) if details else None,
    }


def _taken(count: SeatCount) -> dict[str, Any]:
    return {
        "enrolled": count.enrolled,
        "offered": count.offered,
        "waiting": count.waiting,
        "women": count.women,
        "reserved": count.reserved,
        "beyond_capacity": count.beyond_capacity,
        "erased": count.erased,
        "by_organisation": [
            {"organisation_id": id, "seats": seats}
            for id, seats in sorted(count.by_organisation.items())
        ],
        "by_centre": [
            {"centre_id": id, "seats": seats} for id, seats in sorted(count.by_centre.items())
        ],
    }


@dataclass(frozen=True, slots=True)
class AuditReport:
    """What an audit of one cohort has found."""

    cohort_id: str
    at: datetime
    capacity: int
    seats_taken: int
    applications: int
    differences: tuple[Difference, ...]


def audit_report(value: AuditReport) -> dict[str, Any]:
    return {
        "cohort_id": value.cohort_id,
        "at": clock.to_wire(value.at),
        "capacity": value.capacity,
        "seats_taken": value.seats_taken,
        "applications": value.applications,
        "differences": [
            {
                "rule": each.rule.value,
                "of": list(each.of),
                "expected": str(each.expected),
                "found": str(each.found),
            }
            for each in value.differences
        ],
    }
