"""What was decided against stays out; each message says what to do instead."""

from __future__ import annotations

import ast
import io
import re
import sys
import tokenize
from collections.abc import Callable

import pytest

from tests.architecture.project import Source, shown, sources, tracked

CODE = sources("services", "gateway")
WORDED = (*CODE, *sources("deploy", "docs"))
DOMAINS = [source for source in CODE if "domain" in source.parts]

PURE = (
    "services.common.errors",
    "services.common.context",
    "services.common.languages",
    "services.common.lists",
    "services.common.clock",
    "services.common.folding",
    "services.common.forms.questions",
    "services.common.time",
    "services.common.authorisation",
    "services.common.transitions",
    "services.common.directory.people",
    "services.common.history.changes",
    "services.common.contracts",
    "services.common.rooms.requests",
    "services.common.plain_text",
    "services.common.suppression",
)

# -- what a domain may import and call -------------------------------------------------------


def outside_of_a_domain(source: Source) -> list[str]:
    """Imports that a domain may not have."""
    own = ".".join(source.parts[: source.parts.index("domain") + 1])

    def allowed(name: str) -> bool:
        return name.partition(".")[0] in sys.stdlib_module_names or any(
            name == prefix or name.startswith(f"{prefix}.") for prefix in (own, *PURE)
        )

    return [f"{source.name}:{line} {name}" for line, name in source.imports() if not allowed(name)]


HIDDEN = re.compile(
    r"(?:^|\.)(?:sleep|now|utcnow|today|time_ns|monotonic|perf_counter|uuid1|uuid4|token_hex"
    r"|token_urlsafe|urandom|new_id)$|^time\.time$|^random\."
)


def hidden_inputs(source: Source) -> list[str]:
    """Calls by which a domain would ask for the time, an id or chance by itself."""
    return [
        f"{source.name}:{line} {name}()" for line, name in source.calls() if HIDDEN.search(name)
    ]


def test_a_domain_imports_the_standard_library_and_the_words_of_the_contracts() -> None:
    found = [each for source in DOMAINS for each in outside_of_a_domain(source)]
    assert not found, (
        f"{found}: a domain imports the standard library, {', '.join(PURE)} and itself. What needs "
        "more is an operation's work; hand the domain its result."
    )


def test_a_domain_has_no_clock_and_no_ids_of_its_own() -> None:
    found = [each for source in DOMAINS for each in hidden_inputs(source)]
    assert not found, (
        f"{found}: time and ids are arguments. Take `now: datetime` or `id: str`; the operation "
        "has app.clock and app.new_id."
    )


# -- what nobody may use -----------------------------------------------------------------------

# A module imported whole would hide which of its names is used.
LOSING = re.compile(r"^nameko\.(events(\..*)?|messaging\.(consume|Consumer))$")
WAITING = re.compile(
    r"^nameko\.(rpc|rpc\.(RpcProxy|ServiceRpc|ClusterRpc|MethodProxy)|standalone(\..*)?)$"
)
PLAIN = re.compile(r"^nameko\.rpc\.rpc$")


def losing_handlers(source: Source) -> list[str]:
    """nameko's own event entrypoints."""
    return [f"{source.name}:{line}" for line, name in source.imports() if LOSING.match(name)]


def waiting_proxies(source: Source) -> list[str]:
    """nameko's own RPC clients."""
    return [f"{source.name}:{line}" for line, name in source.imports() if WAITING.match(name)]


def plain_entrypoints(source: Source) -> list[str]:
    """nameko's own RPC entrypoint."""
    return [f"{source.name}:{line}" for line, name in source.imports() if PLAIN.match(name)]


def test_no_event_handler_that_loses_events() -> None:
    found = [each for source in CODE for each in losing_handlers(source)]
    assert not found, (
        f"{found}: nameko's event_handler acknowledges and loses an event when the method raises. "
        "Use @subscribe of services.common.messaging, and Outbox.record to publish."
    )


def test_no_rpc_proxy_that_waits_for_ever() -> None:
    found = [each for source in CODE for each in waiting_proxies(source)]
    assert not found, (
        f"{found}: nameko's proxies have no deadline and leak channels. The gateway calls branches "
        "through gateway/remote/rpc.py; a branch keeps a projection of events and calls nobody."
    )


def test_no_rpc_entrypoint_that_a_bad_message_can_kill() -> None:
    found = [each for source in CODE for each in plain_entrypoints(source)]
    assert not found, (
        f"{found}: a message without reply_to ends a container with nameko's own entrypoint, again "
        "and again. Use @rpc of services.common.messaging.rpc."
    )


def pymongo_outside_the_store(source: Source) -> list[str]:
    """Imports of the driver where it does not belong."""
    if "store" in source.parts or source.parts[:2] == ("services", "common"):
        return []
    return [
        f"{source.name}:{line}"
        for line, name in source.imports()
        if name.partition(".")[0] in {"pymongo", "bson", "gridfs"}
    ]


def test_the_database_is_the_stores_business() -> None:
    found = [each for source in CODE for each in pymongo_outside_the_store(source)]
    assert not found, (
        f"{found}: queries and documents live in the deployable's store; add a method there that "
        "speaks the domain's words."
    )


# -- what tests wait for ----------------------------------------------------------------------

# In the text, not in the tree: scripts that a test hands to another process are waited for as well.
SLEEP = re.compile(r"\bsleep\(|\bEvent\(\)\.wait\(\s*[\d.]")
MAY_SLEEP = {
    "tests/support/awaiting.py": "the interval between two looks of until()",
    "tests/support/echo/service.py": "a handler that takes as long as it is told",
    "tests/support/notifications.py": "a mail server that takes as long as it is told",
    "tests/support/slow.py": "an application that takes as long as it is told",
    "tests/faults/workload.py": "the pace of a client that was told to come again later",
    "tests/faults/injuries.py": "how long a process is frozen",
    "tests/integration/common/runtime/test_runtime.py": "how long a process or its hub is still",
    "tests/unit/gateway/test_passwords.py": "sleep(0): a greenlet's turn takes no time",
    "tests/unit/common/messaging/test_gathered_writes.py": "sleep(0): a turn takes no time",
    "tests/architecture/test_manners.py": "breaches that are planted",
}


def sleeps(source: Source) -> list[str]:
    """Lines that let time pass."""
    lines = enumerate(source.text.splitlines(), start=1)
    return [f"{source.name}:{number}" for number, line in lines if SLEEP.search(line)]


def test_no_test_sleeps_to_let_something_happen() -> None:
    tests = {source.name: sleeps(source) for source in sources("tests")}
    found = [each for name, lines in tests.items() if name not in MAY_SLEEP for each in lines]
    assert not found, (
        f"{found}: a sleep is too short on a slow machine and too long on any other. Await the "
        "thing itself: until() of tests/support/awaiting.py; await_log, await_probe, await_depth, "
        "await_metric and await_journal of tests/support/echoing.py; a threading.Event that the "
        "other side sets. Where the time itself is the fault or the load, say so in a comment and "
        "name the file in MAY_SLEEP."
    )
    idle = [name for name in MAY_SLEEP if not tests.get(name)]
    assert not idle, f"{idle}: nothing sleeps there (any more); take it out of MAY_SLEEP."


# -- the checks above see what they look for -----------------------------------------------------


@pytest.mark.parametrize(
    ("check", "line"),
    [
        (outside_of_a_domain, "import pymongo"),
        (outside_of_a_domain, "from services.common.storage.mongo import Session"),
        (outside_of_a_domain, "from services.bookings.store import BookingStore"),
        (outside_of_a_domain, "from marshmallow import fields"),
        (hidden_inputs, "import time; time.sleep(1)"),
        (hidden_inputs, "import datetime; datetime.datetime.now()"),
        (hidden_inputs, "from datetime import date; date.today()"),
        (hidden_inputs, "import uuid; uuid.uuid4()"),
        (hidden_inputs, "from uuid import uuid4; uuid4()"),
        (hidden_inputs, "import random; random.choice([1])"),
        (losing_handlers, "from nameko.events import event_handler"),
        (losing_handlers, "from nameko import events"),
        (losing_handlers, "import nameko.events"),
        (waiting_proxies, "from nameko.rpc import RpcProxy"),
        (waiting_proxies, "from nameko import rpc"),
        (plain_entrypoints, "from nameko.rpc import rpc"),
        (waiting_proxies, "from nameko.standalone.rpc import ClusterRpcProxy"),
        (pymongo_outside_the_store, "from pymongo import errors"),
        (sleeps, "import time; time.sleep(1)"),
        (sleeps, "from time import sleep; sleep(0.1)"),
        (sleeps, "SCRIPT = 'import eventlet; eventlet.sleep(2)'"),
        (sleeps, "import threading; threading.Event().wait(0.5)"),
    ],
    ids=lambda each: each if isinstance(each, str) else each.__name__,
)
def test_each_check_sees_a_breach(check: Callable[[Source], list[str]], line: str) -> None:
    assert check(Source("services/bookings/domain/planted.py", line))


# -- the words ---------------------------------------------------------------------------------

# What a maintainer whose first language is not English has to look up, and what to write instead.
HARD_WORDS = {
    r"whoever|whomever|whosoever": "'a caller that', 'the worker that': the person or the part",
    r"what is so": "'what is true'",
    r"told": "'gets', 'is published', 'is answered with'",
    r"tells of": "'reports', 'carries'",
    r"of (?:which|whom)": "a second sentence",
    r"somebody": "'a person', 'another transaction', 'another process'",
    r"nothing of (?:it|them|its inside)": "'no part of it', 'no details'",
    r"in vain": "'without effect'",
    r"(?:let|lets|letting) go": "'release', 'close', 'free'",
    r"stands? in(?! the way)": "'is in'",
    r"held against": "'is checked with', 'counts against', 'is compared with'",
    r"clock on the wall": "'local time'",
    r"hears? of": "'gets a message about', 'learns of'",
}
# The tables of the glossary quote words as they are translated.
MAY_USE_HARD_WORDS = {"docs/glossary.md"}
HARD = re.compile(r"\b(?:" + "|".join(f"({words})" for words in HARD_WORDS) + r")\b", re.IGNORECASE)
QUOTED = re.compile(r"```.*?```|`[^`]*`|\]\([^)]*\)", re.DOTALL)

# A verb that says nothing without its object, or says two things in this project.
BARE_VERBS = frozenset(
    {"keep", "keeps", "tell", "tells", "take", "takes", "place", "look", "looks", "hold", "holds"}
    | {"around", "notice", "want", "wants", "give", "gives", "lets", "lay", "cut", "rest", "lead"}
    | {"stand", "stands", "hear", "hears", "go", "come", "bring", "see"}
)
SAID = frozenset({"tell", "tells", "told", "heard", "somebody", "whoever"})


def hard_words(name: str, number: int, text: str) -> list[str]:
    """The hard words of a text that begins on this line, each with what to write instead."""
    instead = tuple(HARD_WORDS.values())
    return [
        f"{name}:{number + text[: found.start()].count(chr(10))} '{found[0]}' → "
        f"{instead[(found.lastindex or 1) - 1]}"
        for found in HARD.finditer(text)
    ]


def hard_prose(source: Source) -> list[str]:
    """Hard words in docstrings and comments."""
    texts = [
        (statement.lineno, statement.value.value)
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        for statement in node.body
        if isinstance(statement, ast.Expr)
        and isinstance(statement.value, ast.Constant)
        and isinstance(statement.value.value, str)
    ]
    tokens = tokenize.generate_tokens(io.StringIO(source.text).readline)
    texts += [(each.start[0], each.string) for each in tokens if each.type == tokenize.COMMENT]
    return [each for number, text in texts for each in hard_words(source.name, number, text)]


def bare_verbs(source: Source) -> list[str]:
    """Functions whose name has no object, or a word that this project does not use."""
    named = [
        node
        for node in ast.walk(source.tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    return [
        f"{source.name}:{node.lineno} {node.name}"
        for node in named
        if (own := node.name.strip("_")) in BARE_VERBS or SAID.intersection(own.split("_"))
    ]


def said_names(source: Source) -> list[str]:
    """Variables, parameters, attributes and classes with a word that this project does not use."""
    found = []
    for node in ast.walk(source.tree):
        match node:
            case ast.arg(arg=name) | ast.ClassDef(name=name) | ast.Attribute(attr=name):
                pass
            case ast.Name(id=name, ctx=ast.Store()):
                pass
            case _:
                continue
        if SAID.intersection(name.lower().split("_")):
            found.append(f"{source.name}:{node.lineno} {name}")
    return found


def test_docstrings_and_comments_use_plain_words() -> None:
    prose = (*WORDED, *sources("tests"))
    found = [each for source in prose for each in hard_prose(source)]
    assert not found, "\n".join(
        ("Short sentences in the present tense, subject first, without figures of speech:", *found)
    )


def test_pages_use_plain_words() -> None:
    found = []
    for path in tracked():
        if path.suffix != ".md" or shown(path) in MAY_USE_HARD_WORDS:
            continue
        text = QUOTED.sub(lambda code: "\n" * code[0].count("\n"), path.read_text("utf-8"))
        found += hard_words(shown(path), 1, text)
    assert not found, "\n".join(
        ("Short sentences in the present tense, subject first, without figures of speech:", *found)
    )


def test_a_function_is_named_by_a_verb_and_its_object() -> None:
    found = [each for source in WORDED for each in bare_verbs(source)]
    assert not found, (
        f"{found}: a name is read without its docstring. Say what the function acts on "
        "(`record_booking_event`, `lock_stock`, `count_attempt`) instead of `tell`, `keep`, `take`."
    )


def test_a_variable_says_what_it_holds() -> None:
    found = [each for source in WORDED for each in said_names(source)]
    assert not found, (
        f"{found}: name what it holds (`data`, `refusal`, `recipient_id`), not `told`."
    )


@pytest.mark.parametrize(
    ("check", "text"),
    [
        (hard_prose, '"""Whoever calls it waits."""'),
        (hard_prose, 'def f() -> None:\n    """What is told of a file."""\n'),
        (hard_prose, "x = 1  # the lock is let go"),
        (hard_prose, 'class A:\n    """A list, of which the last is unique."""\n'),
        (said_names, "told = 1"),
        (said_names, "def f(told_by: str) -> None: ..."),
        (said_names, "class Told: ..."),
        (said_names, "x.somebody = 1"),
        (bare_verbs, "def tell_change() -> None: ..."),
        (bare_verbs, "class A:\n    def _take(self) -> None: ..."),
        (bare_verbs, "async def hold() -> None: ..."),
    ],
    ids=lambda each: each if isinstance(each, str) else each.__name__,
)
def test_the_words_are_seen(check: Callable[[Source], list[str]], text: str) -> None:
    assert check(Source("services/bookings/planted.py", text))


def test_a_hard_word_of_a_page_is_seen_outside_code_only() -> None:
    page = "One.\n`told` and ```\nwhoever\n```\nThe clerk is told.\n"
    text = QUOTED.sub(lambda code: "\n" * code[0].count("\n"), page)
    assert hard_words("page.md", 1, text) == [
        "page.md:5 'told' → 'gets', 'is published', 'is answered with'"
    ]


# -- what is committed ---------------------------------------------------------------------------

# Spelled in parts, so that this file does not hold what it looks for.
FOREIGN = re.compile(
    r"(?<![\w.~$}>)-])/(?:" + "|".join(("root", "home", "work", "Users")) + r")/\w"
    r"|(?<![\w.~$}>)-])/tmp/" + r"\w"
    r"|(?:index-url|extra-index|find-links|trusted-host)\s*[= ]\s*https?://"
    r"|https?://[\w.:@-]*(?:" + "|".join(("pypi", "pythonhosted", "artifactory", "nexus")) + r")"
)
TEXT = {".py", ".md", ".toml", ".txt", ".in", ".json", ".yaml", ".yml", ".cfg", ".sh", ".po", ""}


def test_nothing_committed_names_one_persons_machine() -> None:
    found = []
    for path in tracked():
        if path.suffix not in TEXT:
            continue
        for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
            if FOREIGN.search(line):
                found.append(f"{shown(path)}:{number}")
    assert not found, (
        f"{found}: a path or a package index of one machine. Use a path below the project's root "
        "(pathlib, tmp_path), and leave the index to each person's own pip settings."
    )


@pytest.mark.parametrize(
    "line",
    [
        "cd /" + "home/ana/masaha",
        'LOG = "/' + 'tmp/masaha.log"',
        "--index-url" + "=https://" + "pypi.example.org/simple",
        "see https://files." + "pythonhosted.org/x.whl",
    ],
)
def test_that_check_sees_a_breach_too(line: str) -> None:
    assert FOREIGN.search(line)
