"""An SMTP server that delivers nothing: it keeps each mail as a file that a person can read.

    python -m deploy.local.mail HOST PORT FOLDER

Texts and names are decoded on the way in (UTF-8, no base64), so that Arabic reads as Arabic in any
editor; the file stays a valid message (RFC 6532) that a mail program opens.
"""

from __future__ import annotations

import asyncio
import re
import signal
import sys
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope

INDEX = "index.txt"
MAX_BYTES = 5 * 1024 * 1024
_READABLE = default.clone(utf8=True, cte_type="8bit", refold_source="all", max_line_length=None)


class Sink:
    """aiosmtpd's handler: stores a mail before it answers 250."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._count = 0

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd calls it by this name
        """Store the mail of one SMTP transaction."""
        content = envelope.content
        raw = content if isinstance(content, bytes) else str(content).encode()
        path = self.store(raw, [str(address) for address in envelope.rcpt_tos])
        return f"250 kept as {path.name}"

    def store(self, raw: bytes, recipients: list[str]) -> Path:
        """Write the mail whole, and a line about it in the index."""
        mail = readable(raw)
        self._count += 1
        now = datetime.now(UTC)
        to = recipients[0] if recipients else "nobody"
        name = f"{now:%Y%m%dT%H%M%S}.{now.microsecond:06d}-{self._count:04d}-{_plain(to)}.eml"
        path = self.folder / name
        draft = path.with_suffix(".new")
        draft.write_bytes(mail.as_bytes(policy=_READABLE))
        draft.replace(path)
        line = f"{now:%Y-%m-%d %H:%M:%S}Z  {', '.join(recipients)}  {mail['Subject']}  {name}"
        with (self.folder / INDEX).open("a", encoding="utf-8") as index:
            index.write(line + "\n")
        print(line, flush=True)
        return path


def readable(raw: bytes) -> EmailMessage:
    """The same message with its texts decoded; what cannot be decoded stays as it came."""
    mail = message_from_bytes(raw, _class=EmailMessage, policy=default)
    for part in mail.walk():
        if part.get_content_maintype() == "text" and not part.is_attachment():
            try:
                text = part.get_content()
            except (LookupError, UnicodeError):
                continue
            kept = dict(part.items()) if part is not mail else {}
            disposition = kept.get("Content-Disposition")
            part.set_content(text, subtype=part.get_content_subtype(), charset="utf-8", cte="8bit")
            if disposition:
                part["Content-Disposition"] = disposition
    return mail


def kept(folder: Path) -> list[tuple[Path, EmailMessage]]:
    """Every kept mail, oldest first."""
    paths = sorted(folder.glob("*.eml"))
    return [
        (path, message_from_bytes(path.read_bytes(), _class=EmailMessage, policy=default))
        for path in paths
    ]


def text_of(mail: EmailMessage) -> str:
    """What a person reads in it: the plain text, else the HTML."""
    body = mail.get_body(preferencelist=("plain", "html"))
    return str(body.get_content()) if body is not None else ""


def _plain(address: str) -> str:
    return re.sub(r"[^A-Za-z0-9.@_-]", "_", address)[:80]


async def serve(host: str, port: int, folder: Path) -> None:
    """Take mail until SIGTERM or SIGINT."""
    folder.mkdir(parents=True, exist_ok=True)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    sink = Sink(folder)
    server = await loop.create_server(
        lambda: SMTP(sink, data_size_limit=MAX_BYTES, loop=loop), host, port
    )
    print(f"mail sink on {host}:{port}, keeping mail in {folder}", flush=True)
    async with server:
        await stop.wait()


def main(arguments: list[str]) -> None:
    """Command line: HOST PORT FOLDER."""
    host, port, folder = arguments
    asyncio.run(serve(host, int(port), Path(folder)))


if __name__ == "__main__":
    main(sys.argv[1:])
