"""Structured logs: one line an event, JSON for machines or plain for a terminal.

Everything that is bound with :func:`bound` (method, caller, event) and the trace id of the current
request is in every line that the block writes, in our code or in a library's.
"""

from __future__ import annotations

import json
import logging
import math
import sys
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any, TextIO

import orjson
import structlog
from structlog.typing import EventDict, FilteringBoundLogger, Processor

from services.common import tracing
from services.common.config import Settings

SECRET_KEYS = frozenset({"password", "token", "authorization", "refresh_token", "secret"})
_HIDDEN = "[hidden]"
_PLAIN = frozenset({str, int, float, bool, type(None)})


def _add_trace(_logger: Any, _name: str, event: EventDict) -> EventDict:
    trace = tracing.trace_id(tracing.current.get())
    if trace:
        event.setdefault("trace_id", trace)
    return event


def _hide_secrets(_logger: Any, _name: str, event: EventDict) -> EventDict:
    # In place: structlog hands this very mapping on to the next processor.
    for key, value in event.items():
        # Nearly all is plain, and there is nothing to look for in it.
        if type(value) not in _PLAIN or key.lower() in SECRET_KEYS:
            event[key] = _without_secrets(key, value)
    return event


def _name_by_text(_logger: Any, _name: str, event: EventDict) -> EventDict:
    # Ours are keywords; a library may give its line any keys.
    return {str(key): value for key, value in event.items()}


def _without_secrets(key: Any, value: Any) -> Any:
    """The value as it may be written: copied where a secret is hidden, never changed in place."""
    if isinstance(key, str) and key.lower() in SECRET_KEYS:
        return _HIDDEN
    if isinstance(value, Mapping):
        return {each: _without_secrets(each, below) for each, below in value.items()}
    if isinstance(value, list):
        return [_without_secrets(None, below) for below in value]
    if isinstance(value, tuple):
        # Still a tuple: that is how structlog knows an ``exc_info``.
        return tuple(_without_secrets(None, below) for below in value)
    return value


#: Members of a line that may quote values: of an exception or a refusal, and what falls due.
_QUOTING = ("detail", "error", "subject")


def _without_values(_logger: Any, _name: str, event: EventDict) -> EventDict:
    """Of what failed, which exception it was and where; never what it says."""
    for name in _QUOTING:
        event.pop(name, None)
    given = event.pop("exc_info", None)
    if given:
        found = given if isinstance(given, tuple) else sys.exc_info()
        exception = given if isinstance(given, BaseException) else found[1]
        if exception is not None:
            event["exception"] = f"{type(exception).__module__}.{type(exception).__qualname__}"
            frames = traceback.extract_tb(exception.__traceback__)
            event["frames"] = [f"{each.filename}:{each.lineno} {each.name}" for each in frames]
    return event


_discreet = False


def is_discreet() -> bool:
    """Whether this process says nothing of the values that it works with."""
    return _discreet


def _dumps(value: Any, default: Any = None, **_: Any) -> str:
    default = default or str
    try:
        return orjson.dumps(value, default=default).decode()
    except orjson.JSONEncodeError:
        # A line reports things that went wrong, and may hold values that are no JSON: keys that are
        # no text, a lone half of a character, a number beyond 64 bits. It must not be lost for
        # that.
        return json.dumps(_with_text_keys(value), default=default)


def _with_text_keys(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _with_text_keys(below) for key, below in value.items()}
    if isinstance(value, list | tuple):
        return [_with_text_keys(below) for below in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None  # as orjson writes it
    return value


class _Lines(structlog.WriteLogger):
    """Where our own lines go."""

    def __init__(self, stream: TextIO, name: str) -> None:
        super().__init__(stream)
        self.name = name


def configure(settings: Settings, process: str, *, discreet: bool = False) -> None:
    """Set up logging for this process.

    Args:
        process: its name in every line.
        discreet: of an exception only the class and the place are written, and no refusal's
            detail: its values are secret.
    """
    global _discreet  # noqa: PLW0603 - one process, one log
    _discreet = discreet

    def add_process(_logger: Any, _name: str, event: EventDict) -> EventDict:
        event["process"] = process
        return event

    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        add_process,
        _add_trace,
        _hide_secrets,
        *([_without_values] if discreet else []),
    ]
    renderer: list[Processor] = (
        [
            structlog.dev.ConsoleRenderer(
                colors=sys.stderr.isatty(),
                # The other formatters show local variables, and with them what is secret.
                exception_formatter=structlog.dev.plain_traceback,
            )
        ]
        if settings.log_format == "console"
        else [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(_dumps)]
    )
    # Our own lines go straight out. By way of Python's logging, where the lines of libraries come
    # from, each would cost more than twice the time, and there is one or two for every request.
    structlog.configure(
        processors=[*shared, *renderer],
        wrapper_class=structlog.make_filtering_bound_logger(settings.log_level),
        logger_factory=partial(_Lines, sys.stderr),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.ExtraAdder(), _name_by_text, *shared],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *renderer],
        )
    )
    # What no line shows need not be found out (Python's logging HOWTO, "Optimization").
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings.log_level)
    # Libraries that say at INFO what they do at every step.
    for noisy in ("amqp", "pymongo", "nameko", "kombu"):
        logging.getLogger(noisy).setLevel(max(logging.WARNING, root.level))


def get(name: str) -> FilteringBoundLogger:
    """The logger of a module."""
    logger: FilteringBoundLogger = structlog.get_logger(name)
    return logger


@contextmanager
def bound(traceparent: str | None = None, **values: Any) -> Iterator[None]:
    """Bind values, and the trace, to every line written inside the block."""
    token = tracing.current.set(traceparent) if traceparent else None
    try:
        with structlog.contextvars.bound_contextvars(**values):
            yield
    finally:
        if token is not None:
            tracing.current.reset(token)
