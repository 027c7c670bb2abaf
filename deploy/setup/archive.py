"""A backup on disk: a folder with one file for each collection, and a manifest that names them all.

A file holds the documents as BSON, one after the other, under gzip: what ``mongodump --gzip``
writes too. The manifest is written last, so a folder without one is no backup.
"""

from __future__ import annotations

import gzip
import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, cast

import bson
from bson import json_util
from bson.codec_options import CodecOptions
from bson.errors import InvalidBSON
from bson.raw_bson import RawBSONDocument
from marshmallow import Schema, ValidationError, fields, post_load, validate

from deploy.setup.problems import SetupError

FORMAT = 1
MANIFEST = "manifest.json"
RAW: CodecOptions[RawBSONDocument] = CodecOptions(document_class=RawBSONDocument)
_FAST = 1


@dataclass(frozen=True)
class SavedCollection:
    """A collection in a backup.

    Attributes:
        file: relative to the folder.
        sha256: of the file as it is on disk, hexadecimal.
        options, indexes: as MongoDB lists them.
    """

    file: str
    documents: int
    sha256: str
    options: Mapping[str, Any]
    indexes: Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class SavedLog:
    """Where an event log ends in a backup."""

    service: str
    log: str
    seq: int
    hash: str


@dataclass(frozen=True)
class Manifest:
    """What a backup holds.

    Attributes:
        content: ``data``, or ``case-keys``.
        taken_at: UTC; of what was committed up to then, all is there, and of what came later
            nothing.
        cluster_time: the same moment in the database's own count: seconds and a number.
        databases: by service, the collections by name.
    """

    content: str
    taken_at: datetime
    cluster_time: tuple[int, int]
    databases: Mapping[str, Mapping[str, SavedCollection]]
    logs: list[SavedLog]


class _CollectionSchema(Schema):
    file = fields.String(required=True)
    documents = fields.Integer(required=True)
    sha256 = fields.String(required=True)
    options = fields.Dict(required=True)
    indexes = fields.List(fields.Dict(), required=True)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> SavedCollection:
        return SavedCollection(**data)


class _LogSchema(Schema):
    service = fields.String(required=True)
    log = fields.String(required=True)
    seq = fields.Integer(required=True)
    hash = fields.String(required=True)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> SavedLog:
        return SavedLog(**data)


class _ManifestSchema(Schema):
    format = fields.Integer(required=True, validate=validate.Equal(FORMAT), load_only=True)
    content = fields.String(required=True)
    taken_at = fields.AwareDateTime(required=True)
    cluster_time = fields.Tuple((fields.Integer(), fields.Integer()), required=True)
    databases = fields.Dict(
        fields.String(),
        fields.Dict(fields.String(), fields.Nested(_CollectionSchema)),
        required=True,
    )
    logs = fields.List(fields.Nested(_LogSchema), required=True)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Manifest:
        del data["format"]
        return Manifest(**data)


def write_collection(file: Path, documents: Iterable[RawBSONDocument]) -> tuple[int, str]:
    """Write a new file that only its owner may read.

    Returns:
        how many documents, and the file's SHA-256.
    """
    count = 0
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as raw:
        # No time in the header: equal data makes equal files.
        with gzip.GzipFile(fileobj=raw, mode="wb", compresslevel=_FAST, mtime=0) as packed:
            for document in documents:
                packed.write(document.raw)
                count += 1
        raw.flush()
        os.fsync(raw.fileno())
    return count, sha256_of(file)


def read_collection(file: Path) -> Iterator[RawBSONDocument]:
    """The documents of a file, one after the other.

    Raises:
        SetupError: if it cannot be read.
    """
    try:
        with gzip.open(file, "rb") as packed:
            yield from bson.decode_file_iter(cast(BinaryIO, packed), RAW)
    except (OSError, EOFError, InvalidBSON) as error:
        raise SetupError(f"{file} cannot be read: {error}.") from error


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write the manifest, which makes the folder a backup."""
    wire = {"format": FORMAT, **_ManifestSchema().dump(manifest)}
    descriptor = os.open(folder / MANIFEST, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as written:
        written.write(json_util.dumps(wire, indent=1, ensure_ascii=False) + "\n")
        written.flush()
        os.fsync(written.fileno())


def read_manifest(folder: Path) -> Manifest:
    """Read and check a manifest, and every file that it names.

    Raises:
        SetupError: if the folder is no whole backup.
    """
    try:
        text = (folder / MANIFEST).read_text("utf-8")
        found: Manifest = _ManifestSchema().load(json_util.loads(text))
    except (OSError, ValueError, ValidationError) as error:
        raise SetupError(f"{folder} is no backup: {error}.") from error
    for collections in found.databases.values():
        for each in collections.values():
            if sha256_of(folder / each.file) != each.sha256:
                raise SetupError(f"{folder / each.file} is not what was written.")
    return found


def sha256_of(file: Path) -> str:
    """The SHA-256 of a file, hexadecimal.

    Raises:
        SetupError: if it cannot be read.
    """
    try:
        with file.open("rb") as opened:
            return hashlib.file_digest(opened, "sha256").hexdigest()
    except OSError as error:
        raise SetupError(f"{file} cannot be read: {error.strerror}.") from error
