"""What the messages about one publisher's events say; each publisher has a class of its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, ClassVar

from services.notifications.domain.messages import Appointment
from services.notifications.wording.words import Names, Words

Data = Mapping[str, Any]
Values = Mapping[str, str]


class PublisherWording:
    """The part of a message that its publisher decides.

    Attributes:
        pages: members of the event's data that identify what it is about, with the path of its
            page. The first that the event has is the message's reference number.
        details: names of values, in the order in which a mail shows them, each with its label
            ``detail.<name>``.
    """

    pages: ClassVar[Mapping[str, str]]
    details: ClassVar[tuple[str, ...]] = ()

    def values(self, template: str, data: Data, names: Names, words: Words) -> dict[str, str]:
        """What the texts name, beside ``organisation``, ``by``, ``reason`` and ``reference``."""
        raise NotImplementedError

    def reason(self, template: str, data: Data, words: Words) -> str | None:
        """Why it came to this: what a person wrote, unless the publisher names a code."""
        if data.get("reasons"):
            return words.name(data["reasons"])
        return data.get("reason") or None

    def sentences(self, template: str, data: Data, values: Values) -> Iterator[str]:
        """The texts ``sentence.<name>`` that the message says beside that of its template."""
        if "reason" in values:
            yield "reason"

    def appointment(
        self, template: str, data: Data, values: Values, words: Words, stamped_at: datetime
    ) -> Appointment | None:
        """What the recipient's calendar is to hold, where the message is about one time.

        Args:
            stamped_at: when the event happened.
        """
        return None
