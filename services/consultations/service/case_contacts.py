"""RPC methods of contacts of cases."""

from __future__ import annotations

from typing import Any

from services.common.messaging.rpc import rpc
from services.consultations.operations import case_contacts
from services.consultations.schemas import case_contacts as schemas
from services.consultations.schemas import id_of
from services.consultations.service.methods import Methods


class CaseContactMethods(Methods):
    @rpc
    def get_contact(self, request: dict[str, Any]) -> dict[str, Any]:
        return schemas.contact(case_contacts.get_contact(self.app, self.call, id_of(request)))

    @rpc
    def set_contact(self, request: dict[str, Any]) -> dict[str, Any]:
        command = schemas.set_contact(request)
        return schemas.contact(case_contacts.set_contact(self.app, self.call, command))
