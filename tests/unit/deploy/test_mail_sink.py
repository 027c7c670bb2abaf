"""The local mail sink keeps what arrives in a form that a person reads in any editor."""

from __future__ import annotations

from email import message_from_bytes
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, default
from pathlib import Path

import pytest

from deploy.local.mail import Sink, readable, text_of


def mail(subject: str = "تم تأكيد حجز 24 تشرين", name: str = 'سلمى, "س" الأحمد') -> bytes:
    made = EmailMessage(policy=SMTP.clone(cte_type="7bit"))
    made["From"] = Address("مساحة", "no-reply", "masaha.example")
    made["To"] = Address(name, "salma", "amal.example")
    made["Subject"] = subject
    made.set_content("مرحبا سلمى،\nتم تأكيد الحجز.\n")
    made.add_alternative("<p>مرحبا سلمى</p>\n", subtype="html")
    made.add_attachment("ملف".encode(), maintype="text", subtype="csv", filename="use.csv")
    return made.as_bytes()


def test_arabic_is_read_as_arabic() -> None:
    kept = readable(mail()).as_bytes()
    shown = kept.decode()
    assert "Subject: تم تأكيد حجز 24 تشرين\n" in shown
    assert 'From: "مساحة" <no-reply@masaha.example>\n' in shown
    assert "تم تأكيد الحجز.\n" in shown
    assert "<p>مرحبا سلمى</p>\n" in shown


def test_what_is_kept_is_still_the_same_mail() -> None:
    sent = message_from_bytes(mail(), _class=EmailMessage, policy=default)
    kept = message_from_bytes(
        readable(mail()).as_bytes(), _class=EmailMessage, policy=default.clone(utf8=True)
    )
    assert text_of(kept).splitlines() == text_of(sent).splitlines()
    assert [part.get_content_type() for part in kept.walk()] == [
        part.get_content_type() for part in sent.walk()
    ]
    assert [each.addr_spec for each in kept["To"].addresses] == ["salma@amal.example"]
    assert str(kept["Subject"]) == str(sent["Subject"])
    [attached] = kept.iter_attachments()
    assert attached.get_payload(decode=True) == "ملف".encode()


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"no header at all",
        b"Subject: =?utf-8?b?!!!!?=\n\nx",
        b"Subject: \xff\xfe\n\n\xff",
        b"To: =?nope?q?x?= <a@b.example>\n\nx",
        b"Content-Type: text/plain; charset=nope\n\n\xff\xfe",
        b"Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\n####",
        b"Content-Type: multipart/mixed; boundary=x\n\n--x\nno end",
        b'Content-Type: text/plain; charset="a\x00b"\n\nx',
        b"Content-Type: text/plain; name*=a%00b''x\n\nx",
    ],
)
def test_what_cannot_be_decoded_is_kept_as_it_came(raw: bytes, tmp_path: Path) -> None:
    path = Sink(tmp_path).store(raw, ["a@b.example"])
    assert raw.rpartition(b"\n")[2] in path.read_bytes()
    assert path.name in (tmp_path / "index.txt").read_text()


@pytest.mark.parametrize("name", ["Subject", "To"])
def test_what_would_be_two_headers_once_decoded_stays_encoded(name: str, tmp_path: Path) -> None:
    line = f"{name}: =?utf-8?q?a=0ABcc=3A_b?= <a@b.example>"
    kept = Sink(tmp_path).store(f"{line}\n\nx".encode(), ["a@b.example"]).read_text()
    assert f"{line}\n" in kept
    assert len((tmp_path / "index.txt").read_text().splitlines()) == 1


def test_headers_of_one_name_are_all_kept_in_their_order() -> None:
    kept = readable(b"X-A: =?utf-8?q?one?=\nX-B: 2\nX-A: =?utf-8?q?three?=\n\nx").as_bytes()
    assert kept.startswith(b"X-A: one\nX-B: 2\nX-A: three\n")
