"""The words of a message, in the recipient's language, from the data of an event.

Texts are in ``locale/<language>.po``: ``<template>.title``, ``<template>.body``. What the texts of
a publisher name is in a file of its own, beside this one. Every value is isolated where its
direction differs.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from services.common.bidi import isolated
from services.common.catalogue import Catalogue
from services.common.languages import DEFAULT_LANGUAGE, direction_of
from services.notifications.domain.messages import Text
from services.notifications.domain.rules import RULES
from services.notifications.wording.bookings import BookingsWording
from services.notifications.wording.consultations import ConsultationsWording
from services.notifications.wording.identity import IdentityWording
from services.notifications.wording.publisher import PublisherWording
from services.notifications.wording.trainings import TrainingsWording
from services.notifications.wording.words import HOME_ZONE, Names, Words

LOCALE_FOLDER = Path(__file__).parent.parent / "locale"

PUBLISHERS: Mapping[str, PublisherWording] = {
    "bookings": BookingsWording(),
    "consultations": ConsultationsWording(),
    "identity": IdentityWording(),
    "trainings": TrainingsWording(),
}

_BY_TEMPLATE = {rule.template: PUBLISHERS[rule.event.publisher] for rule in RULES}


class Wording:
    """Writes messages.

    Args:
        catalogue: the texts; its languages are those that a person may choose.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    def language(self, wanted: str | None) -> str:
        """The wanted language if there are texts in it, else Arabic."""
        return wanted if wanted in self._catalogue.languages else DEFAULT_LANGUAGE

    def say(self, key: str, language: str, **values: str) -> str:
        """A text with its values filled in, each on one line and isolated."""
        return self._catalogue.text(key, language, values)

    def write(
        self,
        template: str,
        data: Mapping[str, Any],
        names: Names,
        language: str,
        link: str | None = None,
        stamped_at: datetime | None = None,
    ) -> Text:
        """The message about an event.

        Args:
            template: prefix of the texts, as the rule table names it.
            data: of the event, as its contract loads it.
            link: path by which to answer, where there is one.
            stamped_at: when the event happened, for the recipient's calendar.
        """
        publisher = _BY_TEMPLATE[template]
        words = Words(self._catalogue, language, data.get("time_zone", HOME_ZONE))
        values = publisher.values(template, data, names, words) | _common_values(names, words)
        if (reason := publisher.reason(template, data, words)) is not None:
            values["reason"] = reason
        kind, reference = next((each, data[each]) for each in publisher.pages if each in data)
        values["reference"] = reference

        shown = {name: isolated(value, direction_of(language)) for name, value in values.items()}
        text = partial(self._catalogue.text, language=language, params=values)
        body = text(f"{template}.body")
        for name in publisher.sentences(template, data, values):
            body = f"{body} {text(f'sentence.{name}')}"
        return Text(
            title=text(f"{template}.title"),
            body=body,
            details=tuple(
                (text(f"detail.{name}"), shown[name]) for name in publisher.details if name in shown
            ),
            link=link,
            page=f"{publisher.pages[kind]}/{reference}",
            appointment=None
            if stamped_at is None
            else publisher.appointment(template, data, values, words, stamped_at),
        )


def _common_values(names: Names, words: Words) -> dict[str, str]:
    """The names that messages of every publisher may hold."""
    values = {"organisation": words.name(names.organisation, "organisation.unknown")}
    if names.actor is not None:
        values["by"] = words.name(names.actor)
    return values
