"""Offers after trainings: made when a person has completed one."""

from __future__ import annotations

from collections.abc import Sequence

from services.common.authorisation import check_signed_in, visible_to
from services.common.context import SYSTEM, Call
from services.common.contracts.consultations import events
from services.common.events.envelope import CloudEvent
from services.common.lists import one_more
from services.common.storage.mongo import Session
from services.consultations.app import App
from services.consultations.domain.offers import MOST_NAMED, Offer
from services.consultations.domain.suggestions import Need
from services.consultations.schemas.offers import Completion, ListOffers, completion_of, trainer_of
from services.consultations.steps.suggestions import suggestions_for, usual_period

TRAINER_EVENTS = ("trainings.assignment.*",)
COMPLETIONS = ("trainings.application.completed",)


def find_offers(app: App, call: Call, query: ListOffers) -> list[Offer]:
    """Offers that hold, by id, one more than a page where there are more: those of the caller's
    organisations, and of centres whose staff the caller is.

    Raises:
        errors.Unauthenticated: for a visitor.
    """
    check_signed_in(call.caller)
    return app.offers.find(
        visible=visible_to(call.caller),
        now=app.clock.now(),
        organisation_id=query.organisation_id,
        after=query.after,
        limit=one_more(query.limit),
    )


def apply_training_events(app: App, received: Sequence[CloudEvent]) -> None:
    """Take in who trains which cohort, and make an offer to an organisation whose person has
    completed a training. Any event may come again and in any order.

    Raises:
        Permanent: if an event's data is not what its contract says.
    """
    trainers = [trainer_of(e) for e in received if e.type.startswith("trainings.assignment.")]
    completions = [completion_of(each) for each in received if each.type in COMPLETIONS]

    def work(session: Session) -> None:
        app.cohort_trainers.put(session, trainers)
        for each in completions:
            _make_offer(app, session, each)

    app.database.transact(work)


def _make_offer(app: App, session: Session, completion: Completion) -> None:
    """Make the offer, unless the organisation has it."""
    organisation_id = completion.organisation_id
    if organisation_id is None or app.offers.of(organisation_id, completion.cohort_id, session):
        return
    offer = Offer(
        id=app.new_id(),
        organisation_id=organisation_id,
        cohort_id=completion.cohort_id,
        topic_id=completion.topic_id,
        centre_id=completion.centre_id,
        title=completion.title,
        person_id=completion.person_id,
        offered_at=app.clock.now(),
        adviser_ids=_advisers_for(app, session, completion),
    )
    app.offers.add(session, offer)
    named = [] if offer.person_id is None else [offer.person_id]
    belongs = app.directory.memberships_of(organisation_id, named, session)
    has_left = any(not belongs.get(each, True) for each in named)
    app.outbox.record(
        session,
        events.OFFER_MADE,
        subject=offer.id,
        version=offer.version,
        data={
            "offer_id": offer.id,
            "organisation_id": offer.organisation_id,
            # Who has left the organisation since gets no message about what it is offered.
            "person_id": None if has_left else offer.person_id,
            "cohort_id": offer.cohort_id,
            "centre_id": offer.centre_id,
            "title": dict(offer.title),
            "version": offer.version,
        },
        caller=SYSTEM,
    )


def _advisers_for(app: App, session: Session, completion: Completion) -> tuple[str, ...]:
    """The advisers whom an offer names: trainers of the cohort first, then who knows its topic."""
    of_topic = {
        each.id
        for kind in app.kinds.page({"retired": False}, session=session)
        for each in kind.specialities
        if completion.topic_id in each.topics
    }
    need = Need(
        centre_id=completion.centre_id,
        language="ar",
        of_kind=of_topic,
        trainers=frozenset(app.cohort_trainers.of(completion.cohort_id, session)),
    )
    found = suggestions_for(app, session, need, usual_period(app.clock.now()))
    return tuple(each.adviser_id for each in found[:MOST_NAMED])
