"""RPC methods of files of cases."""

from __future__ import annotations

from typing import Any

from services.common.files.wire import file_to_wire
from services.common.messaging.rpc import rpc
from services.consultations.operations import attachments
from services.consultations.schemas import attachments as schemas
from services.consultations.service.methods import Methods


class AttachmentMethods(Methods):
    @rpc
    def list_attachments(self, request: dict[str, Any]) -> dict[str, Any]:
        case_id = schemas.case_id_of(request)
        return schemas.attachment_list(attachments.list_attachments(self.app, self.call, case_id))

    @rpc
    def read_attachment(self, request: dict[str, Any]) -> dict[str, Any]:
        query = schemas.of_attachment(request)
        found, data = attachments.read_attachment(self.app, self.call, query)
        return file_to_wire(found.name, found.content_type, data)

    @rpc
    def add_attachment(self, request: dict[str, Any]) -> dict[str, Any]:
        command = schemas.add_attachment(request)
        return schemas.attachment(attachments.add_attachment(self.app, self.call, command))

    @rpc
    def remove_attachment(self, request: dict[str, Any]) -> dict[str, Any]:
        attachments.remove_attachment(self.app, self.call, schemas.of_attachment(request))
        return {}
