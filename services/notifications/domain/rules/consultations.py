"""Who gets messages about consultation cases: the person for whom there is news, and nobody else.

Every case, open or sealed, has the same row: words, category and urgency tell nothing.
"""

from __future__ import annotations

from services.common.contracts.consultations import events
from services.common.contracts.consultations.events import NEWS_SENT
from services.notifications.domain.rules.audiences import Audience
from services.notifications.domain.rules.rule import BOTH, Category, Publisher, Rule, Urgency

CONSULTATIONS = Category("consultations")

PUBLISHER = Publisher(
    contract=events,
    rules=(Rule(NEWS_SENT, Audience.RECIPIENT, CONSULTATIONS, "case_news", Urgency.NORMAL, BOTH),),
    sealed=True,
)
