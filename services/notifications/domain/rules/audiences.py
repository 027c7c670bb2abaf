"""Whom a rule addresses: one table. An audience is a kind of group, and the member of the event's
data that names which one; of staff, the role too.

How each kind of group is found is in :mod:`services.notifications.operations.audiences`.
"""

from __future__ import annotations

from enum import Enum

from services.common.directory import people


class Group(Enum):
    """A kind of group."""

    MEMBERS = "the people who belong to an organisation now"
    REPRESENTATIVES = "those of them who act for it"
    PERSON = "one person with an account"
    PEOPLE = "several people with accounts"
    ACTOR = "the person who caused the event; nobody where no person did"
    STAFF = "the people who hold a staff role at a centre now"
    GUEST = "somebody without an account, at the address of an invitation"


class Audience(Enum):
    """Whom a rule may address."""

    MEMBERS = Group.MEMBERS, "organisation_id"
    REPRESENTATIVES = Group.REPRESENTATIVES, "organisation_id"
    INVITED = Group.MEMBERS, "invited_organisation_id"
    ACTOR = Group.ACTOR, "changed_by"
    PERSON = Group.PERSON, "person_id"
    INVITER = Group.PERSON, "invited_by"
    NOMINATOR = Group.PERSON, "nominated_by"
    TRAINER = Group.PERSON, "trainer_id"
    RECIPIENT = Group.PERSON, "recipient_id"
    PEOPLE = Group.PEOPLE, "people"
    REVIEWERS = Group.PEOPLE, "reviewers"
    TEACHING = Group.PEOPLE, "trainers"
    FRONT_DESK = Group.STAFF, "centre_id", people.FRONT_DESK
    MANAGERS = Group.STAFF, "centre_id", people.MANAGER
    TRAINERS = Group.STAFF, "centre_id", people.TRAINER
    ADVISERS = Group.STAFF, "centre_id", people.ADVISER
    GUEST = Group.GUEST, "invitation_id"

    def __init__(self, group: Group, member: str, role: str = "") -> None:
        self.group = group
        self.member = member
        self.role = role
