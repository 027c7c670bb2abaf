"""An action plan from its first edition to the paper that both sides keep, by HTTP."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pypdfium2

from tests.e2e.conftest import SignIn
from tests.e2e.test_cases import request, step
from tests.support.client import code_of, key

MILESTONE = {
    "title": "دليل مالي يعتمده مجلس الإدارة",
    "owner": {"side": "organisation", "name": "المسؤولة المالية"},
    "due_on": "2027-03-31",
    "evidence": "محضر اجتماع المجلس",
}


def test_a_plan_is_signed_by_both_sides_and_printed(signed_in: SignIn) -> None:
    member, desk, adviser, representative = (
        signed_in(name) for name in ("member", "frontdesk-raqqa", "adviser", "representative")
    )
    made = member.post("/v1/cases", json=request(), headers=key()).raise_for_status()
    where = made.headers["Location"]
    step(desk, where, "assign", adviser_id="adviser").raise_for_status()
    step(adviser, where, "start").raise_for_status()
    said = {"case_id": made.json()["id"], "goal": "إدارة مالية", "milestones": [MILESTONE]}
    plan = adviser.post("/v1/action-plans", json=said, headers=key()).raise_for_status()
    path = plan.headers["Location"]
    current = plan.json()["current"]
    seen = {"edition": 1, "content_hash": current["content_hash"]}
    for side in (adviser, representative):
        side.post(f"{path}/signatures", json=seen, headers=key()).raise_for_status()

    printed = f"{path}/editions/1/pdf"
    for language in ("ar", "en"):
        found = member.get(printed, params={"language": language}).raise_for_status()
        assert found.headers["Content-Type"] == "application/pdf"
        assert found.headers["Cache-Control"] == "private, no-store"
        assert found.headers["Content-Disposition"].startswith("attachment; ")
        text = pypdfium2.PdfDocument(found.content)[0].get_textpage().get_text_bounded()
        assert current["content_hash"] in text.split()
    assert "In force" in text
    assert "31 March 2027" in text
    assert code_of(signed_in("trainer").get(printed)) == (404, "not_found")
    assert code_of(member.get(f"{path}/editions/2/pdf")) == (404, "not_found")

    # Each is made in a process of its own: the service answers others meanwhile.
    with ThreadPoolExecutor(4) as pool:
        printing = [pool.submit(adviser.get, printed) for _ in range(3)]
        assert desk.get(where).status_code == 200
        assert {each.result().status_code for each in printing} <= {200, 503}
    step(member, where, "withdraw").raise_for_status()
