"""Documents whose secret fields are encrypted, in one binary field ``secret``.

A store names the fields, and whose key they are encrypted with::

    def cipher_of(document):
        return keys.cipher_of(document["case_id"])

    NOTES = encrypted(mapping_of(Note), ("text",), cipher_of)

No query and no index can name such a field.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TypeVar

import bson

from services.common.encryption import Cipher
from services.common.storage.mapping import DocumentMapping
from services.common.storage.mongo import Document

T = TypeVar("T")

#: The name of the field.
SECRET = "secret"  # noqa: S105


def encrypted(
    mapping: DocumentMapping[T],
    names: Collection[str],
    cipher_of: Callable[[Document], Cipher],
) -> DocumentMapping[T]:
    """The mapping with these fields encrypted.

    Args:
        names: of fields of the document.
        cipher_of: finds the cipher by the fields that are not encrypted.
    """

    def document_of(aggregate: T) -> Document:
        document = mapping.document_of(aggregate)
        return hide(document, names, cipher_of(document))

    def aggregate_of(document: Document) -> T:
        return mapping.aggregate_of(show(document, cipher_of(document)))

    return DocumentMapping(document_of, aggregate_of)


def hide(document: Document, names: Collection[str], cipher: Cipher) -> Document:
    """The document with these fields in its ``secret``."""
    hidden = {name: document[name] for name in names if name in document}
    rest = {name: value for name, value in document.items() if name not in hidden}
    return {**rest, SECRET: cipher.encrypt(bson.encode(hidden), _place_of(document))}


def show(document: Document, cipher: Cipher) -> Document:
    """The document with the fields of its ``secret`` in their places.

    Raises:
        NotDecrypted: if the secret is another document's, or was changed.
    """
    if SECRET not in document:
        # A projection has left it out.
        return document
    rest = {name: value for name, value in document.items() if name != SECRET}
    codec: bson.CodecOptions[Document] = bson.CodecOptions(tz_aware=True)
    shown = bson.decode(cipher.decrypt(document[SECRET], _place_of(document)), codec)
    return {**rest, **shown}


def _place_of(document: Document) -> str:
    return str(document["_id"])
