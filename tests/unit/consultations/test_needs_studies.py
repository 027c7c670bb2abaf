"""Which studies can be ranked; the seeded one can."""

from __future__ import annotations

import json
from typing import Any

import pytest

from services.common.forms.definition import load_definition
from services.common.forms.questions import Form
from services.consultations.domain.needs_studies import Need, NeedsStudy, find_faults
from tests.architecture.project import ROOT
from tests.support.needs import a_needs_form, a_scale, a_study

CENTRES = ("raqqa", "tabqa")


def test_a_study_that_fits_its_form_has_no_fault() -> None:
    assert list(find_faults(a_study(), a_needs_form(), CENTRES)) == []


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"needs": (Need("nothing"),)}, (("needs", 0, "question_id"), "not_an_answer")),
        ({"needs": (Need("centre"),)}, (("needs", 0, "question_id"), "not_an_answer")),
        (
            {"needs": (Need("law"), Need("law"))},
            (("needs", 1, "question_id"), "each_once"),
        ),
        ({"centre_question": "law"}, (("centre_question",), "not_an_answer")),
        ({"centre_question": "kind"}, (("centre_question",), "unknown")),
        ({"kind_question": "nothing"}, (("kind_question",), "not_an_answer")),
    ],
)
def test_a_study_that_cannot_be_ranked_says_where(changes: dict[str, Any], fault: Any) -> None:
    assert list(find_faults(a_study(**changes), a_needs_form(), CENTRES)) == [fault]


def test_needs_on_different_scales_are_not_ranked_together() -> None:
    form = a_needs_form()
    wide = a_scale("law", maximum=10)
    other = Form(form.id, form.title, (*form.questions[:-1], wide))
    assert list(find_faults(a_study(), other, CENTRES)) == [
        (("needs", 2, "question_id"), "scale_levels")
    ]


def test_the_seeded_study_can_be_ranked_and_speaks_both_languages() -> None:
    seed = ROOT / "deploy" / "seed"
    [entry] = json.loads((seed / "needs_studies.json").read_text("utf-8"))["studies"]
    network = json.loads((seed / "centre.json").read_text("utf-8"))
    title, questions = load_definition(entry["form"])
    study = NeedsStudy(
        entry["id"],
        entry["title"],
        "form",
        tuple(Need(**each) for each in entry["needs"]),
        entry["centre_question"],
        entry["kind_question"],
    )
    centres = [each["id"] for each in network["centres"]]
    assert list(find_faults(study, Form("form", title, questions), centres)) == []
    topics = {each["id"] for each in network["topics"]}
    assert {each.topic_id for each in study.needs if each.topic_id} == topics
    texts = [title, *(each.label for each in questions)]
    texts += [choice.label for each in questions for choice in each.choices]
    assert all({"ar", "en"} <= set(each) for each in texts)
