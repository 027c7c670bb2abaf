"""What messages about people and organisations say."""

from __future__ import annotations

from typing import ClassVar

from services.notifications.wording.publisher import Data, PublisherWording
from services.notifications.wording.words import Names, Words


class IdentityWording(PublisherWording):
    pages: ClassVar = {"invitation_id": "/me/invitations"}
    details = ("until", "organisation", "by", "reference")

    def values(self, template: str, data: Data, names: Names, words: Words) -> dict[str, str]:
        if template == "membership_offered":
            return {"until": words.moment(data["expires_at"])}
        return {"person": words.name(names.actor, "person.unknown")}
