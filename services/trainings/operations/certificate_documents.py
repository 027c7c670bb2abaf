"""The printed forms of certificates: made by the worker, kept, handed to those who may have them.

They are made where no event loop waits (docs/adr/0025), once for each language, and kept: the same
bytes for ever, whatever becomes of fonts and libraries.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from services.common import errors
from services.common.context import Call
from services.common.contracts.trainings.certificate_errors import (
    CERTIFICATE_NOT_ALLOWED_NOW,
    CERTIFICATE_UNPRINTABLE,
    NAME_WITHHELD,
)
from services.common.files.checking import check_file
from services.common.languages import LANGUAGES
from services.common.storage.deadlines import Deadline
from services.common.storage.mongo import Session
from services.trainings.app import App
from services.trainings.domain.certificate_documents import (
    CertificateDocument,
    document_id,
    file_name,
)
from services.trainings.domain.certificates import Certificate
from services.trainings.operations.certificates import get_certificate
from services.trainings.schemas.certificates import CertificatePdf, PdfFile


def make_certificate_documents(app: App, deadline: Deadline) -> None:
    """Make the printed forms of a certificate. For threads of a worker.

    Raises:
        LeaseLost: if the deadline was moved or is another worker's by now; nothing has changed.
    """
    certificate = app.certificates.look_up(deadline.subject)
    made = [] if certificate is None else _make_documents(app, certificate, app.clock.now())

    def work(session: Session) -> None:
        app.deadlines.finish(session, deadline)
        present = app.certificates.look_up(deadline.subject, session)
        if present is None or not _is_printed(present):
            # What was made is attached to nothing, and is swept away.
            return
        known = {each.id for each in app.certificate_documents.of_certificate(present.id, session)}
        for each in made:
            if each.id in known:
                continue
            if each.file_id is not None:
                app.files.attach(session, each.file_id, present.id)
            app.certificate_documents.add(session, each)

    app.database.transact(work)


def certificate_pdf(app: App, call: Call, query: CertificatePdf) -> PdfFile:
    """The printed form of a certificate, for its holder and staff of its centre.

    Returns:
        without data while it is being made, a moment after the certificate was issued.

    Raises:
        errors.Unauthenticated, errors.NotFound: as of
            :func:`services.trainings.operations.certificates.get_certificate`.
        errors.Conflict: ``trainings.certificate_not_allowed_now`` for one that counts no more;
            ``trainings.name_withheld``, ``trainings.certificate_unprintable``.
    """
    certificate = get_certificate(app, call, query.id)
    if certificate.withdrawn_at is not None:
        raise CERTIFICATE_NOT_ALLOWED_NOW(state=certificate.status(app.clock.now()).value)
    if certificate.name is None:
        raise NAME_WITHHELD()
    name = file_name(certificate.code, query.language)
    document = app.certificate_documents.look_up(document_id(certificate.id, query.language))
    if document is None:
        return PdfFile(name)
    if document.file_id is None:
        raise CERTIFICATE_UNPRINTABLE()
    try:
        _, data = app.files.read(document.file_id, certificate.id)
    except errors.NotFound:
        # Taken away since we looked, because the certificate was: the next request says so.
        return PdfFile(name)
    return PdfFile(name, data)


def _make_documents(app: App, certificate: Certificate, now: datetime) -> list[CertificateDocument]:
    if not _is_printed(certificate):
        return []
    return [_make_document(app, certificate, language, now) for language in LANGUAGES]


def _make_document(
    app: App, certificate: Certificate, language: str, now: datetime
) -> CertificateDocument:
    # Here, so that a service, which only reads what was made, does without the typesetter.
    from services.common.documents.typesetting import Unprintable  # noqa: PLC0415
    from services.trainings.documents.certificate import render_certificate  # noqa: PLC0415
    from services.trainings.statements import sign_certificate  # noqa: PLC0415

    zone = ZoneInfo(app.centres.get(certificate.centre_id).time_zone)
    statement = sign_certificate(certificate, zone, app.certificate_keys)
    address = f"{app.public_url}/verify/{certificate.code}"
    document = CertificateDocument(
        document_id(certificate.id, language), certificate.id, language, now
    )
    try:
        data = render_certificate(
            certificate, language, zone=zone, address=address, statement=statement
        )
    except Unprintable:
        return document
    file = check_file(file_name(certificate.code, language), data)
    return replace(document, file_id=app.files.put(file, certificate.id))


def _is_printed(certificate: Certificate) -> bool:
    return certificate.withdrawn_at is None and certificate.name is not None
