"""Offers after trainings: events and commands in, wire form out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from marshmallow import Schema, ValidationError

from services.common.clock import to_wire
from services.common.contracts.consultations import offers as contract
from services.common.contracts.trainings.application_facts import Application
from services.common.contracts.trainings.assignment_facts import Assignment
from services.common.errors import Permanent
from services.common.events.envelope import CloudEvent
from services.common.lists import after_id, by_id, page_to_wire
from services.consultations.domain.cohort_trainers import CohortTrainer
from services.consultations.domain.offers import Offer
from services.consultations.schemas import Request

_list_offers = contract.ListOffers()
_assignment = Assignment()
_application = Application()


@dataclass(frozen=True, slots=True)
class ListOffers:
    organisation_id: str | None
    limit: int
    after: str | None


@dataclass(frozen=True, slots=True)
class Completion:
    """A person has completed a training; ``organisation_id`` is the one they came for."""

    organisation_id: str | None
    person_id: str | None
    cohort_id: str
    topic_id: str
    centre_id: str
    title: Mapping[str, str]


def list_offers(request: Request) -> ListOffers:
    data = _list_offers.load(request)
    after = data.pop("after")
    return ListOffers(**data, after=after_id(after))


def trainer_of(event: CloudEvent) -> CohortTrainer:
    """The assignment of a trainer as an event has it.

    Raises:
        Permanent: if the data breaks the contract, which no retry will change.
    """
    data = _load(_assignment, event)
    return CohortTrainer(
        id=data["assignment_id"],
        cohort_id=data["cohort_id"],
        trainer_id=data["trainer_id"],
        accepted=data["status"] == "accepted",
        version=event.aggregate_version,
    )


def completion_of(event: CloudEvent) -> Completion:
    """Who has completed which training.

    Raises:
        Permanent: if the data breaks the contract, which no retry will change.
    """
    data = _load(_application, event)
    return Completion(
        organisation_id=data["organisation_id"],
        person_id=data["person_id"],
        cohort_id=data["cohort_id"],
        topic_id=data["topic_id"],
        centre_id=data["centre_id"],
        title=data["title"],
    )


def _load(schema: Schema, event: CloudEvent) -> dict[str, Any]:
    try:
        loaded: dict[str, Any] = schema.load(event.data)
    except ValidationError as error:
        raise Permanent(f"{event.type}: {error.messages}") from error
    return loaded


def offer(value: Offer) -> dict[str, Any]:
    return {
        "id": value.id,
        "organisation_id": value.organisation_id,
        "cohort_id": value.cohort_id,
        "topic_id": value.topic_id,
        "centre_id": value.centre_id,
        "title": dict(value.title),
        "adviser_ids": list(value.adviser_ids),
        "offered_at": to_wire(value.offered_at),
        "expires_at": to_wire(value.expires_at),
        "version": value.version,
    }


def offer_page(values: Sequence[Offer], limit: int) -> dict[str, Any]:
    return page_to_wire(values, limit, offer, by_id)
