"""Signed statements: what a QR code says holds offline, and nothing else passes for it."""

from __future__ import annotations

import base64
import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from joserfc import jws

from services.common.signing_keys import ED25519, SigningKeys, generate_key, retire_key
from services.trainings.domain.certificates import erase_person
from services.trainings.statements import (
    NotOurs,
    Statement,
    WithdrawnList,
    read_certificate,
    read_withdrawn,
    sign_certificate,
    sign_withdrawn,
)
from tests.unit.trainings.certificates import DAMASCUS, FULL_NAME, ISSUED, certificate


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> SigningKeys:
    return SigningKeys(tmp_path_factory.mktemp("keys"), ED25519)


def changed(token: str, **members: object) -> str:
    """The token with other members under the same signature: what a forger can do."""
    header, payload, signature = token.split(".")
    said = json.loads(base64.urlsafe_b64decode(payload + "=="))
    text = json.dumps(said | members, ensure_ascii=False).encode()
    return ".".join([header, base64.urlsafe_b64encode(text).decode().rstrip("="), signature])


def test_a_statement_says_what_was_issued(keys: SigningKeys) -> None:
    one = certificate(expires_at=datetime(2029, 5, 1, 21, tzinfo=UTC))
    assert read_certificate(sign_certificate(one, DAMASCUS, keys), keys) == Statement(
        code="MSH-7Q4K",
        name=FULL_NAME,
        title="Excel للمحاسبة",
        kind="completion",
        hours=40,
        first_day=date(2026, 4, 26),
        last_day=date(2026, 5, 2),
        issued=date(2026, 5, 2),
        valid_until=date(2029, 5, 1),
    )


def test_it_is_the_same_each_time(keys: SigningKeys) -> None:
    one = certificate()
    assert sign_certificate(one, DAMASCUS, keys) == sign_certificate(one, DAMASCUS, keys)


def test_a_day_is_that_of_the_centre(keys: SigningKeys) -> None:
    late = certificate(issued_at=datetime(2026, 5, 2, 22, 30, tzinfo=UTC))
    assert read_certificate(sign_certificate(late, DAMASCUS, keys), keys).issued == date(2026, 5, 3)


@pytest.mark.parametrize("members", [{"h": 80}, {"n": "هبة"}, {"t": "x"}, {"c": "MSH-7Q4L"}])
def test_one_that_was_changed_is_not_ours(keys: SigningKeys, members: dict[str, object]) -> None:
    token = sign_certificate(certificate(), DAMASCUS, keys)
    with pytest.raises(NotOurs):
        read_certificate(changed(token, **members), keys)


def test_one_of_another_key_is_not_ours(keys: SigningKeys, tmp_path: Path) -> None:
    foreign = sign_certificate(certificate(), DAMASCUS, SigningKeys(tmp_path, ED25519))
    with pytest.raises(NotOurs):
        read_certificate(foreign, keys)


def test_one_without_a_signature_is_not_ours(keys: SigningKeys) -> None:
    _, payload, _ = sign_certificate(certificate(), DAMASCUS, keys).split(".")
    header = {"alg": "none", "kid": keys.newest.kid, "typ": "certificate"}
    none = base64.urlsafe_b64encode(json.dumps(header).encode()).decode().rstrip("=")
    with pytest.raises(NotOurs):
        read_certificate(f"{none}.{payload}.", keys)


@pytest.mark.parametrize("text", ["", "x", "a.b.c", "....", "eyJ9.e30.AA"])
def test_what_is_no_token_is_not_ours(keys: SigningKeys, text: str) -> None:
    with pytest.raises(NotOurs):
        read_certificate(text, keys)


@pytest.mark.parametrize("payload", [b"{}", b"[]", b"\xff", b'{"c":"MSH","f":"never"}'])
def test_a_signed_text_of_another_form_is_not_ours(keys: SigningKeys, payload: bytes) -> None:
    header = {"alg": "Ed25519", "kid": keys.newest.kid, "typ": "certificate"}
    token = jws.serialize_compact(header, payload, keys.newest, algorithms=["Ed25519"])
    with pytest.raises(NotOurs):
        read_certificate(token, keys)


def test_an_old_certificate_is_verified_after_its_key_was_retired(tmp_path: Path) -> None:
    keys = SigningKeys(tmp_path, ED25519)
    first = str(keys.newest.kid)
    old = sign_certificate(certificate(), DAMASCUS, keys)
    generate_key(tmp_path, ED25519)
    retire_key(tmp_path, first, ED25519)
    after = SigningKeys(tmp_path, ED25519)
    assert read_certificate(old, after).name == FULL_NAME
    assert (
        jws.extract_compact(sign_certificate(certificate(), DAMASCUS, after).encode()).headers()[
            "kid"
        ]
        != first
    )


def test_an_erased_name_is_not_stated(keys: SigningKeys) -> None:
    with pytest.raises(ValueError, match="erased"):
        sign_certificate(erase_person(certificate()), DAMASCUS, keys)


def test_the_list_of_the_withdrawn_has_a_number_a_date_and_an_end(keys: SigningKeys) -> None:
    token = sign_withdrawn(
        ["MSH-B", "MSH-A", "MSH-B"], number=7, now=ISSUED, lasts=timedelta(days=7), keys=keys
    )
    assert read_withdrawn(token, keys) == WithdrawnList(
        number=7,
        issued_at=ISSUED,
        next_by=ISSUED + timedelta(days=7),
        codes=("MSH-A", "MSH-B"),
    )


def test_a_list_and_a_certificate_never_pass_for_each_other(keys: SigningKeys) -> None:
    listed = sign_withdrawn([], number=1, now=ISSUED, lasts=timedelta(days=1), keys=keys)
    with pytest.raises(NotOurs):
        read_certificate(listed, keys)
    with pytest.raises(NotOurs):
        read_withdrawn(sign_certificate(certificate(), DAMASCUS, keys), keys)


def test_a_list_from_which_a_code_was_taken_is_not_ours(keys: SigningKeys) -> None:
    token = sign_withdrawn(["MSH-A"], number=1, now=ISSUED, lasts=timedelta(days=1), keys=keys)
    with pytest.raises(NotOurs):
        read_withdrawn(changed(token, codes=[]), keys)
