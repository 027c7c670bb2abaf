"""Texts and files that are encrypted before they are written: AES-256-GCM (NIST SP 800-38D).

A secret is bound to its place: taken out of one document and put into another, it cannot be read.
Its length is rounded up, so that it does not tell a short text from another one.
"""

from __future__ import annotations

import os
from collections.abc import Callable

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE_BYTES = 12
_STEP_BYTES = 64
_END = b"\x80"
_KEY_BITS = 256


class NotDecrypted(Exception):
    """What is stored was encrypted with another key or for another place, or was changed."""


class Cipher:
    """Encrypts and decrypts with one key.

    Args:
        key: of 256 bits, as :func:`new_key` makes one. A random nonce for each secret allows some
            thousand million of them.
    """

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)

    def encrypt(self, data: bytes, place: str) -> bytes:
        """The secret for some bytes.

        Args:
            place: where it is kept, such as a collection and an id.
        """
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, _pad(data), place.encode())

    def decrypt(self, secret: bytes, place: str) -> bytes:
        """The bytes that :meth:`encrypt` was given.

        Raises:
            NotDecrypted: if the key or the place is another one, or the secret was changed.
        """
        nonce, encrypted = secret[:_NONCE_BYTES], secret[_NONCE_BYTES:]
        try:
            return self._cipher.decrypt(nonce, encrypted, place.encode()).rstrip(b"\x00")[:-1]
        except (InvalidTag, ValueError) as error:
            raise NotDecrypted(place) from error


#: Finds the cipher for what belongs to an owner.
CipherOf = Callable[[str], Cipher]


def new_key() -> bytes:
    """A key that nobody can foresee."""
    return AESGCM.generate_key(_KEY_BITS)


def _pad(data: bytes) -> bytes:
    """ISO/IEC 7816-4: one mark, then zeros up to the next step."""
    marked = data + _END
    return marked + bytes(-len(marked) % _STEP_BYTES)
