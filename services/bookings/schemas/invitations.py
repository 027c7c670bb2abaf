"""Joint meetings: commands in, wire form out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from services.bookings.domain.booking import Booking
from services.bookings.domain.centre import Centre, Space
from services.bookings.domain.invitations import Guest, Invitation, Standing
from services.bookings.schemas import Request, instant
from services.common import clock
from services.common.contracts.bookings import invitations as contract
from services.common.languages import in_language

_invite = contract.Invite()
_of_booking = contract.OfBooking()
_revoke = contract.RevokeInvitation()
_by_token = contract.ByToken()
_reply = contract.ReplyByLink()
_count_heads = contract.CountHeads()

_ANSWERS: Mapping[Standing, str] = {
    Standing.ACCEPTED: "yes",
    Standing.TENTATIVE: "maybe",
    Standing.DECLINED: "no",
}


@dataclass(frozen=True, slots=True)
class Invite:
    booking_id: str
    organisation_id: str | None
    guest: Guest | None


@dataclass(frozen=True, slots=True)
class RevokeInvitation:
    booking_id: str
    id: str
    expected_version: int


@dataclass(frozen=True, slots=True)
class Reply:
    token: str
    answer: str
    people: int


@dataclass(frozen=True, slots=True)
class CountHeads:
    id: str
    expected_version: int
    women: int
    men: int


@dataclass(frozen=True, slots=True)
class Meeting:
    """A meeting as one of its guests sees it."""

    invitation: Invitation
    booking: Booking
    space: Space
    centre: Centre


def invite(request: Request) -> Invite:
    data = _invite.load(request)
    guest = data["guest"]
    return Invite(
        booking_id=data["booking_id"],
        organisation_id=data["organisation_id"],
        guest=None if guest is None else Guest(**guest),
    )


def booking_id_of(request: Request) -> str:
    identifier: str = _of_booking.load(request)["booking_id"]
    return identifier


def revoke(request: Request) -> RevokeInvitation:
    return RevokeInvitation(**_revoke.load(request))


def token_of(request: Request) -> str:
    token: str = _by_token.load(request)["token"]
    return token


def reply(request: Request) -> Reply:
    return Reply(**_reply.load(request))


def count_heads(request: Request) -> CountHeads:
    return CountHeads(**_count_heads.load(request))


def invitation(value: Invitation) -> dict[str, Any]:
    return {
        "id": value.id,
        "booking_id": value.booking_id,
        "organisation_id": value.organisation_id,
        "guest": None if value.guest is None else asdict(value.guest),
        "status": value.status.value,
        "people": value.people,
        "invited_by": value.invited_by,
        "invited_at": clock.to_wire(value.invited_at),
        "replied_at": instant(value.replied_at),
        "version": value.version,
    }


def invitation_list(values: Sequence[Invitation], room: int) -> dict[str, Any]:
    return {"items": [invitation(value) for value in values], "room": room}


def meeting(value: Meeting, language: str) -> dict[str, Any]:
    booking = value.booking
    return {
        "title": booking.title,
        "starts_at": clock.to_wire(booking.period.starts_at),
        "ends_at": clock.to_wire(booking.period.ends_at),
        "time_zone": booking.time_zone,
        "space": in_language(value.space.name, language),
        "centre": in_language(value.centre.name, language),
        "host_id": booking.organisation_id,
        "answer": _ANSWERS.get(value.invitation.status),
        "people": value.invitation.people,
        "language": None if value.invitation.guest is None else value.invitation.guest.language,
    }


def replied(value: Invitation) -> dict[str, Any]:
    return {"answer": _ANSWERS[value.status], "people": value.people}
