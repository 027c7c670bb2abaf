"""Recommendations: read, proposed from a needs study, and decided on by a person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from services.common import errors
from services.common.authorisation import check_signed_in
from services.common.context import Call
from services.common.contracts.consultations import events
from services.common.contracts.consultations.case_errors import UNKNOWN_CENTRE
from services.common.contracts.consultations.recommendations_errors import (
    ALREADY_ASSESSED,
    NO_NEEDS_KNOWN,
)
from services.common.contracts.registry import EventType
from services.common.errors import FieldError
from services.common.history.changes import Change, subject_of
from services.common.history.wire import ListHistory
from services.common.lists import one_more
from services.common.storage.idempotency import Request
from services.common.storage.mongo import Document, Session
from services.consultations.app import App
from services.consultations.domain.assessment_permissions import (
    check_may_decide,
    check_may_see_organisation,
    visible_organisations,
)
from services.consultations.domain.needs import GroupedBy
from services.consultations.domain.needs_found import NeedsFound, said_by
from services.consultations.domain.recommendation_states import RecommendationAction
from services.consultations.domain.recommendations import (
    Origin,
    Recommendation,
    Target,
    propose_from_needs,
)
from services.consultations.schemas.recommendations import (
    DecideRecommendation,
    ListRecommendations,
    ProposeFromNeeds,
)
from services.consultations.steps.recommendations import (
    propose_recommendations,
    save_recommendation,
)


def find_recommendations(app: App, call: Call, query: ListRecommendations) -> list[Recommendation]:
    """Recommendations that the caller may see, the newest first, one more than a page where there
    are more.

    Raises:
        errors.Unauthenticated: for a visitor.
    """
    check_signed_in(call.caller)
    return app.recommendations.find(
        visible=visible_organisations(call.caller),
        organisation_id=query.organisation_id,
        status=query.status,
        origin_id=query.origin_id,
        help=query.help,
        after=query.after,
        limit=one_more(query.limit),
    )


def get_recommendation(app: App, call: Call, recommendation_id: str) -> Recommendation:
    """One recommendation.

    Raises:
        errors.Unauthenticated: for a visitor.
        errors.NotFound: if there is none, or for anybody but people of the organisation, advisers
            and managers.
    """
    check_signed_in(call.caller)
    recommendation = app.recommendations.get(recommendation_id)
    check_may_see_organisation(call.caller, recommendation.organisation_id)
    return recommendation


def propose_from_study(app: App, call: Call, command: ProposeFromNeeds) -> list[Recommendation]:
    """Propose what the newest needs study found, to an organisation that has no assessment yet;
    the same key gives the same recommendations again. What people of its centre have said counts,
    where that is shown; else what all have said.

    Raises:
        errors.Unauthenticated, errors.NotFound, errors.Forbidden: for anybody but advisers and
            managers who do not belong to the organisation.
        errors.Invalid: ``consultations.unknown_organisation``, ``consultations.unknown_centre``.
        errors.Conflict: ``consultations.organisation_not_approved``,
            ``consultations.already_assessed``, ``consultations.no_needs_known``.
    """
    check_may_decide(call.caller, command.organisation_id)
    request = Request.of(call, "consultations.propose_from_needs", asdict(command))

    def work(session: Session) -> list[Recommendation]:
        app.organisations.check_may_use(session, call.caller, command.organisation_id)
        assessment = app.assessments.newest_that_counts(command.organisation_id, session)
        if assessment is not None:
            raise ALREADY_ASSESSED(extra={"assessment_id": assessment.id})
        found = app.needs_found.newest(session)
        if found is None:
            raise NO_NEEDS_KNOWN()
        return propose_recommendations(
            app,
            call.caller,
            session,
            command.organisation_id,
            Origin.NEEDS_STUDY,
            found.id,
            propose_from_needs(_needs_of_centre(app, session, command, found)),
        )

    def save(made: list[Recommendation]) -> Document:
        return {"items": [app.recommendations.document_of(each) for each in made]}

    def load(document: Document) -> list[Recommendation]:
        return [app.recommendations.aggregate_of(each) for each in document["items"]]

    return app.keys.once(request, work, save=save, load=load)


def _needs_of_centre(
    app: App, session: Session, command: ProposeFromNeeds, found: NeedsFound
) -> Mapping[Target, int]:
    """Target → how much is needed of it, as people of the organisation's centre have said it; of
    what is not shown of them, as all have.

    Raises:
        errors.Invalid: ``consultations.unknown_centre``.
    """
    if command.centre_id is not None and app.centres.look_up(command.centre_id, session) is None:
        raise UNKNOWN_CENTRE(errors=[FieldError("/centre_id", UNKNOWN_CENTRE.code)])
    centre_id = command.centre_id or app.cases.centre_of(command.organisation_id, session)
    result = app.campaign_results.look_up(found.id, session)
    if centre_id is None or result is None:
        return found.by_target
    group = result.found.of_group(GroupedBy.CENTRE, centre_id)
    return found.by_target if group is None else {**found.by_target, **said_by(result.found, group)}


def approve_recommendation(app: App, call: Call, command: DecideRecommendation) -> Recommendation:
    """Approve a proposal: the organisation may begin with it, and what comes of it is counted.

    Raises:
        errors.Unauthenticated, errors.NotFound: if there is none that the caller may see.
        errors.Forbidden: for anybody but advisers and managers who do not belong to the
            organisation.
        errors.Stale: it is not at the expected version any more.
        errors.Conflict: ``consultations.recommendation_not_allowed_now``.
    """
    action = RecommendationAction.APPROVE
    return _decide(app, call, command, action, events.RECOMMENDATION_APPROVED)


def decline_recommendation(app: App, call: Call, command: DecideRecommendation) -> Recommendation:
    """Decline a proposal, with the reason.

    Raises:
        as :func:`approve_recommendation`.
    """
    action = RecommendationAction.DECLINE
    return _decide(app, call, command, action, events.RECOMMENDATION_DECLINED)


def end_recommendation(app: App, call: Call, command: DecideRecommendation) -> Recommendation:
    """End a recommendation that nothing will come of any more, with the reason.

    Raises:
        as :func:`approve_recommendation`.
    """
    return _decide(app, call, command, RecommendationAction.LAPSE, events.RECOMMENDATION_ENDED)


def recommendation_history(app: App, call: Call, query: ListHistory) -> list[Change]:
    """What became of a recommendation, when and why; oldest first, one more than a page where there
    are more.

    Raises:
        as :func:`get_recommendation`.
    """
    found = get_recommendation(app, call, query.id)
    return app.history.of(subject_of(found), after=query.after, limit=one_more(query.limit))


def _decide(
    app: App,
    call: Call,
    command: DecideRecommendation,
    action: RecommendationAction,
    event_type: EventType,
) -> Recommendation:
    check_signed_in(call.caller)

    def work(session: Session) -> Recommendation:
        before = app.recommendations.get(command.id, session)
        check_may_decide(call.caller, before.organisation_id)
        if before.version != command.expected_version:
            raise errors.Stale()
        decided: dict[str, Any] = {
            "decided_by": call.caller.id,
            "decided_at": app.clock.now(),
            "reason": command.reason,
        }
        after = before.moved(action, **decided)
        save_recommendation(app, call.caller, session, event_type, before, after, command.reason)
        return after

    return app.database.transact(work)
