"""Assessments: begun, scored, agreed by the organisation, verified by an adviser, compared."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, date
from zoneinfo import ZoneInfo

from services.common import errors
from services.common.authorisation import check_signed_in
from services.common.context import Call, Caller
from services.common.contracts.consultations import events
from services.common.contracts.consultations.assessments_errors import (
    ASSESSMENT_NOT_ALLOWED_NOW,
    ASSESSMENT_OPEN,
    INSTRUMENT_NOT_OFFERED,
    NOT_COMPARABLE,
    NOT_EARLIER,
)
from services.common.contracts.consultations.instruments_errors import UNKNOWN_INSTRUMENT
from services.common.errors import FieldError
from services.common.history.changes import Change, subject_of
from services.common.history.wire import ListHistory
from services.common.lists import one_more
from services.common.storage.idempotency import Request
from services.common.storage.mongo import Session
from services.consultations.app import App
from services.consultations.domain.assessment_permissions import (
    check_may_decide,
    check_may_score,
    check_may_see_organisation,
    visible_organisations,
)
from services.consultations.domain.assessment_states import TRANSITIONS, AssessmentAction
from services.consultations.domain.assessments import (
    Assessment,
    VerifiedScore,
    check_agreed,
    check_held_on,
    check_priorities,
    check_verified,
)
from services.consultations.domain.instrument_states import InstrumentAction, InstrumentStatus
from services.consultations.domain.instruments import Instrument
from services.consultations.domain.recommendations import Origin, propose_from_scores
from services.consultations.domain.scores import Comparison, compare_scores
from services.consultations.schemas.assessments import (
    ActOnAssessment,
    ChangeAssessment,
    CompareAssessments,
    ListAssessments,
    NoteEvidence,
    StartAssessment,
    WithdrawAssessment,
)
from services.consultations.steps.assessment_events import (
    record_assessment_change,
    record_assessment_event,
)
from services.consultations.steps.instrument_events import record_instrument_event
from services.consultations.steps.recommendations import (
    propose_recommendations,
    supersede_recommendations,
)

Assessed = tuple[Assessment, Instrument]
"""An assessment with the edition that it uses."""

_OFFERED = frozenset({InstrumentStatus.PUBLISHED, InstrumentStatus.IN_USE})


def find_assessments(app: App, call: Call, query: ListAssessments) -> list[Assessment]:
    """Assessments that the caller may see, the one begun last first, one more than a page where
    there are more.

    Raises:
        errors.Unauthenticated: for a visitor.
    """
    check_signed_in(call.caller)
    return app.assessments.find(
        visible=visible_organisations(call.caller),
        organisation_id=query.organisation_id,
        family=query.family,
        status=query.status,
        after=query.after,
        limit=one_more(query.limit),
    )


def get_assessment(app: App, call: Call, assessment_id: str) -> Assessed:
    """One assessment.

    Raises:
        errors.Unauthenticated: for a visitor.
        errors.NotFound: if there is none, or for anybody but people of the organisation, advisers
            and managers.
    """
    check_signed_in(call.caller)
    assessment = app.assessments.get(assessment_id)
    check_may_see_organisation(call.caller, assessment.organisation_id)
    return assessment, app.instruments.get(assessment.instrument_id)


def start_assessment(app: App, call: Call, command: StartAssessment) -> Assessed:
    """Begin an assessment, as a draft; the same key gives the same one again. From now on its
    edition of the instrument is frozen.

    Raises:
        errors.Unauthenticated, errors.NotFound, errors.Forbidden: for anybody but who represents
            the organisation, advisers and managers.
        errors.Invalid: ``consultations.unknown_instrument``, ``consultations.held_in_the_future``,
            ``consultations.unknown_organisation``.
        errors.Conflict: ``consultations.organisation_not_approved``,
            ``consultations.instrument_not_offered``, ``consultations.assessment_open``.
    """
    check_may_score(call.caller, command.organisation_id)
    check_held_on(command.held_on, _today(app))
    request = Request.of(call, "consultations.start_assessment", asdict(command))

    def work(session: Session) -> Assessment:
        app.organisations.check_may_use(session, call.caller, command.organisation_id)
        instrument = _use_instrument(app, call.caller, session, command.instrument_id)
        draft = app.assessments.draft_of(command.organisation_id, instrument.family, session)
        if draft is not None:
            raise ASSESSMENT_OPEN(extra={"assessment_id": draft.id})
        assessment = Assessment(
            id=app.new_id(),
            organisation_id=command.organisation_id,
            instrument_id=instrument.id,
            family=instrument.family,
            held_on=command.held_on,
            people=command.people,
            facilitator_id=call.caller.id,
            started_at=app.clock.now(),
        )
        app.assessments.add(session, assessment)
        record_assessment_event(
            app, call.caller, session, events.ASSESSMENT_STARTED, None, assessment, instrument
        )
        return assessment

    found = app.keys.once(
        request, work, save=app.assessments.document_of, load=app.assessments.aggregate_of
    )
    return found, app.instruments.get(found.instrument_id)


def change_assessment(app: App, call: Call, command: ChangeAssessment) -> Assessed:
    """Enter scores and priorities of a draft. A request that changes nothing gives it as it is.

    Raises:
        errors.Unauthenticated, errors.NotFound, errors.Forbidden: as of :func:`start_assessment`.
        errors.Stale: it is not at the expected version any more.
        errors.Invalid: ``consultations.unknown_item``, ``consultations.item_applies``,
            ``consultations.unknown_domain``, ``consultations.held_in_the_future``.
        errors.Conflict: ``consultations.assessment_not_allowed_now``.
    """

    def work(session: Session) -> Assessed:
        before, instrument = _load(
            app, call, session, command.id, command.expected_version, check_may_score
        )
        check_agreed(instrument, command.scores)
        check_priorities(instrument, command.priorities)
        if command.held_on is not None:
            check_held_on(command.held_on, _today(app))
        after = before.changed(
            held_on=command.held_on,
            people=command.people,
            agreed=command.scores,
            priorities=command.priorities,
        )
        if after is before:
            return before, instrument
        app.assessments.save(session, after, before.version)
        record_assessment_change(app, call.caller, session, before, after)
        return after, instrument

    return app.database.transact(work)


def agree_assessment(app: App, call: Call, command: ActOnAssessment) -> Assessed:
    """Agree on the scores: they count from now on, and say what is recommended.

    Raises:
        errors.Unauthenticated, errors.NotFound, errors.Forbidden: as of :func:`start_assessment`.
        errors.Stale: it is not at the expected version any more.
        errors.Conflict: ``consultations.scores_missing``, ``consultations.nothing_scored``,
            ``consultations.assessment_not_allowed_now``.
    """

    def work(session: Session) -> Assessed:
        before, instrument = _load(
            app, call, session, command.id, command.expected_version, check_may_score
        )
        after = before.agree(instrument, call.caller.id, app.clock.now())
        app.assessments.save(session, after, before.version)
        record_assessment_event(
            app, call.caller, session, events.ASSESSMENT_AGREED, before, after, instrument
        )
        _recommend(app, call.caller, session, after, instrument)
        return after, instrument

    return app.database.transact(work)


def note_evidence(app: App, call: Call, command: NoteEvidence) -> Assessed:
    """Note what was seen of items whose scores are agreed.

    Raises:
        errors.Unauthenticated, errors.NotFound: if there is none that the caller may see.
        errors.Forbidden: for anybody but advisers and managers who do not belong to the
            organisation.
        errors.Stale: it is not at the expected version any more.
        errors.Invalid: ``consultations.unknown_item``, ``consultations.evidence_missing``.
        errors.Conflict: ``consultations.assessment_not_allowed_now``.
    """

    def work(session: Session) -> Assessed:
        before, instrument = _load(
            app, call, session, command.id, command.expected_version, check_may_decide
        )
        now = app.clock.now()
        seen = [
            VerifiedScore(each.item_id, each.score, each.evidence, each.remark, call.caller.id, now)
            for each in command.scores
        ]
        TRANSITIONS.after(before.status, AssessmentAction.NOTE_EVIDENCE)
        check_verified(before, seen)
        after = before.with_evidence(seen)
        app.assessments.save(session, after, before.version)
        record_assessment_change(app, call.caller, session, before, after)
        return after, instrument

    return app.database.transact(work)


def verify_assessment(app: App, call: Call, command: ActOnAssessment) -> Assessed:
    """Let the verified scores count, and recommend anew by them.

    Raises:
        errors.Unauthenticated, errors.NotFound, errors.Forbidden: as of :func:`note_evidence`.
        errors.Stale: it is not at the expected version any more.
        errors.Conflict: ``consultations.scores_missing``,
            ``consultations.assessment_not_allowed_now``.
    """

    def work(session: Session) -> Assessed:
        before, instrument = _load(
            app, call, session, command.id, command.expected_version, check_may_decide
        )
        after = before.verify(call.caller.id, app.clock.now())
        app.assessments.save(session, after, before.version)
        record_assessment_event(
            app, call.caller, session, events.ASSESSMENT_VERIFIED, before, after, instrument
        )
        _recommend(app, call.caller, session, after, instrument)
        return after, instrument

    return app.database.transact(work)


def withdraw_assessment(app: App, call: Call, command: WithdrawAssessment) -> Assessed:
    """Take an assessment back that is not verified; what it proposed and nobody has decided on is
    taken back with it.

    Raises:
        errors.Unauthenticated, errors.NotFound, errors.Forbidden: as of :func:`start_assessment`.
        errors.Stale: it is not at the expected version any more.
        errors.Conflict: ``consultations.assessment_not_allowed_now``.
    """

    def work(session: Session) -> Assessed:
        before, instrument = _load(
            app, call, session, command.id, command.expected_version, check_may_score
        )
        after = before.withdraw()
        app.assessments.save(session, after, before.version)
        record_assessment_event(
            app,
            call.caller,
            session,
            events.ASSESSMENT_WITHDRAWN,
            before,
            after,
            instrument,
            command.reason,
        )
        if before.counts:
            supersede_recommendations(app, call.caller, session, after.organisation_id)
        return after, instrument

    return app.database.transact(work)


def compare_assessments(app: App, call: Call, query: CompareAssessments) -> Comparison:
    """Compare an assessment with an earlier one of the same organisation, over the items that stand
    for each other.

    Raises:
        errors.Unauthenticated: for a visitor.
        errors.NotFound: if there is one of them not, for the caller or of this organisation.
        errors.Conflict: ``consultations.assessment_not_allowed_now`` where the scores of one are
            not agreed; ``consultations.not_comparable``.
        errors.Invalid: ``consultations.not_earlier``.
    """
    check_signed_in(call.caller)
    later, earlier = app.assessments.get(query.id), app.assessments.get(query.earlier_id)
    check_may_see_organisation(call.caller, later.organisation_id)
    if earlier.organisation_id != later.organisation_id:
        raise errors.NotFound()
    for each in (earlier, later):
        if not each.counts:
            raise ASSESSMENT_NOT_ALLOWED_NOW(state=each.status.value, to="compare")
    if earlier.id == later.id or later.comes_before(earlier):
        raise NOT_EARLIER(errors=[FieldError("/earlier_id", NOT_EARLIER.code)])
    editions = app.instruments.editions_between(earlier.instrument_id, later.instrument_id)
    found = editions and compare_scores(editions, earlier.scores, later.scores)
    if not found:
        raise NOT_COMPARABLE()
    return found


def assessment_history(app: App, call: Call, query: ListHistory) -> list[Change]:
    """Who changed what of an assessment, when and why; oldest first, one more than a page where
    there are more.

    Raises:
        as :func:`get_assessment`.
    """
    assessment, _ = get_assessment(app, call, query.id)
    return app.history.of(subject_of(assessment), after=query.after, limit=one_more(query.limit))


def _load(
    app: App,
    call: Call,
    session: Session,
    assessment_id: str,
    expected_version: int,
    check: Callable[[Caller, str], None],
) -> Assessed:
    check_signed_in(call.caller)
    assessment = app.assessments.get(assessment_id, session)
    check(call.caller, assessment.organisation_id)
    if assessment.version != expected_version:
        raise errors.Stale()
    return assessment, app.instruments.get(assessment.instrument_id, session)


def _use_instrument(app: App, caller: Caller, session: Session, instrument_id: str) -> Instrument:
    """The edition, frozen from now on."""
    before = app.instruments.look_up(instrument_id, session)
    if before is None or not before.published:
        raise UNKNOWN_INSTRUMENT(errors=[FieldError("/instrument_id", UNKNOWN_INSTRUMENT.code)])
    if before.status not in _OFFERED:
        raise INSTRUMENT_NOT_OFFERED()
    if before.status is InstrumentStatus.IN_USE:
        return before
    after = before.moved(InstrumentAction.USE)
    app.instruments.save(session, after, before.version)
    record_instrument_event(app, caller, session, events.INSTRUMENT_FROZEN, before, after)
    return after


def _recommend(
    app: App, caller: Caller, session: Session, assessment: Assessment, instrument: Instrument
) -> None:
    propose_recommendations(
        app,
        caller,
        session,
        assessment.organisation_id,
        Origin.ASSESSMENT,
        assessment.id,
        propose_from_scores(instrument, assessment.scores, assessment.priorities),
    )


def _today(app: App) -> date:
    """The latest day that it is at a centre."""
    now = app.clock.now()
    zones = {each.time_zone for each in app.centres.page()}
    return max(
        (now.astimezone(ZoneInfo(z)).date() for z in zones), default=now.astimezone(UTC).date()
    )
