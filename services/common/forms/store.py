"""Forms and answers as documents of a branch's own database.

``forms`` has one document for each edition (``<form>.<edition>``), ``form_answers`` one for each
submission. The first answer freezes its edition in the same transaction, so that a change at the
same moment either comes before it or begins the next edition.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from pymongo import ASCENDING, DESCENDING
from pymongo.errors import DuplicateKeyError

from services.common import errors
from services.common.contracts.form_words import Source
from services.common.contracts.forms_errors import ANSWERED_ALREADY
from services.common.forms.definition import question_of
from services.common.forms.questions import WITH_LENGTH, Form, Submission
from services.common.storage.mongo import Database, Document, Session


class FormStore:
    """The forms of one service.

    Args:
        database: the service's own.
    """

    def __init__(self, database: Database) -> None:
        self._forms = database.collection("forms")
        self._answers = database.collection("form_answers")

    def ensure_indexes(self) -> None:
        self._forms.create_index([("form_id", ASCENDING), ("edition", DESCENDING)], unique=True)
        # One submission of a respondent, also when two arrive at once.
        self._answers.create_index(
            [("form_id", ASCENDING), ("subject", ASCENDING), ("respondent", ASCENDING)], unique=True
        )
        self._answers.create_index([("respondent", ASCENDING)])

    def latest(self, form_id: str, session: Session | None = None) -> Form:
        """The newest edition.

        Raises:
            errors.NotFound: if there is no such form.
        """
        found = self._forms.find_one(
            {"form_id": form_id}, sort=[("edition", DESCENDING)], session=session
        )
        if found is None:
            raise errors.NotFound()
        return form_of(found)

    def edition(self, form_id: str, edition: int, session: Session | None = None) -> Form:
        """One edition.

        Raises:
            errors.NotFound: if there is none.
        """
        found = self._forms.find_one({"_id": key_of(form_id, edition)}, session=session)
        if found is None:
            raise errors.NotFound()
        return form_of(found)

    def editions(self, form_id: str) -> list[Form]:
        """Every edition, oldest first."""
        found = self._forms.find({"form_id": form_id}).sort("edition", ASCENDING)
        return [form_of(document) for document in found]

    def add(self, session: Session, form: Form) -> None:
        """Store a new form."""
        self._forms.insert_one(document_of(form), session=session)

    def save(self, session: Session, before: Form, after: Form) -> None:
        """Put the changed form in place of what it was, or its next edition beside it.

        Raises:
            errors.Stale: if it has changed meanwhile, or has an answer by now.
        """
        if after.edition != before.edition:
            try:
                self._forms.insert_one(document_of(after), session=session)
            except DuplicateKeyError as error:
                raise errors.Stale() from error
            return
        replaced = self._forms.replace_one(
            {
                "_id": key_of(before.id, before.edition),
                "version": before.version,
                "frozen": before.frozen,
            },
            document_of(after),
            session=session,
        )
        if replaced.matched_count != 1:
            raise errors.Stale()

    def submit(self, session: Session, form: Form, submission: Submission) -> None:
        """Store what a respondent answered, and freeze the edition that it was given to.

        Raises:
            errors.Conflict: ``forms.answered_already``.
        """
        if not form.frozen:
            self._forms.update_one(
                {"_id": key_of(form.id, form.edition)}, {"$set": {"frozen": True}}, session=session
            )
        try:
            self._answers.insert_one(document_of_submission(submission), session=session)
        except DuplicateKeyError as error:
            raise ANSWERED_ALREADY() from error

    def answered(
        self, form_id: str, subject: str, respondent: str, session: Session | None = None
    ) -> Submission | None:
        """What a respondent has answered, if anything."""
        found = self._answers.find_one(
            {"form_id": form_id, "subject": subject, "respondent": respondent}, session=session
        )
        return submission_of(found) if found else None

    def submissions(self, form_id: str, subject: str | None = None) -> Iterator[Submission]:
        """All answers to a form, of one subject or of all, in the order in which they came."""
        query: Document = {"form_id": form_id}
        if subject is not None:
            query["subject"] = subject
        yield from (
            submission_of(each) for each in self._answers.find(query).sort("_id", ASCENDING)
        )

    def erase_respondent(self, session: Session, respondent: str, replacement: str) -> int:
        """Take a person's texts out of their answers and put an id that says nothing in place of
        theirs; numbers and choices stay, so that counts stay. Returns how many there were."""
        changed = 0
        for document in self._answers.find({"respondent": respondent}, session=session):
            form = self.edition(document["form_id"], document["edition"], session)
            kept = {
                name: answer
                for name, answer in document["answers"].items()
                if (question := form.question(name)) and question.kind not in _FREE_TEXT
            }
            self._answers.update_one(
                {"_id": document["_id"]},
                {"$set": {"respondent": replacement, "answers": kept}},
                session=session,
            )
            changed += 1
        return changed


_FREE_TEXT = WITH_LENGTH


def key_of(form_id: str, edition: int) -> str:
    """The id of an edition's document."""
    return f"{form_id}.{edition}"


def document_of(form: Form) -> Document:
    """The edition as a document."""
    return {
        "_id": key_of(form.id, form.edition),
        "form_id": form.id,
        "edition": form.edition,
        "title": dict(form.title),
        "questions": [_plain(asdict(question)) for question in form.questions],
        "frozen": form.frozen,
        "version": form.version,
        "updated_at": form.updated_at,
    }


def form_of(document: Document) -> Form:
    """The edition that a document holds."""
    return Form(
        id=document["form_id"],
        title=document["title"],
        questions=tuple(question_of(each) for each in document["questions"]),
        edition=document["edition"],
        frozen=document["frozen"],
        version=document["version"],
        updated_at=document["updated_at"],
    )


def document_of_submission(submission: Submission) -> Document:
    """The submission as a document."""
    document = asdict(submission)
    document["_id"] = document.pop("id")
    return {**document, "source": submission.source.value, "answers": dict(submission.answers)}


def submission_of(document: Document) -> Submission:
    """The submission that a document holds."""
    fields = {name: value for name, value in document.items() if name != "_id"}
    return Submission(id=document["_id"], **{**fields, "source": Source(fields["source"])})


def _plain(value: Any) -> Any:
    """Tuples as lists and enums as texts, as a document holds them."""
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return str(value) if isinstance(value, str) else value
