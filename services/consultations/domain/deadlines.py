"""The kinds of deadlines that the branch sets; ``deadlines.py`` says what is done about each."""

from __future__ import annotations

from enum import StrEnum


class DeadlineKind(StrEnum):
    """What falls due. The subject of a deadline is an id."""

    CAMPAIGN = "campaign"
    """A campaign, when time changes it next: people's answers end, or those on paper."""

    ADVISER = "adviser"
    """An adviser who takes cases no more, or takes them again, or whose absence covers many
    meetings: tasks about the adviser's cases and meetings follow."""

    SEALED_CASE = "sealed_case"
    """A sealed case that no adviser takes care of: one is looked for again."""

    CAMPAIGN_REQUESTS = "campaign_requests"
    """A campaign that has opened or ended: people are asked to answer it, or need not any more."""

    CAMPAIGN_REMINDER = "campaign_reminder"
    """A campaign that closes soon: who has not answered is reminded."""

    CASE = "case"
    """A case whose support is done, when it closes by itself."""

    RECOUNT_LIMITS = "recount_limits"
    """A centre whose working time has changed: its limits are counted anew."""

    TIME_LIMIT = "time_limit"
    """A time limit of a case, when its warning or alert is sent."""

    APPOINTMENT = "appointment"
    """An appointment, when its people are reminded of it."""

    VISIT = "visit"
    """A visit, when its people are reminded of it."""

    ROOMS = "rooms.ask"
    """A request for rooms, when it is published again; the kind is that of
    ``services.common.rooms.requester``."""

    MILESTONE = "milestone"
    """A milestone whose due date has passed."""

    MILESTONE_REMINDER = "milestone_reminder"
    """A milestone whose due date is near, when those who see to it are reminded."""
