"""The entrypoints: what arrives over RabbitMQ, and which use case answers it."""

from __future__ import annotations

from typing import Any

from services.common.contracts.personal_data import ExportPerson
from services.common.events.envelope import CloudEvent
from services.common.messaging.providers import AppProvider, CallProvider
from services.common.messaging.rpc import AnswersPing, rpc
from services.common.messaging.subscriber import subscribe
from services.common.personal_data import ERASURE_EVENTS, in_wire_form
from services.notifications import schemas
from services.notifications.app import NAME, build
from services.notifications.domain import rules
from services.notifications.operations import inbox, personal_data
from services.notifications.operations.identity_events import PEOPLE_PATTERNS, STATES, apply_events
from services.notifications.operations.notify import notify

PATTERNS = (*ERASURE_EVENTS, *PEOPLE_PATTERNS, *rules.PATTERNS)
BATCH = 50
EXPORT_PERSON = ExportPerson()


class NotificationsService(AnswersPing):
    """RPC for people's inboxes, and the subscriber that fills them."""

    name = NAME

    app = AppProvider(build)
    call = CallProvider()

    @rpc
    def list_inbox(self, request: dict[str, Any]) -> dict[str, Any]:
        query = schemas.list_inbox(request)
        return schemas.inbox(inbox.find(self.app, self.call, query))

    @rpc
    def get_notification(self, request: dict[str, Any]) -> dict[str, Any]:
        return schemas.notification(inbox.get(self.app, self.call, schemas.id_of(request)))

    @rpc
    def mark_read(self, request: dict[str, Any]) -> dict[str, Any]:
        command = schemas.change_notification(request)
        return schemas.notification(inbox.mark_read(self.app, self.call, command))

    @rpc
    def archive_notification(self, request: dict[str, Any]) -> dict[str, Any]:
        command = schemas.change_notification(request)
        return schemas.notification(inbox.archive(self.app, self.call, command))

    @rpc
    def export_person(self, request: dict[str, Any]) -> dict[str, Any]:
        query = EXPORT_PERSON.load(request)
        return in_wire_form(personal_data.export(self.app, self.call, query["person_id"]))

    @subscribe(PATTERNS, consumer=NAME, states=STATES, batch=BATCH)
    def on_events(self, events: list[CloudEvent]) -> dict[str, Exception]:
        """Facts about people first, so that a booking behind them finds its organisation."""
        apply_events(self.app, events)
        return notify(self.app, events)

    @subscribe(rules.SEALED_PATTERNS, consumer=NAME, sealed=True, batch=BATCH)
    def on_sealed_news(self, events: list[CloudEvent]) -> dict[str, Exception]:
        """News that only its recipient may know of."""
        return notify(self.app, events)


SERVICE = NotificationsService
