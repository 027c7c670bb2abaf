"""The floor: the same work in one Flask + pymongo process, with no broker and no second service.

The gateway's own door, and behind it the entrypoints of bookings, consultations and trainings,
called as functions in place of over RabbitMQ. So what the ratio shows is what RabbitMQ, RPC and the
processes behind cost, and nothing else.

    gunicorn -k gateway.server.draining_worker.DrainingWorker -w 1 tests.bench.floor:app
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gateway import app as gateway_app
from gateway import settings as gateway_settings
from services.bookings import app as bookings
from services.bookings.service import BookingsService
from services.common import errors, logs
from services.common.context import Call
from services.common.messaging.rpc import error_for_caller
from services.consultations import app as consultations
from services.consultations.service import ConsultationsService
from services.trainings import app as trainings
from services.trainings.service import TrainingsService


class InProcess:
    """In place of the gateway's RPC client: asks the branches that are in this process.

    Args:
        branches: name → class of the entrypoints, and what they work with.
    """

    connected = True

    def __init__(self, branches: Mapping[str, tuple[type[Any], Any]]) -> None:
        self._branches = branches

    def call(
        self,
        branch: str,
        method: str,
        request: Mapping[str, Any],
        call: Call,
        _timeout: float | None = None,
    ) -> Any:
        """See :meth:`gateway.remote.rpc.RpcClient.call`."""
        if branch not in self._branches:
            raise errors.Unavailable
        entrypoints, app = self._branches[branch]
        service = entrypoints()
        service.app, service.call = app, call
        try:
            return getattr(service, method)(dict(request))
        except Exception as error:
            raise error_for_caller(error) from error


_settings = gateway_settings.load()
logs.configure(_settings.common, "floor")
_gateway = gateway_app.build(_settings)
_gateway.rpc = InProcess(  # type: ignore[assignment]
    {
        bookings.NAME: (BookingsService, bookings.build(_settings.common)),
        consultations.NAME: (ConsultationsService, consultations.build(_settings.common)),
        trainings.NAME: (TrainingsService, trainings.build(_settings.common)),
    }
)
app = gateway_app.create_app(_gateway)
