"""A form from a workbook, applications that answer it, reviews, ranking, shortlist: through the
real door."""

from __future__ import annotations

import httpx

from tests.e2e.conftest import SignIn
from tests.e2e.test_cohort_seats import open_cohort
from tests.support.client import code_of, key, tag

FILE = {"Content-Type": "application/octet-stream"}
QUESTIONS = [
    {"id": "employer", "kind": "text", "label": {"ar": "أين تعمل؟"}, "identifying": True},
    {"id": "why", "kind": "paragraph", "label": {"ar": "لماذا؟"}, "required": True},
]


def put(client: httpx.Client, path: str, seen: str, body: dict[str, object]) -> httpx.Response:
    """Set a part of a thing as it stands now."""
    return client.put(path, json=body, headers=tag(client.get(seen).raise_for_status()))


def test_from_a_form_to_the_shortlist(signed_in: SignIn) -> None:
    desk, member, reviewer = (signed_in(name) for name in ("frontdesk-raqqa", "member", "trainer"))
    definition = {
        "purpose": "application",
        "centre_id": "raqqa",
        "title": {"ar": "طلب مشاركة"},
        "questions": QUESTIONS,
    }
    made = desk.post("/v1/forms", json=definition, headers=key()).raise_for_status()
    file = desk.get(f"{made.headers['Location']}/xlsform").raise_for_status()
    assert file.headers["Content-Disposition"].startswith("attachment")
    upload = "/v1/forms/from-xlsform?purpose=application&centre_id=raqqa&name="
    lied = desk.post(f"{upload}form.xlsx", content=b"%PDF-1.7", headers=key() | FILE)
    assert code_of(lied) == (422, "files.not_as_named")
    copy = desk.post(f"{upload}form.xlsx", content=file.content, headers=key() | FILE)
    form = copy.raise_for_status().json()
    assert [each["identifying"] for each in form["questions"]] == [True, False]

    where = open_cohort(desk, mode="selection")
    rules = {
        "criteria": [{"id": "need", "label": {"ar": "الحاجة"}, "weight": 1}],
        "blind": True,
    }
    form_url = f"{where}/forms/application"
    put(desk, form_url, where, {"form_id": form["id"]}).raise_for_status()
    put(desk, f"{where}/selection", where, rules).raise_for_status()
    put(desk, f"{where}/reviewers", where, {"person_ids": ["trainer"]}).raise_for_status()
    shown = httpx.get(str(desk.base_url.join(form_url))).raise_for_status().json()
    assert shown["id"] == form["id"]

    answers = {"form_id": form["id"], "edition": 1, "answers": {"employer": "جمعية الفرات"}}
    refused = member.post(f"{where}/applications", json={"answers": answers}, headers=key())
    assert code_of(refused) == (422, "invalid")
    assert [each["pointer"] for each in refused.json()["errors"]] == ["/answers/answers/why"]
    answers["answers"] = {"employer": "جمعية الفرات", "why": "أدير مشروعاً"}
    applied = member.post(f"{where}/applications", json={"answers": answers}, headers=key())
    assert (applied.status_code, applied.json()["status"]) == (201, "submitted")

    (task,) = reviewer.get(f"{where}/reviews").raise_for_status().json()["items"]
    assert (task["name"], task["answers"]) == (None, {"why": "أدير مشروعاً"})
    review = f"/v1/applications/{task['application_id']}/review"
    off = reviewer.put(review, json={"scores": {"need": 9}})
    assert code_of(off) == (422, "trainings.score_off_scale")
    assert [each["pointer"] for each in off.json()["errors"]] == ["/scores/need"]
    assert off.json()["criterion"]["ar"] in off.json()["detail"]
    reviewer.put(review, json={"scores": {"need": 4}}).raise_for_status()
    assert reviewer.get(f"{where}/reviews").json()["items"] == []
    assert code_of(reviewer.get(f"{where}/ranking")) == (403, "forbidden")

    (ranked,) = desk.get(f"{where}/ranking").raise_for_status().json()["items"]
    assert (ranked["total"], ranked["means"]) == (80.0, {"need": 4.0})
    listed = desk.post(f"{where}/shortlist", json={"most": 5}, headers=key())
    assert [each["status"] for each in listed.raise_for_status().json()["items"]] == ["shortlisted"]
    table = desk.get(f"{form_url}/answers.csv").raise_for_status().text
    assert "جمعية الفرات" in table
    assert code_of(reviewer.get(f"{form_url}/answers.csv")) == (403, "forbidden")
