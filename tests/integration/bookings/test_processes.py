"""The service process on the real broker and database: what it learns of organisations, and how."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from nameko.exceptions import RemoteError
from nameko.standalone.rpc import ClusterRpcProxy

from services.bookings.app import App, build
from services.common import errors
from services.common.clock import to_wire
from services.common.config import Settings
from services.common.context import Call, Caller
from services.common.events.envelope import CloudEvent
from services.common.ids import new_id
from tests.support.awaiting import until
from tests.support.bookings import MANAGER, organisation, raqqa, space
from tests.support.echoing import Running, Wire
from tests.support.mongo import drop_databases
from tests.support.stack import Server

QUEUE = "bookings.events.v1"
PARKED = f"{QUEUE}.parked"


@dataclass
class Branch:
    """Bookings as it runs, and the means to speak with it."""

    service: Running
    wire: Wire
    app: App
    uri: str
    hours: Iterator[datetime]

    def tell(self, *events: CloudEvent) -> None:
        for event in events:
            self.wire.publish(event.type, event.encode())

    def known(self, organisation_id: str) -> tuple[int, str] | None:
        found = self.app.directory.organisation(organisation_id)
        return found and (found.version, found.status)

    def await_known(self, organisation_id: str, version: int, status: str) -> None:
        until(
            lambda: self.known(organisation_id),
            f"{organisation_id} {status}",
            enough=lambda seen: seen == (version, status),
        )

    def book(self, who: Caller, organisation_id: str) -> str:
        """Book a free hour; the outcome, as a status or the code of the refusal."""
        starts_at = next(self.hours)
        request = {
            "space_id": "raqqa-meeting",
            "organisation_id": organisation_id,
            "starts_at": to_wire(starts_at),
            "ends_at": to_wire(starts_at + timedelta(minutes=15)),
            "title": "Planning",
            "purpose": "meeting",
        }
        call = Call(who, idempotency_key=new_id())
        with ClusterRpcProxy(
            {"AMQP_URI": self.uri}, context_data={"call": call.to_header()}, timeout=10
        ) as services:
            try:
                answer: dict[str, Any] = services.bookings.create_booking(request)
            except (errors.MasahaError, RemoteError) as refusal:
                return str(refusal)
            return str(answer["status"])


def quarters() -> Iterator[datetime]:
    """Quarters of an hour of next week's working days, wall clock of Damascus (UTC+3)."""
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    monday = today + timedelta(days=7 - today.weekday())
    for day in range(4):
        for quarter in range(32):
            yield monday + timedelta(days=day, hours=6, minutes=15 * quarter)


def its_own(organisation_id: str) -> Caller:
    return Caller(f"of-{organisation_id}", organisations={organisation_id: "member"})


@pytest.fixture(scope="module")
def branch(
    broker: Server, database: Server, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Branch]:
    prefix = f"t{new_id()[-12:]}"
    environment = {"MONGO_URI": database.uri, "DATABASE_PREFIX": prefix}
    with ExitStack() as stack:
        settings = Settings("amqp://unused", database.uri, database_prefix=prefix)
        app = build(settings)
        stack.callback(app.close)
        stack.callback(drop_databases, database.uri, prefix)
        app.centres.seed([raqqa()], [space()])
        wire = Wire(broker.uri)
        stack.callback(wire.close)
        stack.enter_context(wire.emptied(QUEUE, PARKED))
        folder = tmp_path_factory.mktemp("bookings")
        service = Running(folder, broker.uri, "services.bookings", "service", **environment)
        stack.callback(service.close)
        service.await_ready()
        yield Branch(service, wire, app, broker.uri, quarters())


def test_staff_book_for_an_organisation_once_it_is_known(branch: Branch) -> None:
    assert "bookings.unknown_organisation" in branch.book(MANAGER, "nahr")
    branch.tell(organisation("nahr", "pending", version=1))
    branch.await_known("nahr", 1, "pending")
    assert "bookings.organisation_not_approved" in branch.book(MANAGER, "nahr")
    branch.tell(organisation("nahr", "approved", version=2))
    branch.await_known("nahr", 2, "approved")
    assert branch.book(MANAGER, "nahr") == "confirmed"


def test_its_own_people_need_not_wait_for_the_news(branch: Branch) -> None:
    assert branch.known("fresh") is None
    assert branch.book(its_own("fresh"), "fresh") == "confirmed"


def test_a_suspension_holds_for_its_own_people_too(branch: Branch) -> None:
    branch.tell(organisation("bahr"), organisation("bahr", "suspended", version=3))
    branch.await_known("bahr", 3, "suspended")
    for who in (its_own("bahr"), MANAGER):
        assert "bookings.organisation_not_approved" in branch.book(who, "bahr")


def test_out_of_order_the_newest_holds(branch: Branch) -> None:
    branch.tell(organisation("late", "suspended", version=3))
    branch.await_known("late", 3, "suspended")
    last = organisation("after-late", version=2)
    branch.tell(organisation("late", "approved", version=2), last)
    branch.await_known("after-late", 2, "approved")
    assert branch.known("late") == (3, "suspended")


def test_what_arrives_again_is_taken_once(branch: Branch) -> None:
    event, last = organisation("twice"), organisation("after-twice")
    branch.tell(event, event, event, last)
    branch.await_known("after-twice", 2, "approved")
    assert branch.known("twice") == (2, "approved")
    notes = branch.app.database.collection("inbox_events")
    assert notes.count_documents({"_id": f"bookings|{event.id}"}) == 1
    assert branch.wire.depth(PARKED) == 0


def test_poison_is_parked_and_the_rest_is_taken(branch: Branch) -> None:
    poison = organisation("poison")
    told = {key: value for key, value in poison.data.items() if key != "status"}
    branch.tell(organisation("one"), replace(poison, data=told), organisation("other"))
    branch.await_known("one", 2, "approved")
    branch.await_known("other", 2, "approved")
    branch.wire.await_depth(PARKED, 1)
    assert branch.known("poison") is None
    branch.wire.purge(PARKED)


def test_a_kind_of_event_that_is_not_known_here_is_passed_over(branch: Branch) -> None:
    renamed = replace(organisation("renamed"), type="identity.organisation.renamed")
    branch.tell(renamed, organisation("after-renamed"))
    branch.await_known("after-renamed", 2, "approved")
    assert branch.known("renamed") is None
    assert branch.wire.depth(PARKED) == 0


def test_what_came_while_the_service_was_away_is_taken_afterwards(
    branch: Branch, tmp_path_factory: pytest.TempPathFactory, database: Server
) -> None:
    branch.service.terminate()
    assert branch.service.wait() == 0
    branch.tell(organisation("meanwhile"))
    assert branch.known("meanwhile") is None
    prefix = branch.app.database.collection("x").database.name.removesuffix("_bookings")
    again = Running(
        tmp_path_factory.mktemp("again"),
        branch.uri,
        "services.bookings",
        "service",
        MONGO_URI=database.uri,
        DATABASE_PREFIX=prefix,
    )
    try:
        again.await_ready()
        branch.await_known("meanwhile", 2, "approved")
    finally:
        again.close()
