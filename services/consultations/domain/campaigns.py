"""Campaigns: one time that a needs study is put to people.

================ =========================================== ===================================
answers come     while the campaign is                       once for each
================ =========================================== ===================================
by the link      open, before it closes                      page that was sent
with an account  open, before it closes                      person
on paper         open, or counting: 30 days longer           mark on the sheet
================ =========================================== ===================================
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, ClassVar

from services.common import clock
from services.common.context import Caller
from services.common.contracts.consultations.campaign_errors import (
    CAMPAIGN_NOT_ALLOWED_NOW,
    CAMPAIGN_OVER,
    CLOSES_TOO_EARLY,
    CLOSES_TOO_LATE,
)
from services.common.contracts.consultations.campaign_limits import (
    LONGEST_CAMPAIGN,
    PAPER_COMES_LATER,
)
from services.common.errors import FieldError
from services.consultations.domain.campaign_states import (
    KNOWN,
    TRANSITIONS,
    CampaignAction,
    CampaignStatus,
)
from services.consultations.domain.needs_studies import Name, NeedsStudy

#: What a link to a campaign is for, as the maker of links names it.
LINK_PURPOSE = "campaign"


@dataclass(frozen=True, slots=True)
class Campaign:
    """One time that a study is put to people.

    Attributes:
        edition: of the form, from the first opening on.
        study: as it was at the first opening, so that what was asked is what is ranked.
        centre_ids: whose people are asked.
        closes_at: until when people answer by themselves.
        link_nonce: of the open link; ``None`` where there is none.
        stopped_at: when only paper was taken from; ``closed_at``: when nothing was.
    """

    kind: ClassVar[str] = "campaign"

    id: str
    study_id: str
    form_id: str
    title: Name
    centre_ids: tuple[str, ...]
    closes_at: datetime
    created_by: str
    created_at: datetime
    edition: int | None = None
    study: NeedsStudy | None = None
    link_nonce: str | None = None
    status: CampaignStatus = CampaignStatus.DRAFT
    stopped_at: datetime | None = None
    closed_at: datetime | None = None
    version: int = 1

    @property
    def known(self) -> bool:
        """Whether people who are no staff know of it."""
        return self.status in KNOWN

    @property
    def due_at(self) -> datetime | None:
        """When time changes it next."""
        match self.status:
            case CampaignStatus.OPEN:
                return self.closes_at
            case CampaignStatus.COUNTING:
                return self.paper_until
        return None

    @property
    def paper_until(self) -> datetime:
        """Until when sheets are entered."""
        return (self.stopped_at or self.closes_at) + PAPER_COMES_LATER

    @property
    def facts(self) -> dict[str, Any]:
        """What a history says of it, in wire form."""
        return {
            "title": dict(self.title),
            "status": self.status.value,
            "centre_ids": list(self.centre_ids),
            "closes_at": clock.to_wire(self.closes_at),
            "has_link": self.link_nonce is not None,
        }

    # -- what changes it ----------------------------------------------------------------------

    def changed(self, changes: Mapping[str, Any], now: datetime) -> Campaign:
        """The campaign with these changes; itself where nothing differs.

        Raises:
            errors.Conflict: ``consultations.campaign_not_allowed_now``.
            errors.Invalid: as of :func:`check_end`.
        """
        TRANSITIONS.after(self.status, CampaignAction.CHANGE)
        after = replace(self, **changes)
        if after.closes_at != self.closes_at:
            check_end(after.closes_at, now)
        return self if after == self else replace(after, version=self.version + 1)

    def opened(
        self, study: NeedsStudy, edition: int, now: datetime, closes_at: datetime | None = None
    ) -> Campaign:
        """Open to people's answers, again with a later end.

        Args:
            study, edition: as they are now; a campaign that was open before stays with its own.

        Raises:
            errors.Conflict: ``consultations.campaign_not_allowed_now``.
            errors.Invalid: as of :func:`check_end`.
        """
        status = TRANSITIONS.after(self.status, CampaignAction.OPEN)
        ends = closes_at or self.closes_at
        check_end(ends, now)
        return replace(
            self,
            status=status,
            edition=self.edition or edition,
            study=self.study or study,
            closes_at=ends,
            stopped_at=None,
            version=self.version + 1,
        )

    def stopped(self, now: datetime) -> Campaign:
        """Taking nothing but paper."""
        status = TRANSITIONS.after(self.status, CampaignAction.STOP)
        return replace(self, status=status, stopped_at=now, version=self.version + 1)

    def closed(self, now: datetime) -> Campaign:
        """Taking nothing any more: its needs are ranked."""
        status = TRANSITIONS.after(self.status, CampaignAction.CLOSE)
        return replace(
            self, status=status, closed_at=now, link_nonce=None, version=self.version + 1
        )

    def cancelled(self, now: datetime) -> Campaign:
        """Given up: nothing is ranked."""
        status = TRANSITIONS.after(self.status, CampaignAction.CANCEL)
        return replace(
            self, status=status, closed_at=now, link_nonce=None, version=self.version + 1
        )

    def linked(self, nonce: str | None) -> Campaign:
        """With another open link, which makes the one before void, or with none.

        Raises:
            errors.Conflict: ``consultations.campaign_not_allowed_now``.
        """
        TRANSITIONS.after(self.status, CampaignAction.CHANGE)
        return replace(self, link_nonce=nonce, version=self.version + 1)

    # -- answers ------------------------------------------------------------------------------

    def check_takes(self, now: datetime, *, on_paper: bool) -> None:
        """Whether answers are taken now.

        Raises:
            errors.Conflict: ``consultations.campaign_not_allowed_now`` before it opens,
                ``consultations.campaign_over`` after its end.
        """
        if self.status in (CampaignStatus.DRAFT, CampaignStatus.CANCELLED):
            raise CAMPAIGN_NOT_ALLOWED_NOW(state=self.status.value, to="answer")
        if on_paper:
            taken = self.status is not CampaignStatus.CLOSED
        else:
            taken = self.status is CampaignStatus.OPEN and now < self.closes_at
        if not taken:
            since = self.closed_at if on_paper else (self.stopped_at or self.closes_at)
            raise CAMPAIGN_OVER(extra={"answers_close_at": clock.to_wire(since or self.closes_at)})


def check_end(closes_at: datetime, now: datetime) -> None:
    """Whether a campaign may close then.

    Raises:
        errors.Invalid: ``consultations.campaign_closes_too_early``,
            ``consultations.campaign_closes_too_late``.
    """
    if closes_at <= now:
        raise CLOSES_TOO_EARLY(errors=[FieldError("/closes_at", CLOSES_TOO_EARLY.code)])
    if closes_at - now > LONGEST_CAMPAIGN:
        fault = FieldError("/closes_at", CLOSES_TOO_LATE.code)
        raise CLOSES_TOO_LATE(most=LONGEST_CAMPAIGN // timedelta(days=1), errors=[fault])


def respondent_of_link(campaign_id: str, key: str) -> str:
    """The respondent that a page of the open link stands for: who sends it twice is one, and
    nobody can tell from it who that is."""
    return hashlib.sha256(f"{LINK_PURPOSE}\n{campaign_id}\n{key}".encode()).hexdigest()[:32]


def respondent_of_sheet(sheet: str) -> str:
    """The respondent that a sheet of paper stands for, by its mark."""
    return f"sheet/{sheet.casefold()}"


# -- who may --------------------------------------------------------------------------------------


def works_on(caller: Caller, campaign: Campaign) -> bool:
    """Whether the caller enters sheets, hands out the link and sees how many have answered: a
    manager, or the front desk of one of its centres."""
    return caller.is_manager() or bool(caller.desks & set(campaign.centre_ids))
