"""The door with a real branch behind it: HTTP, the JSON of the messages, operations, the database.
There is no broker between them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from marshmallow import ValidationError

from services.common.context import Call
from services.common.errors import Invalid
from services.common.field_errors import field_errors
from tests.support.gateway import Branches


class RealBranch(Branches):
    """Replaces the RPC client by the service itself.

    Args:
        service: of the branch, whose methods are called.
    """

    def __init__(self, service: Any) -> None:
        super().__init__()
        self.service = service

    def call(
        self,
        branch: str,
        method: str,
        request: Mapping[str, Any],
        call: Call,
        timeout: float | None = None,
    ) -> Any:
        self.service.call = call
        try:
            answer = getattr(self.service, method)(orjson.loads(orjson.dumps(dict(request))))
        except ValidationError as error:
            raise Invalid(errors=field_errors(error.messages)) from error
        return orjson.loads(orjson.dumps(answer))
