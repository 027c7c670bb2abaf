"""A PDF from a process of its own: the one that asks goes on serving others meanwhile.

What is printed goes there and back by pipes alone: it is on no disk, in no argument and in no
environment, so a document of a sealed case may be set like any other. The process gets no setting
of its parent, which are secrets.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from services.common import logs
from services.common.errors import Unavailable

_ROOT = Path(__file__).parents[3]
_PATIENCE = 4.5
"""Seconds for one document: less than the gateway waits for an answer."""
_AT_ONCE = threading.BoundedSemaphore(2)
# Each takes a core while it works, and some memory.
_AGAIN_AFTER = 5.0
_log = logs.get(__name__)


def set_document_apart(
    template: str, values: Mapping[str, Any], *, language: str, moment: datetime
) -> bytes:
    """The PDF that ``typesetting.set_whole_document`` makes of the same arguments.

    Raises:
        errors.Unavailable: if it was not made in time, or the process died.
    """
    given = {
        "template": template,
        "values": values,
        "language": language,
        "moment": moment.isoformat(),
    }
    with _AT_ONCE:
        try:
            done = subprocess.run(
                [sys.executable, "-m", "services.common.documents"],
                input=json.dumps(given, ensure_ascii=False).encode(),
                capture_output=True,
                timeout=_PATIENCE,
                check=True,
                cwd=_ROOT,
                env={name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ},
            )
        except (subprocess.SubprocessError, OSError) as error:
            _log.warning("document_not_made", template=template, said=_fault_of(error))
            raise Unavailable(
                detail="the document was not made", extra={"retry_after": _AGAIN_AFTER}
            ) from None
    return done.stdout


def _fault_of(error: subprocess.SubprocessError | OSError) -> str:
    """What went wrong: of what the process said, the name of its exception alone, since the rest
    may quote the document."""
    if not isinstance(error, subprocess.CalledProcessError):
        return type(error).__name__
    lines = error.stderr.decode(errors="replace").splitlines()
    return lines[-1].partition(":")[0] if lines else f"exit {error.returncode}"
