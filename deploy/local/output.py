"""Output that may lose its reader, such as `make logs | head`. Standard library only."""

from __future__ import annotations

import io
import os
import sys
from typing import TextIO


class _UntilClosed(io.TextIOBase):
    """A stream that goes on in silence when nobody reads it any more."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        try:
            self._stream.write(text)
            self._stream.flush()
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), self._stream.fileno())
        return len(text)

    def flush(self) -> None:
        """Nothing waits: each text is written at once."""

    def isatty(self) -> bool:
        return self._stream.isatty()

    def fileno(self) -> int:
        return self._stream.fileno()


def survive_a_closed_pipe() -> None:
    """Let a command go on, and end as it would have, when the reader of its output has gone."""
    sys.stdout, sys.stderr = _UntilClosed(sys.stdout), _UntilClosed(sys.stderr)
