"""What an operator has done by hand: ``python -m services.trainings audit``."""

from __future__ import annotations

from services.common.config import Settings
from services.trainings.app import build
from services.trainings.operations.audit import audit_all


def audit(settings: Settings) -> list[str]:
    """Recompute every rule of every cohort from documents, histories and events.

    Returns:
        a line for each difference; none if all is sound.
    """
    app = build(settings)
    try:
        return [
            f"{report.cohort_id} {each.rule.value} {' '.join(each.of)}: "
            f"expected {each.expected}, found {each.found}"
            for report in audit_all(app)
            for each in report.differences
        ]
    finally:
        app.close()
