"""The loop that goes on from there: an assessment names gaps, a consultation answers them, and the
next assessment shows what has changed.

A women's initiative assesses itself with an adviser; a recommendation is approved, a case opened
and assigned, a visit agreed, a plan signed by both sides, a milestone reached with the initiative's
new structure as its evidence. It can be played any number of times: the visit is called off, the
plan and the case end with the story.
"""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from functools import partial

import requests

from deploy.local import people
from deploy.local.demo_client import (
    Client,
    Json,
    Step,
    check,
    expect,
    is_arabic,
    localised,
    wait_for,
    wire,
)

CENTRE, KIND, INSTRUMENT = "raqqa", "planning", "capacity-1"
WEAK_DOMAIN, WEAK_ITEM = "human-resources", "structure-and-roles"
TEMPLATE = "small-association"
LOOK_AHEAD = timedelta(days=30)
MONTHS_BETWEEN = timedelta(days=183)


class ConsultationStory:
    """The steps in order, and what they hand on to each other."""

    def __init__(self, gateway_url: str) -> None:
        self.dalal = Client(gateway_url, people.person("member-other"))
        self.layla = Client(gateway_url, people.person("adviser"))
        self.hala = Client(gateway_url, people.person("manager"))
        self.organisation = str(self.dalal.person.organisation_id)
        self.assessment: Json = {}
        self.recommendation: Json = {}
        self.case: Json = {}
        self.visit: Json = {}
        self.document: Json = {}
        self.plan: Json = {}
        self.milestone: Json = {}
        self.milestones_before = 0

    def steps(self) -> list[Step]:
        """The steps in their order."""
        return [
            (
                "مبادرة تقيّم نفسها مع مستشارة، قبل ستة أشهر: الفجوات واضحة",
                "An initiative assesses itself with an adviser, six months ago: the gaps are named",
                self.assess,
            ),
            (
                "توصية من التقييم، بكل حدّ من حدود ترتيبها، تُعتمد",
                "A recommendation of the assessment, with every term of its rank, is approved",
                self.approve,
            ),
            (
                "تطلب الممثلة استشارة انطلاقاً من التوصية",
                "The representative asks for a consultation that begins with it",
                self.submit,
            ),
            (
                "تُقترح مستشارة مع الأسباب، ويُسند إليها الملف",
                "An adviser is suggested with the reasons, and given the case",
                self.assign,
            ),
            (
                "تطلب المستشارة زيارة وتقبلها المبادرة",
                "The adviser asks for a visit, and the initiative accepts it",
                self.agree_visit,
            ),
            (
                "تكتب المبادرة هيكليتها من نموذج، وتُرسم من اليمين إلى اليسار",
                "The initiative writes its structure from a template, drawn from right to left",
                self.write_structure,
            ),
            (
                "خطة عمل: تعديل بعد توقيع يطلب التوقيعين من جديد",
                "An action plan: a change after a signature asks both sides again",
                self.sign_plan,
            ),
            (
                "محطة إنجاز: المبادرة ترسل الدليل والمستشارة تؤكّده",
                "A milestone: the initiative shows its evidence, the adviser confirms it",
                self.reach_milestone,
            ),
            (
                "تقييم ثانٍ بالأداة نفسها",
                "A second assessment with the same instrument",
                self.assess_again,
            ),
            (
                "مسار المنظمة تحرّك",
                "The trajectory of the organisation has moved",
                self.read_trajectory,
            ),
            (
                "تنتهي الخطة وملف الاستشارة والزيارة",
                "The plan, the case and the visit end",
                self.end,
            ),
        ]

    # -- the steps ---------------------------------------------------------------------------------

    def assess(self) -> list[str]:
        """Every item has its score by consensus; one domain is the weakest, and urgent."""
        for client in (self.dalal, self.layla, self.hala):
            client.sign_in()
        held_on = (datetime.now(UTC) - MONTHS_BETWEEN).date()
        self.assessment = self.scored(held_on.isoformat(), usual=2, weak=1)
        result = self.assessment["result"]
        weak = next(each for each in result["domains"] if each["domain_id"] == WEAK_DOMAIN)
        return [
            f"POST /v1/assessments → 201, PATCH, agree → {self.assessment['status']}",
            f"{held_on}: {WEAK_DOMAIN} {weak['mean']}, {result['mean']} of 4",
        ]

    def approve(self) -> list[str]:
        """gap × urgency × readiness, and a person decides."""
        found = wait_for("recommendations of the assessment", self.find_recommendation)
        self.recommendation = self.act(
            self.layla,
            f"/v1/recommendations/{found['id']}",
            "approve",
            {"reason": "أولوية المبادرة"},
        )
        check(self.recommendation["status"] == "approved", str(self.recommendation["status"]))
        terms = self.recommendation["terms"]
        named = " × ".join(
            f"{name} {terms[name]['value']}" for name in ("gap", "urgency", "readiness")
        )
        return [
            f"{self.recommendation['help']}: {self.recommendation['target_id']}, rank "
            f"{self.recommendation['rank']}: {named} = {terms['product']}",
        ]

    def submit(self) -> list[str]:
        """A case whose origin is the recommendation."""
        request = {
            "kind_id": KIND,
            "organisation_id": self.organisation,
            "centre_id": CENTRE,
            "title": "هيكلية واضحة وأدوار مكتوبة",
            "description": "نريد هيكلية يعرف فيها كل شخص دوره ومن يحلّ محلّه.",
            "origin": {"kind": "recommendation", "id": self.recommendation["id"]},
            "form": {"edition": 1, "answers": {"horizon": "year"}},
        }
        self.case = self.created(self.dalal, "/v1/cases", request)
        check(self.case["status"] == "submitted", f"status is {self.case['status']}")
        return [f"POST /v1/cases → 201, {self.case['number']}, {self.case['status']}"]

    def assign(self) -> list[str]:
        """The first that is suggested, so no reason is asked for."""
        found = self.hala.get(f"{self.case_path}/suggestions")["items"]
        check(bool(found), "nobody is suggested")
        first = found[0]
        self.case = self.act(
            self.hala, self.case_path, "assign", {"adviser_id": first["adviser_id"]}
        )
        check(self.layla.person.id in self.case["people"], f"on it are {self.case['people']}")
        self.case = self.act(self.layla, self.case_path, "start")
        check(self.case["status"] == "in_progress", f"status is {self.case['status']}")
        name = localised(first["name"], "ar") if first["name"] else first["adviser_id"]
        fits = ", ".join(each["term"] for each in first["reasons"] if each["fits"])
        return [
            f"{name}: rank {first['rank']} ({fits})",
            f"assign, start → {self.case['status']}",
        ]

    def agree_visit(self) -> list[str]:
        """At a time that was offered, which can be had."""
        now = datetime.now(UTC)
        slots = self.layla.get(
            f"/v1/advisers/{self.layla.person.id}/availability",
            starts_at=wire(now + timedelta(days=1)),
            ends_at=wire(now + LOOK_AHEAD),
            minutes=120,
            visit="true",
            travel_minutes=15,
        )["items"]
        check(bool(slots), "the adviser has no time within a month")
        request = {
            "case_id": self.case["id"],
            "starts_at": slots[0]["starts_at"],
            "ends_at": slots[0]["ends_at"],
            "place": "مقر المبادرة",
            "travel_minutes": 15,
        }
        self.visit = self.created(self.layla, "/v1/visits", request)
        self.visit = self.act(self.dalal, self.visit_path, "accept")
        check(self.visit["status"] == "accepted", f"status is {self.visit['status']}")
        calendar = self.dalal.call("GET", f"{self.visit_path}/invitation.ics")
        check(calendar.text.startswith("BEGIN:VCALENDAR"), calendar.text[:60])
        return [f"{self.visit['starts_at']}, {self.visit['status']}; invitation.ics"]

    def write_structure(self) -> list[str]:
        """A template, one change, and the picture."""
        request = {
            "organisation_id": self.organisation,
            "kind": "structure",
            "title": "هيكلية مبادرة نساء الرقة",
            "template_id": TEMPLATE,
        }
        path = "/v1/working-documents"
        self.document = self.created(self.dalal, path, request)
        path = f"{path}/{self.document['id']}"
        roles = self.document["current"]["roles"]
        check(is_arabic(roles[0]["title"]), f"not Arabic: {roles[0]}")
        roles[0] = {**roles[0], "holder": {"name": "اجتماع العضوات"}}
        self.document = self.patched(self.layla, path, {"roles": roles, "reason": "بعد اللقاء"})
        check(self.document["current"]["number"] == 2, "no second edition")
        picture = self.dalal.call("GET", f"{path}/picture")
        check(picture.content.startswith(b"<svg"), f"no picture: {picture.content[:60]!r}")
        return [
            f"POST /v1/working-documents → 201, {len(roles)} roles; PATCH → edition 2",
            f"GET …/picture → {picture.headers['Content-Type']}, {len(picture.content)} bytes",
        ]

    def sign_plan(self) -> list[str]:
        """The old signature stays on the old hash; both sides sign the new one."""
        due_on = (datetime.now(UTC) + timedelta(days=90)).date()
        milestone = {
            "title": "هيكلية تعتمدها المبادرة",
            "owner": {"side": "organisation", "name": "منسّقة المبادرة"},
            "due_on": due_on.isoformat(),
            "evidence": "الهيكلية ومحضر الاجتماع الذي اعتمدها",
            "item_ids": [WEAK_ITEM],
            "document_id": self.document["id"],
        }
        request = {
            "case_id": self.case["id"],
            "goal": "أدوار مكتوبة تبقى حين يتغيّر الأشخاص.",
            "assessment_id": self.assessment["id"],
            "milestones": [milestone],
        }
        self.plan = self.created(self.layla, "/v1/action-plans", request)
        read = self.plan
        self.sign(self.dalal, read)
        later = (due_on + timedelta(days=14)).isoformat()
        changed = [{**self.plan["current"]["milestones"][0], "due_on": later}]
        self.plan = self.patched(self.layla, self.plan_path, {"milestones": changed})
        refused = self.signing(self.layla, read)
        problem = expect(refused, 409, "application/problem+json")
        check(problem["code"] == "consultations.plan_changed", problem["code"])
        self.sign(self.layla, self.plan)
        self.plan = self.sign(self.dalal, self.plan)
        check(self.plan["status"] == "agreed", f"status is {self.plan['status']}")
        check(self.plan["agreed_edition"] == 2, f"in force is {self.plan['agreed_edition']}")
        return [
            f"409 {problem['code']}",
            f"{self.plan['status']}, edition {self.plan['agreed_edition']}, "
            f"{self.plan['current']['content_hash'][:16]}…",
        ]

    def reach_milestone(self) -> list[str]:
        """Reported by the one side, confirmed by the other."""
        self.milestones_before = self.newest_point()["counts"]["milestones"]
        [found] = self.dalal.get("/v1/milestones", case_id=self.case["id"])["items"]
        path = f"/v1/milestones/{found['id']}"
        evidence = {"evidence": "محضر الاجتماع، والهيكلية في وثائق العمل."}
        reported = self.act(self.dalal, path, "report", evidence)
        check(reported["status"] == "reported", f"status is {reported['status']}")
        self.milestone = self.act(self.layla, path, "confirm")
        check(self.milestone["status"] == "reached", f"status is {self.milestone['status']}")
        return [f"report → {reported['status']}, confirm → {self.milestone['status']}"]

    def assess_again(self) -> list[str]:
        """Higher where the work was done."""
        today = datetime.now(UTC).date().isoformat()
        first = self.assessment["result"]["mean"]
        self.assessment = self.scored(today, usual=3, weak=4)
        second = self.assessment["result"]["mean"]
        check(second > first, f"{second} is not more than {first}")
        return [f"{today}: {first} → {second}"]

    def read_trajectory(self) -> list[str]:
        """From the events of all branches; association, no proof of cause."""
        newest = wait_for("the milestone in the trajectory", self.find_moved)
        first = next(each for each in self.points() if each["index"] is not None)
        check(newest["index"] > first["index"], f"{first['index']} → {newest['index']}")
        return [
            f"{first['month']}: {first['index']} ({first['stage']})",
            f"{newest['month']}: {newest['index']} ({newest['stage']}), "
            f"milestones {newest['counts']['milestones']}",
        ]

    def end(self) -> list[str]:
        """Nothing of the story is left open."""
        called_off = self.act(
            self.dalal,
            self.visit_path,
            "call-off",
            {"cause": "other", "reason": "انتهى العرض التجريبي"},
        )
        reason = {"reason": "أُنجزت المحطة"}
        self.plan = self.act(self.layla, self.plan_path, "close", reason)
        outcome = {"outcome": "هيكلية معتمدة وأدوار مكتوبة."}
        self.act(self.layla, self.case_path, "resolve", outcome)
        self.case = self.act(self.dalal, self.case_path, "close")
        check(self.case["status"] == "closed", f"status is {self.case['status']}")
        path = f"/v1/working-documents/{self.document['id']}"
        self.patched(self.dalal, path, {"archived": True})
        ended = (called_off["status"], self.plan["status"], self.case["status"])
        self.visit, self.plan, self.case, self.document = {}, {}, {}, {}
        return ["visit {}, plan {}, case {}".format(*ended)]

    def clear_up(self) -> None:
        """After a step that failed: take away what would be in the way of the next time."""
        try:
            if self.assessment and self.assessment["status"] == "draft":
                path = f"/v1/assessments/{self.assessment['id']}"
                self.act(self.layla, path, "withdraw", {"reason": "لم تكتمل القصة"})
            if self.visit:
                reason = {"cause": "other", "reason": "لم تكتمل القصة"}
                self.act(self.layla, self.visit_path, "call-off", reason)
            if self.case:
                self.act(self.dalal, self.case_path, "withdraw")
        except (requests.RequestException, KeyError):
            print("       the case could not be withdrawn")

    # -- what the steps share ----------------------------------------------------------------------

    @property
    def case_path(self) -> str:
        """The case's own address."""
        return f"/v1/cases/{self.case['id']}"

    @property
    def visit_path(self) -> str:
        """The visit's own address."""
        return f"/v1/visits/{self.visit['id']}"

    @property
    def plan_path(self) -> str:
        """The plan's own address."""
        return f"/v1/action-plans/{self.plan['id']}"

    def created(self, client: Client, path: str, body: Json) -> Json:
        """What a creating request has made."""
        answer = client.call("POST", path, body, Idempotency_Key=str(uuid.uuid4()))
        return expect(answer, 201)

    def act(self, client: Client, path: str, action: str, body: Json | None = None) -> Json:
        """A thing after an action, at the version that it has now."""
        etag = client.call("GET", path).headers["ETag"]
        return expect(client.call("POST", f"{path}/{action}", body or {}, If_Match=etag), 200)

    def patched(self, client: Client, path: str, changes: Json) -> Json:
        """A thing after a change, at the version that it has now."""
        etag = client.call("GET", path).headers["ETag"]
        return expect(client.call("PATCH", path, changes, If_Match=etag), 200)

    def signing(self, client: Client, read: Json) -> requests.Response:
        """The answer to a signature for what the client has read."""
        said = {
            "edition": read["current"]["number"],
            "content_hash": read["current"]["content_hash"],
        }
        path = f"{self.plan_path}/signatures"
        return client.call("POST", path, said, Idempotency_Key=str(uuid.uuid4()))

    def sign(self, client: Client, read: Json) -> Json:
        """The plan after a signature."""
        return expect(self.signing(client, read), 201)

    def scored(self, held_on: str, *, usual: int, weak: int) -> Json:
        """An assessment that is agreed: every item has the usual score, those of one domain the
        other."""
        request = {
            "organisation_id": self.organisation,
            "instrument_id": INSTRUMENT,
            "held_on": held_on,
            "people": 7,
        }
        self.assessment = self.created(self.layla, "/v1/assessments", request)
        path = f"/v1/assessments/{self.assessment['id']}"
        instrument = self.layla.get(f"/v1/instruments/{INSTRUMENT}")
        scores = [
            {"item_id": item["id"], "score": weak if domain["id"] == WEAK_DOMAIN else usual}
            for domain in instrument["domains"]
            for item in domain["items"]
        ]
        priorities = [{"domain_id": WEAK_DOMAIN, "urgency": 4, "readiness": 4}]
        self.patched(self.layla, path, {"scores": scores, "priorities": priorities})
        self.assessment = self.act(self.dalal, path, "agree")
        check(self.assessment["status"] == "agreed", f"status is {self.assessment['status']}")
        return self.assessment

    def find_recommendation(self) -> Json | None:
        """The consultation that the assessment recommends for the weakest domain, once it is
        there."""
        found = self.layla.get(
            "/v1/recommendations",
            organisation_id=self.organisation,
            origin_id=self.assessment["id"],
            help="consultation",
        )["items"]
        return next((each for each in found if each["target_id"] == KIND), None)

    def points(self) -> list[Json]:
        """The trajectory of the organisation, the oldest month first."""
        path = f"/v1/organisations/{self.organisation}/trajectory"
        return list(self.dalal.get(path)["points"])

    def newest_point(self) -> Json:
        """Where the organisation stands."""
        points = wait_for("the trajectory", partial(self.find_points))
        return points[-1]

    def find_points(self) -> list[Json] | None:
        """The trajectory, once it has a point."""
        return self.points() or None

    def find_moved(self) -> Json | None:
        """The newest point, once the milestone and the assessment of this story are in it."""
        newest = self.points()[-1]
        counted = newest["counts"]["milestones"] > self.milestones_before
        return newest if counted and newest["assessment_id"] == self.assessment["id"] else None
