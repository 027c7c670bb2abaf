"""Which advisers fit a case: what the order asks is read here, in the transaction that decides."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from services.common.contracts.consultations.case_errors import NOBODY_FOR_KIND
from services.common.directory.people import ADVISER, Person
from services.common.storage.mongo import Session
from services.common.time.period import Period
from services.consultations.app import App
from services.consultations.domain.advisers import Adviser, Sex
from services.consultations.domain.cases import Case, OriginKind
from services.consultations.domain.suggestions import (
    Candidate,
    Knowledge,
    Need,
    Suggestion,
    knowledge_of,
    suggest_advisers,
)

LOOKS_AHEAD = timedelta(hours=24)
"""Who is away within this time is not given a case."""


def usual_period(now: datetime) -> Period:
    """The time that is looked at where nobody names one."""
    return Period(now, now + LOOKS_AHEAD)


def need_of(app: App, session: Session, case: Case) -> Need:
    """What a case asks of its adviser."""
    kind = app.kinds.get(case.kind_id, session)
    trainers: Iterable[str] = ()
    if case.origin is not None and case.origin.kind is OriginKind.TRAINING:
        trainers = app.cohort_trainers.of(case.origin.id, session)
    return Need(
        centre_id=case.centre_id,
        language=case.language,
        of_kind=frozenset(each.id for each in kind.specialities),
        speciality=case.speciality,
        woman=case.woman_adviser,
        trainers=frozenset(trainers),
    )


def suggestions_for(app: App, session: Session, need: Need, period: Period) -> Sequence[Suggestion]:
    """Who fits, the best first, among all who have a profile."""
    advisers = app.advisers.find(active=True, session=session)
    return suggest_advisers(need, candidates_of(app, session, advisers, period))


def candidates_of(
    app: App, session: Session, advisers: Sequence[Adviser], period: Period
) -> list[Candidate]:
    """Advisers as the order asks about them.

    Args:
        period: in which an absence counts.
    """
    ids = [each.id for each in advisers]
    absences = app.absences.of_advisers(ids, period, session)
    loads = app.cases.loads_of(ids, session)
    people = app.directory.people(ids, session)

    return [
        Candidate(
            id=each.id,
            specialities=each.specialities,
            centre_ids=each.centre_ids,
            languages=each.languages,
            is_woman=each.sex is Sex.FEMALE,
            active=each.active and _has_role(people.get(each.id)),
            away=each.id in absences,
            cases=loads.get(each.id, 0),
        )
        for each in advisers
    ]


def takes_cases(app: App, session: Session, adviser_id: str) -> bool:
    """Whether a person has an active profile and the role of an adviser; absences do not count."""
    adviser = app.advisers.look_up(adviser_id, session)
    if adviser is None or not adviser.active:
        return False
    return _has_role(app.directory.people([adviser_id], session).get(adviser_id))


def find_intake_adviser(app: App, session: Session, case: Case) -> str:
    """The adviser who first looks at a sealed case: nobody else could assign it.

    The best suggestion; where all who know the kind are away, one of them.

    Raises:
        errors.Conflict: ``consultations.nobody_for_kind``.
    """
    need = need_of(app, session, case)
    period = usual_period(app.clock.now())
    advisers = app.advisers.find(active=True, session=session)
    candidates = candidates_of(app, session, advisers, period)
    for each in suggest_advisers(need, candidates):
        return each.adviser_id
    away = [
        each.id
        for each in candidates
        if each.active
        and (each.is_woman or not need.woman)
        and knowledge_of(each, need) is not Knowledge.NOTHING
    ]
    if not away:
        raise NOBODY_FOR_KIND()
    return min(away)


def _has_role(person: Person | None) -> bool:
    # The role is identity's to give; news of it may be late, so who is not known counts.
    return person is None or (not person.disabled and ADVISER in person.roles)
