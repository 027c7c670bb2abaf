"""What every branch asks of a caller: one thing and a list are answered alike."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from services.common import authorisation, errors
from services.common.context import SYSTEM, VISITOR, Caller

MANAGER = Caller("manager", roles=frozenset({"manager"}))
DESK = Caller("desk", roles=frozenset({"front_desk"}), centres=frozenset({"raqqa"}))
MEMBER = Caller("sara", organisations={"amal": "member"})
SERVICE = Caller("partner", kind="service", roles=frozenset({"manager", "front_desk"}))
CALLERS = (MANAGER, DESK, MEMBER, SERVICE, VISITOR, SYSTEM)


@dataclass(frozen=True)
class Thing:
    organisation_id: str
    centre_id: str


THINGS = [Thing(o, c) for o in ("amal", "furat") for c in ("raqqa", "tabqa")]


@pytest.mark.parametrize(
    ("check", "allowed"),
    [
        (authorisation.check_is_manager, {MANAGER.id}),
        (authorisation.check_is_staff, {MANAGER.id, DESK.id}),
        (lambda caller: authorisation.check_works_at(caller, "raqqa"), {MANAGER.id, DESK.id}),
        (lambda caller: authorisation.check_works_at(caller, "tabqa"), {MANAGER.id}),
        (authorisation.check_signed_in, {each.id for each in CALLERS} - {VISITOR.id}),
    ],
)
def test_a_visitor_is_asked_to_sign_in_and_others_are_refused(check, allowed) -> None:  # type: ignore[no-untyped-def]
    for caller in CALLERS:
        if caller.id in allowed:
            check(caller)
            continue
        with pytest.raises(errors.Unauthenticated if caller is VISITOR else errors.Forbidden):
            check(caller)


@pytest.mark.parametrize("caller", CALLERS, ids=lambda caller: caller.id)
def test_what_is_in_a_list_is_what_may_be_seen_by_itself(caller: Caller) -> None:
    query = authorisation.visible_to(caller)
    for thing in THINGS:
        listed = query is None or any(
            getattr(thing, field) in condition["$in"]
            for way in query["$or"]
            for field, condition in way.items()
        )
        if listed:
            authorisation.check_may_see(caller, thing)
        else:
            with pytest.raises(errors.NotFound):
                authorisation.check_may_see(caller, thing)
