"""Who hears of people and organisations."""

from __future__ import annotations

from services.common.contracts.gateway import events
from services.common.contracts.gateway.events import (
    INVITATION_ACCEPTED,
    INVITATION_DECLINED,
    INVITATION_ISSUED,
    INVITATION_WITHDRAWN,
)
from services.notifications.domain.rules.audiences import Audience
from services.notifications.domain.rules.rule import BOTH, INVITATIONS, Publisher, Rule, Urgency

INVITEE = Audience.INVITEE
NORMAL = Urgency.NORMAL

# fmt: off
_RULES = (
    # event                 audience  category      template            urgency  channels
    Rule(INVITATION_ISSUED, INVITEE, INVITATIONS, "membership_offered", NORMAL, BOTH),
)
# fmt: on

PUBLISHER = Publisher(
    contract=events,
    rules=_RULES,
    endings=(INVITATION_ACCEPTED, INVITATION_DECLINED, INVITATION_WITHDRAWN),
)
