"""RPC methods of certificates."""

from __future__ import annotations

from typing import Any

from services.common.authorisation import is_staff_of
from services.common.messaging.rpc import rpc
from services.trainings.domain.certificates import Certificate
from services.trainings.operations import (
    certificate_documents,
    certificates,
    issuing,
    verification,
)
from services.trainings.schemas import certificates as schemas
from services.trainings.schemas import id_of
from services.trainings.service.methods import Methods


class CertificateMethods(Methods):
    @rpc
    def preview_certificates(self, request: dict[str, Any]) -> dict[str, Any]:
        command = schemas.issue_certificates(request)
        return schemas.issued(issuing.preview_certificates(self.app, self.call, command))

    @rpc
    def issue_certificates(self, request: dict[str, Any]) -> dict[str, Any]:
        command = schemas.issue_certificates(request)
        return schemas.issued(issuing.issue_certificates(self.app, self.call, command))

    @rpc
    def list_cohort_certificates(self, request: dict[str, Any]) -> dict[str, Any]:
        query = schemas.list_cohort_certificates(request)
        found = certificates.list_cohort_certificates(self.app, self.call, query)
        now = self.app.clock.now()
        return schemas.certificate_page(found, now, query.limit, for_staff=True)

    @rpc
    def list_my_certificates(self, request: dict[str, Any]) -> dict[str, Any]:
        query = schemas.list_my_certificates(request)
        found = certificates.list_my_certificates(self.app, self.call, query)
        now = self.app.clock.now()
        return schemas.certificate_page(found, now, query.limit, for_staff=False)

    @rpc
    def get_certificate(self, request: dict[str, Any]) -> dict[str, Any]:
        return self._certificate(certificates.get_certificate(self.app, self.call, id_of(request)))

    @rpc
    def certificate_pdf(self, request: dict[str, Any]) -> dict[str, Any]:
        query = schemas.certificate_pdf(request)
        return schemas.pdf_file(certificate_documents.certificate_pdf(self.app, self.call, query))

    @rpc
    def revoke_certificate(self, request: dict[str, Any]) -> dict[str, Any]:
        command = schemas.revoke_certificate(request)
        return self._certificate(certificates.revoke_certificate(self.app, self.call, command))

    @rpc
    def correct_certificate_name(self, request: dict[str, Any]) -> dict[str, Any]:
        command = schemas.correct_certificate_name(request)
        return self._certificate(certificates.correct_name(self.app, self.call, command))

    @rpc
    def verify_certificate(self, request: dict[str, Any]) -> dict[str, Any]:
        code = schemas.typed_code(request)
        return schemas.verification(*verification.verify_code(self.app, code))

    @rpc
    def certificate_keys(self, request: dict[str, Any]) -> dict[str, Any]:
        return verification.published_keys(self.app)

    @rpc
    def withdrawn_certificates(self, request: dict[str, Any]) -> dict[str, Any]:
        return {"statement": verification.withdrawn_list(self.app)}

    def _certificate(self, value: Certificate) -> dict[str, Any]:
        for_staff = is_staff_of(self.call.caller, value.centre_id)
        return schemas.certificate(value, self.app.clock.now(), for_staff=for_staff)
