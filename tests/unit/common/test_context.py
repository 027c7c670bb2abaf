"""What a call says of who is calling."""

from __future__ import annotations

import pytest

from services.common.context import VISITOR, Call, Caller

STAFF = frozenset({"manager", "front_desk"})


def test_a_call_is_read_back_from_its_header() -> None:
    caller = Caller("omar", "person", STAFF, {"amal": "member"}, frozenset({"raqqa"}), 7)
    call = Call(caller, "en", "key", "00-" + "1" * 32 + "-" + "2" * 16 + "-01")
    assert Call.from_header(call.to_header()) == call


def test_without_a_header_a_visitor_calls() -> None:
    assert Call.from_header(None).caller is VISITOR


@pytest.mark.parametrize("kind", ["service", "visitor", "system"])
def test_only_people_are_staff_whatever_the_scopes_are_called(kind: str) -> None:
    person = Caller("omar", "person", STAFF, centres=frozenset({"raqqa"}))
    other = Caller("feed", kind, STAFF, centres=frozenset({"raqqa"}))
    assert (person.is_manager(), person.is_front_desk_of("raqqa")) == (True, True)
    assert (other.is_manager(), other.is_front_desk_of("raqqa")) == (False, False)
