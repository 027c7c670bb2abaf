"""Situations of applications for a cohort, through the use cases that people call."""

from __future__ import annotations

from typing import Any

from services.common.context import Caller
from services.common.contracts.identity import events as identity
from services.common.contracts.registry import EventType
from services.common.events.envelope import CloudEvent
from services.common.ids import new_id
from services.trainings.app import App
from services.trainings.domain.applications import Application
from services.trainings.domain.audit import audit_applications, audit_facts, audit_roster
from services.trainings.domain.cohorts import Cohort
from services.trainings.domain.roster import Roster
from services.trainings.operations import application_answers, applying, selection
from services.trainings.operations.audit import audit_all
from services.trainings.operations.identity_events import apply_events
from services.trainings.schemas import applications as schemas
from tests.support.bookings import RAQQA_DESK, call
from tests.support.trainings import events_of


def applicant(name: str, organisation_id: str | None = None, role: str = "member") -> Caller:
    """A person who is signed in."""
    return Caller(id=name, organisations={} if organisation_id is None else {organisation_id: role})


def apply(app: App, cohort: Cohort, who: Caller, **values: Any) -> Application:
    """An application of a person for oneself; a member comes for the organisation."""
    organisations = list(who.organisations)
    person = {"name": who.id, **values.pop("person", {})}
    request = {
        "cohort_id": cohort.id,
        "organisation_id": organisations[0] if organisations else None,
        "person": person,
        **values,
    }
    return applying.apply_for_cohort(app, call(who), schemas.apply_for_cohort(request))


def apply_in_order(app: App, cohort: Cohort, *names: str) -> list[Application]:
    """Applications one after another, of people without an organisation."""
    return [apply(app, cohort, applicant(name)) for name in names]


def nominate(
    app: App, cohort: Cohort, who: Caller, *people: dict[str, Any], **values: Any
) -> list[Application]:
    """A nomination of people of the caller's organisation."""
    request = {
        "cohort_id": cohort.id,
        "organisation_id": next(iter(who.organisations), None),
        "people": list(people),
        **values,
    }
    return applying.nominate_people(app, call(who), schemas.nominate_people(request))


def stored(app: App, application: Application) -> Application:
    """The application as it stands."""
    return app.applications.get(application.id)


def answer(app: App, application: Application, operation: Any, who: Caller | None = None) -> Any:
    """What the person, or another caller, does about the application as it stands."""
    who = who or applicant(application.participant_id)
    command = schemas.ActOnApplication(application.id, stored(app, application).version)
    return operation(app, call(who), command)


def accept(app: App, application: Application, who: Caller | None = None) -> Application:
    result: Application = answer(app, application, application_answers.accept_offer, who)
    return result


def withdraw(app: App, application: Application, who: Caller | None = None) -> Application:
    result: Application = answer(app, application, application_answers.withdraw_application, who)
    return result


def shortlist(app: App, application: Application) -> Application:
    result: Application = answer(app, application, selection.shortlist_application, RAQQA_DESK)
    return result


def admit(
    app: App, application: Application, who: Caller = RAQQA_DESK, reason: str = "بدلاً من زميلة"
) -> Application:
    version = stored(app, application).version
    command = schemas.AdmitApplication(application.id, version, reason)
    return selection.admit_application(app, call(who), command)


def offer_seats(app: App, cohort: Cohort, *ids: str, first: int | None = None) -> list[Application]:
    command = schemas.OfferSeats(cohort.id, first, ids)
    return selection.offer_seats(app, call(RAQQA_DESK), command)


def statuses(app: App, cohort: Cohort) -> dict[str, str]:
    """Person → status of the application."""
    found = app.applications.of_cohort(cohort.id)
    return {each.participant_id: each.status.value for each in found}


def decisions(app: App, application: Application) -> list[tuple[str, str | None]]:
    """What was published about an application: event and reason, one by one."""
    return [
        (each["type"].rpartition(".")[2], each["data"]["reason"])
        for each in events_of(app, application.id)
    ]


def check_sound(app: App, cohort: Cohort) -> Roster:
    """The stored roster, which keeps every rule; documents, histories and events agree with it."""
    roster = app.cohorts.get(cohort.id).roster
    assert roster is not None
    found = app.applications.of_cohort(cohort.id)
    assert audit_roster(roster, app.clock.now()) == ()
    counting = {each.id: each.status for each in found if each.merged_into is None}
    assert audit_applications(roster, counting) == ()
    assert list(audit_facts(roster, {each.id: each for each in found})) == []
    reports = {each.cohort_id: each for each in audit_all(app)}
    assert reports[cohort.id].differences == ()
    return roster


def publish(app: App, event_type: EventType, subject: str, version: int, data: Any) -> None:
    """An event of the identity that arrives."""
    event = CloudEvent(
        id=new_id(),
        source="/masaha/identity",
        type=event_type.name,
        subject=subject,
        time=app.clock.now(),
        dataschema=event_type.dataschema,
        data=data,
        aggregate_version=version,
        actor_kind="person",
    )
    apply_events(app, [event])


def approve(app: App, organisation_id: str, version: int = 1) -> None:
    """The identity says that an organisation is approved."""
    data = {
        "organisation_id": organisation_id,
        "version": version,
        "name": {"ar": "منظمة"},
        "status": "approved",
    }
    publish(app, identity.ORGANISATION_APPROVED, organisation_id, version, data)


def erase(app: App, person_id: str) -> None:
    """The identity says that a person is erased."""
    publish(app, identity.PERSON_ERASED, person_id, 9, {"person_id": person_id})
