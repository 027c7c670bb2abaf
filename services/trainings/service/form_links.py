"""RPC methods of the links by which forms are answered."""

from __future__ import annotations

from typing import Any

from services.common.messaging.rpc import rpc
from services.trainings.operations import form_links
from services.trainings.schemas import form_links as link_schemas
from services.trainings.schemas.forms import submission
from services.trainings.service.methods import Methods


class FormLinkMethods(Methods):
    @rpc
    def make_form_link(self, request: dict[str, Any]) -> dict[str, Any]:
        command = link_schemas.make_form_link(request)
        return link_schemas.form_link(*form_links.make_form_link(self.app, self.call, command))

    @rpc
    def open_form_link(self, request: dict[str, Any]) -> dict[str, Any]:
        token = link_schemas.open_form_link(request)
        return link_schemas.linked_form(form_links.open_form_link(self.app, self.call, token))

    @rpc
    def answer_by_link(self, request: dict[str, Any]) -> dict[str, Any]:
        command = link_schemas.answer_by_link(request)
        return submission(form_links.answer_by_link(self.app, self.call, command))
