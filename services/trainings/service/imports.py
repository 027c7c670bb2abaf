"""RPC methods of imports and exports."""

from __future__ import annotations

from typing import Any

from services.common.files.wire import file_to_wire
from services.common.messaging.rpc import rpc
from services.trainings.operations import exports, imports
from services.trainings.schemas import id_of
from services.trainings.schemas import imports as schemas
from services.trainings.service.methods import Methods


class ImportMethods(Methods):
    @rpc
    def start_import(self, request: dict[str, Any]) -> dict[str, Any]:
        command = schemas.start_import(request)
        return schemas.import_to_wire(imports.start_import(self.app, self.call, command))

    @rpc
    def get_import(self, request: dict[str, Any]) -> dict[str, Any]:
        found = imports.get_import(self.app, self.call, id_of(request))
        return schemas.import_to_wire(found)

    @rpc
    def export_table(self, request: dict[str, Any]) -> dict[str, Any]:
        query = schemas.export_table(request)
        return file_to_wire(*exports.export_table(self.app, self.call, query))
