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
from contextlib import suppress
from datetime import UTC, datetime
from email import message_from_bytes
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import EmailMessage, Message
from email.policy import compat32, default
from email.utils import getaddresses, quote
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope

INDEX = "index.txt"
MAX_BYTES = 5 * 1024 * 1024
_READABLE = compat32.clone(max_line_length=None)
_ENCODED = "=?"
_ADDRESSES = frozenset({"from", "to", "cc", "reply-to"})


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
        draft.write_bytes(mail.as_bytes())
        draft.replace(path)
        line = f"{now:%Y-%m-%d %H:%M:%S}Z  {', '.join(recipients)}  {_subject(mail)}  {name}"
        with (self.folder / INDEX).open("a", encoding="utf-8") as index:
            index.write(line + "\n")
        print(line, flush=True)
        return path


def readable(raw: bytes) -> Message:
    """The same message with its texts and names decoded; what cannot be decoded stays as it came.

    By the library's older interface, which takes a header for the text that it is: the newer one
    reads each for its grammar, which is most of the work of a mail, and beside a busy system this
    is work that it does not have.
    """
    mail = message_from_bytes(raw, policy=_READABLE)
    for part in mail.walk():
        headers = [(name, _decoded(name, value)) for name, value in part.raw_items()]
        for name in {name for name, _ in headers}:
            del part[name]
        for name, value in headers:
            part.set_raw(name, value)
        if part.get_content_maintype() == "text":
            with suppress(LookupError, ValueError):
                content = part.get_payload(decode=True)
                if isinstance(content, bytes) and not part.defects and not part.get_filename():
                    text = content.decode(part.get_content_charset("us-ascii"))
                    part.set_payload(_as_it_stands(text))
                    part.set_param("charset", "utf-8")
                    del part["Content-Transfer-Encoding"]
                    part["Content-Transfer-Encoding"] = "8bit"
    return mail


def _decoded(name: str, value: Any) -> Any:
    """A header without its encoded words (RFC 2047)."""
    if isinstance(value, str) and _ENCODED in value:
        with suppress(LookupError, ValueError, HeaderParseError):
            return _as_it_stands(_words(name, "".join(value.splitlines())))
    return value


def _words(name: str, line: str) -> str:
    if name.lower() in _ADDRESSES:
        found = ", ".join(
            f'"{quote(str(make_header(decode_header(each))))}" <{address}>' if each else address
            for each, address in getaddresses([line])
        )
    else:
        found = str(make_header(decode_header(line)))
    if len(found.splitlines()) > 1:
        raise ValueError("decoded, it would be two headers")
    return found


def _as_it_stands(text: str) -> str:
    """The form in which the library writes UTF-8 as it is."""
    return text.encode().decode("ascii", "surrogateescape")


def _subject(mail: Message) -> str:
    found = next((value for name, value in mail.raw_items() if name.lower() == "subject"), "")
    return str(found).encode("utf-8", "surrogateescape").decode("utf-8", "replace")


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
