"""From an instrument to the trajectory: through the real door, over the real broker."""

from __future__ import annotations

from typing import Any

import httpx

from services.common.contracts.consultations.instruments import EXAMPLE
from tests.e2e.conftest import SignIn
from tests.support.awaiting import until
from tests.support.client import code_of, key, tag

ORGANISATION = "euphrates-development"
HELD_ON = "2026-03-01"


def act(client: httpx.Client, path: str, what: str, **body: Any) -> dict[str, Any]:
    """An action on a thing as it stands now."""
    seen = client.get(path).raise_for_status()
    found: dict[str, Any] = (
        client.post(f"{path}/{what}", json=body, headers=tag(seen)).raise_for_status().json()
    )
    return found


def test_from_an_instrument_to_the_trajectory(signed_in: SignIn) -> None:
    manager, adviser, person, member, other = (
        signed_in(name)
        for name in ("manager", "adviser", "representative", "member", "member-other")
    )
    edition = EXAMPLE | {"family": "journey"}
    added = manager.post("/v1/instruments", json=edition, headers=key()).raise_for_status()
    instrument = added.headers["Location"]
    assert member.get(instrument).status_code == 404
    assert act(manager, instrument, "publish")["status"] == "published"
    assert member.get(instrument).json()["domains"][0]["items"][0]["topics"] != []

    said = {
        "organisation_id": ORGANISATION,
        "instrument_id": added.json()["id"],
        "held_on": HELD_ON,
        "people": 7,
    }
    assert code_of(member.post("/v1/assessments", json=said, headers=key())) == (403, "forbidden")
    assert code_of(other.post("/v1/assessments", json=said, headers=key())) == (404, "not_found")
    begun = person.post("/v1/assessments", json=said, headers=key()).raise_for_status()
    where = begun.headers["Location"]
    again = adviser.post("/v1/assessments", json=said, headers=key())
    assert code_of(again) == (409, "consultations.assessment_open")
    assert again.json()["assessment_id"] == begun.json()["id"]
    frozen = manager.patch(
        instrument, json={"name": {"ar": "أخرى"}}, headers=tag(manager.get(instrument))
    )
    assert code_of(frozen) == (409, "consultations.instrument_not_allowed_now")

    def enter(score: int) -> httpx.Response:
        body = {"scores": [{"item_id": "finance-budget", "score": score}]}
        return person.patch(where, json=body, headers=tag(person.get(where)))

    off = enter(5)
    assert code_of(off) == (422, "invalid")
    assert [each["pointer"] for each in off.json()["errors"]] == ["/scores/0/score"]
    missing = person.post(f"{where}/agree", json={}, headers=tag(person.get(where)))
    assert missing.json()["missing_items"] == ["finance-budget"]
    entered = enter(1).raise_for_status()
    assert (other.get(where).status_code, member.get(where).status_code) == (404, 200)
    stale = person.post(f"{where}/agree", json={}, headers=tag(begun))
    assert code_of(stale) == (412, "stale")
    agreed = act(person, where, "agree")
    assert (agreed["status"], agreed["version"]) == ("agreed", entered.json()["version"] + 1)
    assert agreed["result"] == {
        "mean": 1.0,
        "band_id": "starting",
        "domains": [{"domain_id": "finance", "mean": 1.0, "scored": 1, "band_id": "starting"}],
    }

    mine = f"/v1/recommendations?organisation_id={ORGANISATION}&status=proposed"
    proposed = member.get(mine).raise_for_status().json()["items"]
    assert [(each["help"], each["rank"]) for each in sorted(proposed, key=lambda e: e["rank"])] == [
        ("consultation", 1),
        ("training", 2),
    ]
    assert proposed[0]["terms"] == {
        "gap": {"value": 1.0, "stated": True},
        "urgency": {"value": 0.5, "stated": False},
        "readiness": {"value": 0.5, "stated": False},
        "product": 0.25,
    }
    training = next(each for each in proposed if each["help"] == "training")
    path = f"/v1/recommendations/{training['id']}"
    own = person.post(f"{path}/approve", json={}, headers=tag(person.get(path)))
    assert code_of(own) == (403, "forbidden")
    assert act(adviser, path, "approve")["decided_by"] == "adviser"

    seen = {"item_id": "finance-budget", "score": 3, "evidence": "الخطة المالية لعام 2026"}
    act(adviser, where, "evidence", scores=[seen])
    verified = act(adviser, where, "verify")
    assert (verified["result"]["mean"], verified["scores"][0]["agreed"]) == (3.0, 1)

    trajectory = f"/v1/organisations/{ORGANISATION}/trajectory"

    def last_point() -> dict[str, Any]:
        points = member.get(trajectory).raise_for_status().json()["points"]
        return dict(points[-1]) if points else {}

    until(
        lambda: last_point().get("terms") and last_point()["terms"]["capacity"] == 0.6667,
        "the verified assessment in the trajectory",
    )
    assert last_point()["assessment_id"] == begun.json()["id"]
    assert other.get(trajectory).status_code == 404
    for language, word in (("ar", "ولا يثبت"), ("en", "no proof of cause")):
        shown = member.get(trajectory, headers={"Accept-Language": language})
        assert word in shown.raise_for_status().json()["note"]

    later = adviser.post("/v1/assessments", json=said | {"held_on": "2026-09-01"}, headers=key())
    second = later.raise_for_status().headers["Location"]
    body = {"scores": [{"item_id": "finance-budget", "score": 4}]}
    adviser.patch(second, json=body, headers=tag(later)).raise_for_status()
    act(adviser, second, "agree")
    compared = member.get(f"{second}/comparison?earlier_id={begun.json()['id']}")
    assert compared.raise_for_status().json()["change"] == 1.0
