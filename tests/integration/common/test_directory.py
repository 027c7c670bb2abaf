"""The directory on the real database: what a service that keeps all of it can ask."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import pytest

from services.common.app import Infrastructure, infrastructure, with_indexes
from services.common.context import Caller
from services.common.directory.projection import OrganisationChange, take_identity_events
from services.common.directory.store import Directory
from services.common.events.envelope import CloudEvent
from services.common.personal_data import Erasure
from services.common.storage.mongo import Database, Session
from tests.support.mongo import empty_database
from tests.support.notifications import erased, membership, organisation, person
from tests.support.stack import Server


@dataclass(frozen=True, slots=True)
class App(Infrastructure):
    """A service that keeps all that the identity publishes."""

    directory: Directory


@pytest.fixture
def store(database: Server) -> Iterator[Database]:
    yield from empty_database(database.uri)


@pytest.fixture
def app(store: Database) -> App:
    return with_indexes(App(**infrastructure(store, "testing"), directory=Directory(store)))


def erase(app: App, session: Session, erasure: Erasure) -> None:
    app.directory.erase(session, erasure.person_id, erasure.version)


def arrive(app: App, *events: CloudEvent) -> list[OrganisationChange]:
    """What a subscriber does with a batch; the changes that its hook was called with."""
    seen: list[OrganisationChange] = []
    take_identity_events(
        app,
        app.directory,
        events,
        erase=partial(erase, app),
        on_organisations=lambda _session, changes: seen.extend(changes),
    )
    return seen


def test_the_hook_is_called_with_what_has_changed_and_nothing_else(app: App) -> None:
    [first] = arrive(app, organisation("hope", version=1))
    assert (first.before, first.after.version) == (None, 1)
    [second] = arrive(app, organisation("hope", version=2), organisation("hope", version=1))
    assert second.before == first.after
    assert second.after.version == 2
    assert arrive(app, organisation("hope", version=1)) == []


def test_staff_are_found_by_role_and_centre_until_they_lose_it(app: App) -> None:
    arrive(
        app,
        person("rana", roles=["front_desk"], centres=["raqqa"]),
        person("dima", roles=["front_desk", "trainer"], centres=["tabqa"]),
        person("basel", roles=["trainer"]),
        person("away", status="disabled", roles=["trainer"]),
        person("sara"),
    )
    at = {
        (role, centre): [each.person_id for each in app.directory.staff(role, centre)]
        for role in ("front_desk", "trainer")
        for centre in ("raqqa", None)
    }
    assert at == {
        ("front_desk", "raqqa"): ["rana"],
        ("front_desk", None): ["dima", "rana"],
        ("trainer", "raqqa"): ["basel", "dima"],
        ("trainer", None): ["basel", "dima"],
    }
    arrive(app, person("rana", version=2), person("rana", roles=["front_desk"], centres=["raqqa"]))
    assert app.directory.staff("front_desk", "raqqa") == []


def test_members_are_those_who_belong_now_with_their_roles(app: App) -> None:
    arrive(
        app,
        membership("sara", role="representative"),
        membership("omar"),
        membership("ziad", version=2, granted=False),
        membership("ziad", version=1),
        membership("lina", "other"),
    )
    assert app.directory.members(["hope", "nobody"]) == {
        "hope": {"sara": "representative", "omar": "member"}
    }


@pytest.mark.parametrize(
    ("caller", "person_id", "belongs"),
    [
        (Caller("sara"), "omar", True),
        (Caller("sara"), "new", False),
        (Caller("new", organisations={"hope": "member"}), "new", True),
        (Caller("new", organisations={"other": "member"}), "new", False),
        (Caller("new", kind="service", organisations={"hope": "member"}), "new", False),
        (Caller("sara", organisations={"hope": "member"}), "new", False),
    ],
)
def test_who_belongs_is_said_by_the_news_or_by_ones_own_token(
    app: App, caller: Caller, person_id: str, belongs: bool
) -> None:
    arrive(app, membership("omar"))
    assert app.directory.is_member("hope", person_id, caller=caller) is belongs


def test_of_an_erased_person_nothing_can_be_asked_and_nothing_comes_back(app: App) -> None:
    arrive(app, person("sara", roles=["trainer"]), person("omar", ar="عمر", en="Omar"))
    assert set(app.directory.people(["sara", "omar", "nobody"])) == {"sara", "omar"}
    arrive(app, *erased("sara", version=2), person("sara", version=3, roles=["trainer"]))
    assert set(app.directory.people(["sara", "omar"])) == {"omar"}
    assert app.directory.names(["sara", "omar"]) == {"omar": {"ar": "عمر", "en": "Omar"}}
    assert app.directory.staff("trainer") == []
    assert app.directory.export("sara") == [{"version": 2, "erased": True}]
    held = app.database.transact(
        lambda session: app.directory.lock_named(session, ["sara", "omar", "omar", "nobody"])
    )
    assert held == {"sara"}


def test_what_is_held_of_a_person_can_be_exported(app: App) -> None:
    arrive(app, person("sara", roles=["trainer"]), membership("sara"))
    known, belongs = app.directory.export("sara")
    assert (known["email"], known["roles"]) == ("sara@example.org", ["trainer"])
    assert (belongs["organisation_id"], belongs["role"]) == ("hope", "member")
