"""Referrals: a case goes to another adviser or an outside body, and what came of it returns."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Any

from services.common import errors
from services.common.authorisation import check_signed_in
from services.common.context import Call
from services.common.contracts.consultations import events
from services.common.contracts.consultations.case_errors import (
    CASE_NOT_ALLOWED_NOW,
    TOO_MANY_PEOPLE,
)
from services.common.contracts.consultations.limits import MOST_PEOPLE
from services.common.contracts.consultations.referral_errors import (
    REFERRED_NOWHERE,
    TOO_MANY_REFERRALS,
)
from services.common.contracts.registry import EventType
from services.common.directory.people import ADVISER
from services.common.errors import FieldError
from services.common.lists import one_more
from services.common.storage.idempotency import Request
from services.common.storage.mongo import Document, Session
from services.consultations.app import App
from services.consultations.domain import permissions
from services.consultations.domain.case_access import Reading, Way
from services.consultations.domain.case_states import OPEN
from services.consultations.domain.cases import Case
from services.consultations.domain.referrals import (
    MOST_OF_A_CASE,
    Referral,
    ReferralAction,
    check_consent,
    check_consent_stands,
    check_target,
)
from services.consultations.operations.cases import get_case
from services.consultations.schemas.referrals import (
    ActOnReferral,
    ListReferrals,
    MakeReferral,
    ReturnReferral,
)
from services.consultations.steps.case_events import save_case
from services.consultations.steps.case_news import record_referral_news
from services.consultations.steps.case_reading import read_case, record_reading

Check = Callable[[Case, Referral], None]


def find_referrals(app: App, call: Call, query: ListReferrals) -> list[Referral]:
    """The referrals of a case, or those that go to the caller and have not ended, by id; one more
    than a page where there are more.

    Raises:
        errors.Unauthenticated: for a visitor.
        errors.NotFound: if there is no case that the caller may know of.
    """
    check_signed_in(call.caller)
    limit = one_more(query.limit)
    if query.case_id is None:
        if not permissions.is_adviser(call.caller):
            return []
        own_cases = app.cases.ids_of(call.caller)
        return app.referrals.to_adviser(call.caller.id, own_cases, after=query.after, limit=limit)
    case = read_case(app, call.caller, query.case_id, Reading.REFERRALS)
    return app.referrals.of_case(case.id, after=query.after, limit=limit)


def get_referral(app: App, call: Call, referral_id: str) -> Referral:
    """Raises:
    errors.Unauthenticated: for a visitor.
    errors.NotFound: for others than who may know of its case, and the adviser to whom it goes.
    """
    referral, case = _load(app, call, referral_id)
    on_it = permissions.is_on_case(call.caller, case)
    way = Way.REFERRED if not on_it and _goes_to(call, referral) else None
    record_reading(app, call.caller, [case], Reading.REFERRAL, item_id=referral.id, way=way)
    return referral


def make_referral(app: App, call: Call, command: MakeReferral) -> Referral:
    """Refer a case with recorded consent; the same key gives the same referral again, as it is now.

    Raises:
        errors.Unauthenticated, errors.NotFound, errors.Forbidden: for others than advisers of the
            case, and while nobody has it staff of the centre.
        errors.Invalid: ``consultations.consent_missing``, ``consultations.consent_not_theirs``,
            ``consultations.referred_nowhere``.
        errors.Conflict: ``consultations.consent_withdrawn``, ``consultations.too_many_referrals``,
            ``consultations.case_not_allowed_now``.
    """
    check_signed_in(call.caller)
    permissions.check_refers(call.caller, get_case(app, call, command.case_id))
    request = Request.of(call, "consultations.make_referral", asdict(command))

    def work(session: Session) -> Referral:
        case = get_case(app, call, command.case_id, session)
        permissions.check_refers(call.caller, case)
        if case.status not in OPEN:
            raise CASE_NOT_ALLOWED_NOW(state=case.status.value, to="refer")
        now = app.clock.now()
        consent = check_consent(command.consent, case.people - case.adviser_ids, now)
        check_target(command.adviser_id, command.body, case.people)
        if command.adviser_id is not None:
            _check_is_adviser(app, session, command.adviser_id)
        earlier = app.referrals.of_case(case.id, session=session)
        check_consent_stands(consent, earlier)
        if len(earlier) >= MOST_OF_A_CASE:
            raise TOO_MANY_REFERRALS(most=MOST_OF_A_CASE)
        referral = Referral(
            id=app.new_id(),
            case_id=case.id,
            adviser_id=command.adviser_id,
            body=command.body,
            reason=command.reason,
            consent=consent,
            made_by=call.caller.id,
            made_at=now,
        )
        app.referrals.add(session, referral)
        record_referral_news(app, session, call.caller, referral)
        _note(app, call, session, case, events.CASE_REFERRED, "refer")
        return referral

    def as_it_is_now(kept: Document) -> Referral:
        return get_referral(app, call, kept["id"])

    return app.keys.once(request, work, save=lambda each: {"id": each.id}, load=as_it_is_now)


def accept_referral(app: App, call: Call, command: ActOnReferral) -> Referral:
    """The other adviser takes part in the case from now on; of an outside body, an adviser of the
    case notes that it does.

    Raises:
        errors.Unauthenticated, errors.NotFound, errors.Forbidden: for others.
        errors.Stale: it is not at the expected version any more.
        errors.Conflict: ``consultations.referral_not_allowed_now``,
            ``consultations.case_not_allowed_now``, ``consultations.too_many_people``.
    """

    def join(case: Case, referral: Referral) -> Case:
        if referral.adviser_id is None:
            return case
        people = case.people | {referral.adviser_id}
        if len(people) > MOST_PEOPLE:
            raise TOO_MANY_PEOPLE(most=MOST_PEOPLE)
        return replace(case, people=people, adviser_ids=case.adviser_ids | {referral.adviser_id})

    def check(case: Case, referral: Referral) -> None:
        _check_answers(call, case, referral)
        if case.status not in OPEN:
            raise CASE_NOT_ALLOWED_NOW(state=case.status.value, to="refer")

    action, event_type = ReferralAction.ACCEPT, events.CASE_REFERRAL_ACCEPTED
    return _act(app, call, command, action, event_type, check, join)


def decline_referral(app: App, call: Call, command: ActOnReferral) -> Referral:
    """The other adviser, or the outside body, does not take part.

    Raises:
        As of :func:`accept_referral`, but for the state and the people of the case.
    """

    def check(case: Case, referral: Referral) -> None:
        _check_answers(call, case, referral)

    action, event_type = ReferralAction.DECLINE, events.CASE_REFERRAL_DECLINED
    return _act(app, call, command, action, event_type, check)


def return_referral(app: App, call: Call, command: ReturnReferral) -> Referral:
    """Record what came of it.

    Raises:
        errors.Unauthenticated, errors.NotFound, errors.Forbidden: for others than the adviser to
            whom it went and the advisers of the case.
        errors.Stale: it is not at the expected version any more.
        errors.Conflict: ``consultations.referral_not_allowed_now``.
    """

    def check(case: Case, referral: Referral) -> None:
        if not _goes_to(call, referral):
            permissions.check_refers(call.caller, case)

    step = ActOnReferral(command.id, command.expected_version)
    action, event_type = ReferralAction.RETURN, events.CASE_REFERRAL_RETURNED
    return _act(
        app,
        call,
        step,
        action,
        event_type,
        check,
        result=command.result,
        outcome=command.outcome,
    )


def withdraw_referral(app: App, call: Call, command: ActOnReferral) -> Referral:
    """Take a referral, or the consent to it, back. An adviser who had accepted it is on the case no
    more, unless the case has become theirs.

    Raises:
        errors.Unauthenticated, errors.NotFound, errors.Forbidden: for others than people of the
            case, representatives of the organisation, and who may refer it.
        errors.Stale: it is not at the expected version any more.
        errors.Conflict: ``consultations.referral_not_allowed_now``.
    """

    def check(case: Case, referral: Referral) -> None:
        if _goes_to(call, referral):
            raise errors.Forbidden()
        try:
            permissions.check_takes_part(call.caller, case)
        except errors.Forbidden:
            permissions.check_refers(call.caller, case)

    def leave(case: Case, referral: Referral) -> Case:
        gone = referral.adviser_id
        if gone is None or gone == case.adviser_id or gone not in case.adviser_ids:
            return case
        return replace(case, people=case.people - {gone}, adviser_ids=case.adviser_ids - {gone})

    def on_their_side(case: Case, _referral: Referral) -> dict[str, Any]:
        return {"consent_withdrawn": permissions.is_on_their_side(call.caller, case)}

    action, event_type = ReferralAction.WITHDRAW, events.CASE_REFERRAL_WITHDRAWN
    return _act(app, call, command, action, event_type, check, leave, noting=on_their_side)


def _act(
    app: App,
    call: Call,
    command: ActOnReferral,
    action: ReferralAction,
    event_type: EventType,
    check: Check,
    with_case: Callable[[Case, Referral], Case] = lambda case, _referral: case,
    noting: Callable[[Case, Referral], dict[str, Any]] = lambda _case, _referral: {},
    **changes: Any,
) -> Referral:
    check_signed_in(call.caller)

    def work(session: Session) -> Referral:
        before, case = _load(app, call, command.id, session)
        check(case, before)
        if before.version != command.expected_version:
            raise errors.Stale()
        said = {**changes, **noting(case, before)}
        after = before.after(action, app.clock.now(), **said)
        app.referrals.save(session, after, before.version)
        changed = with_case(case, after)
        _note(app, call, session, case, event_type, f"referral_{action.value}", changed)
        return after

    return app.database.transact(work)


def _note(
    app: App,
    call: Call,
    session: Session,
    case: Case,
    event_type: EventType,
    action: str,
    changed: Case | None = None,
) -> None:
    after = replace(changed or case, version=case.version + 1)
    save_case(app, session, call.caller, event_type, case, after, action=action)


def _load(
    app: App, call: Call, referral_id: str, session: Session | None = None
) -> tuple[Referral, Case]:
    """A referral and its case, if the caller may know of the first.

    Raises:
        errors.Unauthenticated: for a visitor.
        errors.NotFound: for others than who may know of the case, and the adviser to whom it goes
            until it is answered.
    """
    check_signed_in(call.caller)
    found = app.referrals.look_up(referral_id, session)
    if found is not None and found.waits and _goes_to(call, found):
        return found, app.cases.get(found.case_id, session)
    # Where there is none, a case is looked for all the same: the answer takes as long.
    case_id = referral_id if found is None else found.case_id
    case = app.cases.get_visible(case_id, call.caller, app.clock.now(), session)
    if found is None:
        raise errors.NotFound()
    return found, case


def _goes_to(call: Call, referral: Referral) -> bool:
    return permissions.is_adviser(call.caller) and call.caller.id == referral.adviser_id


def _check_answers(call: Call, case: Case, referral: Referral) -> None:
    """Raises:
    errors.Forbidden: for others than the adviser to whom it goes; of an outside body, who may refer
        the case.
    """
    if referral.adviser_id is None:
        permissions.check_refers(call.caller, case)
    elif not _goes_to(call, referral):
        raise errors.Forbidden()


def _check_is_adviser(app: App, session: Session, person_id: str) -> None:
    """Raises:
    errors.Invalid: ``consultations.referred_nowhere``.
    """
    known = app.directory.people([person_id], session).get(person_id)
    if known is None or known.disabled or ADVISER not in known.roles:
        raise REFERRED_NOWHERE(errors=[FieldError("/adviser_id", REFERRED_NOWHERE.code)])
