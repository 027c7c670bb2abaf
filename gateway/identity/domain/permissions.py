"""Who may do what with the gateway's own resources: one table.

A caller *relates* to an organisation in one or more of these ways. What the table does not allow is
``FORBIDDEN`` (403) where the caller may know of the thing, and ``HIDDEN`` (404) where not.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from services.common import errors
from services.common.context import Caller


class Relation(StrEnum):
    """How a caller relates to an organisation, or to the centre."""

    VISITOR = "visitor"
    SERVICE = "service"
    PERSON = "person"  # signed in, and nothing nearer
    MEMBER = "member"
    REPRESENTATIVE = "representative"
    FRONT_DESK = "front_desk"
    MANAGER = "manager"


class Action(StrEnum):
    """What can be done with the gateway's own resources."""

    READ_ME = "me.read"
    CHANGE_ME = "me.change"
    REGISTER_ORGANISATION = "organisation.register"
    LIST_ORGANISATIONS = "organisation.list"
    READ_ORGANISATION = "organisation.read"
    APPROVE_ORGANISATION = "organisation.approve"
    SUSPEND_ORGANISATION = "organisation.suspend"
    READ_MEMBERS = "members.read"
    INVITE_MEMBER = "members.invite"
    READ_INVITATIONS = "members.read_invitations"
    WITHDRAW_INVITATION = "members.withdraw_invitation"
    ANSWER_INVITATION = "me.answer_invitation"
    CHANGE_MEMBER = "members.change"
    REMOVE_MEMBER = "members.remove"
    LEAVE_ORGANISATION = "members.leave"
    READ_PEOPLE = "people.read"
    CHANGE_PEOPLE = "people.change"
    EXPORT_ME = "me.export"
    ERASE_ME = "me.erase"
    EXPORT_PEOPLE = "people.export"
    ERASE_PEOPLE = "people.erase"
    READ_SERVICE_ACCOUNTS = "service_accounts.read"
    DELETE_SERVICE_ACCOUNT = "service_accounts.delete"


_R = Relation
_PEOPLE = frozenset({_R.PERSON, _R.MEMBER, _R.REPRESENTATIVE, _R.FRONT_DESK, _R.MANAGER})
_INSIDERS = frozenset({_R.MEMBER, _R.REPRESENTATIVE, _R.FRONT_DESK, _R.MANAGER})

TABLE: Mapping[Action, frozenset[Relation]] = {
    Action.READ_ME: _PEOPLE | {_R.SERVICE},
    Action.CHANGE_ME: _PEOPLE,
    Action.REGISTER_ORGANISATION: _PEOPLE,
    # One's own organisations; staff see all.
    Action.LIST_ORGANISATIONS: _PEOPLE,
    Action.READ_ORGANISATION: _INSIDERS,
    Action.APPROVE_ORGANISATION: frozenset({_R.MANAGER}),
    Action.SUSPEND_ORGANISATION: frozenset({_R.MANAGER}),
    Action.READ_MEMBERS: _INSIDERS,
    Action.INVITE_MEMBER: frozenset({_R.REPRESENTATIVE, _R.MANAGER}),
    Action.READ_INVITATIONS: frozenset({_R.REPRESENTATIVE, _R.MANAGER}),
    Action.WITHDRAW_INVITATION: frozenset({_R.REPRESENTATIVE, _R.MANAGER}),
    # One's own.
    Action.ANSWER_INVITATION: _PEOPLE,
    Action.CHANGE_MEMBER: frozenset({_R.REPRESENTATIVE, _R.MANAGER}),
    Action.REMOVE_MEMBER: frozenset({_R.REPRESENTATIVE, _R.MANAGER}),
    Action.LEAVE_ORGANISATION: frozenset({_R.MEMBER, _R.REPRESENTATIVE}),
    Action.READ_PEOPLE: frozenset({_R.MANAGER, _R.FRONT_DESK}),
    Action.CHANGE_PEOPLE: frozenset({_R.MANAGER}),
    Action.EXPORT_ME: _PEOPLE,
    Action.ERASE_ME: _PEOPLE,
    Action.EXPORT_PEOPLE: frozenset({_R.MANAGER}),
    Action.ERASE_PEOPLE: frozenset({_R.MANAGER}),
    Action.READ_SERVICE_ACCOUNTS: frozenset({_R.MANAGER}),
    Action.DELETE_SERVICE_ACCOUNT: frozenset({_R.MANAGER}),
}

#: These are about one organisation, and not every caller may know that it exists.
ABOUT_ONE_ORGANISATION = frozenset(
    {
        Action.READ_ORGANISATION,
        Action.APPROVE_ORGANISATION,
        Action.SUSPEND_ORGANISATION,
        Action.READ_MEMBERS,
        Action.INVITE_MEMBER,
        Action.READ_INVITATIONS,
        Action.WITHDRAW_INVITATION,
        Action.CHANGE_MEMBER,
        Action.REMOVE_MEMBER,
        Action.LEAVE_ORGANISATION,
    }
)


def relations(caller: Caller, membership_role: str | None = None) -> frozenset[Relation]:
    """How a caller relates; ``membership_role`` is their role in the organisation in question."""
    if caller.kind == "visitor":
        return frozenset({_R.VISITOR})
    if caller.kind == "system":
        # An operator, on the machine itself: nobody comes in over HTTP as such.
        return frozenset({_R.MANAGER})
    if caller.kind == "service":
        return frozenset({_R.SERVICE})
    found = {_R.PERSON}
    if "manager" in caller.roles:
        found.add(_R.MANAGER)
    if "front_desk" in caller.roles:
        found.add(_R.FRONT_DESK)
    if membership_role is not None:
        found.add(Relation(membership_role))
    return frozenset(found)


def require(action: Action, held: frozenset[Relation]) -> None:
    """Let pass, or refuse.

    Raises:
        errors.Unauthenticated: a visitor.
        errors.NotFound: the caller may not know of the organisation.
        errors.Forbidden: the caller may know of it, but may not do this.
    """
    if TABLE[action] & held:
        return
    if Relation.VISITOR in held:
        raise errors.Unauthenticated()
    if action in ABOUT_ONE_ORGANISATION and not TABLE[Action.READ_ORGANISATION] & held:
        raise errors.NotFound()
    raise errors.Forbidden()


def sees_all_organisations(caller: Caller) -> bool:
    """Staff who serve every organisation see them all."""
    return bool(relations(caller) & {Relation.MANAGER, Relation.FRONT_DESK})
