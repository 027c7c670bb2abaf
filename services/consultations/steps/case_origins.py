"""What led to a request: whether the organisation has it, and what is known from it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from services.common.contracts.consultations.case_errors import UNKNOWN_ORIGIN
from services.common.contracts.consultations.limits import LONGEST_TITLE
from services.common.errors import FieldError
from services.common.languages import in_language
from services.common.storage.mongo import Session
from services.consultations.app import App
from services.consultations.domain.case_drafts import (
    CaseDraft,
    describe_scores,
    kind_of_scores,
    kind_of_topic,
)
from services.consultations.domain.cases import Case, Origin, OriginKind
from services.consultations.domain.recommendations import Help
from services.consultations.domain.recommendations import Origin as FoundBy

Known = Callable[[App, Session, CaseDraft, str], CaseDraft | None]


def draft_of(
    app: App, session: Session, organisation_id: str, origin: Origin, language: str
) -> CaseDraft:
    """What is known of a request from its origin.

    Raises:
        errors.Invalid: ``consultations.unknown_origin``, also where another organisation has it.
    """
    draft = _KNOWN[origin.kind](app, session, CaseDraft(organisation_id, origin), language)
    if draft is None:
        raise UNKNOWN_ORIGIN(errors=[FieldError("/origin/id", UNKNOWN_ORIGIN.code)])
    return draft


def take_origin(app: App, session: Session, case: Case) -> None:
    """Remember at the origin of a case that the request has come.

    Raises:
        errors.Invalid: ``consultations.unknown_origin``.
    """
    if case.origin is None:
        return
    draft_of(app, session, case.organisation_id, case.origin, case.language)
    # Of a sealed case the offer knows nothing: its end would show that there is one.
    if case.sealed or case.origin.kind is not OriginKind.TRAINING:
        return
    offer = app.offers.of(case.organisation_id, case.origin.id, session)
    if offer is not None and offer.case_id is None:
        app.offers.save(session, offer.accepted(case.id), offer.version)


def _after_training(
    app: App, session: Session, empty: CaseDraft, language: str
) -> CaseDraft | None:
    offer = app.offers.of(empty.organisation_id, empty.origin.id, session)
    if offer is None or not offer.holds_at(app.clock.now()):
        return None
    kinds = app.kinds.page({"retired": False}, session=session)
    kind_id, speciality = kind_of_topic(kinds, offer.topic_id)
    return CaseDraft(
        organisation_id=empty.organisation_id,
        origin=empty.origin,
        kind_id=kind_id,
        speciality=speciality,
        centre_id=offer.centre_id,
        title=in_language(offer.title, language)[:LONGEST_TITLE],
    )


def _after_assessment(
    app: App, session: Session, empty: CaseDraft, language: str
) -> CaseDraft | None:
    return _of_scores(app, session, empty, empty.origin.id, None, language)


def _as_recommended(
    app: App, session: Session, empty: CaseDraft, language: str
) -> CaseDraft | None:
    found = app.recommendations.look_up(empty.origin.id, session)
    if (
        found is None
        or found.organisation_id != empty.organisation_id
        or found.target.help is not Help.CONSULTATION
    ):
        return None
    if found.origin is not FoundBy.ASSESSMENT:
        kind = app.kinds.look_up(found.target.id, session)
        kind_id = None if kind is None or kind.retired else kind.id
        return CaseDraft(empty.organisation_id, empty.origin, kind_id=kind_id)
    return _of_scores(app, session, empty, found.origin_id, found.target.id, language)


def _of_scores(
    app: App,
    session: Session,
    empty: CaseDraft,
    assessment_id: str,
    kind_id: str | None,
    language: str,
) -> CaseDraft | None:
    assessment = app.assessments.look_up(assessment_id, session)
    if (
        assessment is None
        or assessment.organisation_id != empty.organisation_id
        or not assessment.counts
    ):
        return None
    instrument = app.instruments.get(assessment.instrument_id, session)
    kind_ids = {each.id for each in app.kinds.page({"retired": False}, session=session)}
    # A kind that was recommended may be retired since.
    recommended = kind_id if kind_id in kind_ids else None
    chosen = recommended or kind_of_scores(instrument, assessment.scores, kind_ids)
    title, description = describe_scores(instrument, assessment.scores, chosen, language)
    return CaseDraft(
        organisation_id=empty.organisation_id,
        origin=empty.origin,
        kind_id=chosen,
        title=title[:LONGEST_TITLE],
        description=description,
    )


_KNOWN: Mapping[OriginKind, Known] = {
    OriginKind.TRAINING: _after_training,
    OriginKind.ASSESSMENT: _after_assessment,
    OriginKind.RECOMMENDATION: _as_recommended,
}
