"""Signing keys: one PEM file each in a folder. The newest private key signs, all verify.

Rotation is putting in a further file (or :func:`generate_key`). The old one is taken out when
nothing that it signed counts any more; where that is for good, :func:`retire_key` leaves its public
half. A running process sees new files within a few seconds.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from joserfc.jwk import ECKey, KeySet, OKPKey

_RELOAD_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Algorithm:
    """How a folder's keys sign.

    Attributes:
        name: ``alg`` of JOSE.
        curve: ``crv`` of JOSE.
        key_type: the class of its keys.
    """

    name: str
    curve: str
    key_type: type[ECKey] | type[OKPKey]


ES256 = Algorithm("ES256", "P-256", ECKey)
"""ECDSA on P-256 (RFC 7518, 3.4): the algorithm that every JWT library of a client can verify."""

ED25519 = Algorithm("Ed25519", "Ed25519", OKPKey)
"""EdDSA on Curve25519 (RFC 8037, named as in RFC 9864): small keys, no chance in signing."""


class NoKeys(RuntimeError):
    """The folder holds no usable key and none could be made."""


class SigningKeys:
    """The keys in a folder; makes the first one where there is none.

    Args:
        folder: created with mode 700 if it is not there.
        algorithm: of all keys in the folder.

    Raises:
        NoKeys: if a file is no key of the algorithm, or none of them is private.
    """

    def __init__(self, folder: Path, algorithm: Algorithm) -> None:
        self._folder = folder
        self._algorithm = algorithm
        self._lock = threading.Lock()
        self._seen: tuple[tuple[str, int], ...] = ()
        self._generation = 0
        self._checked = 0.0
        if not _files(folder):
            # Only now: a folder with keys in it may be mounted for reading only.
            with _exclusive(folder):
                if not _files(folder):
                    generate_key(folder, algorithm)
        self._load()

    @property
    def folder(self) -> Path:
        """Where they are."""
        return self._folder

    @property
    def algorithm(self) -> str:
        """``alg`` of JOSE."""
        return self._algorithm.name

    @property
    def newest(self) -> ECKey | OKPKey:
        """The key that signs."""
        self._refresh()
        return self._newest

    @property
    def all(self) -> KeySet:
        """The keys that verify."""
        self._refresh()
        return self._all

    @property
    def generation(self) -> int:
        """A number that rises whenever there are other keys than before."""
        self._refresh()
        return self._generation

    def public(self) -> dict[str, Any]:
        """The JSON Web Key Set (RFC 7517) that others verify with."""
        self._refresh()
        return {"keys": [key.as_dict(private=False) for key in self._all.keys]}

    def _refresh(self) -> None:
        now = time.monotonic()
        if now - self._checked < _RELOAD_SECONDS:
            return
        self.changed()

    def changed(self) -> bool:
        """Look at the folder now; True if there were other keys in it, which are loaded then."""
        self._checked = time.monotonic()
        seen = _state(_files(self._folder))
        if not seen or seen == self._seen:
            return False
        self._load()
        return True

    def _load(self) -> None:
        with self._lock:
            paths = _files(self._folder)
            seen = _state(paths)
            keys = [_read(path, self._algorithm) for path in paths]
            private = [key for key in keys if key.is_private]
            if not private:
                raise NoKeys(f"{self._folder} holds no private key")
            self._all = KeySet([*keys])
            self._newest = private[-1]
            self._seen = seen
            self._generation += 1
            self._checked = time.monotonic()


def generate_key(folder: Path, algorithm: Algorithm) -> Path:
    """Put a fresh key into the folder; its name, which is its ``kid``, sorts after older ones."""
    kid = f"{datetime.now(UTC):%Y%m%dT%H%M%S%f}-{secrets.token_hex(4)}"
    key = algorithm.key_type.generate_key(algorithm.curve, private=True)  # type: ignore[arg-type]
    path = folder / f"{kid}.pem"
    _write(path, key.as_pem(private=True))
    return path


def retire_key(folder: Path, kid: str, algorithm: Algorithm) -> None:
    """Leave only the public half of a key: it verifies what it signed, and signs no more.

    Raises:
        NoKeys: if it is not in the folder.
    """
    path = folder / f"{kid}.pem"
    if path not in _files(folder):
        raise NoKeys(f"{folder} holds no key {kid}")
    _write(path, _read(path, algorithm).as_pem(private=False))


def _write(path: Path, pem: bytes) -> None:
    """Put a whole file in its place at once, readable for its owner only."""
    draft = path.with_name(f".{path.stem}.new")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(pem)
    draft.replace(path)


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("*.pem") if not path.name.startswith("."))


def _state(paths: list[Path]) -> tuple[tuple[str, int], ...]:
    """Names and sizes: a key that is retired keeps its name and becomes shorter."""
    found = []
    for path in paths:
        with contextlib.suppress(FileNotFoundError):  # taken out since the folder was listed
            found.append((path.name, path.stat().st_size))
    return tuple(found)


def _read(path: Path, algorithm: Algorithm) -> ECKey | OKPKey:
    try:
        key = algorithm.key_type.import_key(
            path.read_bytes(), {"kid": path.stem, "alg": algorithm.name, "use": "sig"}
        )
    except Exception as error:
        raise NoKeys(f"{path.name} is no PEM key: {error}") from error
    if key.curve_name != algorithm.curve:
        raise NoKeys(f"{path.name} is no key on {algorithm.curve}")
    return key


@contextlib.contextmanager
def _exclusive(folder: Path) -> Iterator[None]:
    """One process at a time: two that start together must not sign with keys of their own."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
