"""The third part of the story: from the attendance of a course to a certificate that is verified.

It is played with the cohort of the seed data that is over. Who was there all the time gets a
certificate, who missed a session does not. What is recorded stays: played again, the story finds
the same marks, tests and certificate.
"""

from __future__ import annotations

import uuid
from datetime import timedelta
from functools import partial

from deploy.local import people
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
    read_message,
    wait_for,
    wire,
)

COHORT = "report-writing-before"
CENTRE = "raqqa"
PATH = f"/v1/cohorts/{COHORT}"
DEVICE = "demo-phone"
TESTS = ("pre_test", "post_test")
TEST_OVER = "trainings.answers_over"
RIGHT = {"readers": "decide", "summary": "first"}
"""The right answer to each question of the test; each is worth half of it."""


class CertificateStory:
    """The steps in order, and what they hand on to each other."""

    def __init__(self, gateway_url: str) -> None:
        self.desk = Client(gateway_url, people.person("frontdesk-raqqa"))
        self.khaled = Client(gateway_url, people.person("member"))
        self.maya = Client(gateway_url, people.person("member-english"))
        self.visitor = Client(gateway_url, people.person("member-other"))
        self.batch: Json = {}
        self.certificate: Json = {}

    def steps(self) -> list[Step]:
        """The steps in their order."""
        return [
            (
                "انتهت دورة سابقة: يرسل هاتف بلا اتصال كشف الحضور لاحقاً",
                "An earlier course is over: a phone that was offline sends the attendance list",
                self.send_marks,
            ),
            (
                "يُرسل الكشف مرة ثانية فلا يتغيّر شيء",
                "The list is sent a second time, and nothing changes",
                self.send_marks_again,
            ),
            (
                "تُدخَل الاختبارات القبلية والبعدية الورقية ويُحسب مقدار التحسّن",
                "The pre-tests and post-tests on paper are entered, and the learning gain counted",
                self.enter_tests,
            ),
            (
                "من يستحق الشهادة؟ تجيب القاعدة من دون أن يتغيّر شيء",
                "Who has earned a certificate? The rule answers, and nothing changes",
                self.ask_who_has_earned,
            ),
            (
                "تصدر الشهادة، واحدة لا أكثر، ويصل كلاً منهما الخبر بلغته",
                "The certificate is issued, one and no more; each hears in their own language",
                self.issue,
            ),
            (
                "ينزّل صاحب الشهادة ملفها بالعربية وبالإنكليزية",
                "Its holder downloads it as PDF, in Arabic and in English",
                self.download,
            ),
            (
                "يتحقّق أي زائر من الشهادة بالرمز المطبوع عليها",
                "Any visitor verifies the certificate by the code that is printed on it",
                self.verify,
            ),
        ]

    def send_marks(self) -> list[str]:
        """Marks with the ids that the phone has made; those of an earlier story are repeated."""
        for client in (self.desk, self.khaled, self.maya):
            client.sign_in()
        sessions = self.desk.get(PATH)["sessions"]
        came = {self.khaled: ("present", "late"), self.maya: ("present", "absent")}
        marks = [
            {
                "id": f"{DEVICE}-{session['id']}-{client.person.id}",
                "session_id": session["id"],
                "person_id": client.person.id,
                "status": status,
                "marked_at": wire(instant(session["starts_at"]) + timedelta(minutes=10)),
            }
            for client, statuses in came.items()
            for session, status in zip(sessions, statuses, strict=True)
        ]
        self.batch = {"device_id": DEVICE, "marks": marks}
        found = expect(self.desk.call("POST", f"{PATH}/attendance", self.batch), 200)
        check(found["refused"] == 0, f"refused: {found}")
        check(found["saved"] in (0, len(marks)), f"{found['saved']} of {len(marks)} were saved")
        return [
            f"POST …/attendance → 200, saved {found['saved']}, repeated {found['repeated']}",
            *self.shown_attendance(),
        ]

    def send_marks_again(self) -> list[str]:
        """All of them are repeated, and the attendance is the same."""
        before = self.shown_attendance()
        found = expect(self.desk.call("POST", f"{PATH}/attendance", self.batch), 200)
        counts = {name: found[name] for name in ("saved", "repeated", "refused")}
        expected = {"saved": 0, "repeated": len(self.batch["marks"]), "refused": 0}
        check(counts == expected, f"{counts}, not {expected}")
        check(self.shown_attendance() == before, "the attendance has changed")
        return [f"saved {found['saved']}, repeated {found['repeated']}"]

    def enter_tests(self) -> list[str]:
        """One form is both tests; each paper is entered once, within 30 days after its time."""
        form = self.find_test() or self.make_test()
        right, wrong = dict(RIGHT), dict.fromkeys(RIGHT, "other")
        half = right | {"summary": "other"}
        papers = {self.khaled: (half, right), self.maya: (wrong, half)}
        taken = {each["participant_id"]: each for each in self.read_gain()["items"]}
        entered = 0
        for client, answers in papers.items():
            for test, paper in zip(TESTS, answers, strict=True):
                scores = taken.get(client.person.id, {})
                if scores.get(test.removesuffix("_test")) is None:
                    if not self.enter_paper(form, test, client, paper):
                        return [f"409 {TEST_OVER}: the cohort was over long ago"]
                    entered += 1
        gain = self.read_gain()
        check(gain["pairs"] == len(papers), f"{gain['pairs']} people took both tests")
        means = (gain["mean_pre"], gain["mean_post"])
        check(means == (25, 75), f"the means are {means}")
        # Two thirds of what there was to gain: from 25 to 75 of 100.
        check(abs(gain["gain"]["value"] - 2 / 3) < 0.001, f"the gain is {gain['gain']}")
        return [
            f"papers entered: {entered}; people with both tests: {gain['pairs']}",
            f"GET …/learning-gain → {means[0]:g} % → {means[1]:g} %, "
            f"gain {gain['gain']['value']:.2f}",
        ]

    def ask_who_has_earned(self) -> list[str]:
        """A dry run names what is missing, and issues nothing."""
        before = self.count_certificates()
        found = self.ask_for_certificates(200, dry_run=True)
        check(self.count_certificates() == before, "the dry run has issued a certificate")
        earned, missing = (found[each.person.id] for each in (self.khaled, self.maya))
        check(earned["outcome"] in ("issued", "already_issued"), f"not earned: {earned}")
        check(missing["outcome"] == "not_earned", f"earned: {missing}")
        [shortfall] = missing["shortfalls"]
        check(shortfall["lack"] == "attendance_short", f"missing is {shortfall}")
        return [
            f"{self.own_name(self.khaled)}: {earned['outcome']}",
            f"{self.own_name(self.maya)}: {missing['outcome']} ({shortfall['lack']}: "
            f"{shortfall['reached']:g} % of {shortfall['required']} %)",
        ]

    def issue(self) -> list[str]:
        """A certificate that is asked for twice is there once, and so is the message about it."""
        first = self.ask_for_certificates(201)[self.khaled.person.id]
        again = self.ask_for_certificates(201)[self.khaled.person.id]
        check(again["outcome"] == "already_issued", f"the second is {again['outcome']}")
        check(again["certificate_id"] == first["certificate_id"], "there are two certificates")
        check(self.count_certificates() == 1, f"{self.count_certificates()} certificates")
        self.certificate = self.khaled.get(f"/v1/certificates/{first['certificate_id']}")
        check(self.certificate["status"] == "valid", f"it is {self.certificate['status']}")
        evidence = [
            f"POST …/certificates → 201, {first['outcome']}, then {again['outcome']}",
            f"{self.certificate['code']}, {self.certificate['name']}",
        ]
        if first["outcome"] == "already_issued":
            return evidence
        application = f"{COHORT}-{self.maya.person.id}"
        return [
            *evidence,
            *read_message(self.khaled, "trainings.certificate.issued", self.certificate["id"]),
            *read_message(self.maya, "trainings.application.not_completed", application),
        ]

    def download(self) -> list[str]:
        """A 202 until it is made, then the same bytes each time; nobody else gets it."""
        path = f"/v1/certificates/{self.certificate['id']}/pdf"
        evidence = []
        for language in ("ar", "en"):
            statuses: list[int] = []
            document = wait_for(
                f"the certificate in {language}",
                partial(self.find_pdf, f"{path}?language={language}", statuses),
            )
            again = self.khaled.call("GET", f"{path}?language={language}")
            check(document.startswith(b"%PDF-"), "it is no PDF")
            check(again.content == document, "the second download differs")
            evidence.append(
                f"{language}: GET …/pdf → {' → '.join(map(str, dict.fromkeys(statuses)))}, "
                f"{len(document)} bytes"
            )
        expect(self.maya.call("GET", path), 404, "application/problem+json")
        return evidence

    def verify(self) -> list[str]:
        """Without a token: what was issued, in two languages; a wrong code answers a 404."""
        path = f"/v1/verify/{self.certificate['code']}"
        evidence = []
        for language in ("ar", "en"):
            found = expect(self.visitor.call("GET", path, Accept_Language=language), 200)
            check(found["status"] == "valid", f"it is {found['status']}")
            check(found["name"] == self.certificate["name"], f"the name is {found['name']}")
            title = localised(found["title"], language)
            check(is_arabic(title) == (language == "ar"), f"not in {language}: {title}")
            evidence.append(f"{language}: {found['status']}, {title}, {found['name']}")
        unknown = self.visitor.call("GET", "/v1/verify/MSH-0000-0000-0000")
        problem = expect(unknown, 404, "application/problem+json")
        return [*evidence, f"404 {problem['code']}: {problem['title']}"]

    def clear_up(self) -> None:
        """Nothing: all that the story records is found by the next."""

    # -- the cohort --------------------------------------------------------------------------------

    def shown_attendance(self) -> list[str]:
        """What each person has attended, in a line."""
        return [
            f"{each['name']}: {len(each['attended'])} of {each['counted']}, {each['percent']:g} %"
            for each in self.desk.get(f"{PATH}/attendance")["items"]
        ]

    def own_name(self, client: Client) -> str:
        """A person's name in the person's language."""
        return client.person.name[client.person.language]

    def read_gain(self) -> Json:
        """The learning gain, as staff see it."""
        return self.desk.get(f"{PATH}/learning-gain")

    def count_certificates(self) -> int:
        """How many certificates of the cohort there are."""
        return len(self.desk.get(f"{PATH}/certificates")["items"])

    def ask_for_certificates(self, status: int, **body: bool) -> dict[str, Json]:
        """What becomes of each participant, by id."""
        key = str(uuid.uuid4())
        answer = self.desk.call("POST", f"{PATH}/certificates", body, Idempotency_Key=key)
        return {each["participant_id"]: each for each in expect(answer, status)["items"]}

    def find_pdf(self, path: str, seen: list[int]) -> bytes | None:
        """The document, once it is made; the status of each answer is added to what was seen."""
        answer = self.khaled.call("GET", path)
        seen.append(answer.status_code)
        if answer.status_code == 202:
            return None
        if answer.status_code != 200:
            raise NotVerified(f"the document answered {answer.status_code}: {answer.text[:500]}")
        return answer.content

    # -- tests -------------------------------------------------------------------------------------

    def find_test(self) -> Json | None:
        """The form of both tests, if an earlier story has made it."""
        forms = self.desk.get(PATH)["forms"]
        if any(test not in forms for test in TESTS):
            return None
        return self.desk.get(f"/v1/forms/{forms[TESTS[0]]}")

    def make_test(self) -> Json:
        """A form of two questions, its right answers, and the cohort that uses it for both."""
        answer = self.desk.call(
            "POST",
            "/v1/forms",
            {
                "purpose": TESTS[0],
                "centre_id": CENTRE,
                "title": {"ar": "اختبار كتابة التقارير", "en": "Test: report writing"},
                "questions": QUESTIONS,
            },
            Idempotency_Key=str(uuid.uuid4()),
        )
        form = expect(answer, 201)
        rows = [
            {"question_id": name, "points": 1, "right": [right]} for name, right in RIGHT.items()
        ]
        key_path = f"/v1/forms/{form['id']}/key"
        etag = self.desk.call("GET", key_path).headers["ETag"]
        key = {"edition": form["edition"], "questions": rows}
        expect(self.desk.call("PUT", key_path, key, If_Match=etag), 200)
        for test in TESTS:
            etag = self.desk.call("GET", PATH).headers["ETag"]
            use = {"form_id": form["id"]}
            expect(self.desk.call("PUT", f"{PATH}/forms/{test}", use, If_Match=etag), 200)
        return form

    def enter_paper(self, form: Json, test: str, client: Client, answers: Json) -> bool:
        """Enter what a participant has answered on paper; no, if it is too late for that."""
        sent = {
            "form_id": form["id"],
            "edition": form["edition"],
            "answers": answers,
            "participant_id": client.person.id,
        }
        path = f"{PATH}/answers/{test}"
        answer = self.desk.call("POST", path, sent, Idempotency_Key=str(uuid.uuid4()))
        if answer.status_code == 409 and answer.json()["code"] == TEST_OVER:
            return False
        check(expect(answer, 201)["source"] == "paper", "it is not taken as a paper")
        return True


QUESTIONS = [
    {
        "id": "readers",
        "kind": "choice",
        "label": {"ar": "لماذا يقرأ المانح التقرير؟", "en": "What does a donor read a report for?"},
        "required": True,
        "choices": [
            {"id": "decide", "label": {"ar": "ليتخذ قراراً", "en": "To make a decision"}},
            {"id": "other", "label": {"ar": "ليحفظه في الأرشيف", "en": "To file it"}},
        ],
    },
    {
        "id": "summary",
        "kind": "choice",
        "label": {"ar": "أين يوضع الملخّص؟", "en": "Where does the summary stand?"},
        "required": True,
        "choices": [
            {"id": "first", "label": {"ar": "في البداية", "en": "At the beginning"}},
            {"id": "other", "label": {"ar": "في النهاية", "en": "At the end"}},
        ],
    },
]
"""Of the test, as a form has them."""
