"""Who may do what in trainings: every RPC method, called by every kind of caller.

The letters are those of ``tests/support/who_may.py``. A method without a row fails, so that an
author of a new one says who may call it.
"""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from services.common.context import VISITOR, Caller
from services.common.files.wire import content_to_wire
from services.trainings.app import App
from services.trainings.domain.cohorts import Cohort
from services.trainings.domain.imports import ImportMode, TableKind
from services.trainings.domain.materials import Material
from services.trainings.domain.participants import Sex
from services.trainings.domain.tasks import TaskKind
from services.trainings.operations import imports, materials
from services.trainings.operations.assignments import accept_assignment, assign_trainer
from services.trainings.schemas.assignments import AnswerAssignment, AssignTrainer
from services.trainings.schemas.imports import StartImport
from services.trainings.schemas.materials import AddMaterial
from services.trainings.service import TrainingsService
from services.trainings.steps.tasks import update_tasks
from tests.support.applications import apply
from tests.support.attendance import mark
from tests.support.bookings import (
    MANAGER,
    MEMBER,
    RAQQA_DESK,
    REPRESENTATIVE,
    STRANGER,
    TABQA_DESK,
    call,
)
from tests.support.certificates import issue
from tests.support.trainings import (
    answers_to,
    cohort_request,
    course_request,
    form_request,
    make_form,
    offer,
    open_cohort,
    question,
    register,
    seat,
    selection_request,
    session_request,
    use_form,
)
from tests.support.who_may import NEVER, Row, methods_of, outcome

TRAINER = Caller(id="trainer", roles=frozenset({"trainer"}))

CALLERS = {
    "visitor": VISITOR,
    "stranger": STRANGER,
    "member": MEMBER,
    "representative": REPRESENTATIVE,
    "trainer": TRAINER,
    "desk elsewhere": TABQA_DESK,
    "desk here": RAQQA_DESK,
    "manager": MANAGER,
}

#          visitor  stranger  member  representative  trainer  elsewhere  here  manager
EVERYBODY = "Y Y Y Y Y Y Y Y"
MANAGER_ONLY = "S F F F F F F Y"
STAFF_HERE = "S F F F F F Y Y"
SEEN_APPLICATION = "S H Y Y H H Y Y"
STAFF_DECIDE = "S H F F H H Y Y"
STAFF = "S F F F F Y Y Y"
WORKBOOK = {"name": "form.xlsx", "file": ""}


class Situation:
    """One thing of each kind, at the centre `raqqa`."""

    def __init__(self, app: App, **values: Any) -> None:
        self.app = app
        self.service = TrainingsService()
        self.service.app = app
        self.course = offer(app).id
        self.form = make_form(app).id
        self.cohort = use_form(
            app, open_cohort(app, course_id=self.course, **values), app.forms.latest(self.form)
        )
        feedback = make_form(app, purpose="feedback", questions=[question("useful", "scale")])
        self.cohort = use_form(app, self.cohort, feedback)
        self.seated = seat(app, self.cohort, "seated").id
        until = app.clock.now() + timedelta(days=1)
        self.form_link = app.links.expiring_token("form.feedback", self.seated, until)
        self.feedback_form = feedback.id
        self.task = open_task(app, self.cohort)
        self.assignment = assign_trainer(
            app, call(RAQQA_DESK), AssignTrainer(self.cohort.id, TRAINER.id, None)
        )
        register(app, "ليلى حسن", id=MEMBER.id, has_account=True, sex=Sex.FEMALE)
        self.answers = answers_to(app.forms.latest(self.form), employer="جمعية الفرات", why="للعمل")
        person = {"name": "ليلى حسن"}
        self.application = apply(app, self.cohort, MEMBER, answers=self.answers, person=person)
        self.other = register(app, "ليلى حسن").id

        self.certificate = issue(app, self.cohort, MEMBER.id)[0]

    def ask(self, who: Caller, method: str, request: dict[str, Any]) -> Any:
        """What the method answers this caller, as over RPC but for the wire."""
        self.service.call = call(who)
        return getattr(self.service, method)(request)

    def stale(self, thing: str, **more: Any) -> dict[str, Any]:
        return {"id": thing, "expected_version": NEVER, **more}

    def feedback(self, **more: Any) -> dict[str, Any]:
        return {"cohort_id": self.cohort.id, "occasion": "feedback", **more}

    def material(self) -> Material:
        command = AddMaterial(**self.first_session(), name="a.txt", content=b"a")
        return materials.add_material(self.app, call(MANAGER, "file"), command)

    def import_id(self) -> str:
        content = b"Session,Name,Phone,Status\n"
        kind, mode = TableKind.ATTENDANCE, ImportMode.CHECK
        command = StartImport(self.cohort.id, kind, mode, "a.csv", content)
        return imports.start_import(self.app, call(MANAGER, "import"), command).id

    def first_session(self) -> dict[str, Any]:
        return {"cohort_id": self.cohort.id, "session_id": self.cohort.sessions[0].id}

    def nothing(self) -> dict[str, Any]:
        return {}


def open_task(app: App, cohort: Cohort) -> str:
    """The id of a task about the rooms of a cohort."""
    kind = TaskKind.ROOMS_UNANSWERED
    sessions = tuple(each.id for each in cohort.sessions)
    app.database.transact(lambda session: update_tasks(app, session, cohort, {kind: sessions}))
    return app.tasks.page()[0].id


PARTICIPANT_ROWS: dict[str, Row[Situation]] = {
    "list_participants": Row(STAFF, Situation.nothing),
    "get_participant": Row("S H Y H H Y Y Y", lambda _: {"id": MEMBER.id}),
    "change_participant": Row(STAFF, lambda s: s.stale(MEMBER.id, birth_year=1990)),
    "participant_history": Row(STAFF, lambda _: {"id": MEMBER.id}),
    "list_duplicates": Row(STAFF, Situation.nothing),
    "mark_different": Row(STAFF, lambda s: {"id": MEMBER.id, "other_id": s.other}),
    "merge_participants": Row(MANAGER_ONLY, lambda s: s.stale(MEMBER.id, merged_id=s.other)),
}

CERTIFICATE_ROWS: dict[str, Row[Situation]] = {
    "preview_certificates": Row(STAFF_HERE, lambda s: {"cohort_id": s.cohort.id}),
    "issue_certificates": Row(STAFF_HERE, lambda s: {"cohort_id": s.cohort.id}),
    "list_cohort_certificates": Row(STAFF_HERE, lambda s: {"cohort_id": s.cohort.id}),
    "list_my_certificates": Row("S Y Y Y Y Y Y Y", Situation.nothing),
    "get_certificate": Row("S H Y H H H Y Y", lambda s: {"id": s.certificate.id}),
    "certificate_pdf": Row("S H Y H H H Y Y", lambda s: {"id": s.certificate.id, "language": "ar"}),
    "revoke_certificate": Row(
        "S H F H H H Y Y", lambda s: s.stale(s.certificate.id, reason="misused")
    ),
    "correct_certificate_name": Row(
        "S H F H H H Y Y", lambda s: s.stale(s.certificate.id, name="هبة الأحمد")
    ),
    "verify_certificate": Row(EVERYBODY, lambda s: {"code": s.certificate.code}),
    "certificate_keys": Row(EVERYBODY, Situation.nothing),
    "withdrawn_certificates": Row(EVERYBODY, Situation.nothing),
}

ANSWER_ROWS: dict[str, Row[Situation]] = {
    # Others are refused by the rule: only people with a seat answer.
    "get_form_to_answer": Row("S Y Y Y Y Y Y Y", lambda s: s.feedback()),
    "answer_form": Row(
        "S F F F F F Y Y",
        lambda s: s.feedback(
            participant_id=MEMBER.id, form_id=s.feedback_form, edition=1, answers={}
        ),
    ),
    "answers_summary": Row(STAFF_HERE, lambda s: s.feedback()),
    "get_test_key": Row(STAFF_HERE, lambda s: {"id": s.form}),
    "set_test_key": Row(
        STAFF_HERE,
        lambda s: s.stale(
            s.form, edition=1, questions=[{"question_id": "why", "points": 1, "right": ["a"]}]
        ),
    ),
    "learning_gain": Row(STAFF_HERE, lambda s: {"cohort_id": s.cohort.id}),
    "my_learning_gain": Row("S Y Y Y Y Y Y Y", lambda s: {"cohort_id": s.cohort.id}),
}

DAYS = {"first_day": "2025-01-01", "last_day": "2025-03-31"}
REPORT_ROWS: dict[str, Row[Situation]] = {
    "report_trainings": Row(STAFF, lambda _: DAYS),
    "freeze_period": Row(MANAGER_ONLY, lambda _: {**DAYS, "title": "Q1"}),
    "list_frozen_periods": Row("S Y Y Y Y Y Y Y", Situation.nothing),
    "get_frozen_period": Row("S H H H H H H H", lambda _: {"id": "nothing"}),
    "participant_timeline": Row("S H Y H H Y Y Y", lambda _: {"id": MEMBER.id}),
    "organisation_timeline": Row("S H H Y H Y Y Y", lambda _: {"id": "amal"}),
}

ROWS: dict[str, Row[Situation]] = {
    **PARTICIPANT_ROWS,
    **CERTIFICATE_ROWS,
    **ANSWER_ROWS,
    **REPORT_ROWS,
    "list_topics": Row(EVERYBODY, Situation.nothing),
    "list_courses": Row(EVERYBODY, Situation.nothing),
    "get_course": Row(EVERYBODY, lambda s: {"id": s.course}),
    "add_course": Row(MANAGER_ONLY, lambda _: course_request()),
    "course_history": Row("S F F F F Y Y Y", lambda s: {"id": s.course}),
    "export_person": Row("S F Y F F F F Y", lambda _: {"person_id": MEMBER.id, "email": None}),
    "change_course": Row(
        MANAGER_ONLY, lambda s: {"id": s.course, "expected_version": NEVER, "hours": 3}
    ),
    "list_cohorts": Row(EVERYBODY, Situation.nothing, lambda s: s.cohort.id),
    "get_cohort": Row(EVERYBODY, lambda s: {"id": s.cohort.id}),
    "create_cohort": Row(STAFF_HERE, lambda s: cohort_request(s.app, course_id=s.course)),
    "change_cohort": Row(STAFF_HERE, lambda s: s.stale(s.cohort.id, capacity=9)),
    "announce_cohort": Row(STAFF_HERE, lambda s: s.stale(s.cohort.id)),
    "open_applications": Row(STAFF_HERE, lambda s: s.stale(s.cohort.id)),
    "close_applications": Row(STAFF_HERE, lambda s: s.stale(s.cohort.id)),
    "close_cohort": Row(STAFF_HERE, lambda s: s.stale(s.cohort.id)),
    "cancel_cohort": Row(STAFF_HERE, lambda s: s.stale(s.cohort.id, reason={"ar": "سبب"})),
    "apply_for_cohort": Row(
        "S Y Y Y Y Y Y Y", lambda s: {"cohort_id": s.cohort.id, "person": {"name": "هبة"}}
    ),
    "nominate_people": Row(
        "S F F Y F F Y Y",
        lambda s: {
            "cohort_id": s.cohort.id,
            "organisation_id": "amal",
            "people": [{"person_id": "nobody"}],
        },
    ),
    "list_applications": Row(
        "S y Y Y y y Y Y", lambda s: {"cohort_id": s.cohort.id}, lambda s: s.application.id
    ),
    "get_application": Row(SEEN_APPLICATION, lambda s: {"id": s.application.id}),
    "application_history": Row("S H F F H H Y Y", lambda s: {"id": s.application.id}),
    "accept_offer": Row("S H Y Y H H Y Y", lambda s: s.stale(s.application.id)),
    "decline_offer": Row("S H Y Y H H Y Y", lambda s: s.stale(s.application.id)),
    "withdraw_application": Row("S H Y Y H H Y Y", lambda s: s.stale(s.application.id)),
    "shortlist_application": Row(STAFF_DECIDE, lambda s: s.stale(s.application.id)),
    "waitlist_application": Row(STAFF_DECIDE, lambda s: s.stale(s.application.id)),
    "decline_application": Row(
        STAFF_DECIDE, lambda s: s.stale(s.application.id, reason="incomplete")
    ),
    "reconsider_application": Row(STAFF_DECIDE, lambda s: s.stale(s.application.id)),
    "admit_application": Row("S H F F H H Y Y", lambda s: s.stale(s.application.id, reason="سبب")),
    "admit_person": Row(
        "S F F F F F Y Y",
        lambda s: {
            "cohort_id": s.cohort.id,
            "organisation_id": "nothing",
            "person": {"name": "هبة", "phone": "0944123456"},
            "reason": "سبب",
        },
    ),
    "offer_seats": Row(STAFF_HERE, lambda s: {"cohort_id": s.cohort.id, "first": 1}),
    "cohort_seats": Row(EVERYBODY, lambda s: {"id": s.cohort.id}),
    "audit_cohort": Row(STAFF_HERE, lambda s: {"id": s.cohort.id}),
    "cohort_history": Row(STAFF_HERE, lambda s: {"id": s.cohort.id}),
    "add_session": Row(STAFF_HERE, lambda s: {"cohort_id": s.cohort.id, **session_request(40)}),
    "change_session": Row(
        STAFF_HERE, lambda s: s.stale(s.cohort.id, session_id=s.cohort.sessions[0].id)
    ),
    "list_assignments": Row("S y y y Y y Y Y", Situation.nothing, lambda s: s.assignment.id),
    "get_assignment": Row("S H H H Y H Y Y", lambda s: {"id": s.assignment.id}),
    "calendar_entries": Row(
        "S y Y y Y y y y", Situation.nothing, lambda s: s.cohort.sessions[0].id
    ),
    "assign_trainer": Row(
        STAFF_HERE,
        lambda s: {"cohort_id": s.cohort.id, "trainer_id": "trainer", "session_ids": None},
    ),
    "accept_assignment": Row("S H H H Y H F F", lambda s: s.stale(s.assignment.id)),
    "decline_assignment": Row("S H H H Y H F F", lambda s: s.stale(s.assignment.id)),
    "withdraw_assignment": Row("S H H H F H Y Y", lambda s: s.stale(s.assignment.id)),
    "list_tasks": Row("S F F F F y Y Y", Situation.nothing, lambda s: s.task),
    "close_task": Row("S F F F F F Y Y", lambda s: s.stale(s.task)),
    "copy_cohort": Row(
        STAFF_HERE, lambda s: {"id": s.cohort.id, "starts_on": "2027-03-07", "centre_id": None}
    ),
    "request_rooms": Row(STAFF_HERE, lambda s: s.stale(s.cohort.id)),
    "record_marks": Row(
        STAFF_HERE,
        lambda s: {
            "cohort_id": s.cohort.id,
            "device_id": "phone",
            "marks": [mark(s.cohort, 1, "p")],
        },
    ),
    "cohort_attendance": Row(STAFF_HERE, lambda s: {"cohort_id": s.cohort.id}),
    "session_attendance": Row(STAFF_HERE, lambda s: s.first_session()),
    "list_contradictions": Row(STAFF_HERE, lambda s: {"cohort_id": s.cohort.id}),
    "get_attendance": Row(STAFF_HERE, lambda s: {**s.first_session(), "person_id": "seated"}),
    "settle_attendance": Row(
        STAFF_HERE,
        lambda s: {
            **s.first_session(),
            "person_id": "seated",
            "status": "present",
            "reason": "سبب",
            "expected_version": NEVER,
        },
    ),
    "attendance_history": Row(STAFF_HERE, lambda s: {**s.first_session(), "person_id": "seated"}),
    "list_materials": Row("S F Y F Y F Y Y", lambda s: {"cohort_id": s.cohort.id}),
    "read_material": Row(
        "S F Y F Y F Y Y", lambda s: {"cohort_id": s.cohort.id, "id": s.material().id}
    ),
    "add_material": Row(
        STAFF_HERE, lambda s: {**s.first_session(), "name": "a.txt", "content": "YQ=="}
    ),
    "remove_material": Row(
        "S F F F F F Y H", lambda s: {"cohort_id": s.cohort.id, "id": s.material().id}
    ),
    "sign_in_sheet": Row(STAFF_HERE, lambda s: s.first_session()),
    "start_import": Row(
        STAFF_HERE,
        lambda s: {
            "cohort_id": s.cohort.id,
            "kind": "attendance",
            "name": "a.csv",
            "content": content_to_wire(b"Session,Name,Phone,Status\n"),
        },
    ),
    "get_import": Row("S H H H H H Y Y", lambda s: {"id": s.import_id()}),
    "export_table": Row(
        STAFF_HERE, lambda s: {"cohort_id": s.cohort.id, "kind": "attendance", "language": "ar"}
    ),
    "my_attendance": Row("S H Y H H H H H", lambda s: {"cohort_id": s.cohort.id}),
    "remove_session": Row(
        STAFF_HERE, lambda s: s.stale(s.cohort.id, session_id=s.cohort.sessions[0].id)
    ),
    "list_forms": Row(STAFF, Situation.nothing, lambda s: s.form),
    "get_form": Row(STAFF, lambda s: {"id": s.form}),
    "create_form": Row(STAFF_HERE, lambda _: form_request()),
    "change_form": Row(STAFF_HERE, lambda s: s.stale(s.form)),
    "form_history": Row(STAFF, lambda s: {"id": s.form}),
    "form_workbook": Row(STAFF, lambda s: {"id": s.form}),
    "create_form_of_workbook": Row(
        STAFF_HERE, lambda _: {"purpose": "feedback", "centre_id": "raqqa", **WORKBOOK}
    ),
    "change_form_by_workbook": Row(STAFF_HERE, lambda s: s.stale(s.form, **WORKBOOK)),
    "set_cohort_form": Row(
        STAFF_HERE, lambda s: s.stale(s.cohort.id, purpose="feedback", form_id=s.form)
    ),
    "get_cohort_form": Row(EVERYBODY, lambda s: {"id": s.cohort.id, "purpose": "application"}),
    "application_answers": Row(SEEN_APPLICATION, lambda s: {"id": s.application.id}),
    "change_answers": Row(SEEN_APPLICATION, lambda s: s.stale(s.application.id, **s.answers)),
    "make_form_link": Row(STAFF_HERE, lambda s: {"id": s.seated, "occasion": "feedback"}),
    "get_selection": Row(STAFF_HERE, lambda s: {"id": s.cohort.id}),
    "set_selection": Row(STAFF_HERE, lambda s: s.stale(s.cohort.id, **selection_request())),
    "set_reviewers": Row(STAFF_HERE, lambda s: s.stale(s.cohort.id, person_ids=[])),
    "list_review_tasks": Row("S F F F F F F F", lambda s: {"cohort_id": s.cohort.id}),
    "get_review": Row("S H F F H H F F", lambda s: {"id": s.application.id}),
    "put_review": Row("S H F F H H F F", lambda s: {"id": s.application.id, "scores": {}}),
    "cohort_ranking": Row(STAFF_HERE, lambda s: {"id": s.cohort.id}),
    "shortlist_best": Row(STAFF_HERE, lambda s: {"cohort_id": s.cohort.id, "most": 3}),
    "open_form_link": Row(EVERYBODY, lambda s: {"token": s.form_link}),
    "answer_by_link": Row(
        EVERYBODY,
        lambda s: {"token": s.form_link, "form_id": s.form, "edition": 1, "answers": {}},
    ),
    "cohort_form_answers": Row(STAFF_HERE, lambda s: {"id": s.cohort.id, "purpose": "application"}),
}


def test_every_method_has_a_row() -> None:
    assert set(ROWS) == methods_of(TrainingsService)


@pytest.mark.parametrize("method", ROWS)
def test_who_may(app: App, method: str) -> None:
    situation = Situation(app)
    row = ROWS[method]
    expected = dict(zip(CALLERS, row.who.split(), strict=True))
    request, shown = row.request(situation), row.shows(situation)
    found = {
        name: outcome(lambda who=who: situation.ask(who, method, request), shown)
        for name, who in CALLERS.items()
    }
    assert found == expected


OF_TRAINERS = (
    "get_application",
    "application_answers",
    "admit_application",
    "admit_person",
    "answer_form",
    "answers_summary",
    "learning_gain",
    "list_materials",
    "add_material",
    "cohort_attendance",
)


@pytest.mark.parametrize("method", OF_TRAINERS)
def test_who_is_no_trainer_any_more_keeps_nothing_of_the_cohort(app: App, method: str) -> None:
    """The assignment stays when the role ends; it gives no access without the role."""
    situation = Situation(app)
    asked = situation.assignment
    accept_assignment(app, call(TRAINER), AnswerAssignment(asked.id, asked.version))
    request = ROWS[method].request(situation)
    assert outcome(partial(situation.ask, TRAINER, method, request)) == "Y"
    former = Caller(id=TRAINER.id)
    assert outcome(partial(situation.ask, former, method, request)) in {"F", "H"}
