"""Who gets messages about how an organisation stands: those who act for it."""

from __future__ import annotations

from services.common.contracts.consultations import events
from services.common.contracts.consultations.events import (
    ASSESSMENT_AGREED,
    ASSESSMENT_VERIFIED,
    ASSESSMENT_WITHDRAWN,
    RECOMMENDATION_APPROVED,
    RECOMMENDATION_ENDED,
)
from services.notifications.domain.rules.audiences import Audience
from services.notifications.domain.rules.rule import (
    BOTH,
    IN_INBOX,
    Category,
    Publisher,
    Rule,
    Urgency,
)

ASSESSMENTS = Category("assessments")

ACTING, NORMAL = Audience.REPRESENTATIVES, Urgency.NORMAL

# fmt: off
_RULES = (
    # event                       audience category     template                   urgency channels
    Rule(ASSESSMENT_AGREED,       ACTING, ASSESSMENTS, "assessment_agreed",       NORMAL, IN_INBOX),
    Rule(ASSESSMENT_VERIFIED,     ACTING, ASSESSMENTS, "assessment_verified",     NORMAL, BOTH),
    Rule(RECOMMENDATION_APPROVED, ACTING, ASSESSMENTS, "recommendation_approved", NORMAL, BOTH),
)
# fmt: on

PUBLISHER = Publisher(
    contract=events,
    rules=_RULES,
    # What was said before must not be read after it.
    endings=(ASSESSMENT_WITHDRAWN, RECOMMENDATION_ENDED),
)
