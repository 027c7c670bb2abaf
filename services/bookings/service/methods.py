"""What every class of RPC methods is given."""

from __future__ import annotations

from services.bookings.app import build
from services.common.messaging.providers import AppProvider, CallProvider


class Methods:
    """The base of the RPC methods of one resource: the app, and the call that is answered."""

    app = AppProvider(build)
    call = CallProvider()
