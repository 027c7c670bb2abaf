"""Who gets messages about trainings: cohorts, their sessions, and the way to a seat."""

from __future__ import annotations

from services.common.contracts.trainings import events
from services.common.contracts.trainings.events import (
    SESSION_ADDED,
    SESSION_MOVED,
    SESSION_REMOVED,
)
from services.notifications.domain.rules.audiences import Audience
from services.notifications.domain.rules.rule import (
    BOTH,
    Category,
    Publisher,
    Rule,
    Urgency,
)

TRAININGS = Category("trainings")

PEOPLE = Audience.PEOPLE
NORMAL, URGENT = Urgency.NORMAL, Urgency.URGENT

# fmt: off
_RULES = (
    # event               audience  category    template           urgency  channels
    Rule(SESSION_ADDED,   PEOPLE,   TRAININGS,  "session_added",   NORMAL,  BOTH),
    Rule(SESSION_MOVED,   PEOPLE,   TRAININGS,  "session_moved",   URGENT,  BOTH),
    Rule(SESSION_REMOVED, PEOPLE,   TRAININGS,  "session_removed", URGENT,  BOTH),
)
# fmt: on

PUBLISHER = Publisher(contract=events, rules=_RULES)
