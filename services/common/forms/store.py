"""Forms and answers as documents of a branch's own database.

``forms`` has one document for each edition (``<form>.<edition>``), ``form_answers`` one for each
submission. The first answer freezes its edition in the same transaction, so that a change at the
same moment either comes before it or begins the next edition.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace

from pymongo import ASCENDING, DESCENDING
from pymongo.errors import DuplicateKeyError

from services.common import errors
from services.common.contracts.forms_errors import ANSWERED_ALREADY
from services.common.forms.questions import WITH_LENGTH, Form, Submission
from services.common.storage.aggregates import Aggregates, equal_to
from services.common.storage.mapping import DocumentMapping, mapping_of
from services.common.storage.mongo import Database, Document, Session
from services.common.storage.searching import FIELD, matching, search_key


def key_of(form_id: str, edition: int) -> str:
    """The id of an edition's document."""
    return f"{form_id}.{edition}"


_EDITION = mapping_of(Form, extra=lambda form: search_key(form.title.values()))


def _document_of(form: Form) -> Document:
    document = _EDITION.document_of(form)
    # Until the next one is stored.
    return document | {"_id": key_of(form.id, form.edition), "form_id": form.id, "newest": True}


def _form_of(document: Document) -> Form:
    return _EDITION.aggregate_of({**document, "_id": document["form_id"]})


FORM = DocumentMapping(_document_of, _form_of)
SUBMISSION = mapping_of(Submission)


class FormStore:
    """The forms of one service.

    Args:
        database: the service's own.
    """

    def __init__(self, database: Database) -> None:
        self._forms = Aggregates(database.collection("forms"), FORM)
        self._answers = Aggregates(database.collection("form_answers"), SUBMISSION)

    def ensure_indexes(self) -> None:
        forms, answers = self._forms.collection, self._answers.collection
        forms.create_index([("form_id", ASCENDING), ("edition", DESCENDING)], unique=True)
        forms.create_index([("newest", ASCENDING), ("purpose", ASCENDING), ("form_id", ASCENDING)])
        forms.create_index([(FIELD, ASCENDING)])
        # One submission of a respondent, also when two arrive at once.
        answers.create_index(
            [("form_id", ASCENDING), ("subject", ASCENDING), ("respondent", ASCENDING)], unique=True
        )
        answers.create_index([("respondent", ASCENDING)])

    # -- forms ---------------------------------------------------------------------------------

    def latest(self, form_id: str, session: Session | None = None) -> Form:
        """The newest edition.

        Raises:
            errors.NotFound: if there is no such form.
        """
        found = self._forms.first({"form_id": form_id, "newest": True}, session)
        if found is None:
            raise errors.NotFound()
        return found

    def edition(self, form_id: str, edition: int, session: Session | None = None) -> Form:
        """One edition.

        Raises:
            errors.NotFound: if there is none.
        """
        return self._forms.get(key_of(form_id, edition), session)

    def editions(self, form_id: str) -> list[Form]:
        """Every edition, oldest first."""
        return self._forms.page({"form_id": form_id}, order=("edition",))

    def find(
        self,
        *,
        purpose: str | None = None,
        owner: str | None = None,
        search: str | None = None,
        after: str | None = None,
        limit: int,
    ) -> list[Form]:
        """The newest editions, by the id of the form, after the one named."""
        return self._forms.page(
            {"newest": True},
            equal_to({"purpose": purpose, "owner": owner}),
            matching(search),
            order=("form_id",),
            after=after,
            limit=limit,
        )

    def add(self, session: Session, form: Form) -> None:
        """Store a new form."""
        self._forms.add(session, form)

    def save(self, session: Session, before: Form, after: Form) -> None:
        """Put the changed form in place of what it was, or its next edition beside it.

        Raises:
            errors.Stale: if it has changed meanwhile, or has an answer by now.
        """
        was = {
            "_id": key_of(before.id, before.edition),
            "version": before.version,
            "frozen": before.frozen,
            "newest": True,
        }
        forms = self._forms.collection
        if after.edition == before.edition:
            matched = forms.replace_one(was, FORM.document_of(after), session=session).matched_count
        else:
            older = {"$set": {"newest": False}}
            matched = forms.update_one(was, older, session=session).matched_count
        if matched != 1:
            raise errors.Stale()
        if after.edition != before.edition:
            self._forms.add(session, after)

    # -- answers -------------------------------------------------------------------------------

    def submit(
        self, session: Session, form: Form, submission: Submission, *, replacing: bool = False
    ) -> Submission:
        """Store what a respondent answered, and freeze the edition that it was given to.

        Args:
            replacing: whether it takes the place of what the respondent answered before.

        Returns:
            the submission as it is stored: one that replaces another has its id.

        Raises:
            errors.Conflict: ``forms.answered_already``.
        """
        self.freeze(session, form)
        if replacing and (earlier := self._of(submission, session)) is not None:
            submission = replace(submission, id=earlier.id)
            document = self._answers.document_of(submission)
            self._answers.collection.replace_one({"_id": earlier.id}, document, session=session)
            return submission
        try:
            self._answers.add(session, submission)
        except DuplicateKeyError as error:
            raise ANSWERED_ALREADY() from error
        return submission

    def freeze(self, session: Session, form: Form) -> None:
        """Let an edition never change again, because it was answered. For a branch that keeps the
        answers itself."""
        if not form.frozen:
            self._forms.collection.update_one(
                {"_id": key_of(form.id, form.edition)}, {"$set": {"frozen": True}}, session=session
            )

    def _of(self, submission: Submission, session: Session) -> Submission | None:
        return self.answered(submission.form_id, submission.subject, submission.respondent, session)

    def answered(
        self, form_id: str, subject: str, respondent: str, session: Session | None = None
    ) -> Submission | None:
        """What a respondent has answered, if anything."""
        query = {"form_id": form_id, "subject": subject, "respondent": respondent}
        return self._answers.first(query, session)

    def submission(self, submission_id: str, session: Session | None = None) -> Submission | None:
        """A submission by its id."""
        return self._answers.look_up(submission_id, session)

    def submissions_named(
        self, ids: Collection[str], session: Session | None = None
    ) -> dict[str, Submission]:
        """Those of these submissions that exist, by id."""
        if not ids:
            return {}
        found = self._answers.page({"_id": {"$in": sorted(ids)}}, session=session)
        return {each.id: each for each in found}

    def editions_of(
        self, submissions: Iterable[Submission], session: Session | None = None
    ) -> dict[tuple[str, int], Form]:
        """The editions that were answered, by form and edition."""
        keys = sorted({key_of(each.form_id, each.edition) for each in submissions})
        if not keys:
            return {}
        found = self._forms.page({"_id": {"$in": keys}}, session=session)
        return {(each.id, each.edition): each for each in found}

    def given(
        self, subject: str, respondent: str, session: Session | None = None
    ) -> Submission | None:
        """What a respondent has answered about this, to whatever form."""
        return self._answers.first({"subject": subject, "respondent": respondent}, session)

    def has_answers(self, form_id: str, subject: str, session: Session | None = None) -> bool:
        """Whether anybody has answered the form about this."""
        return self._answers.first({"form_id": form_id, "subject": subject}, session) is not None

    def submissions(
        self, form_id: str, subject: str | None = None, session: Session | None = None
    ) -> Iterator[Submission]:
        """All answers to a form, of one subject or of all, in the order in which they came."""
        about = equal_to({"subject": subject})
        yield from self._answers.page({"form_id": form_id}, about, session=session)

    def answers_of(self, respondent: str, session: Session | None = None) -> list[Submission]:
        """All that a respondent has answered, in the order in which it came."""
        return self._answers.page({"respondent": respondent}, session=session)

    def erase_respondent(self, session: Session, respondent: str, replacement: str) -> int:
        """Take out of a person's answers every text, and what identifies the person; put an id
        that says nothing in place of theirs. Numbers and choices stay, so that counts stay.
        Returns how many there were."""
        changed = 0
        for each in self.answers_of(respondent, session):
            form = self.edition(each.form_id, each.edition, session)
            kept = {
                name: answer
                for name, answer in each.answers.items()
                if (question := form.question(name))
                and question.kind not in WITH_LENGTH
                and not question.identifying
            }
            self._answers.collection.update_one(
                {"_id": each.id},
                {"$set": {"respondent": replacement, "answers": kept}},
                session=session,
            )
            changed += 1
        return changed
