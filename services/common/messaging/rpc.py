"""The ``rpc`` entrypoint: nameko's wire format, with an answer to every message.

A request ends in exactly one of these ways, each counted in ``masaha_rpc_calls_total``:

==================  ===============================================================================
ok                  the method returned; its result was sent
<kind>              the method raised a :class:`~services.common.errors.MasahaError`, which was sent
internal            the method raised anything else: logged here, answered as ``internal`` only
expired             its deadline had passed before it started: nobody waits, so it was not run
refused             no such method, or arguments that do not fit it: answered
forbidden           a user of the broker that ``RPC_CALLERS`` does not name: answered. The broker
checks
                    the user that a message names
parked              poison: no ``reply_to``, an unreadable body or context; kept for a person
==================  ===============================================================================

A request may be delivered again, or to a peer beside us, after it was done (a service that died
between its commit and its acknowledgement, a connection that broke under the work). A refusal that
its own effect can have caused is then no answer: see :func:`mark_doubtful`. The second delivery is
last: the call is acknowledged before it runs, so that one that ends its service ends no third one.

The reply is transient and unconfirmed. A lost reply is what the caller's deadline and idempotency
key are for; a confirmed one costs every call the time of a disk write.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from functools import partial
from typing import Any, NoReturn, Protocol, TypeVar

import orjson
import structlog
from kombu.message import Message
from marshmallow import ValidationError
from nameko.exceptions import (
    ContainerBeingKilled,
    IncorrectSignature,
    MalformedRequest,
    MethodNotFound,
    serialize,
)
from nameko.rpc import Rpc as NamekoRpc
from nameko.rpc import RpcConsumer as NamekoRpcConsumer

from services.common import errors, logs, metrics, spans, tracing
from services.common.context import Call
from services.common.field_errors import field_errors
from services.common.messaging import topology as names
from services.common.messaging.consumer import DrainingQueueConsumer
from services.common.messaging.headers import original_routing_key
from services.common.messaging.providers import CALL_KEY, SPAN_KEY
from services.common.messaging.sender import NotSent, Sender
from services.common.storage.mongo import away

_log = logs.get(__name__)

F = TypeVar("F", bound=Callable[..., Any])

CALL_HEADER = "nameko.call"
DEADLINE_HEADER = "nameko.deadline"
CALL_STACK_HEADER = "nameko.call_id_stack"
#: Seconds that a call may take whose caller names no deadline, or a late one.
LONGEST_CALL_SECONDS = 20.0
#: Of a caller's time, what is kept for the answer: so many seconds, but no larger a part.
_ANSWER_SECONDS, _ANSWER_PART = 0.25, 0.1
_DEADLINE_KEY = "masaha.deadline"
DIRECT_REPLY_TO = "amq.rabbitmq.reply-to"
_CONTENT_TYPE = "application/json"


class _Replier(Protocol):
    def send(self, body: bytes, **address: Any) -> None: ...


class Responder:
    """Sends the answer to one request."""

    def __init__(self, sender: _Replier) -> None:
        self._sender = sender

    def send(self, message: Message, result: Any, error: dict[str, Any] | None) -> bool:
        """Encode and send; never raises for a broker that is away.

        Returns:
            False if the result was no JSON, so that an ``internal`` error went in its place.
        """
        properties = message.properties
        reply_to = properties.get("reply_to")
        if not reply_to:
            return True
        encoded = True
        try:
            body = orjson.dumps({"result": result, "error": error})
        except TypeError as exc:
            _log.error("rpc.result_not_json", error=str(exc), result_type=type(result).__name__)
            body = orjson.dumps({"result": None, "error": error_to_wire(errors.Internal())})
            encoded = False
        direct = str(reply_to).startswith(DIRECT_REPLY_TO)
        try:
            self._sender.send(
                body,
                exchange="" if direct else names.RPC_EXCHANGE,
                routing_key=str(reply_to),
                properties={
                    "content_type": _CONTENT_TYPE,
                    "content_encoding": "utf-8",
                    "correlation_id": properties.get("correlation_id"),
                },
            )
        except NotSent as exc:
            metrics.RPC_REPLIES_DROPPED.inc()
            _log.warning("rpc.reply_dropped", error=str(exc))
        return encoded


class RpcConsumer(NamekoRpcConsumer):  # type: ignore[misc]
    """Consumes the service's RPC queue and settles every message on it."""

    queue_consumer = DrainingQueueConsumer()
    sender = Sender()

    def __init__(self) -> None:
        super().__init__()
        self._methods: dict[str, Rpc] = {}
        self.declares: tuple[Any, ...] = ()

    def setup(self) -> None:
        super().setup()
        if self.container.config.get("RPC_QUEUES") == names.QUORUM:
            self.queue.queue_arguments = {"x-queue-type": names.QUORUM}
        self.responder = Responder(self.sender)
        self._callers: frozenset[str] = self.container.config.get("RPC_CALLERS", frozenset())
        self.declares = (names.TOPOLOGY.parked_queue(self.queue.name),)

    def register_provider(self, provider: Rpc) -> None:
        super().register_provider(provider)
        self._methods[f"{self.container.service_name}.{provider.method_name}"] = provider

    def get_provider_for_method(self, routing_key: str) -> Rpc:
        """The entrypoint of a method.

        Raises:
            nameko.exceptions.MethodNotFound: if the service has none of that name.
        """
        try:
            return self._methods[routing_key]
        except KeyError:
            raise MethodNotFound(routing_key.rsplit(".", 1)[-1]) from None

    def handle_message(self, body: Any, message: Message) -> None:
        """Start a worker for a readable request; refuse, drop or park any other."""
        routing_key = original_routing_key(message)
        headers = message.headers
        if not message.properties.get("reply_to"):
            self._park_later(message, MalformedRequest("no reply_to"))
            return
        try:
            provider = self.get_provider_for_method(routing_key)
            args, kwargs = _arguments(body)
            provider.check_signature(args, kwargs)
            call = Call.from_header(headers.get(CALL_HEADER))
            deadline = _deadline(headers.get(DEADLINE_HEADER))
            stack = _call_stack(headers.get(CALL_STACK_HEADER))
        except (MethodNotFound, IncorrectSignature) as exc:
            metrics.RPC_CALLS.labels("unknown", "refused").inc()
            _log.info("rpc.refused", routing_key=routing_key, error=str(exc))
            self.responder.send(message, None, serialize(exc))
            self.queue_consumer.ack_message(message)
            return
        except (MalformedRequest, KeyError, TypeError, ValueError, AttributeError) as exc:
            self._park_later(message, exc)
            return
        if (late := time.time() - deadline) > 0:
            # Clocks that differ look the same: then every call is as late as any other.
            _log.warning("rpc.expired", routing_key=routing_key, late=round(late, 3))
            metrics.RPC_CALLS.labels(provider.method_name, "expired").inc()
            self.queue_consumer.ack_message(message)
            return
        if self._callers and message.properties.get("user_id") not in self._callers:
            metrics.RPC_CALLS.labels(provider.method_name, "forbidden").inc()
            _log.warning("rpc.forbidden", routing_key=routing_key)
            forbidden = errors.Forbidden(detail="the broker's user may not call")
            self.responder.send(message, None, error_to_wire(forbidden))
            self.queue_consumer.ack_message(message)
            return
        if message.delivery_info.get("redelivered"):
            # The broker counts deliveries on quorum queues only, which write each call to the
            # disk. A call that ends its service would come again for good.
            _log.warning("rpc.last_delivery", routing_key=routing_key)
            self.queue_consumer.ack_message(message)
        provider.start_call(args, kwargs, call, message, deadline, stack)

    def refuse(self, message: Message, exc: BaseException) -> None:
        """Park a message that cannot be handled, and answer the caller, if there is one."""
        metrics.RPC_CALLS.labels("unknown", "parked").inc()
        # The texts of a call may be secret, and nobody sends a parked one again: its caller does.
        discreet = logs.is_discreet()
        parked = self.queue_consumer.park(
            message, self.queue.name, "poison", exc, discreet=discreet, bodiless=discreet
        )
        if parked:
            self.responder.send(
                message, None, error_to_wire(errors.Malformed(detail="the message is unreadable"))
            )

    def _park_later(self, message: Message, exc: BaseException) -> None:
        """Parking waits for the broker; the consuming loop must not."""
        self.container.spawn_managed_thread(partial(self.refuse, message, exc), identifier="park")

    def handle_result(self, message: Message, result: Any, exc_info: Any) -> NoReturn:
        """Never the way here: :class:`Rpc` answers. nameko's own would publish with confirms."""
        raise TypeError("Rpc answers a call itself; its consumer does not")


class Rpc(NamekoRpc):  # type: ignore[misc]
    """``@rpc``: a method that is called over RPC with one JSON object, and returns one."""

    rpc_consumer = RpcConsumer()

    def setup(self) -> None:
        super().setup()
        self._seconds = metrics.RPC_SECONDS.labels(self.method_name)
        self._ok = metrics.RPC_CALLS.labels(self.method_name, "ok")

    def start_call(
        self,
        args: Any,
        kwargs: Any,
        call: Call,
        message: Message,
        deadline: float,
        stack: list[str],
    ) -> None:
        """Run the method in a worker; give the request back if the container is being killed.

        Args:
            deadline: when the caller leaves, in seconds of the Unix clock; ``inf`` for never.
            stack: nameko's ids of the calls that led to this one.
        """
        data: dict[str, Any] = {
            CALL_KEY: call,
            _DEADLINE_KEY: deadline,
            "call_id_stack": stack,
            "correlation_id": message.properties.get("correlation_id"),
        }
        handle_result = partial(self._finish, message, time.perf_counter())
        try:
            self.container.spawn_worker(
                self, args, kwargs, context_data=data, handle_result=handle_result
            )
        except ContainerBeingKilled:
            if self.rpc_consumer.queue_consumer.can_settle(message):
                self.rpc_consumer.requeue_message(message)

    def begin(self, worker_ctx: Any) -> None:
        """In the worker's own greenlet, and so in its own context: bind what its log lines say."""
        call: Call = worker_ctx.data[CALL_KEY]
        recorded = spans.begin(
            f"{self.container.service_name}/{self.method_name}",
            spans.SERVER,
            call.traceparent,
            {
                "rpc.system": "nameko",
                "rpc.service": self.container.service_name,
                "rpc.method": self.method_name,
            },
        )
        traceparent = call.traceparent
        if recorded is not None:
            worker_ctx.data[SPAN_KEY], traceparent = recorded, recorded.traceparent
        tracing.current.set(traceparent)
        structlog.contextvars.bind_contextvars(
            method=self.method_name,
            call_id=worker_ctx.data["correlation_id"],
            caller_id=call.caller.id,
        )

    def allowed_seconds(self, worker_ctx: Any) -> float:
        """How long the database may be asked: until the caller, given the answer's way, leaves."""
        left: float = worker_ctx.data[_DEADLINE_KEY] - time.time()
        kept = min(_ANSWER_SECONDS, left * _ANSWER_PART)
        return min(max(left - kept, 0.0), LONGEST_CALL_SECONDS)

    def _finish(
        self, message: Message, started: float, worker_ctx: Any, result: Any, exc_info: Any
    ) -> tuple[Any, Any]:
        try:
            self._answer(message, started, result, exc_info)
        finally:
            if self.rpc_consumer.queue_consumer.can_settle(message):
                self.rpc_consumer.queue_consumer.ack_message(message)
            self._seconds.observe(time.perf_counter() - started)
        return result, exc_info

    def _answer(self, message: Message, started: float, result: Any, exc_info: Any) -> None:
        responder = self.rpc_consumer.responder
        if exc_info is None:
            if responder.send(message, result, None):
                self._ok.inc()
                _log.info("rpc.done", milliseconds=_milliseconds_since(started))
            else:
                metrics.RPC_CALLS.labels(self.method_name, "internal").inc()
            return
        held = self.rpc_consumer.queue_consumer.can_settle(message)
        error = mark_doubtful(error_for_caller(exc_info[1]), message, held=held)
        if isinstance(error, errors.Internal):
            _log.error("rpc.failed", exc_info=exc_info)
        else:
            _log.info(
                "rpc.refused",
                code=error.code,
                detail=error.detail,
                milliseconds=_milliseconds_since(started),
            )
        metrics.RPC_CALLS.labels(self.method_name, error.kind).inc()
        responder.send(message, None, error_to_wire(error))


def rpc(method: F) -> F:
    """Make a service's method callable over RPC."""
    marked: F = Rpc.decorator(method)
    return marked


def error_for_caller(exc: BaseException) -> errors.MasahaError:
    """The error that a caller gets for an exception of a method.

    A :class:`marshmallow.ValidationError` becomes :class:`~services.common.errors.Invalid` with a
    JSON pointer for each fault. Any other exception becomes
    :class:`~services.common.errors.Internal` without details; a database that is away becomes
    :class:`~services.common.errors.Unavailable`.
    """
    if isinstance(exc, errors.MasahaError):
        return exc
    if isinstance(exc, ValidationError):
        return errors.Invalid(
            detail="the request breaks its schema", errors=field_errors(exc.messages)
        )
    return away(exc) or errors.Internal()


class AnswersPing:
    """What every service class has: a call that shows that the service answers."""

    @rpc
    def ping(self, request: dict[str, Any]) -> dict[str, Any]:
        """Asks no other process."""
        return {}


#: The refusals that a first delivery of the same request can cause.
_BY_ITS_OWN_EFFECT = (errors.Stale, errors.Conflict, errors.NotFound)
_ASK_AGAIN_SECONDS = 1


def mark_doubtful(error: errors.MasahaError, message: Message, *, held: bool) -> errors.MasahaError:
    """The error, or "unavailable" where it is not known whether the request was done.

    The caller asks again, under the same key or with the same version. That request is delivered
    once and gets the true answer.

    Args:
        message: the request.
        held: whether it is still ours to acknowledge; false after its connection broke, when the
            broker has given it to another process.
    """
    again = bool((message.delivery_info or {}).get("redelivered"))
    if not isinstance(error, _BY_ITS_OWN_EFFECT) or (held and not again):
        return error
    return errors.Unavailable(
        detail=f"{error.code}, but the request was delivered twice and may have been done",
        extra={"retry_after": _ASK_AGAIN_SECONDS, errors.DELIVERED_TWICE: True},
    )


def error_to_wire(error: errors.MasahaError) -> dict[str, Any]:
    """The ``error`` member of a reply, in nameko's form, so that a stock client reads it too."""
    return {
        "exc_type": type(error).__name__,
        "exc_path": f"{type(error).__module__}.{type(error).__qualname__}",
        "exc_args": errors.to_wire(error),
        "value": str(error),
    }


def _milliseconds_since(started: float) -> float:
    return round((time.perf_counter() - started) * 1000, 1)


def _deadline(header: Any) -> float:
    """When the caller leaves, in seconds of the Unix clock; ``inf`` where it does not say.

    Raises:
        ValueError, TypeError: if it says something else.
    """
    deadline = float(header or "inf")
    if math.isnan(deadline):
        raise ValueError("the deadline is no time")
    return deadline


def _call_stack(header: Any) -> list[str]:
    """nameko's ids of the calls that led to this one.

    Raises:
        nameko.exceptions.MalformedRequest: if the header holds anything else.
    """
    stack = header or []
    if not isinstance(stack, list) or not all(isinstance(call_id, str) for call_id in stack):
        raise MalformedRequest(f"{CALL_STACK_HEADER} is no list of ids")
    return stack


def _arguments(body: Any) -> tuple[list[Any], dict[str, Any]]:
    """The positional and named arguments in a request's body.

    Raises:
        nameko.exceptions.MalformedRequest: if it has another shape.
    """
    args, kwargs = (body.get("args"), body.get("kwargs")) if isinstance(body, dict) else (0, 0)
    if not isinstance(args, list) or not isinstance(kwargs, dict):
        raise MalformedRequest("the body must be {'args': [...], 'kwargs': {...}}")
    return args, kwargs
