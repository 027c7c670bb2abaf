"""Signing keys: one PEM file each in a folder. The newest signs, all verify.

Rotation is putting in a further file (or :func:`generate`), and taking the old one out when the
last token that it signed has run out. A running process sees new files within a few seconds.

ES256 (ECDSA on P-256, RFC 7518, 3.4): the algorithm that every JWT library of a client can verify.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from joserfc.jwk import ECKey, KeySet

ALGORITHM = "ES256"
_CURVE = "P-256"
_RELOAD_SECONDS = 5.0


class NoKeys(RuntimeError):
    """The folder holds no usable key and none could be made."""


class SigningKeys:
    """The keys in a folder; makes the first one where there is none.

    Args:
        folder: created with mode 700 if it is not there.

    Raises:
        NoKeys: if a file is no private key on P-256.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._seen: tuple[str, ...] = ()
        self._generation = 0
        self._checked = 0.0
        if not _files(folder):
            # Only now: a folder with keys in it may be mounted for reading only.
            with _exclusive(folder):
                if not _files(folder):
                    generate(folder)
        self._load()

    @property
    def newest(self) -> ECKey:
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
        names = tuple(path.name for path in _files(self._folder))
        if not names or names == self._seen:
            return False
        self._load()
        return True

    def _load(self) -> None:
        with self._lock:
            paths = _files(self._folder)
            if not paths:
                raise NoKeys(f"{self._folder} holds no key")
            keys = [_read(path) for path in paths]
            self._all = KeySet([*keys])
            self._newest = keys[-1]
            self._seen = tuple(path.name for path in paths)
            self._generation += 1
            self._checked = time.monotonic()


def generate(folder: Path) -> Path:
    """Put a fresh key into the folder; its name, which is its ``kid``, sorts after older ones."""
    kid = f"{datetime.now(UTC):%Y%m%dT%H%M%S%f}-{secrets.token_hex(4)}"
    pem = ECKey.generate_key(_CURVE, private=True).as_pem(private=True)
    path = folder / f"{kid}.pem"
    draft = folder / f".{kid}.new"
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(pem)
    draft.replace(path)
    return path


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("*.pem") if not path.name.startswith("."))


def _read(path: Path) -> ECKey:
    try:
        key = ECKey.import_key(
            path.read_bytes(), {"kid": path.stem, "alg": ALGORITHM, "use": "sig"}
        )
    except Exception as error:
        raise NoKeys(f"{path.name} is no PEM private key: {error}") from error
    if not key.is_private or key.curve_name != _CURVE:
        raise NoKeys(f"{path.name} is no private key on {_CURVE}")
    return key


@contextlib.contextmanager
def _exclusive(folder: Path) -> Iterator[None]:
    """One process at a time: two that start together must not sign with keys of their own."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
