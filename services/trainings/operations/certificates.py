"""Certificates that exist: reading, revoking, correcting a name."""

from __future__ import annotations

from functools import partial

from services.common import errors
from services.common.authorisation import check_signed_in
from services.common.context import Call
from services.common.contracts.trainings import events
from services.common.contracts.trainings.certificate_errors import (
    CERTIFICATE_NOT_ALLOWED_NOW,
    NAME_UNCHANGED,
    NAME_WITHHELD,
)
from services.common.errors import FieldError, NotFound
from services.common.lists import one_more
from services.common.storage.mongo import Session
from services.trainings.app import App
from services.trainings.domain import certificates as domain
from services.trainings.domain import permissions
from services.trainings.domain.certificates import Certificate
from services.trainings.schemas.certificates import (
    CorrectCertificateName,
    ListCohortCertificates,
    ListMyCertificates,
    RevokeCertificate,
)
from services.trainings.steps.certificate_events import (
    record_certificate_event,
    record_issued,
    remove_printed_forms,
)
from services.trainings.steps.current_participant import all_records, current_id_of


def list_cohort_certificates(
    app: App, call: Call, query: ListCohortCertificates
) -> list[Certificate]:
    """The certificates of a cohort by id, those that count no more too; one more than a page where
    there are more.

    Raises:
        errors.NotFound: if there is no such cohort, or it is a draft that the caller may not see.
        errors.Unauthenticated, errors.Forbidden: for anybody but staff of its centre.
    """
    cohort = app.cohorts.get(query.cohort_id)
    permissions.check_may_see_cohort(call.caller, cohort)
    permissions.check_runs_cohorts_at(call.caller, cohort.centre_id)
    return app.certificates.of_cohort(cohort.id, after=query.after, limit=one_more(query.limit))


def list_my_certificates(app: App, call: Call, query: ListMyCertificates) -> list[Certificate]:
    """The caller's own certificates by id; one more than a page where there are more.

    Raises:
        errors.Unauthenticated: for a visitor.
    """
    check_signed_in(call.caller)
    records = all_records(app, current_id_of(app, call.caller.id))
    return app.certificates.of_person(records, after=query.after, limit=one_more(query.limit))


def get_certificate(app: App, call: Call, certificate_id: str) -> Certificate:
    """One certificate.

    Raises:
        errors.Unauthenticated: for a visitor.
        errors.NotFound: if there is none, or the caller is neither its holder nor staff of its
            centre.
    """
    return _visible(app, call, certificate_id)


def revoke_certificate(app: App, call: Call, command: RevokeCertificate) -> Certificate:
    """Have a certificate count no more. Everybody who has its code sees the reason.

    Raises:
        errors.Unauthenticated: for a visitor.
        errors.NotFound: if there is none that the caller may see.
        errors.Forbidden: for its holder.
        errors.Stale: it is not at the expected version any more.
        errors.Conflict: ``trainings.certificate_not_allowed_now``.
    """

    def work(session: Session) -> Certificate:
        before = _certificate_to_change(app, call, session, command.id, command.expected_version)
        try:
            after = domain.revoke_certificate(
                before,
                by=call.caller.id,
                reason=command.reason,
                now=app.clock.now(),
                note=command.note,
            )
        except domain.NotAllowedNow as refused:
            raise CERTIFICATE_NOT_ALLOWED_NOW(state=refused.status.value) from refused
        app.certificates.save(session, after, before.version)
        remove_printed_forms(app, session, after)
        record_certificate_event(
            app,
            call.caller,
            session,
            events.CERTIFICATE_REVOKED,
            after,
            {"reason": command.reason.value},
        )
        return after

    return app.database.transact(work)


def correct_name(app: App, call: Call, command: CorrectCertificateName) -> Certificate:
    """Issue a certificate again with another name; the old one is superseded.

    Returns:
        the new one, whose code is another.

    Raises:
        errors.Unauthenticated, errors.NotFound, errors.Forbidden, errors.Stale: as of
            :func:`revoke_certificate`.
        errors.Conflict: ``trainings.certificate_not_allowed_now``, ``trainings.name_withheld``.
        errors.Invalid: ``trainings.name_unchanged``.
    """
    return app.database.transact(partial(_correct_name, app, call, command))


def _correct_name(
    app: App, call: Call, command: CorrectCertificateName, session: Session
) -> Certificate:
    before = _certificate_to_change(app, call, session, command.id, command.expected_version)
    if command.name == before.name:
        raise NAME_UNCHANGED(errors=[FieldError("/name", NAME_UNCHANGED.code)])
    try:
        old, new = domain.correct_name(
            before,
            command.name,
            id=app.new_id(),
            code=app.new_code(),
            by=call.caller.id,
            now=app.clock.now(),
        )
    except domain.NotAllowedNow as refused:
        raise CERTIFICATE_NOT_ALLOWED_NOW(state=refused.status.value) from refused
    except domain.NameErased as refused:
        raise NAME_WITHHELD() from refused
    # The old one first: the database takes one live certificate of a person and cohort.
    app.certificates.save(session, old, before.version)
    remove_printed_forms(app, session, old)
    record_certificate_event(
        app,
        call.caller,
        session,
        events.CERTIFICATE_SUPERSEDED,
        old,
        {"superseded_by": new.id},
    )
    app.certificates.add(session, new)
    record_issued(app, call.caller, session, new, supersedes=old)
    return new


def _visible(
    app: App, call: Call, certificate_id: str, session: Session | None = None
) -> Certificate:
    check_signed_in(call.caller)
    certificate = app.certificates.look_up(certificate_id, session)
    if certificate is None:
        raise NotFound()
    records = all_records(app, current_id_of(app, call.caller.id, session), session)
    if not permissions.may_see_certificate(call.caller, certificate, records):
        raise NotFound()
    return certificate


def _certificate_to_change(
    app: App, call: Call, session: Session, certificate_id: str, expected_version: int
) -> Certificate:
    certificate = _visible(app, call, certificate_id, session)
    permissions.check_runs_cohorts_at(call.caller, certificate.centre_id)
    if certificate.version != expected_version:
        raise errors.Stale()
    return certificate
