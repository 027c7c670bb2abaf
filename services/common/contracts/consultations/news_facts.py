"""The data of the one event of sealed news."""

from __future__ import annotations

from services.common.contracts.fields import EventData, Id


class News(EventData):
    """That there is news about a case for a person; the person asks consultations of what."""

    recipient_id = Id(required=True)
    news_id = Id(required=True, metadata={"description": "Random; nobody else's id."})
