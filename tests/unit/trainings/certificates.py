"""Certificates for tests: case TR9 of a course in Excel, with what a test changes."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from services.trainings.domain.certificates import Certificate, Kind

DAMASCUS = ZoneInfo("Asia/Damascus")
ISSUED = datetime(2026, 5, 2, 9, tzinfo=UTC)
FULL_NAME = "محمد عبد الله أحمد الصالح"


def certificate(**changes: Any) -> Certificate:
    """A certificate of forty hours, issued on 2 May 2026."""
    given: dict[str, Any] = {
        "id": "certificate-1",
        "code": "MSH-7Q4K",
        "person_id": "person-1",
        "name": FULL_NAME,
        "cohort_id": "cohort-1",
        "kind": Kind.COMPLETION,
        "title": {"ar": "Excel للمحاسبة", "en": "Excel for accounting"},
        "minutes": 40 * 60,
        "first_day": date(2026, 4, 26),
        "last_day": date(2026, 5, 2),
        "centre_id": "raqqa",
        "centre": {"ar": "مركز الرقة", "en": "Raqqa centre"},
        "language": "ar",
        "issued_at": ISSUED,
    }
    return Certificate(**(given | changes))
