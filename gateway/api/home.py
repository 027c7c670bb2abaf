"""Home: what a phone shows first, in one small answer."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from marshmallow import Schema, fields

from gateway.api.auth import me_of
from gateway.api.display_names import add_organisation_names
from gateway.web import schemas
from gateway.web.endpoint import SIGNED_IN, Answer, Incoming, endpoint, gateway
from gateway.web.openapi import Blueprint
from services.common import errors
from services.common.clock import to_wire
from services.common.contracts.bookings import budgets, rpc, waitlist
from services.common.contracts.fields import Choice

blueprint = Blueprint("home", __name__, description="What a person sees first")

MOST_BOOKINGS = 5
MOST_ORGANISATIONS = 3
_TO_COME = ["held", "pending", "confirmed", "checked_in"]
# Seconds for one answer of a branch, and for all of them together.
_PATIENCE = 2.0
_LONGEST_SECONDS = 4.0


class HomePart(Choice):
    choices = ("gateway", "bookings", "notifications")


class Home(Schema):
    """A part whose branch is away is null, and the branch is named in `away`."""

    me = fields.Nested(schemas.Me, required=True, allow_none=True)
    bookings = fields.List(
        fields.Nested(rpc.Booking),
        required=True,
        allow_none=True,
        metadata={
            "description": f"The next {MOST_BOOKINGS} of one's organisations, by start, with names."
        },
    )
    offers = fields.List(
        fields.Nested(waitlist.WaitlistEntry),
        required=True,
        allow_none=True,
        metadata={"description": "Places in line that are offered a time now."},
    )
    budgets = fields.List(
        fields.Nested(budgets.BudgetWeek),
        required=True,
        allow_none=True,
        metadata={"description": "This week's, of each of one's organisations."},
    )
    unread = fields.Integer(
        required=True, allow_none=True, metadata={"description": "Messages in the inbox."}
    )
    away = fields.List(HomePart(), required=True)


@blueprint.route("/v1/home", methods=["GET"])
@endpoint(query=schemas.Selection, answer=Home, access=SIGNED_IN, refuses=(403,))
def home(incoming: Incoming) -> Answer:
    """Who is signed in, their next bookings, offers, budgets and unread messages.

    Of the first three of one's organisations. What is away is null and named in `away`; the rest
    is answered all the same.
    """
    view = _HomeView(incoming)
    data: dict[str, Any] = {
        "me": view.read("gateway", lambda: me_of(incoming.call)),
        # First, so that slow answers of bookings take no time from it.
        "unread": view.read("notifications", view.unread),
        "bookings": view.read("bookings", view.next_bookings),
        "offers": view.read("bookings", view.offers),
        "budgets": view.read("bookings", view.budgets),
    }
    for booking in data["bookings"] or ():
        booking.setdefault("organisation_name", None)
    view.read("gateway", lambda: add_organisation_names(data["bookings"] or ()))
    return Answer({**data, "away": sorted(view.away)})


class _HomeView:
    """Asks for the parts within a bound of time, and each branch that is away only once."""

    def __init__(self, incoming: Incoming) -> None:
        self._call = incoming.call
        self._organisations = sorted(incoming.caller.organisations)[:MOST_ORGANISATIONS]
        self._left = _LONGEST_SECONDS
        self.away: list[str] = []

    def read(self, part: str, question: Callable[[], Any]) -> Any:
        """The answer, or None where the part is away."""
        if part in self.away:
            return None
        try:
            return question()
        except errors.Unavailable:
            self.away.append(part)
            return None

    def next_bookings(self) -> list[dict[str, Any]]:
        now = to_wire(gateway().clock.now())
        found = self._of_organisations(
            "list_bookings", ends_after=now, statuses=_TO_COME, limit=MOST_BOOKINGS, names=True
        )
        coming = [booking for page in found for booking in page["items"]]
        return sorted(coming, key=lambda each: (each["starts_at"], each["id"]))[:MOST_BOOKINGS]

    def offers(self) -> list[dict[str, Any]]:
        found = self._of_organisations("list_waitlist_entries", status="offered")
        return [entry for page in found for entry in page["items"]]

    def budgets(self) -> list[dict[str, Any]]:
        return self._of_organisations("get_budget_week")

    def unread(self) -> int:
        found: int = self._ask("notifications", "list_inbox", limit=1)["unread"]
        return found

    def _of_organisations(self, method: str, **request: Any) -> list[dict[str, Any]]:
        """The branch's answer for each organisation that it knows of already."""
        found = []
        for each in self._organisations:
            try:
                found.append(self._ask("bookings", method, organisation_id=each, **request))
            except errors.NotFound:
                continue
        return found

    def _ask(self, branch: str, method: str, **request: Any) -> dict[str, Any]:
        if self._left <= 0:
            raise errors.Unavailable(detail="the time for the page is over")
        began, patience = time.monotonic(), min(_PATIENCE, self._left)
        try:
            answer: dict[str, Any] = gateway().rpc.call(
                branch, method, request, self._call, timeout=patience
            )
        finally:
            self._left -= time.monotonic() - began
        return answer
