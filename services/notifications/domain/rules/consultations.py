"""Who gets messages about consultation cases: the person for whom there is news, and nobody else.

Every case, open or sealed, has the same row: words, category and urgency tell nothing. An offer
after a training is no case: it is a message like those of the training.

A campaign of a needs study has rows for those who are asked to answer it, by a link of their own.
Once it takes no answers, what asks for them leaves the inboxes, and mails that wait are not sent.

A task has a row for the front desk, as those of trainings have. A task of a sealed case is in no
event, so there is no message about it. A task that is closed leaves the inboxes: to readers of the
open log the tasks of a case that is sealed are closed, and no message is to lead to one.
"""

from __future__ import annotations

from services.common.contracts.consultations import events
from services.common.contracts.consultations.events import (
    CAMPAIGN_REQUEST_REMINDED,
    CAMPAIGN_REQUEST_SENT,
    CAMPAIGN_REQUEST_WITHDRAWN,
    NEWS_SENT,
    OFFER_MADE,
    TASK_CLOSED,
    TASK_OPENED,
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
from services.notifications.domain.rules.trainings import COURSES

CONSULTATIONS = Category("consultations")

PUBLISHER = Publisher(
    contract=events,
    rules=(Rule(NEWS_SENT, Audience.RECIPIENT, CONSULTATIONS, "case_news", Urgency.NORMAL, BOTH),),
    sealed=True,
)

OFFERS = Publisher(
    contract=events,
    rules=(
        Rule(OFFER_MADE, Audience.PERSON, COURSES, "consultation_offered", Urgency.NORMAL, BOTH),
    ),
)

CAMPAIGNS = Publisher(
    contract=events,
    rules=tuple(
        Rule(each, Audience.PERSON, CONSULTATIONS, template, Urgency.NORMAL, BOTH)
        for each, template in (
            (CAMPAIGN_REQUEST_SENT, "campaign_opened"),
            (CAMPAIGN_REQUEST_REMINDED, "campaign_closes_soon"),
        )
    ),
    endings=(CAMPAIGN_REQUEST_WITHDRAWN,),
    withdrawing=(CAMPAIGN_REQUEST_WITHDRAWN,),
)

TASKS = Publisher(
    contract=events,
    rules=(
        Rule(
            TASK_OPENED,
            Audience.FRONT_DESK,
            CONSULTATIONS,
            "consultation_task",
            Urgency.NORMAL,
            IN_INBOX,
        ),
    ),
    endings=(TASK_CLOSED,),
    withdrawing=(TASK_CLOSED,),
)
