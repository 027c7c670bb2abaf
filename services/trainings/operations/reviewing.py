"""What reviewers do: they see the applications that they are to score, and score them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from services.common import errors
from services.common.authorisation import check_signed_in, is_staff_of
from services.common.context import Call, Caller
from services.common.contracts.trainings.roster_errors import APPLICATION_NOT_ALLOWED_NOW
from services.common.contracts.trainings.selection_errors import (
    CONFLICT_OF_INTEREST,
    NO_SELECTION,
    REVIEWER_SEES_NAMES,
)
from services.common.lists import one_more
from services.common.storage.mongo import Session
from services.trainings.app import App
from services.trainings.domain.applications import Application
from services.trainings.domain.blind_texts import Identity
from services.trainings.domain.cohorts import Cohort
from services.trainings.domain.participants import Participant
from services.trainings.domain.permissions import is_own_application
from services.trainings.domain.reviews import (
    UNDECIDED,
    ApplicationReview,
    has_conflict_of_interest,
    is_blind,
    is_reviewer,
    review_id,
    visible_answers,
)
from services.trainings.domain.selection import Review, check_review, score_application
from services.trainings.operations.application_lists import own_participant_id
from services.trainings.operations.cohorts import get_cohort
from services.trainings.schemas.selection import ListReviewTasks, PutReview, ReviewTask
from services.trainings.steps.save_application import save_application


def find_review_tasks(app: App, call: Call, query: ListReviewTasks) -> list[ReviewTask]:
    """The undecided applications that the caller still has to review, or has reviewed; by id, one
    more than a page where there are more. Those with a conflict of interest are left out.

    Raises:
        errors.Unauthenticated: for a visitor.
        errors.NotFound: if there is no such cohort.
        errors.Forbidden: for anybody but its reviewers.
        errors.Conflict: ``trainings.reviewer_sees_names``.
    """
    check_signed_in(call.caller)
    cohort = get_cohort(app, call, query.cohort_id)
    _check_reviews(call.caller, cohort)
    done = {each.application_id for each in app.reviews.of_cohort(cohort.id, call.caller.id)}
    found = app.applications.to_review(
        cohort.id,
        statuses=UNDECIDED,
        not_of_people=(call.caller.id, own_participant_id(app, call.caller)),
        not_of_organisations=_organisations_of(app, call.caller),
        reviewed=done,
        wanted_reviewed=query.reviewed,
        after=query.after,
        limit=one_more(query.limit),
    )
    return _show(app, cohort, found)


def get_review(app: App, call: Call, application_id: str) -> ReviewTask:
    """An application as the caller reviews it, with the caller's own scores.

    Raises:
        errors.Unauthenticated: for a visitor.
        errors.NotFound: if there is none, or the caller is not to know of it.
        errors.Forbidden: ``trainings.conflict_of_interest``, or the caller is no reviewer.
        errors.Conflict: ``trainings.reviewer_sees_names``.
    """
    check_signed_in(call.caller)
    application = app.applications.get(application_id)
    cohort = app.cohorts.get(application.cohort_id)
    _check_may_review(app, call.caller, cohort, application)
    return _show(app, cohort, [application], call.caller.id)[0]


def put_review(app: App, call: Call, command: PutReview) -> ReviewTask:
    """Score an application; the scores take the place of the caller's earlier ones. The score of
    the application follows, once enough reviewers have scored it.

    Raises:
        errors.Unauthenticated, errors.NotFound, errors.Forbidden: as of :func:`get_review`.
        errors.Conflict: ``trainings.reviewer_sees_names``, ``trainings.no_selection``,
            ``trainings.application_not_allowed_now``.
        errors.Invalid: ``trainings.unknown_criterion``, ``trainings.score_off_scale``.
    """
    caller = call.caller
    check_signed_in(caller)
    cohort_id = app.applications.get(command.id).cohort_id

    def work(session: Session) -> ReviewTask:
        cohort = app.cohorts.lock(session, cohort_id)
        before = app.applications.get(command.id, session)
        _check_may_review(app, caller, cohort, before, session)
        if cohort.selection is None:
            raise NO_SELECTION()
        if before.status not in UNDECIDED:
            raise APPLICATION_NOT_ALLOWED_NOW(state=before.status.value)
        check_review(cohort.selection, Review(caller.id, command.scores))
        _store(app, session, cohort, caller, command)
        reviews = app.reviews.of_application(before.id, session)
        score = score_application(cohort.selection, [each.review for each in reviews])
        after = before.changed(score=score.total)
        if after is not before:
            save_application(app, caller, session, cohort, before, after)
        return _show(app, cohort, [after], caller.id, session)[0]

    return app.database.transact(work)


def _store(app: App, session: Session, cohort: Cohort, caller: Caller, command: PutReview) -> None:
    known = app.reviews.of_pair(command.id, caller.id, session)
    review = ApplicationReview(
        id=review_id(command.id, caller.id),
        cohort_id=cohort.id,
        application_id=command.id,
        reviewer_id=caller.id,
        scores=command.scores,
        remark=command.remark,
        reviewed_at=app.clock.now(),
        version=1 if known is None else known.version + 1,
    )
    if known is None:
        app.reviews.add(session, review)
    else:
        app.reviews.save(session, review, known.version)


def _check_reviews(caller: Caller, cohort: Cohort) -> None:
    """Raises:
    errors.Forbidden: the caller is no reviewer of the cohort.
    errors.Conflict: ``trainings.reviewer_sees_names``.
    """
    if not is_reviewer(caller, cohort):
        raise errors.Forbidden()
    if is_blind(cohort) and is_staff_of(caller, cohort.centre_id):
        raise REVIEWER_SEES_NAMES()


def _check_may_review(
    app: App,
    caller: Caller,
    cohort: Cohort,
    application: Application,
    session: Session | None = None,
) -> None:
    """Raises:
    errors.NotFound: the caller is not to know of the application.
    errors.Forbidden: ``trainings.conflict_of_interest``, or the caller is no reviewer.
    errors.Conflict: ``trainings.reviewer_sees_names``.
    """
    own_id = own_participant_id(app, caller, session)
    own = is_own_application(caller, own_id, application)
    if not is_reviewer(caller, cohort):
        if own or is_staff_of(caller, cohort.centre_id):
            raise errors.Forbidden()
        raise errors.NotFound()
    _check_reviews(caller, cohort)
    organisations = _organisations_of(app, caller, session)
    conflict = has_conflict_of_interest(caller.id, organisations, application)
    if not conflict and application.participant_id != own_id:
        return
    # That there is a conflict would say from which organisation the applicant comes.
    if is_blind(cohort) and not own:
        raise errors.NotFound()
    raise CONFLICT_OF_INTEREST()


def _organisations_of(app: App, caller: Caller, session: Session | None = None) -> frozenset[str]:
    """Where the caller belongs to, approved or not: by the caller's token, and by what has arrived
    since."""
    known = app.directory.organisations_of(caller.id, session)
    return frozenset(caller.organisations) | caller.not_approved | known


def _show(
    app: App,
    cohort: Cohort,
    applications: Sequence[Application],
    reviewer_id: str | None = None,
    session: Session | None = None,
) -> list[ReviewTask]:
    """Applications as their reviewers see them; as many questions to the database for a page as for
    one.

    Args:
        reviewer_id: whose scores are shown with them, and the questions; ``None`` in a list.
    """
    blind = is_blind(cohort)
    ids = {each.submission_id for each in applications if each.submission_id is not None}
    submissions = app.forms.submissions_named(ids, session)
    forms = app.forms.editions_of(submissions.values(), session)
    people = app.participants.named({each.participant_id for each in applications}, session)
    hidden_of = _identities(app, applications, people, session) if blind else {}

    def show(application: Application) -> ReviewTask:
        submission = submissions.get(application.submission_id or "")
        form = None
        if submission is not None:
            form = forms.get((submission.form_id, submission.edition))
        person = people.get(application.participant_id)
        known = person is not None and not person.erased
        answers = (
            visible_answers(form, submission.answers, hidden=hidden_of.get(application.id))
            if form is not None and submission is not None
            else {}
        )
        review = reviewer_id and app.reviews.of_pair(application.id, reviewer_id, session)
        questions = form.questions if form and reviewer_id else ()
        return ReviewTask(
            application_id=application.id,
            name=person.name if person is not None and known and not blind else None,
            organisation_id=None if blind else application.organisation_id,
            answers=answers,
            questions=tuple(each for each in questions if not (blind and each.identifying)),
            scores=review.scores if review else None,
            remark=review.remark if review else None,
            reviewed_at=review.reviewed_at if review else None,
        )

    return [show(each) for each in applications]


def _identities(
    app: App,
    applications: Sequence[Application],
    people: Mapping[str, Participant],
    session: Session | None,
) -> dict[str, Identity]:
    """What would say who has applied, by application: the names of the record and of the account,
    the organisation that the person comes for, and those that the person belongs to."""
    ids = {each.participant_id for each in applications}
    accounts = app.directory.names(ids, session)
    belongs = app.directory.organisations_of_people(ids, session)
    having = {
        each.id: {each.organisation_id, *belongs.get(each.participant_id, ())} - {None}
        for each in applications
    }
    known = app.directory.organisations(
        {id for ids in having.values() for id in ids if id}, session
    )
    found: dict[str, Identity] = {}
    for each in applications:
        person = people.get(each.participant_id)
        names = [*accounts.get(each.participant_id, {}).values()]
        if person is not None and not person.erased:
            names.append(person.name)
        organisations = [
            name for id in having[each.id] if id in known for name in known[id].name.values()
        ]
        found[each.id] = Identity(tuple(names), tuple(organisations))
    return found
