"""Secrets: read with their key at their place, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from services.common.encryption import Cipher, NotDecrypted, new_key
from services.common.storage.encrypted import SECRET, encrypted, hide, show
from services.common.storage.mapping import mapping_of

TEXT = "وصلنا تهديد".encode()


@pytest.mark.parametrize("data", [b"", b"\x00", b"a\x80\x00\x00", TEXT, b"x" * 64])
def test_a_secret_reads_back_as_it_was(data: bytes) -> None:
    cipher = Cipher(new_key())
    secret = cipher.encrypt(data, "note/1")
    assert cipher.decrypt(secret, "note/1") == data


def test_a_secret_is_read_with_its_own_key_at_its_own_place_alone() -> None:
    cipher = Cipher(new_key())
    secret = cipher.encrypt(TEXT, "note/1")
    changed = secret[:-1] + bytes([secret[-1] ^ 1])
    for other, place, stored in (
        (Cipher(new_key()), "note/1", secret),
        (cipher, "note/2", secret),
        (cipher, "note/1", changed),
        (cipher, "note/1", secret[:5]),
    ):
        with pytest.raises(NotDecrypted):
            other.decrypt(stored, place)


def test_equal_texts_look_different_and_short_ones_are_as_long_as_each_other() -> None:
    cipher = Cipher(new_key())
    secrets = [cipher.encrypt(text, "note/1") for text in (TEXT, TEXT, b"yes", b"")]
    assert len({*secrets}) == 4
    assert len({len(each) for each in secrets}) == 1


@dataclass(frozen=True)
class Note:
    id: str
    case_id: str
    text: str
    written_at: datetime
    version: int = 1


def test_a_document_hides_its_fields_and_shows_them_again() -> None:
    ciphers = {"c1": Cipher(new_key()), "c2": Cipher(new_key())}
    mapping = encrypted(
        mapping_of(Note), ("text", "written_at"), lambda document: ciphers[document["case_id"]]
    )
    note = Note("n1", "c1", TEXT.decode(), datetime(2026, 11, 23, 6, 0, tzinfo=UTC))
    document = mapping.document_of(note)
    assert document.keys() == {"_id", "case_id", "version", SECRET}
    assert mapping.aggregate_of(document) == note
    for moved in ({**document, "_id": "n2"}, {**document, "case_id": "c2"}):
        with pytest.raises(NotDecrypted):
            mapping.aggregate_of(moved)


def test_a_projection_without_the_secret_shows_the_rest() -> None:
    cipher = Cipher(new_key())
    document = hide({"_id": "n1", "text": "x", "version": 1}, ("text",), cipher)
    del document[SECRET]
    assert show(document, cipher) == {"_id": "n1", "version": 1}
