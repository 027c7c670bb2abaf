"""Organisations' state machine and the table of permissions."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from gateway.identity.domain import organisation as rules
from gateway.identity.domain import permissions
from gateway.identity.domain.organisation import Membership, Organisation
from gateway.identity.domain.permissions import TABLE, Action, Relation
from services.common import errors
from services.common.context import VISITOR, Caller

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)


@pytest.mark.parametrize("action", ["approve", "suspend"])
@pytest.mark.parametrize("status", rules.STATUSES)
def test_an_organisation_moves_as_the_table_says(action: str, status: str) -> None:
    organisation = Organisation("o", {"ar": "أمل"}, status, 4, NOW, NOW)
    target = rules.TRANSITIONS.get((status, action))
    if target is not None:
        changed = organisation.after(action, NOW)
        assert (changed.status, changed.version) == (target, 5)
    else:
        with pytest.raises(errors.Conflict, match="not_allowed_now"):
            organisation.after(action, NOW)


def test_the_version_of_a_membership_rises_through_leaving_and_coming_back() -> None:
    first = Membership("o", "p", rules.MEMBER, True, 1, NOW, NOW)
    left = first.revoked(NOW)
    back = left.granted(rules.REPRESENTATIVE, NOW)
    assert (left.active, left.version) == (False, 2)
    assert (back.active, back.version, back.role) == (True, 3, rules.REPRESENTATIVE)


def test_the_last_representative_stays() -> None:
    sara = Membership("o", "sara", rules.REPRESENTATIVE, True, 1, NOW, NOW)
    omar = Membership("o", "omar", rules.MEMBER, True, 1, NOW, NOW)
    rima = Membership("o", "rima", rules.REPRESENTATIVE, True, 1, NOW, NOW)
    assert rules.leaves_no_representative([sara, omar], "sara")
    assert not rules.leaves_no_representative([sara, omar], "omar")
    assert not rules.leaves_no_representative([sara, rima], "sara")
    assert rules.leaves_no_representative([sara, rima.revoked(NOW)], "sara")


def test_each_action_has_a_line_in_the_table() -> None:
    assert set(TABLE) == set(Action)


@pytest.mark.parametrize("action", Action)
def test_a_visitor_is_asked_to_sign_in(action: Action) -> None:
    with pytest.raises(errors.Unauthenticated):
        permissions.require(action, permissions.relations(VISITOR))


@pytest.mark.parametrize("relation", [r for r in Relation if r is not Relation.VISITOR])
@pytest.mark.parametrize("action", Action)
def test_what_is_not_allowed_is_forbidden_or_hidden(action: Action, relation: Relation) -> None:
    held = frozenset({relation})
    if relation in TABLE[action]:
        permissions.require(action, held)
        return
    about_one = action.startswith(("organisation.", "members.")) and action not in {
        Action.REGISTER_ORGANISATION,
        Action.LIST_ORGANISATIONS,
    }
    hidden = about_one and relation not in TABLE[Action.READ_ORGANISATION]
    with pytest.raises(errors.NotFound if hidden else errors.Forbidden):
        permissions.require(action, held)


def test_a_service_account_is_no_staff_whatever_its_scopes_are_called() -> None:
    service = Caller("s", kind="service", roles=frozenset({"manager"}))
    assert permissions.relations(service) == {Relation.SERVICE}
