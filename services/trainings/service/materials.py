"""RPC methods of materials and sign-in sheets."""

from __future__ import annotations

from typing import Any

from services.common.files.wire import file_to_wire
from services.common.messaging.rpc import rpc
from services.trainings.operations import materials
from services.trainings.operations.signin_sheets import sign_in_sheet
from services.trainings.schemas import materials as schemas
from services.trainings.service.methods import Methods

_PDF = "application/pdf"


class MaterialMethods(Methods):
    @rpc
    def list_materials(self, request: dict[str, Any]) -> dict[str, Any]:
        cohort_id = schemas.cohort_of(request)
        return schemas.material_list(materials.list_materials(self.app, self.call, cohort_id))

    @rpc
    def read_material(self, request: dict[str, Any]) -> dict[str, Any]:
        query = schemas.of_material(request)
        material, data = materials.read_material(self.app, self.call, query)
        return file_to_wire(material.name, material.content_type, data)

    @rpc
    def add_material(self, request: dict[str, Any]) -> dict[str, Any]:
        command = schemas.add_material(request)
        return schemas.material(materials.add_material(self.app, self.call, command))

    @rpc
    def remove_material(self, request: dict[str, Any]) -> dict[str, Any]:
        materials.remove_material(self.app, self.call, schemas.of_material(request))
        return {}

    @rpc
    def sign_in_sheet(self, request: dict[str, Any]) -> dict[str, Any]:
        cohort_id, session_id = schemas.session_of(request)
        name, pdf = sign_in_sheet(self.app, self.call, cohort_id, session_id)
        return file_to_wire(name, _PDF, pdf)
