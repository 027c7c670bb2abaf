"""What messages about consultations say. Of a case: that there is news, and where to read it. Of an
organisation: how it was assessed, and what is recommended to it or offered after a training. Of a
needs study: until when answers are taken, and the link. To the front desk: what kind of thing is to
be seen to, and of nobody whose it is."""

from __future__ import annotations

from typing import ClassVar

from services.notifications.wording.publisher import Data, PublisherWording
from services.notifications.wording.words import Names, Words


class ConsultationsWording(PublisherWording):
    pages: ClassVar = {
        "news_id": "/m",
        "campaign_id": "/campaigns",
        "recommendation_id": "/recommendations",
        "assessment_id": "/assessments",
        "offer_id": "/consultation-offers",
        "task_id": "/consultation-tasks",
    }
    details = ("organisation", "answer_until", "reference")

    def values(self, template: str, data: Data, names: Names, words: Words) -> dict[str, str]:
        if "campaign_id" in data:
            until = words.moment(data["closes_at"])
            return {"study": words.name(data["title"]), "answer_until": until}
        if "recommendation_id" in data:
            return {"what": words.say(f"recommended.{data['help']}")}
        if "assessment_id" in data:
            return {"mean": f"{data['mean']:.2f}"}
        if "task_id" in data:
            return {"what": words.say(f"to_do.{data['what']}")}
        if "offer_id" in data:
            return {"training": words.name(data["title"])}
        return {}
