"""Assessments in the situations that tests need: of the organisation ``amal``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from services.common.context import Caller
from services.consultations.app import App
from services.consultations.domain.assessments import Assessment
from services.consultations.domain.instrument_states import InstrumentStatus
from services.consultations.domain.instruments import Instrument
from services.consultations.operations import assessments
from services.consultations.schemas import assessments as schemas
from tests.support.bookings import NOW, REPRESENTATIVE, call
from tests.support.consultations import HUDA
from tests.support.instruments import an_instrument

SCORES: Mapping[str, int | None] = {"budget": 2, "cash": 1, "roles": 3, "pay": None}


def seed_instrument(app: App, **changes: Any) -> Instrument:
    """A published edition, as after seeding."""
    said = {"status": InstrumentStatus.PUBLISHED, "created_at": NOW}
    app.instruments.seed([replace(an_instrument(), **said | changes)])
    return app.instruments.get(changes.get("id", "capacity-1"))


def an_assessment_request(**values: Any) -> dict[str, Any]:
    """What is sent to begin one."""
    return {
        "organisation_id": "amal",
        "instrument_id": "capacity-1",
        "held_on": NOW.date().isoformat(),
        "people": 7,
        **values,
    }


def start(app: App, caller: Caller = REPRESENTATIVE, **values: Any) -> Assessment:
    """A draft."""
    command = schemas.start_assessment(an_assessment_request(**values))
    found, _ = assessments.start_assessment(app, call(caller), command)
    return found


def enter(
    app: App,
    assessment: Assessment,
    scores: Mapping[str, int | None] = SCORES,
    priorities: Sequence[Mapping[str, Any]] = (),
    caller: Caller = REPRESENTATIVE,
) -> Assessment:
    """The draft with these scores; ``None`` does not apply."""
    request = {
        "id": assessment.id,
        "expected_version": assessment.version,
        "scores": [
            {"item_id": item, "score": score, "not_applicable": score is None}
            for item, score in scores.items()
        ],
        "priorities": list(priorities),
    }
    command = schemas.change_assessment(request)
    found, _ = assessments.change_assessment(app, call(caller), command)
    return found


def agree(
    app: App, scores: Mapping[str, int | None] = SCORES, *, priorities: Any = (), **values: Any
) -> Assessment:
    """An assessment whose scores are agreed."""
    draft = enter(app, start(app, **values), scores, priorities)
    command = schemas.ActOnAssessment(draft.id, draft.version)
    found, _ = assessments.agree_assessment(app, call(REPRESENTATIVE), command)
    return found


def note(
    app: App,
    assessment: Assessment,
    scores: Mapping[str, int],
    evidence: str | None = "ملفات عام 2026",
    caller: Caller = HUDA,
) -> Assessment:
    """What an adviser has seen of an agreed assessment."""
    request = {
        "id": assessment.id,
        "expected_version": assessment.version,
        "scores": [
            {"item_id": item, "score": score, "evidence": evidence}
            for item, score in scores.items()
        ],
    }
    command = schemas.note_evidence(request)
    found, _ = assessments.note_evidence(app, call(caller), command)
    return found


def verify(app: App, assessment: Assessment, scores: Mapping[str, int]) -> Assessment:
    """An assessment whose verified scores count."""
    noted = note(app, assessment, scores)
    command = schemas.ActOnAssessment(noted.id, noted.version)
    found, _ = assessments.verify_assessment(app, call(HUDA), command)
    return found
