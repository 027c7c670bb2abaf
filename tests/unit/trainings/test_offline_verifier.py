"""The verifier of docs/certificates.md, as it stands there: it has the published keys alone."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from services.common.signing_keys import ED25519, SigningKeys, generate_key, retire_key
from services.trainings.statements import sign_certificate, sign_withdrawn
from tests.unit.trainings.certificates import DAMASCUS, FULL_NAME, ISSUED, certificate

PAGE = Path(__file__).parents[3] / "docs" / "certificates.md"
ENDS = datetime(2029, 5, 1, 21, tzinfo=UTC)
ADDRESS = "https://masaha.example/certificates/MSH-7Q4K"

Verify = Callable[[str, dict[str, Any], str, datetime], tuple[str, dict[str, Any] | None]]


@pytest.fixture(scope="module")
def verify() -> Verify:
    [code] = re.findall(r"^```python\n(.*?)^```", PAGE.read_text("utf-8"), re.M | re.S)
    names: dict[str, Any] = {}
    exec(compile(code, str(PAGE), "exec"), names)
    found: Verify = names["verify"]
    return found


@pytest.fixture
def keys(tmp_path: Path) -> SigningKeys:
    return SigningKeys(tmp_path, ED25519)


def scanned(keys: SigningKeys) -> str:
    return f"{ADDRESS}#{sign_certificate(certificate(expires_at=ENDS), DAMASCUS, keys)}"


def listed(keys: SigningKeys, *codes: str, now: datetime = ISSUED) -> str:
    return sign_withdrawn(codes, number=1, now=now, lasts=timedelta(days=7), keys=keys)


def published(keys: SigningKeys) -> dict[str, Any]:
    """As it travels: text, and no private part in it."""
    text = json.dumps(keys.public())
    assert '"d"' not in text
    found: dict[str, Any] = json.loads(text)
    return found


def test_a_valid_one_shows_what_was_issued(verify: Verify, keys: SigningKeys) -> None:
    answer, said = verify(scanned(keys), published(keys), listed(keys, "MSH-OTHER"), ISSUED)
    assert answer == "valid"
    assert said == {
        "c": "MSH-7Q4K",
        "n": FULL_NAME,
        "t": "Excel للمحاسبة",
        "k": "completion",
        "h": 40,
        "f": "2026-04-26",
        "l": "2026-05-02",
        "i": "2026-05-02",
        "u": "2029-05-01",
    }


def test_a_withdrawn_one_counts_no_more_and_shows_no_name(
    verify: Verify, keys: SigningKeys
) -> None:
    answer = verify(scanned(keys), published(keys), listed(keys, "MSH-7Q4K"), ISSUED)
    assert answer == ("counts no more", None)


def test_it_expires(verify: Verify, keys: SigningKeys) -> None:
    now = ENDS.astimezone(DAMASCUS)
    assert verify(scanned(keys), published(keys), listed(keys, now=now), now)[0] == "expired"
    before = now - timedelta(milliseconds=1)
    assert verify(scanned(keys), published(keys), listed(keys, now=before), before)[0] == "valid"


def test_an_old_list_is_said_to_be_old(verify: Verify, keys: SigningKeys) -> None:
    later = ISSUED + timedelta(days=7)
    answer, said = verify(scanned(keys), published(keys), listed(keys), later)
    assert "too old" in answer
    assert said is not None


def test_a_certificate_in_place_of_the_list_is_no_list(verify: Verify, keys: SigningKeys) -> None:
    token = scanned(keys).partition("#")[2]
    assert "too old" in verify(scanned(keys), published(keys), token, ISSUED)[0]


def test_a_foreign_or_changed_one_is_not_ours(
    verify: Verify, keys: SigningKeys, tmp_path: Path
) -> None:
    foreign = SigningKeys(tmp_path / "foreign", ED25519)
    whole = scanned(keys)
    for text in (scanned(foreign), whole[:-5] + "AAAAA", ADDRESS, "", f"{ADDRESS}#a.b.c"):
        assert verify(text, published(keys), listed(keys), ISSUED) == ("not ours", None)


def test_after_rotation_old_and_new_ones_are_verified(
    verify: Verify, keys: SigningKeys, tmp_path: Path
) -> None:
    old, first = scanned(keys), str(keys.newest.kid)
    generate_key(tmp_path, ED25519)
    retire_key(tmp_path, first, ED25519)
    after = SigningKeys(tmp_path, ED25519)
    for text in (old, scanned(after)):
        assert verify(text, published(after), listed(after), ISSUED)[0] == "valid"
