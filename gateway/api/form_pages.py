"""The page behind the link of a form: for people who have a browser and no account.

It does what the link's endpoints do, for a person in place of a program, without any script. A
question that is asked only after some answer is shown with that condition in words; what does not
apply is left out by the branch.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from flask import Blueprint, Response, g, request

from gateway.api import front
from gateway.web import problems
from gateway.web.endpoint import gateway
from gateway.web.form_reading import field_of, number_of, read_answers
from gateway.web.request_parsing import LONGEST_BODY, received
from services.common import errors
from services.common.context import Call
from services.common.contracts.form_words import Kind, Operator
from services.common.forms.questions import NOT_APPLICABLE
from services.common.languages import in_language

pages = Blueprint("form_pages", __name__)

#: An Arabic letter takes six bytes in a form that a browser sends, and two in JSON.
LONGEST_FORM = 4 * LONGEST_BODY
_ONCE = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class FormLinks:
    """One kind of links to a form.

    Attributes:
        opens, answers: the methods of the branch.
        heading: the member of the opened link that says what the form is about.
        names_form: whether answers name their form.
    """

    branch: str
    opens: str
    answers: str
    heading: str
    names_form: bool = True


OF_COHORTS = FormLinks("trainings", "open_form_link", "answer_by_link", "cohort_title")


def add_pages(path: str, links: FormLinks) -> None:
    """Serve the page of a kind of links under a path, which ends with the token."""
    name = f"{links.branch}_{links.opens}"
    pages.add_url_rule(f"{path}/<id:token>", name, partial(_show, links), methods=["GET"])
    pages.add_url_rule(
        f"{path}/<id:token>", f"{name}_answer", partial(_answer, links), methods=["POST"]
    )


def _show(links: FormLinks, token: str) -> Response:
    """The form behind a link."""
    try:
        return _page(links, _opened(links, front.visiting(), token))
    except errors.MasahaError as error:
        return _refused(links, error)


def _answer(links: FormLinks, token: str) -> Response:
    """Take the answers, and thank. The same answers again change nothing."""
    opened: dict[str, Any] | None = None
    try:
        call = front.visiting()
        opened = _opened(links, call, token)
        received(request, LONGEST_FORM)
        call = replace(call, idempotency_key=_once())
        gateway().rpc.call(links.branch, links.answers, _sent(links, opened, token), call)
        return _page(links, opened, thanks=True)
    except errors.MasahaError as error:
        return _refused(links, error, opened)


def _opened(links: FormLinks, call: Call, token: str) -> dict[str, Any]:
    found: dict[str, Any] = gateway().rpc.call(links.branch, links.opens, {"token": token}, call)
    return found


def _once() -> str:
    """What makes a form that was sent twice one: it was given out with the page."""
    sent = request.form.get("once", "")
    return sent if _ONCE.fullmatch(sent) else secrets.token_hex(16)


def _sent(links: FormLinks, opened: Mapping[str, Any], token: str) -> dict[str, Any]:
    """What the branch is sent.

    Raises:
        errors.Invalid: naming what the page alone can see.
    """
    answers, faults = read_answers(opened["form"]["questions"], request.form)
    edition = number_of(request.form.get("edition", ""))
    if faults or not isinstance(edition, int):
        raise errors.Invalid(detail="the page holds no answers", errors=faults)
    sent = {"token": token, "edition": edition, "answers": answers}
    return sent | {"form_id": opened["form"]["id"]} if links.names_form else sent


def _refused(
    links: FormLinks, error: errors.MasahaError, opened: dict[str, Any] | None = None
) -> Response:
    """The page with what is wrong; with what was filled in, if the link still opens."""
    faults: dict[str, str] = {}
    for fault in error.errors[: problems.MOST_FAULTS]:
        name = fault.pointer.removeprefix("/answers/").partition("/")[0]
        faults.setdefault(name, problems.field_text(fault, g.language, error.params))
    return front.refused_page(error, "form.html", **_values(links, opened, faults))


def _page(links: FormLinks, opened: Mapping[str, Any], *, thanks: bool = False) -> Response:
    values = _values(links, opened, {})
    return front.page("form.html", answered=opened["answered"], thanks=thanks, **values)


def _values(
    links: FormLinks, opened: Mapping[str, Any] | None, faults: Mapping[str, str]
) -> dict[str, Any]:
    """What the page shows."""
    form = None if opened is None else opened["form"]
    return {
        "cache": "private, no-store",
        "heading": None if opened is None else in_language(opened[links.heading], g.language),
        "title": None if form is None else in_language(form["title"], g.language),
        "form": form,
        "questions": [] if form is None else list(_shown(form["questions"], faults)),
        "once": _once(),
    }


# -- questions as the page shows them --------------------------------------------------------------


def _shown(
    questions: Sequence[Mapping[str, Any]], faults: Mapping[str, str]
) -> Iterator[dict[str, Any]]:
    by_id = {each["id"]: each for each in questions}
    for each in questions:
        kind = Kind(each["kind"])
        field = field_of(each["id"])
        yield {
            "kind": kind.value,
            "field": field,
            "label": in_language(each["label"], g.language),
            "hint": in_language(each["hint"], g.language) if each["hint"] else None,
            "required": each["required"],
            "conditions": [_in_words(condition, by_id) for condition in each["shown_if"]],
            "options": _options(each),
            "longest": each["max_length"],
            "given": [] if kind is Kind.NOTE else request.form.getlist(field),
            "fault": faults.get(each["id"]),
        }


def _options(question: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Value and words of each answer that is offered."""
    offered = [(each["id"], in_language(each["label"], g.language)) for each in question["choices"]]
    if question["kind"] != Kind.SCALE:
        return offered
    words = dict(offered)
    levels = map(str, range(int(question["minimum"]), int(question["maximum"]) + 1))
    options = [(each, f"{each} – {words[each]}" if each in words else each) for each in levels]
    if question["not_applicable"]:
        options.append((NOT_APPLICABLE, problems.texts.text("form.not_applicable", g.language)))
    return options


def _in_words(condition: Mapping[str, Any], questions: Mapping[str, Mapping[str, Any]]) -> str:
    """A condition as a person reads it."""
    asked = questions[condition["question_id"]]
    value = str(condition["value"])
    said = dict(_options(asked)).get(value, value)
    operator = Operator(condition["operator"])
    params = {"question": in_language(asked["label"], g.language), "said": said}
    return problems.texts.text(f"form.shown_if.{operator}", g.language, params)


add_pages("/form-links", OF_COHORTS)
