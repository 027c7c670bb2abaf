"""From the request of staff to a certificate that anybody verifies, by HTTP."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import orjson
import pypdfium2
import pytest
import zxingcpp

from services.common.context import Call
from services.trainings.app import App
from services.trainings.service import TrainingsService
from services.trainings.statements import read_certificate
from tests.support.attendance import mark, seat, send
from tests.support.certificates import end_cohort
from tests.support.gateway import Branches, Door, a_door
from tests.support.stack import Server
from tests.support.trainings import (
    PUBLIC_URL,
    make_form,
    open_cohort,
    question,
    run_due_deadlines,
)


class Trainings(Branches):
    """The service itself in place of the RPC client; requests and answers are JSON, as over it."""

    def __init__(self, app: App) -> None:
        super().__init__()
        self.service = TrainingsService()
        self.service.app = app

    def call(
        self,
        branch: str,
        method: str,
        request: Mapping[str, Any],
        call: Call,
        timeout: float | None = None,
    ) -> Any:
        self.service.call = call
        answer = getattr(self.service, method)(orjson.loads(orjson.dumps(request)))
        return orjson.loads(orjson.dumps(answer))


@pytest.fixture
def door(app: App, database: Server, tmp_path: Path) -> Iterator[Door]:
    with a_door(tmp_path, database.uri) as door:
        door.stand_before(Trainings(app))
        yield door


def test_a_certificate_is_issued_downloaded_verified_corrected_and_revoked(
    app: App, door: Door
) -> None:
    cohort = seat(app, open_cohort(app), "member", "stranger")
    cohort = end_cohort(app, cohort)
    send(app, cohort, *[mark(cohort, number, "member") for number in (1, 2)])
    send(app, cohort, *[mark(cohort, number, "stranger", "absent") for number in (1, 2)])
    path = f"/v1/cohorts/{cohort.id}/certificates"

    rehearsal = door("POST", path, "desk", key="one", json={"dry_run": True})
    assert (rehearsal.status_code, rehearsal.get_json()["issued"]) == (200, 1)
    assert door("POST", path, "member", key="one", json={}).status_code == 403
    issued = door("POST", path, "desk", key="two", json={})
    assert issued.status_code == 201
    results = {each["participant_id"]: each for each in issued.get_json()["items"]}
    assert results["member"]["outcome"] == "issued"
    assert results["stranger"]["shortfalls"] == [
        {"lack": "attendance_short", "required": 80, "reached": 0.0, "open_sessions": []}
    ]

    [mine] = door("GET", "/v1/me/certificates", "member").get_json()["items"]
    assert mine["id"] == results["member"]["certificate_id"]
    one = f"/v1/certificates/{mine['id']}"
    assert door("GET", f"{one}/pdf", "member").status_code == 202
    run_due_deadlines(app)
    first, again = (door("GET", f"{one}/pdf?language=en", "member") for _ in range(2))
    assert (first.status_code, first.data) == (200, again.data)
    assert door("GET", f"{one}/pdf", "stranger").status_code == 404

    picture = pypdfium2.PdfDocument(first.data)[0].render(scale=4).to_pil().convert("L")
    address, _, statement = zxingcpp.read_barcodes(picture)[0].text.partition("#")
    assert address == f"{PUBLIC_URL}/verify/{mine['code']}"
    assert read_certificate(statement, app.certificate_keys).name == mine["name"]
    page = door("GET", address.removeprefix(PUBLIC_URL))
    assert (page.status_code, mine["name"] in page.get_data(as_text=True)) == (200, True)
    typed = mine["code"].lower().replace("-", "")
    assert door("GET", f"/v1/verify/{typed}").get_json()["status"] == "valid"

    corrected = door("POST", f"{one}/correct-name", "desk", version=1, json={"name": "هبة الأحمد"})
    assert corrected.status_code == 200
    assert door("GET", f"/v1/verify/{typed}").get_json()["status"] == "superseded"
    new = corrected.get_json()
    stale = door("POST", f"{one}/revoke", "desk", version=1, json={"reason": "misused"})
    assert stale.status_code == 412
    path = f"/v1/certificates/{new['id']}/revoke"
    revoked = door("POST", path, "desk", version=1, json={"reason": "misused"})
    assert revoked.get_json()["status"] == "revoked"
    assert door("GET", f"/v1/verify/{new['code']}").get_json()["reason"] == "misused"


def test_the_key_of_a_test_is_first_written_at_version_0(app: App, door: Door) -> None:
    cohort = end_cohort(app, seat(app, open_cohort(app), "member"))
    form = make_form(app, purpose="pre_test", questions=[question("q", "integer")])
    path = f"/v1/forms/{form.id}/key"
    assert door("GET", path, "desk").headers["ETag"] == '"0"'
    key = {"edition": 1, "questions": [{"question_id": "q", "points": 1, "right": [4]}]}
    answers = [door("PUT", path, "desk", version=0, json=key) for _ in range(2)]
    assert [each.status_code for each in answers] == [200, 412]
    # A cohort is written before it is read.
    assert door("POST", f"/v1/cohorts/{cohort.id}/close", "desk", version=0).status_code == 412
