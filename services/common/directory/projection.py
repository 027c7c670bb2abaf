"""The identity's events → the directory; and what a branch does besides, in the same transactions.

In a service::

    @subscribe((*ORGANISATION_EVENTS, *MEMBERSHIP_EVENTS, *ERASURE_EVENTS), consumer=NAME,
               states=(*PERSON_STATES, *ERASURE_STATES), batch=50)
    def on_events(self, events):
        take_identity_events(self.app, self.app.directory, events, erase=partial(erase, self.app))
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from services.common.app import Infrastructure
from services.common.directory import facts
from services.common.directory.organisations import Organisation
from services.common.directory.people import ErasedPerson, Person
from services.common.directory.store import Directory
from services.common.events.envelope import CloudEvent
from services.common.personal_data import Erasure, erase_all
from services.common.storage.mongo import Session


@dataclass(frozen=True, slots=True)
class OrganisationChange:
    """An organisation that an event has changed.

    Attributes:
        before: as it was known until now; None if it was not.
    """

    before: Organisation | None
    after: Organisation


OnOrganisations = Callable[[Session, Sequence[OrganisationChange]], None]
OnPeople = Callable[[Session, Sequence[Person | ErasedPerson]], None]
OnErased = Callable[[Session, Sequence[str]], None]


def take_identity_events(
    app: Infrastructure,
    directory: Directory,
    events: Sequence[CloudEvent],
    *,
    erase: Callable[[Session, Erasure], None],
    on_organisations: OnOrganisations | None = None,
    on_erased: OnErased | None = None,
    on_people: OnPeople | None = None,
) -> None:
    """Take facts in, each event once; older versions never overwrite newer ones. Events of other
    kinds are left alone.

    Args:
        erase: takes away what the branch holds about a person; a branch that subscribes to people
            calls :meth:`Directory.erase` in it.
        on_organisations: what the branch does when organisations have changed.
        on_people: what the branch does when the state of people has come.
        on_erased: what the branch does when the state of a person comes without details: the ids.

    Raises:
        Permanent: if an event's data is not what its contract says.
    """
    erase_all(app.database, events, erase)
    people = [facts.person_of(event) for event in events if event.type in facts.PEOPLE]
    known = [event for event in events if event.type in facts.ORGANISATIONS | facts.MEMBERSHIPS]
    organisations = [facts.organisation_of(e) for e in known if e.type in facts.ORGANISATIONS]
    memberships = [facts.membership_of(e) for e in known if e.type in facts.MEMBERSHIPS]
    ids = sorted({each.organisation_id for each in organisations})
    erased = [each.person_id for each in people if isinstance(each, ErasedPerson)]

    def put_people(session: Session) -> None:
        directory.put_people(session, people)
        if erased and on_erased is not None:
            on_erased(session, erased)
        if on_people is not None:
            on_people(session, people)

    # The versions decide in both, so that events taken before may be among them.
    def put_facts(session: Session, _fresh: Sequence[CloudEvent]) -> None:
        directory.put_memberships(session, memberships)
        if not organisations:
            return
        if on_organisations is None:
            directory.put_organisations(session, organisations)
            return
        before = directory.organisations(ids, session)
        directory.put_organisations(session, organisations)
        after = directory.organisations(ids, session)
        changed = [each for each in ids if before.get(each) != after[each]]
        on_organisations(
            session, [OrganisationChange(before.get(each), after[each]) for each in changed]
        )

    if people:
        # A note of each would keep nothing that the versions do not.
        app.database.transact(put_people)
    if known:
        app.inbox.apply_once(known, put_facts)
