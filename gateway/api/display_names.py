"""Lists of bookings for staff, with the names that the branch does not know."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from marshmallow import Schema

from gateway.identity.operations.organisations import organisation_names
from gateway.identity.operations.people import people_names
from gateway.web.endpoint import gateway
from gateway.web.problems import texts
from services.common.contracts.fields import LocalisedText
from services.common.languages import LANGUAGES


class DisplayNames(Schema):
    """What is shown beside a booking; null for what there is no more."""

    organisation_name = LocalisedText(required=True, allow_none=True)
    booked_by_name = LocalisedText(required=True, allow_none=True)


def add_organisation_names(bookings: Iterable[dict[str, Any]]) -> None:
    """Put the names of their organisations beside these bookings; one question for all."""
    found = list(bookings)
    names = organisation_names(gateway().identity, _organisations(found))
    for booking in found:
        booking["organisation_name"] = names.get(booking["organisation_id"])


def add_display_names(bookings: Iterable[dict[str, Any]]) -> None:
    """Put the names beside these bookings; two questions, however many there are."""
    found = list(bookings)
    organisations = organisation_names(gateway().identity, _organisations(found))
    people = people_names(gateway().identity, {each["booked_by"] for each in found})
    for booking in found:
        booking["organisation_name"] = organisations.get(booking["organisation_id"])
        booked_by = people.get(booking["booked_by"])
        # Of a person who is erased nothing is kept but the id.
        booking["booked_by_name"] = _former_member() if booked_by == {} else booked_by


def _former_member() -> dict[str, str]:
    return {each: texts.text("person.former_member", each) for each in LANGUAGES}


def _organisations(bookings: Iterable[dict[str, Any]]) -> set[str]:
    """Those there are; what is for the centre's own use has none."""
    return {each["organisation_id"] for each in bookings if each["organisation_id"] is not None}
