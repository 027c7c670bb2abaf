"""Who trains a cohort, as trainings says it: a trainer may be an adviser of its organisations."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CohortTrainer:
    """One assignment of a trainer.

    Attributes:
        id: of the assignment.
        accepted: whether the trainer has said to come, and is still wanted.
        version: of the assignment; an older one changes nothing.
    """

    id: str
    cohort_id: str
    trainer_id: str
    accepted: bool
    version: int
