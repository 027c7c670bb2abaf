"""Facts that consultations publishes. Payloads are thin: ids and states, no text and no name."""

from __future__ import annotations

from services.common.contracts.consultations import (
    assessment_facts,
    case_facts,
    recommendation_facts,
    task_facts,
)
from services.common.contracts.registry import EventType

CASE_SUBMITTED = EventType(
    "consultations.case.submitted", 1, case_facts.Case, "An organisation asks for support."
)
CASE_CHANGED = EventType(
    "consultations.case.changed", 1, case_facts.Case, "Other people are on the case."
)
CASE_TRIAGED = EventType(
    "consultations.case.triaged", 1, case_facts.Case, "Staff have looked the case through."
)
CASE_DECLINED = EventType(
    "consultations.case.declined", 1, case_facts.Case, "The centre does not take the case on."
)
CASE_WITHDRAWN = EventType(
    "consultations.case.withdrawn",
    1,
    case_facts.Case,
    "The organisation needs no support any more.",
)
CASE_STARTED = EventType(
    "consultations.case.started", 1, case_facts.Case, "An adviser works on the case."
)
CASE_AWAITING = EventType(
    "consultations.case.awaiting",
    1,
    case_facts.Case,
    "The adviser waits for something of the organisation.",
)
CASE_RESUMED = EventType(
    "consultations.case.resumed", 1, case_facts.Case, "The organisation has answered."
)
CASE_RESOLVED = EventType("consultations.case.resolved", 1, case_facts.Case, "The support is done.")
CASE_REOPENED = EventType(
    "consultations.case.reopened",
    1,
    case_facts.Case,
    "The support did not help; the same case goes on.",
)
CASE_CLOSED = EventType(
    "consultations.case.closed", 1, case_facts.Case, "The case is over, with a result."
)

CASE_LIMIT_WARNED = EventType(
    "consultations.case.limit_warned",
    1,
    case_facts.Case,
    "A time limit of the case passes soon; each limit tells so once at most.",
)
CASE_LIMIT_PASSED = EventType(
    "consultations.case.limit_passed",
    1,
    case_facts.Case,
    "A time limit of the case has passed; each limit tells so once at most.",
)

CASE_REFERRED = EventType(
    "consultations.case.referred",
    1,
    case_facts.Case,
    "Another adviser or an outside body is asked to take part, with recorded consent.",
)
CASE_REFERRAL_ACCEPTED = EventType(
    "consultations.case.referral_accepted",
    1,
    case_facts.Case,
    "Whom the case was referred to takes part.",
)
CASE_REFERRAL_DECLINED = EventType(
    "consultations.case.referral_declined",
    1,
    case_facts.Case,
    "Whom the case was referred to does not take part.",
)
CASE_REFERRAL_RETURNED = EventType(
    "consultations.case.referral_returned",
    1,
    case_facts.Case,
    "What came of a referral is recorded.",
)
CASE_REFERRAL_WITHDRAWN = EventType(
    "consultations.case.referral_withdrawn",
    1,
    case_facts.Case,
    "A referral, or the consent to it, is taken back.",
)
CASE_RATED = EventType(
    "consultations.case.rated", 1, case_facts.Case, "The organisation has rated the support."
)

TASK_OPENED = EventType(
    "consultations.task.opened", 1, task_facts.Task, "There is something to see to."
)
TASK_CLOSED = EventType(
    "consultations.task.closed", 1, task_facts.Task, "A task is done, or has become needless."
)

INSTRUMENT_ADDED = EventType(
    "consultations.instrument.added",
    1,
    assessment_facts.Instrument,
    "There is one more edition of an instrument, as a draft.",
)
INSTRUMENT_CHANGED = EventType(
    "consultations.instrument.changed",
    1,
    assessment_facts.Instrument,
    "An edition that no assessment uses has other words, items or bands.",
)
INSTRUMENT_PUBLISHED = EventType(
    "consultations.instrument.published",
    1,
    assessment_facts.Instrument,
    "Assessments may use the edition.",
)
INSTRUMENT_FROZEN = EventType(
    "consultations.instrument.frozen",
    1,
    assessment_facts.Instrument,
    "The first assessment uses the edition, which does not change any more.",
)
INSTRUMENT_RETIRED = EventType(
    "consultations.instrument.retired",
    1,
    assessment_facts.Instrument,
    "No new assessment uses the edition.",
)

ASSESSMENT_STARTED = EventType(
    "consultations.assessment.started",
    1,
    assessment_facts.Assessment,
    "An organisation is being assessed.",
)
ASSESSMENT_AGREED = EventType(
    "consultations.assessment.agreed",
    1,
    assessment_facts.Assessment,
    "The organisation has agreed on its scores, which count from now on.",
)
ASSESSMENT_VERIFIED = EventType(
    "consultations.assessment.verified",
    1,
    assessment_facts.Assessment,
    "An adviser has seen the evidence; the verified scores count from now on.",
)
ASSESSMENT_WITHDRAWN = EventType(
    "consultations.assessment.withdrawn",
    1,
    assessment_facts.Assessment,
    "The assessment counts no more.",
)

RECOMMENDATION_PROPOSED = EventType(
    "consultations.recommendation.proposed",
    1,
    recommendation_facts.Recommendation,
    "Something would help an organisation; no person has decided on it yet.",
)
RECOMMENDATION_APPROVED = EventType(
    "consultations.recommendation.approved",
    1,
    recommendation_facts.Recommendation,
    "A person of the centre recommends it to the organisation.",
)
RECOMMENDATION_DECLINED = EventType(
    "consultations.recommendation.declined",
    1,
    recommendation_facts.Recommendation,
    "A person of the centre does not recommend it.",
)
RECOMMENDATION_SUPERSEDED = EventType(
    "consultations.recommendation.superseded",
    1,
    recommendation_facts.Recommendation,
    "Newer scores have taken the place of those it was proposed by.",
)
RECOMMENDATION_PROGRESSED = EventType(
    "consultations.recommendation.progressed",
    1,
    recommendation_facts.Recommendation,
    "More has come of it, by the numbers that trainings and cases tell.",
)
RECOMMENDATION_ENDED = EventType(
    "consultations.recommendation.ended",
    1,
    recommendation_facts.Recommendation,
    "Nothing will come of it any more, as a person has said.",
)
