"""What is published keeps its promise: no field of an event is removed or retyped.

``docs/schemas`` holds what is published. The contracts of today are compared with it, and it is
compared with every release in git, so that neither can be bent to fit the other.
"""

from __future__ import annotations

import json
import subprocess
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from jsonschema_rs import Draft202012Validator
from marshmallow import fields

from docs.compatibility import breaches, problems, structure
from docs.contracts import all_events, data_schema, published
from docs.generate import FOLDER, leftovers, refusals
from services.common.contracts.bookings import events as bookings
from services.common.contracts.fields import EventData, Id, Instant
from services.common.contracts.registry import EventType

SCHEMAS = FOLDER / "schemas"
NAME = "bookings.booking.confirmed"


class Fact(EventData):
    id = Id(required=True)
    at = Instant(required=True)
    note = fields.String()


def schema_of(data: type[EventData], version: int = 1) -> dict[str, Any]:
    return data_schema(EventType("bookings.thing.happened", version, data, "It happened."))


def judged(data: type[EventData], version: int) -> list[str]:
    """What is said of a contract whose version 1 was published as :class:`Fact`."""
    name = "bookings.thing.happened"
    return problems({name: {1: schema_of(Fact)}}, [(name, version, schema_of(data, version))])


class TestWhatIsPublished:
    def test_the_contracts_keep_it(self) -> None:
        assert refusals() == []

    def test_every_version_is_a_valid_json_schema(self) -> None:
        for path in SCHEMAS.glob("*/*.json"):
            schema = json.loads(path.read_text("utf-8"))
            Draft202012Validator(schema)
            assert schema["$id"] == f"/schemas/{path.parent.name}/{path.stem}"

    def test_nothing_is_left_that_has_no_contract_and_was_never_released(self) -> None:
        assert leftovers() == [], "run make docs"

    def test_it_counts_from_the_first_release_that_holds_it(self, tmp_path: Path) -> None:
        def write(version: int) -> Path:
            path = tmp_path / "docs" / "schemas" / NAME / f"{version}.json"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps({"title": f"version {version}"}), "utf-8")
            return path

        first = write(1)
        schemas = first.parent.parent
        assert published(schemas) == {}
        for command in (
            "init -q",
            "add .",
            "-c user.name=A -c user.email=a@example.org commit -qm Schemas",
        ):
            assert not git(*command.split(), folder=tmp_path)
        assert published(schemas) == {}, "committed, and not released"
        git("tag", "v0.1.0", folder=tmp_path)
        write(2)
        assert published(schemas) == {NAME: {1: {"title": "version 1"}}}

    def test_a_released_schema_has_never_changed(self) -> None:
        """Against git: the file of each release promises the same as today."""
        for release in git("tag", "--list", "v*").split():
            names = git("ls-tree", "-r", "--name-only", release, "docs/schemas").split()
            for name in names:
                path = FOLDER.parent / name
                assert path.exists(), f"{name} was released with {release} and is gone"
                then = json.loads(git("show", f"{release}:{name}"))
                assert structure(then) == structure(json.loads(path.read_text("utf-8"))), (
                    f"{name} was released with {release} and has changed. Restore it, raise the "
                    "version of the event type and run make docs."
                )


class TestAChangeOfAPublishedEvent:
    def test_nothing_changed_is_fine(self) -> None:
        assert judged(Fact, 1) == []

    def test_other_words_are_fine(self) -> None:
        class Explained(Fact):
            note = fields.String(metadata={"description": "What a person said."})

        assert judged(Explained, 1) == []

    def test_a_removed_field_is_refused(self) -> None:
        class Shorter(EventData):
            id = Id(required=True)
            at = Instant(required=True)

        for version in (1, 2):
            (said,) = judged(Shorter, version)
            assert "/note was removed" in said
            assert "declare a new event type" in said

    def test_a_retyped_field_is_refused(self) -> None:
        class Retyped(Fact):
            note = fields.Integer()  # type: ignore[assignment]

        for version in (1, 2):
            (said,) = judged(Retyped, version)
            assert "/note was string and is integer" in said

    def test_a_field_that_may_be_missing_now_is_refused(self) -> None:
        class Looser(Fact):
            at = Instant()

        assert "/at was always there and is optional now" in judged(Looser, 2)[0]

    def test_a_field_that_may_be_null_now_is_refused(self) -> None:
        class Nullable(Fact):
            at = Instant(required=True, allow_none=True)

        assert "/at was string and is" in judged(Nullable, 2)[0]

    def test_a_new_required_field_is_refused(self) -> None:
        class Stricter(Fact):
            by = Id(required=True)

        assert "/by is required, but earlier events lack it" in judged(Stricter, 2)[0]

    def test_a_new_optional_field_needs_a_new_version(self) -> None:
        class Longer(Fact):
            by = Id()

        assert "raise its version to 2" in judged(Longer, 1)[0]
        assert judged(Longer, 2) == []

    def test_a_version_cannot_be_left_out(self) -> None:
        assert "cannot be 3" in judged(Fact, 3)[0]

    def test_a_vanished_event_is_refused(self) -> None:
        (said,) = problems({NAME: {1: data_schema(bookings.BOOKING_CONFIRMED)}}, [])
        assert "has no contract any more" in said

    @pytest.mark.parametrize("event_type", all_events(), ids=lambda each: each.name)
    def test_every_real_event_would_be_guarded(self, event_type: EventType) -> None:
        """Take away, and retype, each field of each published event in turn."""
        old = data_schema(event_type)
        for name in old["properties"]:
            removed, retyped = deepcopy(old), deepcopy(old)
            del removed["properties"][name]
            now = "integer" if old["properties"][name].get("type") == "boolean" else "boolean"
            retyped["properties"][name] = {"type": now}
            assert breaches(old, removed), f"{name} could be removed"
            assert breaches(old, retyped), f"{name} could be retyped"


def git(*arguments: str, folder: Path = FOLDER.parent) -> str:
    done = subprocess.run(
        ["git", *arguments], cwd=folder, capture_output=True, text=True, check=False
    )
    return done.stdout
