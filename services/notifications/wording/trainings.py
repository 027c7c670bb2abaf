"""What messages about cohorts, their sessions and the way to a seat say."""

from __future__ import annotations

from typing import ClassVar

from services.notifications.wording.publisher import Data, PublisherWording
from services.notifications.wording.words import Names, Words


class TrainingsWording(PublisherWording):
    pages: ClassVar = {"cohort_id": "/cohorts"}
    details = (
        "course",
        "when",
        "place",
        "previous_when",
        "previous_place",
        "centre",
        "reason",
        "reference",
    )

    def values(self, template: str, data: Data, names: Names, words: Words) -> dict[str, str]:
        values = {"course": words.name(data["title"]), "centre": words.name(data["centre_name"])}
        if "starts_at" in data:
            values["date"] = words.day(data["starts_at"])
            values["when"] = words.period(data["starts_at"], data["ends_at"])
            values["place"] = _name_place(data["elsewhere"], values["centre"], words)
        if "previous_starts_at" in data:
            values["previous_when"] = words.period(
                data["previous_starts_at"], data["previous_ends_at"]
            )
            values["previous_place"] = _name_place(
                data["previous_elsewhere"], values["centre"], words
            )
        return values


def _name_place(elsewhere: Data | None, centre: str, words: Words) -> str:
    """Where a session is: the place outside, or a room of the centre."""
    return words.say("place.centre", centre=centre) if elsewhere is None else words.name(elsewhere)
