"""What every class of RPC methods is given."""

from __future__ import annotations

from services.common.messaging.providers import AppProvider, CallProvider
from services.consultations.app import build


class Methods:
    """The base of the RPC methods of one resource: the app, and the call that is answered."""

    app = AppProvider(build)
    call = CallProvider()
