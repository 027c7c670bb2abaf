"""Who gets messages about people and organisations."""

from __future__ import annotations

from services.common.contracts.identity import events
from services.common.contracts.identity.events import (
    INVITATION_ACCEPTED,
    INVITATION_DECLINED,
    INVITATION_ISSUED,
    INVITATION_WITHDRAWN,
)
from services.notifications.domain.rules.audiences import Audience
from services.notifications.domain.rules.rule import (
    BOTH,
    IN_INBOX,
    INVITATIONS,
    Category,
    Publisher,
    Rule,
    Urgency,
)

ORGANISATIONS = Category("organisations")

PERSON, INVITER = Audience.PERSON, Audience.INVITER
NORMAL = Urgency.NORMAL

# fmt: off
_RULES = (
    # event                   audience  category        template               urgency  channels
    Rule(INVITATION_ISSUED,   PERSON,   INVITATIONS,    "membership_offered",  NORMAL,  BOTH),
    Rule(INVITATION_ACCEPTED, INVITER,  ORGANISATIONS,  "membership_accepted", NORMAL,  IN_INBOX),
    Rule(INVITATION_DECLINED, INVITER,  ORGANISATIONS,  "membership_declined", NORMAL,  IN_INBOX),
)
# fmt: on

PUBLISHER = Publisher(
    contract=events,
    rules=_RULES,
    endings=(INVITATION_ACCEPTED, INVITATION_DECLINED, INVITATION_WITHDRAWN),
)
