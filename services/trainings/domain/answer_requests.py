"""Requests to participants to answer a form, each once, with a link in the message."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from services.trainings.domain.answering import Occasion


@dataclass(frozen=True, slots=True)
class AnswerRequest:
    """That a participant was asked to answer a form of a cohort."""

    id: str
    cohort_id: str
    occasion: Occasion
    participant_id: str
    requested_at: datetime
    version: int = 1
