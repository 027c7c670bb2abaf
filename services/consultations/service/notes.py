"""RPC methods of notes."""

from __future__ import annotations

from typing import Any

from services.common.messaging.rpc import rpc
from services.consultations.operations import notes
from services.consultations.schemas import notes as schemas
from services.consultations.service.methods import Methods


class NoteMethods(Methods):
    @rpc
    def list_notes(self, request: dict[str, Any]) -> dict[str, Any]:
        query = schemas.list_notes(request)
        return schemas.note_page(notes.list_notes(self.app, self.call, query), query.limit)

    @rpc
    def get_note(self, request: dict[str, Any]) -> dict[str, Any]:
        return schemas.note(notes.get_note(self.app, self.call, schemas.of_note(request)))

    @rpc
    def add_note(self, request: dict[str, Any]) -> dict[str, Any]:
        return schemas.note(notes.add_note(self.app, self.call, schemas.add_note(request)))

    @rpc
    def change_note(self, request: dict[str, Any]) -> dict[str, Any]:
        return schemas.note(notes.change_note(self.app, self.call, schemas.change_note(request)))

    @rpc
    def seal_note(self, request: dict[str, Any]) -> dict[str, Any]:
        command = schemas.version_of_note(request)
        return schemas.note(notes.seal_note(self.app, self.call, command))

    @rpc
    def unseal_note(self, request: dict[str, Any]) -> dict[str, Any]:
        command = schemas.version_of_note(request)
        return schemas.note(notes.unseal_note(self.app, self.call, command))

    @rpc
    def comment_on_note(self, request: dict[str, Any]) -> dict[str, Any]:
        command = schemas.comment_on_note(request)
        return schemas.note(notes.comment_on_note(self.app, self.call, command))
