"""The states of an edition of an instrument, and what leads from one to another.

The state machine is the table :data:`TRANSITIONS`; ``docs/states.md`` is drawn from it.
"""

from __future__ import annotations

from enum import StrEnum

from services.common.contracts.consultations.instruments_errors import INSTRUMENT_NOT_ALLOWED_NOW
from services.common.transitions import Transitions


class InstrumentStatus(StrEnum):
    DRAFT = "draft"
    PUBLISHED = "published"
    IN_USE = "in_use"
    RETIRED = "retired"


class InstrumentAction(StrEnum):
    CHANGE = "change"
    PUBLISH = "publish"
    USE = "use"
    RETIRE = "retire"


TRANSITIONS: Transitions[InstrumentStatus, InstrumentAction] = Transitions(
    {
        (InstrumentStatus.DRAFT, InstrumentAction.CHANGE): InstrumentStatus.DRAFT,
        (InstrumentStatus.DRAFT, InstrumentAction.PUBLISH): InstrumentStatus.PUBLISHED,
        # A slip of the pen is mended until the first assessment relies on the words.
        (InstrumentStatus.PUBLISHED, InstrumentAction.CHANGE): InstrumentStatus.PUBLISHED,
        (InstrumentStatus.PUBLISHED, InstrumentAction.USE): InstrumentStatus.IN_USE,
        (InstrumentStatus.PUBLISHED, InstrumentAction.RETIRE): InstrumentStatus.RETIRED,
        # Frozen from here on.
        (InstrumentStatus.IN_USE, InstrumentAction.USE): InstrumentStatus.IN_USE,
        (InstrumentStatus.IN_USE, InstrumentAction.RETIRE): InstrumentStatus.RETIRED,
    },
    refusal=INSTRUMENT_NOT_ALLOWED_NOW,
    first=InstrumentStatus.DRAFT,
)
