"""What messages about consultation cases say: that there is news, and where to read it."""

from __future__ import annotations

from typing import ClassVar

from services.notifications.wording.publisher import Data, PublisherWording
from services.notifications.wording.words import Names, Words


class ConsultationsWording(PublisherWording):
    pages: ClassVar = {"news_id": "/m"}

    def values(self, template: str, data: Data, names: Names, words: Words) -> dict[str, str]:
        return {}
