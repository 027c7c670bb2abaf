"""The second part of the story: from the call for applications to a seat in a course.

Two people apply for the one seat; it is offered to the first, who declines, and so to the next, who
accepts. Each reads in their own language what was decided. Ends as it began: the cohort is
cancelled.
"""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

import requests

from deploy.local import people
from deploy.local.demo_client import (
    Client,
    Json,
    Step,
    check,
    expect,
    instant,
    is_arabic,
    localised,
    read_message,
    wait_for,
    wire,
)

CENTRE, SPACE, COURSE = "raqqa", "raqqa-meeting-room", "report-writing-basics"
HOURS = timedelta(hours=2)
LOOK_AHEAD = timedelta(days=21)


class TrainingStory:
    """The steps in order, and what they hand on to each other."""

    def __init__(self, gateway_url: str) -> None:
        self.desk = Client(gateway_url, people.person("frontdesk-raqqa"))
        self.khaled = Client(gateway_url, people.person("member"))
        self.maya = Client(gateway_url, people.person("member-english"))
        self.visitor = Client(gateway_url, people.person("member-other"))
        self.cohort: Json = {}
        self.applications: dict[str, Json] = {}
        self.starts_at = datetime.now(UTC)

    def steps(self) -> list[Step]:
        """The steps in their order."""
        return [
            (
                "يُعدّ مكتب الاستقبال دفعة من دورة تدريبية ويعلنها",
                "The front desk prepares a cohort of a course, and announces it",
                self.announce,
            ),
            (
                "يقرأ الجميع الإعلان بالعربية وبالإنكليزية",
                "Everybody reads the call, in Arabic and in English",
                self.read_call,
            ),
            ("يتقدّم شخصان بطلب مشاركة", "Two people apply", self.apply),
            (
                "المقعد واحد: يُعرض على الأول، والثانية في قائمة الانتظار",
                "There is one seat: it is offered to the first, and the second waits",
                self.offer,
            ),
            (
                "يصل كلاً منهما القرار بلغته",
                "Each hears what was decided, in their own language",
                self.read_decisions,
            ),
            (
                "يعتذر الأول فيُعرض المقعد على التالية في القائمة",
                "The first declines, and the seat is offered to the next",
                self.decline,
            ),
            ("تقبل العرض: المقعد لها", "She accepts: the seat is hers", self.accept),
            (
                "تُلغى الدفعة فيُبلَّغ من له مقعد فيها",
                "The cohort is cancelled, and who has a seat hears of it",
                self.cancel,
            ),
        ]

    def announce(self) -> list[str]:
        """A cohort with one seat and one session, which takes applications."""
        for client in (self.desk, self.khaled, self.maya):
            client.sign_in()
        starts_at = self.starts_at = self.free_time()
        answer = self.desk.call(
            "POST",
            "/v1/cohorts",
            {
                "course_id": COURSE,
                "centre_id": CENTRE,
                "mode": "selection",
                "capacity": 1,
                "sessions": [
                    {
                        "starts_at": wire(starts_at),
                        "ends_at": wire(starts_at + HOURS),
                        "space_id": SPACE,
                    }
                ],
            },
            Idempotency_Key=str(uuid.uuid4()),
        )
        self.cohort = expect(answer, 201)
        room = wait_for("the room of the session", self.find_room)
        for action in ("announce", "open-applications"):
            self.act(action)
        check(self.cohort["status"] == "applications_open", f"status is {self.cohort['status']}")
        return [
            f"POST /v1/cohorts → 201; announce, open-applications → {self.cohort['status']}",
            f"{starts_at:%Y-%m-%d %H:%MZ}, {self.cohort['capacity']} seat, "
            f"{localised(room['name'], 'ar')} / {localised(room['name'], 'en')}",
        ]

    def read_call(self) -> list[str]:
        """A visitor, without a token, in two languages."""
        evidence = []
        for language in ("ar", "en"):
            answer = self.visitor.call("GET", self.path, Accept_Language=language)
            title = localised(expect(answer, 200)["title"], language)
            check(is_arabic(title) == (language == "ar"), f"not in {language}: {title}")
            evidence.append(f"{language}: {title}")
        return evidence

    def apply(self) -> list[str]:
        """For their organisation; nothing is decided yet."""
        evidence = []
        for client in (self.khaled, self.maya):
            person = client.person
            answer = client.call(
                "POST",
                f"{self.path}/applications",
                {"organisation_id": person.organisation_id, "person": {}},
                Idempotency_Key=str(uuid.uuid4()),
            )
            applied = expect(answer, 201)
            check(applied["status"] == "submitted", f"status is {applied['status']}")
            self.applications[person.id] = applied
            evidence.append(f"POST …/applications → 201, {applied['status']}: {applied['name']}")
        return evidence

    def offer(self) -> list[str]:
        """The front desk offers what there is to both: one seat."""
        both = [each["id"] for each in self.applications.values()]
        answer = self.desk.call(
            "POST",
            f"{self.path}/offers",
            {"application_ids": both},
            Idempotency_Key=str(uuid.uuid4()),
        )
        expect(answer, 201)
        first, second = self.read(self.khaled), self.read(self.maya)
        check(first["status"] == "offered", f"the first is {first['status']}")
        check(second["status"] == "waitlisted", f"the second is {second['status']}")
        self.check_seats(offered=1, enrolled=0)
        return [
            f"{first['name']}: {first['status']} → {first['expires_at']}",
            f"{second['name']}: {second['status']} ({second['reason']})",
        ]

    def read_decisions(self) -> list[str]:
        """The offer in Arabic, the place in the queue in English."""
        return [
            *self.read_message(self.khaled, "offered"),
            *self.read_message(self.maya, "waitlisted"),
        ]

    def decline(self) -> list[str]:
        """A seat that is given back is offered in the same moment."""
        declined = self.answer(self.khaled, "decline-offer")
        check(declined["status"] == "offer_declined", f"status is {declined['status']}")
        promoted = self.read(self.maya)
        check(promoted["status"] == "offered", f"the next is {promoted['status']}")
        check(promoted["reason"] == "next_by_rank", f"the reason is {promoted['reason']}")
        self.check_seats(offered=1, enrolled=0)
        return [
            f"{declined['name']}: {declined['status']}",
            f"{promoted['name']}: {promoted['status']} ({promoted['reason']})",
            *self.read_message(self.maya, "offered"),
        ]

    def accept(self) -> list[str]:
        """The seat was kept for her."""
        accepted = self.answer(self.maya, "accept-offer")
        check(accepted["status"] == "enrolled", f"status is {accepted['status']}")
        self.check_seats(offered=0, enrolled=1)
        return [
            f"POST …/accept-offer → 200, {accepted['status']}",
            *self.read_message(self.maya, "enrolled"),
        ]

    def cancel(self) -> list[str]:
        """Nothing is left of the story but its history."""
        reason = {"ar": "انتهى العرض التجريبي", "en": "The demo is over"}
        self.act("cancel", {"reason": reason})
        check(self.cohort["status"] == "cancelled", f"status is {self.cohort['status']}")
        after = self.read(self.maya)
        check(after["status"] == "cancelled", f"the seat is {after['status']}")
        self.cohort = {}
        wait_for("the room to be free again", self.find_time_free)
        return [
            "POST …/cancel → 200; the room is free again",
            *self.read_message(self.maya, "cancelled"),
        ]

    def clear_up(self) -> None:
        """After a step that failed: cancel the cohort, so that nothing is left of the story."""
        if not self.cohort:
            return
        try:
            self.act("cancel", {"reason": {"ar": "لم تكتمل القصة"}})
        except (requests.RequestException, KeyError):
            print(f"       cohort {self.cohort['id']} could not be cancelled")

    # -- the cohort and its applications -----------------------------------------------------------

    @property
    def path(self) -> str:
        """The cohort's own address."""
        return f"/v1/cohorts/{self.cohort['id']}"

    def act(self, action: str, body: Json | None = None) -> None:
        """A step of the cohort, by the front desk, at the version that it has now."""
        etag = self.desk.call("GET", self.path).headers["ETag"]
        answer = self.desk.call("POST", f"{self.path}/{action}", body or {}, If_Match=etag)
        self.cohort = expect(answer, 200)

    def read(self, client: Client) -> Json:
        """A person's application as it stands now."""
        return client.get(f"/v1/applications/{self.applications[client.person.id]['id']}")

    def answer(self, client: Client, action: str) -> Json:
        """A person's answer to an offer."""
        path = f"/v1/applications/{self.applications[client.person.id]['id']}"
        etag = client.call("GET", path).headers["ETag"]
        return expect(client.call("POST", f"{path}/{action}", {}, If_Match=etag), 200)

    def check_seats(self, **expected: int) -> None:
        """The one count of seats, as staff see it."""
        taken = self.desk.get(f"{self.path}/seats")["taken"]
        seen = {name: taken[name] for name in expected}
        check(seen == expected, f"seats are {seen}, not {expected}")

    def find_room(self) -> Json | None:
        """The room of the session, once bookings has granted it."""
        [session] = self.desk.get(self.path)["sessions"]
        room = session["room"]
        check(room["status"] in ("awaiting", "granted"), f"the room is {room['status']}")
        return dict(room["space"]) if room["status"] == "granted" else None

    def find_time_free(self) -> bool | None:
        """Whether the time of the session can be booked again; ``None`` until then."""
        return True if self.free_time() <= self.starts_at else None

    def free_time(self) -> datetime:
        """The first two free hours of the room from tomorrow on."""
        first = (datetime.now(UTC) + timedelta(days=1)).replace(minute=0, second=0, microsecond=0)
        found = self.desk.get(
            "/v1/availability",
            space_id=SPACE,
            **{"from": wire(first), "to": wire(first + LOOK_AHEAD)},
            duration_minutes=int(HOURS.total_seconds() // 60),
        )
        gaps = (instant(gap["starts_at"]) for item in found["items"] for gap in item["free"])
        starts_at = next(gaps, None)
        check(starts_at is not None, "the room has no free hours")
        assert starts_at is not None
        return starts_at

    # -- messages ----------------------------------------------------------------------------------

    def read_message(self, client: Client, fact: str) -> list[str]:
        """The message about a fact of the person's application, in the person's language."""
        application = self.applications[client.person.id]
        return read_message(client, f"trainings.application.{fact}", application["id"])
