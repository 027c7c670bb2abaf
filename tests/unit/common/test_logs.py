"""What a log line may hold."""

from __future__ import annotations

import io
import json
import logging
import sys
from collections.abc import Iterator

import pytest
import structlog

from services.common import logs, tracing
from services.common.config import Settings


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """What a process that logs as ours do writes; the run's own logging is put back afterwards."""
    root = logging.getLogger()
    handlers, level, before = root.handlers[:], root.level, structlog.get_config()
    text = io.StringIO()
    monkeypatch.setattr(sys, "stderr", text)
    trace = tracing.current.set(None)
    logs.configure(Settings(amqp_uri="", mongo_uri=""), "test")
    yield text
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.configure(**before)
    tracing.current.reset(trace)


def test_a_secret_is_hidden_however_deep_it_lies(written: io.StringIO) -> None:
    body = {"email": "sara@example.org", "login": [{"Password": "sesame"}, ({"token": "t0"},)]}
    logs.get("test").info("asked", body=body, secret="s0", headers={"Authorization": "Bearer t1"})
    shown = json.loads(written.getvalue())
    assert shown["secret"] == "[hidden]"
    assert shown["headers"] == {"Authorization": "[hidden]"}
    assert shown["body"] == {
        "email": "sara@example.org",
        "login": [{"Password": "[hidden]"}, [{"token": "[hidden]"}]],
    }
    assert body["login"][0] == {"Password": "sesame"}, "the caller's own value was changed"


def test_what_a_library_logs_is_held_to_the_same(written: io.StringIO) -> None:
    logging.getLogger("somebody").warning("sent", extra={"call": {"refresh_token": "t2"}})
    assert json.loads(written.getvalue())["call"] == {"refresh_token": "[hidden]"}


def test_what_is_looked_through_for_secrets_is_otherwise_written_as_it_was(
    written: io.StringIO,
) -> None:
    try:
        raise RuntimeError("the reason")
    except RuntimeError:
        logs.get("test").error("failed", exc_info=sys.exc_info(), pair=(1, {"a": None}))
    shown = json.loads(written.getvalue())
    assert "RuntimeError: the reason" in shown["exception"]
    assert shown["pair"] == [1, {"a": None}]


def test_our_lines_and_those_of_libraries_have_the_same_fields(written: io.StringIO) -> None:
    logs.get("ours").warning("said", size=2)
    logging.getLogger("theirs").warning("said", extra={"size": 2})
    ours, theirs = (json.loads(line) for line in written.getvalue().splitlines())
    assert (ours.pop("logger"), theirs.pop("logger")) == ("ours", "theirs")
    assert ours.pop("timestamp") <= theirs.pop("timestamp")
    assert ours == theirs == {"event": "said", "level": "warning", "process": "test", "size": 2}


def test_a_line_below_the_level_is_not_written(written: io.StringIO) -> None:
    logs.get("ours").debug("detail")
    assert written.getvalue() == ""


def test_a_key_that_is_no_text_is_written_as_one(written: io.StringIO) -> None:
    logging.getLogger("theirs").warning("said", extra={5: "five", None: "nothing"})  # type: ignore[dict-item]
    logs.get("ours").warning("said", sizes={1: {"token": "t3"}, (2, 3): [4], b"five": 5})
    theirs, ours = (json.loads(line) for line in written.getvalue().splitlines())
    assert (theirs["5"], theirs["None"]) == ("five", "nothing")
    assert ours["sizes"] == {"1": {"token": "[hidden]"}, "(2, 3)": [4], "b'five'": 5}


def test_what_is_no_number_is_written_as_none_at_all(written: io.StringIO) -> None:
    logs.get("ours").warning("said", plain=float("nan"), keys={1: [float("inf"), 2.5]})
    shown = json.loads(written.getvalue(), parse_constant=pytest.fail)
    assert (shown["plain"], shown["keys"]) == (None, {"1": [None, 2.5]})


@pytest.mark.parametrize("value", ["half \ud83d", 2**70, {"deep": [{7: "half \udc00"}]}])
def test_what_is_no_json_costs_no_line(written: io.StringIO, value: object) -> None:
    logs.get("ours").warning("said", value=value, name="لقاء")
    shown = json.loads(written.getvalue())
    assert shown["name"] == "لقاء"
    assert str(shown["value"]).replace("'7'", "7") == str(value)


def test_on_a_terminal_an_error_does_not_show_what_its_functions_knew(
    written: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stderr", written)
    logs.configure(Settings(amqp_uri="", mongo_uri="", log_format="console"), "test")
    password = "sesame-" + "2018"
    try:
        raise ValueError(len(password))
    except ValueError:
        logs.get("terminal").exception("failed")
    assert "ValueError: 11" in written.getvalue()
    assert password not in written.getvalue()


def test_a_discreet_process_says_of_a_failure_what_and_where_and_no_value(
    written: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stderr", written)
    logs.configure(Settings(amqp_uri="", mongo_uri=""), "test", discreet=True)
    try:
        raise RuntimeError("the name of the witness")
    except RuntimeError as error:
        for given in (True, error, sys.exc_info()):
            logs.get("test").error("failed", exc_info=given, detail="witness", error="witness")
        logging.getLogger("somebody").exception("a library failed")
    lines = [json.loads(line) for line in written.getvalue().splitlines()]
    assert len(lines) == 4
    for line in lines:
        assert line["exception"] == "builtins.RuntimeError"
        assert "test_a_discreet_process" in line["frames"][-1]
    assert "witness" not in written.getvalue()
    assert logs.is_discreet()
    logs.configure(Settings(amqp_uri="", mongo_uri=""), "test")
    assert not logs.is_discreet()
