"""Signing keys in a folder: made once, for their owner only, rotated, retired, published."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from joserfc import jws

from services.common.signing_keys import (
    ED25519,
    ES256,
    Algorithm,
    NoKeys,
    SigningKeys,
    generate_key,
    retire_key,
)

BOTH = pytest.mark.parametrize("algorithm", [ES256, ED25519], ids=lambda each: each.name)


def signed_by(keys: SigningKeys) -> str:
    header = {"alg": keys.algorithm, "kid": keys.newest.kid}
    return jws.serialize_compact(header, b"said", keys.newest, algorithms=[keys.algorithm])


def verified(token: str, keys: SigningKeys) -> bytes:
    return jws.deserialize_compact(token, keys.all, algorithms=[keys.algorithm]).payload


@BOTH
def test_the_newest_signs_and_all_verify(tmp_path: Path, algorithm: Algorithm) -> None:
    keys = SigningKeys(tmp_path, algorithm)
    first, old = keys.newest.kid, signed_by(keys)
    second = generate_key(tmp_path, algorithm).stem
    assert keys.changed()
    assert keys.newest.kid == second
    assert verified(old, keys) == verified(signed_by(keys), keys) == b"said"
    assert [each["kid"] for each in keys.public()["keys"]] == [first, second]


@BOTH
def test_a_retired_key_verifies_stays_published_and_signs_no_more(
    tmp_path: Path, algorithm: Algorithm
) -> None:
    keys = SigningKeys(tmp_path, algorithm)
    first, old = keys.newest.kid, signed_by(keys)
    generate_key(tmp_path, algorithm)
    keys.changed()
    published = keys.public()
    retire_key(tmp_path, first, algorithm)
    assert keys.changed()
    assert keys.public() == published
    assert verified(old, keys) == b"said"
    assert b"PRIVATE" not in (tmp_path / f"{first}.pem").read_bytes()
    assert keys.newest.kid != first


def test_the_last_private_key_that_is_retired_leaves_nothing_to_sign_with(tmp_path: Path) -> None:
    kid = SigningKeys(tmp_path, ED25519).newest.kid
    retire_key(tmp_path, str(kid), ED25519)
    with pytest.raises(NoKeys, match="no private key"):
        SigningKeys(tmp_path, ED25519)


def test_a_key_that_is_not_there_is_not_retired(tmp_path: Path) -> None:
    SigningKeys(tmp_path, ED25519)
    with pytest.raises(NoKeys, match="elsewhere"):
        retire_key(tmp_path, "elsewhere", ED25519)


@BOTH
def test_published_keys_hold_no_private_part(tmp_path: Path, algorithm: Algorithm) -> None:
    for key in SigningKeys(tmp_path, algorithm).public()["keys"]:
        assert "d" not in key
        assert (key["alg"], key["crv"], key["use"]) == (algorithm.name, algorithm.curve, "sig")


@BOTH
def test_key_files_are_for_their_owner_only(tmp_path: Path, algorithm: Algorithm) -> None:
    folder = tmp_path / "keys"
    kid = str(SigningKeys(folder, algorithm).newest.kid)
    generate_key(folder, algorithm)
    retire_key(folder, kid, algorithm)
    paths = list(folder.glob("*.pem"))
    assert len(paths) == 2
    assert all(path.stat().st_mode & 0o077 == 0 for path in [folder, *paths])


def test_processes_that_start_together_make_one_key(tmp_path: Path) -> None:
    made: list[SigningKeys] = []
    threads = [
        threading.Thread(target=lambda: made.append(SigningKeys(tmp_path / "keys", ES256)))
        for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 6
    assert len({each.newest.kid for each in made}) == 1
    assert len(list((tmp_path / "keys").glob("*.pem"))) == 1


def test_a_file_that_is_no_key_is_named(tmp_path: Path) -> None:
    (tmp_path / "broken.pem").write_text("not a key")
    with pytest.raises(NoKeys, match=r"broken\.pem"):
        SigningKeys(tmp_path, ES256)


def test_a_key_of_another_algorithm_is_named(tmp_path: Path) -> None:
    name = generate_key(tmp_path, ED25519).name
    with pytest.raises(NoKeys, match=name):
        SigningKeys(tmp_path, ES256)
