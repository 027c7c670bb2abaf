"""Courses and centres that the rules of a cohort name: they are there."""

from __future__ import annotations

from collections.abc import Callable

from services.common.contracts.trainings.errors import UNKNOWN_CENTRE, UNKNOWN_COURSE
from services.common.errors import ErrorCode, FieldError
from services.common.storage.mongo import Session
from services.trainings.app import App
from services.trainings.domain.cohorts import Floors
from services.trainings.domain.eligibility import Rule, RuleKind


def check_floor_centres(app: App, session: Session, floors: Floors | None) -> None:
    """Raises:
    errors.Invalid: ``trainings.unknown_centre``, naming each.
    """
    centres = () if floors is None else floors.centres
    faults = [
        FieldError(f"/floors/centres/{number}/centre_id", UNKNOWN_CENTRE.code)
        for number, each in enumerate(centres)
        if app.centres.look_up(each.centre_id, session) is None
    ]
    if faults:
        raise UNKNOWN_CENTRE(errors=faults)


def check_eligibility_values(app: App, session: Session, rules: tuple[Rule, ...]) -> None:
    """Check that the rules ask for courses and centres that exist: a rule that nobody can meet
    keeps everybody out.

    Raises:
        errors.Invalid: ``trainings.unknown_course``, ``trainings.unknown_centre``, naming each.
    """
    stores: dict[RuleKind, tuple[ErrorCode, Callable[[str, Session], object]]] = {
        RuleKind.PREREQUISITE: (UNKNOWN_COURSE, app.courses.look_up),
        RuleKind.NOT_ALREADY_TRAINED: (UNKNOWN_COURSE, app.courses.look_up),
        RuleKind.CENTRE: (UNKNOWN_CENTRE, app.centres.look_up),
    }
    faults: dict[ErrorCode, list[FieldError]] = {}
    for number, rule in enumerate(rules):
        if rule.kind not in stores:
            continue
        code, look_up = stores[rule.kind]
        for place, value in enumerate(rule.values):
            if look_up(value, session) is None:
                pointer = f"/eligibility/{number}/values/{place}"
                faults.setdefault(code, []).append(FieldError(pointer, code.code))
    for code, found in faults.items():
        raise code(errors=found)
