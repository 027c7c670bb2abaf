"""One entrypoint behind an application that cannot be built at first."""

from __future__ import annotations

import os
from typing import Any

from services.common.errors import Unavailable
from services.common.messaging.providers import AppProvider
from services.common.messaging.rpc import rpc


class App:
    def ping(self) -> None:
        if not os.path.exists(os.environ["WAITS_FOR"]):  # noqa: PTH110
            raise Unavailable(detail="database: it has gone")


def build(_settings: Any) -> App:
    if os.environ["WAITS_FOR"] == "never: a defect":
        raise KeyError("a defect in the composition root")
    app = App()
    app.ping()
    return app


class Waiting:
    name = "waiting"

    app = AppProvider(build)

    @rpc
    def ping(self, _request: dict[str, Any]) -> dict[str, Any]:
        return {}


SERVICE = Waiting
