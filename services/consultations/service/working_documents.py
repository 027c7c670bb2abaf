"""RPC methods of working documents."""

from __future__ import annotations

from typing import Any

from services.common.files.wire import file_to_wire
from services.common.history.wire import history_page, list_history
from services.common.messaging.rpc import rpc
from services.consultations.operations import (
    document_comments,
    document_output,
    working_documents,
)
from services.consultations.schemas import id_of
from services.consultations.schemas import working_documents as schemas
from services.consultations.service.methods import Methods


class WorkingDocumentMethods(Methods):
    @rpc
    def list_document_templates(self, request: dict[str, Any]) -> dict[str, Any]:
        query = schemas.list_templates(request)
        found = working_documents.find_templates(self.app, self.call, query)
        return schemas.document_template_page(found, query.limit)

    @rpc
    def list_working_documents(self, request: dict[str, Any]) -> dict[str, Any]:
        query = schemas.list_working_documents(request)
        found = working_documents.find_working_documents(self.app, self.call, query)
        return schemas.working_document_page(found, query.limit)

    @rpc
    def get_working_document(self, request: dict[str, Any]) -> dict[str, Any]:
        found = working_documents.get_working_document(self.app, self.call, id_of(request))
        return schemas.working_document(found)

    @rpc
    def create_working_document(self, request: dict[str, Any]) -> dict[str, Any]:
        command = schemas.create_working_document(request)
        made = working_documents.create_working_document(self.app, self.call, command)
        return schemas.working_document(made)

    @rpc
    def change_working_document(self, request: dict[str, Any]) -> dict[str, Any]:
        command = schemas.change_working_document(request)
        changed = working_documents.change_working_document(self.app, self.call, command)
        return schemas.working_document(changed)

    @rpc
    def restore_working_document(self, request: dict[str, Any]) -> dict[str, Any]:
        command = schemas.restore_working_document(request)
        restored = working_documents.restore_working_document(self.app, self.call, command)
        return schemas.working_document(restored)

    @rpc
    def list_document_editions(self, request: dict[str, Any]) -> dict[str, Any]:
        query = schemas.editions_of(request)
        found = working_documents.find_document_editions(self.app, self.call, query)
        return schemas.document_edition_page(found, query.limit)

    @rpc
    def get_document_edition(self, request: dict[str, Any]) -> dict[str, Any]:
        query = schemas.of_document_edition(request)
        found = working_documents.get_document_edition(self.app, self.call, query)
        return schemas.document_edition(found)

    @rpc
    def document_picture(self, request: dict[str, Any]) -> dict[str, Any]:
        query = schemas.picture_of_document(request)
        name, data = document_output.draw_document(self.app, self.call, query)
        return file_to_wire(name, document_output.SVG, data)

    @rpc
    def document_table(self, request: dict[str, Any]) -> dict[str, Any]:
        query = schemas.table_of_document(request)
        return file_to_wire(*document_output.export_document(self.app, self.call, query))

    @rpc
    def list_document_comments(self, request: dict[str, Any]) -> dict[str, Any]:
        query = schemas.comments_of(request)
        found = document_comments.find_comments(self.app, self.call, query)
        return schemas.document_comment_page(found, query.limit)

    @rpc
    def comment_on_document(self, request: dict[str, Any]) -> dict[str, Any]:
        command = schemas.comment_on_document(request)
        comment = document_comments.comment_on_document(self.app, self.call, command)
        return schemas.document_comment(comment)

    @rpc
    def working_document_history(self, request: dict[str, Any]) -> dict[str, Any]:
        query = list_history(request)
        found = working_documents.working_document_history(self.app, self.call, query)
        return history_page(found, query.limit)
