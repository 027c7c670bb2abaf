"""What a change of a certificate records: its event; and that its printed form is due."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from services.common.context import Caller
from services.common.contracts.registry import EventType
from services.common.contracts.trainings import events
from services.common.events.outbox import Fact
from services.common.storage.mongo import Session
from services.trainings.app import App
from services.trainings.domain.certificates import Certificate
from services.trainings.domain.deadlines import DeadlineKind
from services.trainings.domain.participants import Participant
from services.trainings.schemas import instant


def record_issued(
    app: App,
    caller: Caller,
    session: Session,
    certificate: Certificate,
    supersedes: Certificate | None = None,
) -> None:
    """Record that a certificate is issued, and have the worker make its printed form."""
    more = {"supersedes": supersedes.id if supersedes else None}
    record_certificate_event(app, caller, session, events.CERTIFICATE_ISSUED, certificate, more)
    app.deadlines.set(session, DeadlineKind.CERTIFICATE_PDF, certificate.id, app.clock.now())


def record_all_issued(
    app: App,
    caller: Caller,
    session: Session,
    certificates: Sequence[Certificate],
    holders: Mapping[str, Participant],
) -> None:
    """Record that new certificates are issued, in as many round trips for all as for one.

    Args:
        holders: by id, all of them.
    """
    facts = (
        Fact(
            each.id,
            each.version,
            _data(caller, each, _account(holders.get(str(each.person_id)))) | {"supersedes": None},
        )
        for each in certificates
    )
    app.outbox.record_many(session, events.CERTIFICATE_ISSUED, facts, caller=caller)
    ids = [each.id for each in certificates]
    app.deadlines.set_many(session, DeadlineKind.CERTIFICATE_PDF, ids, app.clock.now())


def record_certificate_event(
    app: App,
    caller: Caller,
    session: Session,
    event_type: EventType,
    certificate: Certificate,
    more: dict[str, Any],
) -> None:
    """Record the event of a certificate's new version."""
    app.outbox.record(
        session,
        event_type,
        subject=certificate.id,
        version=certificate.version,
        data=_data(caller, certificate, _account_of(app, session, certificate)) | more,
        caller=caller,
    )


def _data(caller: Caller, certificate: Certificate, person_id: str | None) -> dict[str, Any]:
    return {
        "certificate_id": certificate.id,
        "person_id": person_id,
        "cohort_id": certificate.cohort_id,
        "centre_id": certificate.centre_id,
        "kind": certificate.kind.value,
        "title": dict(certificate.title),
        "issued_at": instant(certificate.issued_at),
        "expires_at": instant(certificate.expires_at),
        "version": certificate.version,
        "changed_by": caller.id,
    }


def _account_of(app: App, session: Session, certificate: Certificate) -> str | None:
    """The account of the holder, to which messages can go; ``None`` without one, or once erased."""
    if certificate.person_id is None:
        return None
    return _account(app.participants.look_up(certificate.person_id, session))


def _account(holder: Participant | None) -> str | None:
    return holder.id if holder is not None and holder.has_account and not holder.erased else None


def remove_printed_forms(app: App, session: Session, certificate: Certificate) -> None:
    """Take the printed forms of a certificate away: nobody is handed them any more."""
    app.deadlines.clear(session, DeadlineKind.CERTIFICATE_PDF, certificate.id)
    for each in app.certificate_documents.of_certificate(certificate.id, session):
        if each.file_id is not None:
            app.files.detach(session, each.file_id, certificate.id)
        app.certificate_documents.remove(session, each)
