"""The main job, played through the gateway as its clients would, each step verified.

An organisation's representative books a room; a lost answer, a rival and a late change are met on
the way; colleagues get messages in their own languages. Ends as it began: the booking is cancelled,
so the story can be played any number of times. It goes on with a training
(`demo_training`), with one that is over (`demo_certificate`), and with a consultation between two
assessments (`demo_consultation`).
"""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import parseaddr
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

import requests

from deploy.local import mail, people
from deploy.local.demo_certificate import CertificateStory
from deploy.local.demo_client import (
    Client,
    Json,
    NotVerified,
    Step,
    check,
    expect,
    instant,
    is_arabic,
    localised,
    plain,
    wait_for,
    wire,
)
from deploy.local.demo_consultation import ConsultationStory
from deploy.local.demo_training import TrainingStory

CENTRE, SPACE = "raqqa", "raqqa-meeting-room"
ROOM_MINUTES = 60
LOOK_AHEAD = timedelta(days=14)


def play(gateway_url: str, mail_folder: Path) -> int:
    """Play the stories; 0 when every step was verified, else 1."""
    print()
    number = 0
    stories = (
        Story(gateway_url, mail_folder),
        TrainingStory(gateway_url),
        CertificateStory(gateway_url),
        ConsultationStory(gateway_url),
    )
    for story in stories:
        for arabic, english, step in story.steps():
            number += 1
            try:
                evidence = step()
            except (NotVerified, requests.RequestException, KeyError, TypeError) as problem:
                print(f"✗ {number:>2}. {arabic}\n       {english}")
                print(f"       not verified: {type(problem).__name__}: {problem}")
                story.clear_up()
                return 1
            print(f"✓ {number:>2}. {arabic}\n       {english}")
            print("".join(f"         {line}\n" for line in evidence), flush=True)
    print("✓ تمّت القصة كاملة، وكل خطوة متحقَّق منها.")
    print("  The whole story was played, and each step verified.")
    return 0


class Story:
    """The steps in order, and what they hand on to each other."""

    def __init__(self, gateway_url: str, mail_folder: Path) -> None:
        self.mail_folder = mail_folder
        self.title = f"اجتماع الشركاء / Partners' meeting {uuid.uuid4().hex[:6]}"
        self.nour = Client(gateway_url, people.person("representative"))
        self.khaled = Client(gateway_url, people.person("member"))
        self.maya = Client(gateway_url, people.person("member-english"))
        self.dalal = Client(gateway_url, people.person("member-other"))
        self.zone = ZoneInfo("Asia/Damascus")
        self.free: list[tuple[datetime, datetime]] = []
        self.request: Json = {}
        self.key = str(uuid.uuid4())
        self.booking: Json = {}
        self.etag = ""
        self.stale_etag = ""
        self.headlines: dict[str, str] = {}

    def steps(self) -> list[Step]:
        """The steps in their order."""
        return [
            (
                "ممثلة المنظمة تسجّل الدخول",
                "The organisation's representative signs in",
                self.sign_in,
            ),
            (
                "تقرأ المراكز والقاعات بالعربية وبالإنكليزية",
                "She reads the centres and spaces, in Arabic and in English",
                self.read_catalogue,
            ),
            (
                "تسأل متى تكون غرفة الاجتماعات متاحة",
                "She asks when the meeting room is free",
                self.find_free_time,
            ),
            ("تحجز الغرفة", "She books the room", self.book),
            (
                "ينقطع الاتصال فيُرسَل الطلب مرة ثانية: حجز واحد والجواب نفسه",
                "The line drops and the request is sent again: one booking, the same answer",
                self.book_again,
            ),
            (
                "عضوة من منظمة أخرى تطلب الوقت نفسه فيُرفض مع اقتراح بدائل",
                "A member of another organisation wants the same time: refused, with alternatives",
                self.rival,
            ),
            ("تؤجّل الممثلة الحجز", "The representative moves the booking", self.reschedule),
            (
                "تعديل مبني على نسخة قديمة يُرفض ولا يغيّر شيئاً",
                "A change based on an old version is refused and changes nothing",
                self.stale_change,
            ),
            (
                "زميلاها يُبلَّغان في صندوق الوارد، كلٌّ بلغته",
                "Her colleagues get a message in their inboxes, each in their own language",
                self.inbox,
            ),
            ("ويصلهما بريد إلكتروني", "And they get an e-mail", self.email),
            (
                "تلغي الحجز فيعود الوقت متاحاً",
                "She cancels the booking and the time is free again",
                self.cancel,
            ),
        ]

    def sign_in(self) -> list[str]:
        """Everybody in the story gets a token."""
        body = self.nour.sign_in()
        for client in (self.khaled, self.maya, self.dalal):
            client.sign_in()
        person = self.nour.person
        return [
            f"{person.name['ar']} / {person.name['en']} <{person.email}>",
            f"POST /v1/auth/token → 200, {body['token_type']}, {body['expires_in']} s",
        ]

    def read_catalogue(self) -> list[str]:
        """The same resources in two languages."""
        evidence = []
        for language in ("ar", "en"):
            answer = self.nour.call("GET", "/v1/centres", Accept_Language=language)
            centres = [localised(item["name"], language) for item in expect(answer, 200)["items"]]
            check(answer.headers.get("Content-Language") == language, "wrong Content-Language")
            answer = self.nour.call(
                "GET", f"/v1/spaces?centre_id={CENTRE}", Accept_Language=language
            )
            spaces = [localised(item["name"], language) for item in expect(answer, 200)["items"]]
            check(len(centres) == 2 and len(spaces) >= 4, f"seen: {centres}, {spaces}")
            comma = "، " if language == "ar" else ", "
            evidence.append(f"{language}: {comma.join(centres)} — {comma.join(spaces)}")
        return evidence

    def find_free_time(self) -> list[str]:
        """Two free hours that follow each other on one of the next days."""
        self.free = self.free_hours()
        check(len(self.free) >= 2, "no two free hours in the next two weeks")
        shown = [self.local(start) for start, _ in self.free[:3]]
        return [f"GET /v1/availability → {len(self.free)} free hours: {', '.join(shown)} …"]

    def book(self) -> list[str]:
        """The main act: 201 with the booking's address and version."""
        start, end = self.free[0]
        self.request = {
            "space_id": SPACE,
            "organisation_id": self.nour.person.organisation_id,
            "starts_at": wire(start),
            "ends_at": wire(end),
            "title": self.title,
            "purpose": "meeting",
        }
        answer = self.nour.call("POST", "/v1/bookings", self.request, Idempotency_Key=self.key)
        self.booking = expect(answer, 201)
        self.etag = answer.headers["ETag"]
        check(self.booking["status"] == "confirmed", f"status is {self.booking['status']}")
        check(self.booking["id"] in answer.headers["Location"], "Location does not name it")
        return [
            f"{self.local(start)}, {self.title}",
            f"POST /v1/bookings → 201, {self.booking['status']}, ETag {self.etag}",
        ]

    def book_again(self) -> list[str]:
        """The same request and key: the first answer, and still one booking."""
        answer = self.nour.call("POST", "/v1/bookings", self.request, Idempotency_Key=self.key)
        again = expect(answer, 201)
        check(again == self.booking, f"another answer: {again}")
        listed = self.nour.get(
            "/v1/bookings",
            space_id=SPACE,
            ends_after=self.booking["starts_at"],
            starts_before=self.booking["ends_at"],
            limit=100,
        )
        mine = [item for item in listed["items"] if item["title"] == self.title]
        check(len(mine) == 1, f"{len(mine)} bookings have this title")
        return [f"201 again, the same id {again['id']}; bookings of this title: {len(mine)}"]

    def rival(self) -> list[str]:
        """A problem document in Arabic that names other times or spaces."""
        request = self.request | {"organisation_id": self.dalal.person.organisation_id}
        answer = self.dalal.call("POST", "/v1/bookings", request, Idempotency_Key=str(uuid.uuid4()))
        problem = expect(answer, 409, "application/problem+json")
        check(is_arabic(problem["title"] + problem.get("detail", "")), f"not Arabic: {problem}")
        alternatives = problem.get("alternatives", [])
        check(bool(alternatives), "no alternatives are named")
        return [
            f"409 {problem['code']}: {problem['title']} — {problem.get('detail', '')}",
            *(f"بديل / alternative: {self.shown(other)}" for other in alternatives[:3]),
        ]

    def reschedule(self) -> list[str]:
        """With If-Match: a new time and a new version."""
        start, end = self.free[1]
        change = {"starts_at": wire(start), "ends_at": wire(end)}
        answer = self.nour.call("PATCH", self.path, change, If_Match=self.etag)
        self.booking = expect(answer, 200)
        self.stale_etag, self.etag = self.etag, answer.headers["ETag"]
        check(self.booking["starts_at"] == wire(start), f"starts at {self.booking['starts_at']}")
        check(self.etag != self.stale_etag, "the version has not changed")
        return [f"PATCH → 200, now {self.local(start)}, ETag {self.stale_etag} → {self.etag}"]

    def stale_change(self) -> list[str]:
        """With the old If-Match: 412, and the booking stays as it is."""
        answer = self.nour.call("PATCH", self.path, {"title": "عنوان"}, If_Match=self.stale_etag)
        problem = expect(answer, 412, "application/problem+json")
        check(self.nour.get(self.path) == self.booking, "the booking has changed")
        return [f"412 {problem['code']}: {problem['title']}"]

    def inbox(self) -> list[str]:
        """The other members get a message about the change, each in their own language."""
        evidence = []
        for client in (self.khaled, self.maya):
            language = client.person.language
            message = wait_for(
                f"the inbox of {client.person.email}", partial(self.find_notification, client)
            )
            check(message["language"] == language, f"language is {message['language']}")
            check(
                is_arabic(message["title"]) == (language == "ar"),
                f"not in {language}: {message['title']}",
            )
            self.headlines[client.person.id] = message["title"]
            evidence.append(f"{language}: {message['title']}")
            evidence += [f"    {line}" for line in message["body"].splitlines() if line.strip()]
        return evidence

    def email(self) -> list[str]:
        """The mail sink holds the same news, in both languages."""
        evidence = []
        for client in (self.khaled, self.maya):
            path, message = wait_for(
                f"e-mail to {client.person.email}", partial(self.find_mail, client)
            )
            subject = str(message["Subject"])
            check(is_arabic(subject) == (client.person.language == "ar"), f"subject: {subject}")
            evidence.append(f"{client.person.email}: {subject}")
            lines = [line for line in mail.text_of(message).splitlines() if line.strip()]
            evidence += [f"    {line}" for line in lines[:6]]
            evidence.append(f"    ({path.name})")
        return evidence

    def cancel(self) -> list[str]:
        """The booking is off, and its hour can be booked again."""
        answer = self.nour.call(
            "POST",
            f"{self.path}/cancel",
            {"reason": "انتهى العرض التجريبي / The demo is over"},
            If_Match=self.etag,
        )
        cancelled = expect(answer, 200)
        self.booking = {}
        check(cancelled["status"] == "cancelled", f"status is {cancelled['status']}")
        check(self.free[1] in self.free_hours(), "its time is still taken")
        return [
            f"POST …/cancel → 200, {cancelled['status']}; {self.local(self.free[1][0])} is free"
        ]

    def clear_up(self) -> None:
        """After a step that failed: take the booking away, so that nothing is left of the story."""
        if not self.booking:
            return
        try:
            now = self.nour.call("GET", self.path)
            self.nour.call("POST", f"{self.path}/cancel", {}, If_Match=now.headers["ETag"])
        except (requests.RequestException, KeyError):
            print(f"       booking {self.booking['id']} could not be cancelled")

    @property
    def path(self) -> str:
        """The booking's own address."""
        return f"/v1/bookings/{self.booking['id']}"

    def free_hours(self) -> list[tuple[datetime, datetime]]:
        """Free whole hours of the space, from tomorrow on."""
        first = (datetime.now(UTC) + timedelta(days=1)).replace(minute=0, second=0, microsecond=0)
        found = self.nour.get(
            "/v1/availability",
            space_id=SPACE,
            **{"from": wire(first), "to": wire(first + LOOK_AHEAD)},
            duration_minutes=ROOM_MINUTES,
        )
        hour = timedelta(minutes=ROOM_MINUTES)
        hours = []
        for gap in (gap for item in found["items"] for gap in item["free"]):
            start, end = instant(gap["starts_at"]), instant(gap["ends_at"])
            while start + hour <= end:
                hours.append((start, start + hour))
                start += hour
        return hours

    def find_notification(self, client: Client) -> Json | None:
        """The message about the new time in a person's inbox, once it is there."""
        for item in client.get("/v1/inbox", limit=50)["items"]:
            about = (item["event_type"], item["subject_id"])
            if about == ("bookings.booking.rescheduled", self.booking["id"]):
                return dict(item)
        return None

    def find_mail(self, client: Client) -> tuple[Path, EmailMessage] | None:
        """The mail that says what the inbox says, about this booking, once it is there."""
        headline = plain(self.headlines[client.person.id])
        for path, message in reversed(mail.kept(self.mail_folder)):
            if (
                parseaddr(str(message["To"]))[1] == client.person.email
                and plain(str(message["Subject"])) == headline
                and self.title in mail.text_of(message)
            ):
                return path, message
        return None

    def local(self, moment: datetime) -> str:
        """A moment as people at the centre read it."""
        return f"{moment.astimezone(self.zone):%Y-%m-%d %H:%M}"

    def shown(self, alternative: Json) -> str:
        """One alternative in a line."""
        start = self.local(instant(alternative["starts_at"]))
        name = alternative["space_name"]
        return f"{localised(name, 'ar')} / {localised(name, 'en')}, {start}"
