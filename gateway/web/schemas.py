"""What the gateway's own resources accept and return, and what every list adds to a branch's
filters. The schemas of a branch's resources are its own, in ``services.common.contracts``.
"""

from __future__ import annotations

import re
from typing import Any, ClassVar

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from gateway.identity.auth.passwords import LONGEST as LONGEST_PASSWORD
from gateway.identity.auth.passwords import SHORTEST as SHORTEST_PASSWORD
from gateway.identity.domain.identity import STAFF_ROLES
from gateway.identity.domain.organisation import MEMBER_ROLES, STATUSES
from services.common.contracts import history
from services.common.contracts.bookings import (
    budgets,
    closures,
    equipment,
    outside_hours,
    series,
    waitlist,
)
from services.common.contracts.bookings import rpc as bookings
from services.common.contracts.fields import (
    Choice,
    Id,
    Instant,
    LanguageCode,
    LocalisedText,
    StrictSchema,
    Truth,
    integer,
    text,
)
from services.common.contracts.notifications import rpc as notifications

LONGEST_EMAIL = 254
LONGEST_TOKEN = 512
_EMAIL = r"\A[^@\s\x00-\x1f]{1,64}@[^@\s\x00-\x1f]{1,189}\Z"


class OrganisationStatus(Choice):
    choices = STATUSES


class MemberRole(Choice):
    choices = MEMBER_ROLES


class StaffRole(Choice):
    choices = STAFF_ROLES


class CallerKind(Choice):
    choices = ("person", "service")


def email(**kwargs: Any) -> fields.String:
    """An e-mail address, loosely: only a message sent there can prove it."""
    return fields.String(
        validate=[validate.Length(max=LONGEST_EMAIL), validate.Regexp(_EMAIL, error="email")],
        metadata={"format": "email", "example": "member@masaha.example"},
        **kwargs,
    )


def _secret(**kwargs: Any) -> fields.String:
    return fields.String(validate=validate.Length(min=1, max=LONGEST_PASSWORD), **kwargs)


class Empty(StrictSchema):
    """No members: the action says it all."""


# -- lists ------------------------------------------------------------------------------------


class Selection(StrictSchema):
    """What every answer with a body can be narrowed to."""

    fields_ = fields.String(
        data_key="fields",
        load_default=None,
        validate=validate.Length(min=1, max=500),
        metadata={"description": "Names of members to answer with, separated by commas."},
    )


def flag(**kwargs: Any) -> fields.Boolean:
    """``true`` or ``false`` in a query, whose values are texts."""
    return fields.Boolean(truthy={"true"}, falsy={"false"}, **kwargs)


class ListQuery(Selection):
    """What every list accepts beside its filters."""

    limit = integer(
        1, 200, load_default=20, metadata={"description": "How many; a small page by default."}
    )
    cursor = fields.String(
        load_default=None,
        validate=validate.Length(min=1, max=2048),
        metadata={"description": "`next_cursor` of the page before, with the same filters."},
    )


class CentresQuery(Selection):
    """Centres are few: one page."""


class SpacesQuery(ListQuery):
    centre_id = Id(load_default=None)
    minimum_capacity = integer(1, bookings.MOST_PEOPLE, load_default=None)


class Features(fields.String):
    """Names, separated by commas."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        names = super()._deserialize(value, attr, data, **kwargs).split(",")
        try:
            bookings.features().deserialize(names)
        except ValidationError as error:
            raise ValidationError("names") from error
        return names


_NEED = "[A-Za-z0-9][A-Za-z0-9_-]{0,63}(:[0-9]{1,4})?"


class EquipmentNeeds(fields.String):
    """``id:quantity``, separated by commas; a quantity of 1 may be left out."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        text: str = super()._deserialize(value, attr, data, **kwargs)
        wire = []
        for each in text.split(","):
            equipment_id, _, quantity = each.partition(":")
            if not re.fullmatch(r"[0-9]{1,4}", quantity or "1"):
                raise ValidationError("equipment")
            wire.append({"equipment_id": equipment_id, "quantity": int(quantity or "1")})
        try:
            equipment.needs().deserialize(wire)
        except ValidationError as error:
            raise ValidationError("equipment") from error
        return wire


class AvailabilityQuery(Selection):
    """The free times of a centre's spaces, or of one space."""

    from_ = Instant(
        data_key="from", required=True, metadata={"description": "Start of the period."}
    )
    to = Instant(required=True, metadata={"description": "End of the period."})
    centre_id = Id(load_default=None)
    space_id = Id(load_default=None)
    duration_minutes = integer(15, 24 * 60, load_default=None)
    minimum_capacity = integer(1, bookings.MOST_PEOPLE, load_default=None)
    features = Features(
        load_default=None,
        metadata={
            "description": "What a space must have, all of it, separated by commas; at most "
            f"{bookings.MOST_FEATURES}, each of 1 to {bookings.LONGEST_FEATURE} characters.",
            "example": "projector,whiteboard",
        },
    )
    equipment = EquipmentNeeds(
        load_default=None,
        metadata={
            "description": "Equipment that must be free too: `id:quantity`, separated by commas; "
            f"at most {equipment.MOST_KINDS} kinds, each once, {equipment.MOST_UNITS} units.",
            "pattern": f"^{_NEED}(,{_NEED})*$",
            "example": "raqqa-projector:1,raqqa-laptop:6",
        },
    )


class BudgetQuery(Selection):
    """An organisation's week; this week where none is named."""

    organisation_id = Id(required=True)
    week = budgets.week(load_default=None)


class ClosuresQuery(ListQuery):
    """Named filters, combined with AND."""

    status = closures.ClosureStatus(load_default=None)
    ends_after = Instant(load_default=None)


class OutsideQuery(ListQuery):
    """Named filters, combined with AND."""

    space_id = Id(load_default=None)
    decision = outside_hours.OutsideDecision(load_default=None)


class SeriesQuery(ListQuery):
    """Named filters, combined with AND."""

    organisation_id = Id(load_default=None)
    centre_id = Id(load_default=None)
    space_id = Id(load_default=None)
    status = series.SeriesStatus(load_default=None)


class WaitlistQuery(ListQuery):
    """Named filters, combined with AND."""

    organisation_id = Id(load_default=None)
    centre_id = Id(load_default=None)
    space_id = Id(load_default=None)
    status = waitlist.WaitlistStatus(load_default=None)


class InboxQuery(ListQuery):
    state = notifications.MessageState(load_default=None)


def _search(**kwargs: Any) -> fields.String:
    return text(
        100,
        load_default=None,
        metadata={
            "description": "Words, or how they begin; all of them are in what is found, however "
            "they are written: alef with or without hamza, ى or ي, ة or ه, with marks or without."
        },
        **kwargs,
    )


class OrganisationsQuery(ListQuery):
    status = OrganisationStatus(load_default=None)
    search = _search()


class MembersQuery(ListQuery):
    search = _search()


def page_of(item: type[Schema], **more: fields.Field[Any]) -> type[Schema]:
    """The schema of a page of ``item``."""
    members: dict[str, Any] = {
        "items": fields.List(fields.Nested(item), required=True),
        "next_cursor": fields.String(
            required=True,
            allow_none=True,
            metadata={"description": "For the next page; null on the last."},
        ),
        **more,
    }
    return Schema.from_dict(members, name=f"{item.__name__}Page")


CentrePage = page_of(bookings.Centre)
SpacePage = page_of(bookings.Space)
BookingPage = page_of(bookings.Booking)
HistoryPage = page_of(history.HistoryEntry)
ClosurePage = page_of(closures.Closure)
SeriesPage = page_of(series.SeriesSummary)
WaitlistEntryPage = page_of(waitlist.WaitlistEntry)
InboxPage = page_of(notifications.Notification, unread=fields.Integer(required=True))


# -- sign-in ----------------------------------------------------------------------------------


class TokenRequest(StrictSchema):
    """One of three grants; each needs its own two or one members."""

    GRANTS: ClassVar = {
        "password": ("email", "password"),
        "refresh_token": ("refresh_token",),
        "client_credentials": ("client_id", "client_secret"),
    }

    grant_type = fields.String(required=True, validate=validate.OneOf(tuple(GRANTS)))
    email = email()
    password = _secret()
    refresh_token = fields.String(validate=validate.Length(min=1, max=LONGEST_TOKEN))
    client_id = Id()
    client_secret = _secret()

    @validates_schema(skip_on_field_errors=True)
    def _members_of_the_grant(self, data: dict[str, Any], **_: Any) -> None:
        needed = self.GRANTS[data["grant_type"]]
        faults = {name: ["Missing data"] for name in needed if name not in data}
        faults |= {name: ["Unknown field"] for name in data if name not in (*needed, "grant_type")}
        if faults:
            raise ValidationError(faults)


class Tokens(Schema):
    access_token = fields.String(required=True)
    token_type = fields.String(required=True, validate=validate.Equal("Bearer"))
    expires_in = fields.Integer(required=True, metadata={"description": "Seconds."})
    refresh_token = fields.String(
        metadata={"description": "To be used once; not given to service accounts."}
    )


class RevokeRequest(StrictSchema):
    refresh_token = fields.String(required=True, validate=validate.Length(min=1, max=LONGEST_TOKEN))
    everywhere = Truth(
        load_default=False,
        metadata={"description": "End every sign-in of the person, not of this device only."},
    )


class ChangePassword(StrictSchema):
    current_password = _secret(required=True)
    new_password = fields.String(
        required=True, validate=validate.Length(min=SHORTEST_PASSWORD, max=LONGEST_PASSWORD)
    )


# -- people -----------------------------------------------------------------------------------


class MyMembership(Schema):
    organisation_id = Id(required=True)
    role = MemberRole(required=True)


class Me(Schema):
    id = Id(required=True)
    kind = CallerKind(required=True)
    name = LocalisedText(required=True)
    email = fields.String(required=True, allow_none=True)
    language = LanguageCode(required=True)
    roles = fields.List(fields.String(), required=True)
    centres = fields.List(Id(), required=True)
    organisations = fields.List(fields.Nested(MyMembership), required=True)
    version = fields.Integer(required=True)


class MeChanges(StrictSchema):
    name = LocalisedText(limit=100, person=True)
    language = LanguageCode()


class Person(Schema):
    id = Id(required=True)
    name = LocalisedText(required=True)
    email = fields.String(required=True)
    language = LanguageCode(required=True)
    roles = fields.List(fields.String(), required=True)
    centres = fields.List(Id(), required=True)
    active = fields.Boolean(
        required=True, metadata={"description": "Whether the person may sign in."}
    )
    version = fields.Integer(required=True)
    created_at = Instant(required=True)
    updated_at = Instant(required=True)


class PersonChanges(StrictSchema):
    roles = fields.List(
        StaffRole(),
        validate=validate.Length(max=len(STAFF_ROLES)),
    )
    centres = fields.List(
        Id(),
        validate=validate.Length(max=50),
        metadata={"description": "Centres at which a front-desk role holds."},
    )


class PeopleQuery(ListQuery):
    """Named filters, combined with AND."""

    role = StaffRole(load_default=None)
    active = flag(load_default=None)
    search = _search()


class ServiceAccount(Schema):
    id = Id(required=True)
    name = LocalisedText(required=True)
    language = LanguageCode(required=True)
    scopes = fields.List(fields.String(), required=True)


PersonPage = page_of(Person)
ServiceAccountPage = page_of(ServiceAccount)


# -- organisations ----------------------------------------------------------------------------


class Organisation(Schema):
    id = Id(required=True)
    name = LocalisedText(required=True)
    status = OrganisationStatus(required=True)
    version = fields.Integer(required=True)
    created_at = Instant(required=True)
    updated_at = Instant(required=True)


class RegisterOrganisation(StrictSchema):
    name = LocalisedText(required=True)


class Member(Schema):
    organisation_id = Id(required=True)
    person_id = Id(required=True)
    name = LocalisedText(required=True)
    email = fields.String(required=True)
    role = MemberRole(required=True)
    version = fields.Integer(required=True)
    created_at = Instant(required=True)
    updated_at = Instant(required=True)


class MemberChanges(StrictSchema):
    role = MemberRole(required=True)


OrganisationPage = page_of(Organisation)
MemberPage = page_of(Member)


class PdfQuery(StrictSchema):
    language = LanguageCode(
        load_default=None,
        metadata={"description": "Of the document; else that of `Accept-Language`."},
    )
