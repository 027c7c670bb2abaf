"""Access tokens: only ours, whole, unspent and signed with our keys pass."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from joserfc import jws, jwt
from joserfc.jwk import ECKey

from gateway.identity.auth.epochs import Epochs
from gateway.identity.auth.tokens import AccessTokens
from gateway.identity.domain.identity import Identity
from services.common.context import Caller
from services.common.errors import Unauthenticated
from services.common.ids import new_id
from services.common.signing_keys import ES256, SigningKeys, generate_key

ISSUER = "http://gateway.test"
SARA = Identity(
    Caller(
        "sara",
        roles=frozenset({"front_desk"}),
        organisations={"hope": "representative"},
        centres=frozenset({"raqqa"}),
    ),
    "en",
)


class Now:
    at = 1_800_000_000.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def now() -> Now:
    return Now()


@pytest.fixture
def keys(tmp_path: Path) -> SigningKeys:
    return SigningKeys(tmp_path / "keys", ES256)


@pytest.fixture
def epochs() -> Epochs:
    return Epochs()


@pytest.fixture
def tokens(keys: SigningKeys, epochs: Epochs, now: Now) -> AccessTokens:
    return AccessTokens(keys, issuer=ISSUER, seconds=600, epochs=epochs, new_id=new_id, now=now)


def claims(token: str) -> dict[str, Any]:
    payload = token.split(".")[1]
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(payload + "=="))
    return found


def signed(header: dict[str, Any], payload: dict[str, Any], keys: SigningKeys) -> str:
    """A token with exactly this header, signed with our newest key."""
    return jws.serialize_compact(header, json.dumps(payload), keys.newest)


def part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def refused(tokens: AccessTokens, token: str) -> str:
    with pytest.raises(Unauthenticated) as error:
        tokens.verify(token)
    return error.value.code


def test_what_is_issued_comes_back(tokens: AccessTokens) -> None:
    token = tokens.issue(SARA)
    assert tokens.verify(token) == SARA
    assert tokens.verify(token) == SARA  # remembered


def test_a_spent_token_says_so_remembered_or_not(tokens: AccessTokens, now: Now) -> None:
    remembered, fresh = tokens.issue(SARA), tokens.issue(SARA)
    tokens.verify(remembered)
    now.at += 601
    assert refused(tokens, remembered) == "auth.token_expired"
    assert refused(tokens, fresh) == "auth.token_expired"


def test_a_token_of_an_earlier_epoch_is_refused_remembered_or_not(
    tokens: AccessTokens, epochs: Epochs
) -> None:
    remembered, fresh = tokens.issue(SARA), tokens.issue(SARA)
    tokens.verify(remembered)
    epochs.learn("sara", 2)
    epochs.learn("sara", 1)  # older news, later
    assert refused(tokens, remembered) == "auth.token_revoked"
    assert refused(tokens, fresh) == "auth.token_revoked"
    again = Identity(replace(SARA.caller, epoch=2), SARA.language)
    assert tokens.verify(tokens.issue(again)) == again
    epochs.set_removed({"sara"})
    assert refused(tokens, tokens.issue(again)) == "auth.token_revoked"


@pytest.mark.parametrize("typ", [None, "JWT", "at", "logout+jwt", "dpop+jwt", ""])
def test_a_jwt_of_another_type_that_our_key_signed_is_no_access_token(
    tokens: AccessTokens, keys: SigningKeys, typ: object
) -> None:
    header = {"alg": "ES256", "kid": keys.newest.kid}
    if typ is not None:
        header["typ"] = typ
    whole = claims(tokens.issue(SARA))
    assert refused(tokens, signed(header, whole, keys)) == "auth.token_invalid"
    for right in ("at+jwt", "AT+JWT", "application/at+jwt"):
        assert tokens.verify(signed({**header, "typ": right}, whole, keys)) == SARA


def test_forgeries_are_refused(tokens: AccessTokens, keys: SigningKeys) -> None:
    token = tokens.issue(SARA)
    head, payload, signature = token.split(".")
    more = part({**claims(token), "roles": ["manager"]})
    kid = keys.newest.kid
    stranger = ECKey.generate_key("P-256", {"kid": kid})
    pem = keys.newest.as_pem(private=False)
    confused = f"{part({'alg': 'HS256', 'kid': kid})}.{more}"
    mac = hmac.new(pem, confused.encode(), hashlib.sha256).digest()
    forged = [
        f"{part({'alg': 'none', 'typ': 'at+jwt'})}.{payload}.",
        f"{head}.{more}.{signature}",
        f"{head}.{payload}.",
        f"{head}.{payload}",
        jwt.encode({"alg": "ES256", "kid": kid, "typ": "at+jwt"}, claims(token), stranger),
        f"{confused}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}",
        "a.b.c",
        "",
        "\ud800",
        "x" * 100_000,
    ]
    for each in forged:
        assert refused(tokens, each) == "auth.token_invalid"


@pytest.mark.parametrize("claim", ["iss", "aud", "exp", "sub", "roles", "organisations", "epoch"])
def test_a_token_without_a_claim_is_refused(
    tokens: AccessTokens, keys: SigningKeys, claim: str
) -> None:
    whole = claims(tokens.issue(SARA))
    del whole[claim]
    header = {"alg": "ES256", "kid": keys.newest.kid, "typ": "at+jwt"}
    assert refused(tokens, jwt.encode(header, whole, keys.newest)) == "auth.token_invalid"


@pytest.mark.parametrize(
    ("claim", "value"), [("iss", "http://elsewhere"), ("aud", "another"), ("exp", 10**400)]
)
def test_a_token_for_somebody_else_or_for_ever_is_refused(
    tokens: AccessTokens, keys: SigningKeys, claim: str, value: str
) -> None:
    changed = {**claims(tokens.issue(SARA)), claim: value}
    header = {"alg": "ES256", "kid": keys.newest.kid, "typ": "at+jwt"}
    assert refused(tokens, jwt.encode(header, changed, keys.newest)) == "auth.token_invalid"


def test_after_rotation_the_newest_signs_and_all_verify(tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    before = SigningKeys(folder, ES256)
    old = AccessTokens(before, issuer=ISSUER, seconds=600, epochs=Epochs(), new_id=new_id).issue(
        SARA
    )
    newest = generate_key(folder, ES256)
    after = SigningKeys(folder, ES256)
    tokens = AccessTokens(after, issuer=ISSUER, seconds=600, epochs=Epochs(), new_id=new_id)
    assert after.newest.kid == newest.stem
    assert tokens.verify(old) == SARA
    assert {key["kid"] for key in after.public()["keys"]} == {before.newest.kid, newest.stem}


def test_a_key_that_another_process_just_put_in_is_known_at_once(tmp_path: Path) -> None:
    here = AccessTokens(
        SigningKeys(tmp_path, ES256), issuer=ISSUER, seconds=600, epochs=Epochs(), new_id=new_id
    )
    generate_key(tmp_path, ES256)
    there = AccessTokens(
        SigningKeys(tmp_path, ES256), issuer=ISSUER, seconds=600, epochs=Epochs(), new_id=new_id
    )
    assert here.verify(there.issue(SARA)) == SARA


def test_a_key_that_was_taken_out_verifies_no_more(tmp_path: Path) -> None:
    before = AccessTokens(
        SigningKeys(tmp_path, ES256), issuer=ISSUER, seconds=600, epochs=Epochs(), new_id=new_id
    )
    old = before.issue(SARA)
    [path] = tmp_path.glob("*.pem")
    generate_key(tmp_path, ES256)
    path.unlink()
    after = AccessTokens(
        SigningKeys(tmp_path, ES256), issuer=ISSUER, seconds=600, epochs=Epochs(), new_id=new_id
    )
    assert refused(after, old) == "auth.token_invalid"


def test_a_running_process_forgets_what_a_key_verified_that_was_taken_out(tmp_path: Path) -> None:
    keys = SigningKeys(tmp_path, ES256)
    tokens = AccessTokens(keys, issuer=ISSUER, seconds=600, epochs=Epochs(), new_id=new_id)
    old = tokens.issue(SARA)
    assert tokens.verify(old) == SARA
    [path] = tmp_path.glob("*.pem")
    generate_key(tmp_path, ES256)
    path.unlink()
    assert keys.changed()
    assert refused(tokens, old) == "auth.token_invalid"
    assert tokens.verify(tokens.issue(SARA)) == SARA


def test_public_keys_hold_no_private_part(keys: SigningKeys) -> None:
    for key in keys.public()["keys"]:
        assert "d" not in key
        assert key["alg"] == "ES256"
