"""An organisation as it is known here, and whether it may be given something now.

Who may use the centre is the identity's to say. Its facts come a moment late, so there are two
witnesses: the events that have arrived, and the call of a member of the organisation. The gateway
names in a call only organisations that were approved when it gave the caller their token.

============ =============== ==================
known as     its own people  anybody else
============ =============== ==================
(not yet)    may             unknown
``pending``  may             not approved
``approved`` may             may
other        not approved    not approved
============ =============== ==================

To people of other organisations one that is not approved is as unknown as one that does not exist.

What an event has said wins over a token, but for the two states that come before an approval
(``docs/adr/0013-an-organisation-has-two-witnesses.md``).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Protocol

from services.common import authorisation, errors
from services.common.context import Caller
from services.common.errors import ErrorCode, FieldError
from services.common.storage.mongo import Session

PENDING, APPROVED = "pending", "approved"


@dataclass(frozen=True, slots=True)
class Organisation:
    """An organisation as the newest event that has arrived shows it.

    Attributes:
        version: the identity's, of the organisation; a fact with an older or equal one changes
            nothing.
        name: by language.
        status: the identity's word. One that is not known here is not approved.
    """

    organisation_id: str
    version: int
    name: Mapping[str, str]
    status: str

    @property
    def approved(self) -> bool:
        """Whether it may use the centre."""
        return self.status == APPROVED


class Organisations(Protocol):
    """Where organisations are looked up: :class:`services.common.directory.store.Directory`."""

    def organisation(
        self, organisation_id: str, session: Session | None = None
    ) -> Organisation | None: ...

    def organisations(
        self, organisation_ids: Collection[str], session: Session | None = None
    ) -> dict[str, Organisation]: ...


@dataclass(frozen=True, slots=True)
class OrganisationChecks:
    """The rule of the two witnesses, with a branch's own codes.

    The checks run inside the transaction that gives something. A transaction that began before a
    suspension arrived may commit after it; the next request is refused.

    Attributes:
        unknown: the code for an organisation that no event has named.
        not_approved: the code for one that waits for approval or is suspended.
        pointer: the field of the request that names the organisation.
    """

    directory: Organisations
    unknown: ErrorCode
    not_approved: ErrorCode
    pointer: str = "/organisation_id"

    def check_may_use(self, session: Session, caller: Caller, organisation_id: str) -> None:
        """Whether something new may be given to the organisation that the request names.

        Raises:
            MasahaError: ``unknown`` or ``not_approved``.
        """
        known = self.directory.organisation(organisation_id, session)
        vouched = caller.belongs_to(organisation_id)
        if known is not None and not known.approved:
            # One that is not approved is the business of its own people and of staff only.
            known = known if vouched or authorisation.is_staff(caller) else None
        self.check(known, vouched=vouched)

    def check_still_may(self, session: Session, organisation_id: str) -> None:
        """Whether what was accepted from an organisation before may grow, move or be confirmed now.

        Raises:
            MasahaError: ``not_approved``.
        """
        self.check(self.directory.organisation(organisation_id, session), vouched=True)

    def those_that_still_may(self, session: Session, organisation_ids: Collection[str]) -> set[str]:
        """Of several, those that :meth:`check_still_may` does not refuse: one question for all."""
        known = self.directory.organisations(organisation_ids, session)
        return {each for each in organisation_ids if _may(known.get(each), vouched=True)}

    def check_known(self, session: Session, organisation_id: str) -> None:
        """Whether there is such an organisation, however it stands.

        Raises:
            MasahaError: ``unknown``.
        """
        self._check_known(self.directory.organisation(organisation_id, session))

    def check(self, known: Organisation | None, *, vouched: bool) -> None:
        """Whether something may be given to the organisation, as it is known.

        Args:
            vouched: the call comes from its own people; or it is about something that was accepted
                from the organisation before, which therefore was approved then.

        Raises:
            MasahaError: ``unknown`` or ``not_approved``.
        """
        if not vouched:
            self._check_known(known)
        if not _may(known, vouched=vouched):
            raise self._refusal(self.not_approved)

    def _check_known(self, known: Organisation | None) -> None:
        if known is None:
            raise self._refusal(self.unknown)

    def _refusal(self, code: ErrorCode) -> errors.MasahaError:
        return code(errors=[FieldError(self.pointer, code.code)])


def _may(known: Organisation | None, *, vouched: bool) -> bool:
    if known is None:
        return vouched
    return known.approved or (vouched and known.status == PENDING)
