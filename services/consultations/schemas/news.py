"""News of cases in wire form."""

from __future__ import annotations

from typing import Any

from services.common import clock
from services.consultations.domain.cases import Case
from services.consultations.domain.news import News


def case_news(news: News, case: Case) -> dict[str, Any]:
    return {
        "id": news.id,
        "case_id": case.id,
        "case_number": case.number,
        "case_title": case.content.title,
        "what": news.what,
        "by": news.by,
        "at": clock.to_wire(news.at),
    }
