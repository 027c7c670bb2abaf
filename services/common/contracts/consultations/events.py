"""Facts that consultations publishes. Payloads are thin: ids and states, no text and no name."""

from __future__ import annotations

from services.common.contracts.consultations import (
    assessment_facts,
    campaign_facts,
    case_facts,
    meeting_events,
    news_facts,
    offer_facts,
    plan_facts,
    recommendation_facts,
    task_facts,
)
from services.common.contracts.registry import EventType
from services.common.contracts.rooms import room_released, room_requested


def _instrument_is(fact: str, meaning: str) -> EventType:
    return EventType(f"consultations.instrument.{fact}", 1, assessment_facts.Instrument, meaning)


def _assessment_is(fact: str, meaning: str) -> EventType:
    return EventType(f"consultations.assessment.{fact}", 1, assessment_facts.Assessment, meaning)


def _recommendation_is(fact: str, meaning: str) -> EventType:
    schema = recommendation_facts.Recommendation
    return EventType(f"consultations.recommendation.{fact}", 1, schema, meaning)


CAMPAIGN_CREATED = EventType(
    "consultations.campaign.created",
    1,
    campaign_facts.Campaign,
    "A campaign of a needs study is prepared.",
)
CAMPAIGN_CHANGED = EventType(
    "consultations.campaign.changed",
    1,
    campaign_facts.Campaign,
    "A campaign has other words, centres, or another end or link.",
)
CAMPAIGN_OPENED = EventType(
    "consultations.campaign.opened", 1, campaign_facts.Campaign, "A campaign takes answers."
)
CAMPAIGN_REQUEST_SENT = EventType(
    "consultations.campaign_request.sent",
    1,
    campaign_facts.CampaignRequest,
    "A person who represents an organisation is asked to answer a campaign.",
)
CAMPAIGN_REQUEST_REMINDED = EventType(
    "consultations.campaign_request.reminded",
    1,
    campaign_facts.CampaignRequest,
    "A campaign closes soon, and the person has not answered.",
)
CAMPAIGN_REQUEST_WITHDRAWN = EventType(
    "consultations.campaign_request.withdrawn",
    1,
    campaign_facts.CampaignRequest,
    "The campaign takes no more answers: nobody need see to the request. "
    "It is sent again where the campaign is opened again.",
)
CAMPAIGN_STOPPED = EventType(
    "consultations.campaign.stopped",
    1,
    campaign_facts.Campaign,
    "A campaign takes nothing but what was answered on paper.",
)
CAMPAIGN_CLOSED = EventType(
    "consultations.campaign.closed",
    1,
    campaign_facts.CampaignClosed,
    "A campaign takes no more, and its needs are ranked: where the next plan of trainings begins.",
)
CAMPAIGN_CANCELLED = EventType(
    "consultations.campaign.cancelled",
    1,
    campaign_facts.Campaign,
    "A campaign is given up; nothing is ranked.",
)

CASE_SUBMITTED = EventType(
    "consultations.case.submitted", 1, case_facts.Case, "An organisation asks for support."
)
CASE_CHANGED = EventType(
    "consultations.case.changed",
    1,
    case_facts.Case,
    "Other people are on the case, or it is described otherwise.",
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
CASE_PLANNED = EventType(
    "consultations.case.planned", 1, case_facts.Case, "The case has a first meeting to come."
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
CASE_ASSIGNED = EventType(
    "consultations.case.assigned",
    1,
    case_facts.Case,
    "The case is given to an adviser, or to another one.",
)
CASE_CLOSED = EventType(
    "consultations.case.closed", 1, case_facts.Case, "The case is over, with a result."
)
CASE_GONE = EventType(
    "consultations.case.gone",
    1,
    case_facts.Gone,
    "The case is for nobody but its people any more: forget it.",
)
CASE_UNSEALED = EventType(
    "consultations.case.unsealed",
    1,
    case_facts.Case,
    "The case is open again, and stands like this.",
)

NEWS_SENT = EventType(
    "consultations.news.sent",
    1,
    news_facts.News,
    "There is news about a case for one person. It goes to notifications alone, by the exchange of "
    "sealed news.",
)

CASE_LIMIT_WARNED = EventType(
    "consultations.case.limit_warned",
    1,
    case_facts.Case,
    "A time limit of the case passes soon; each limit warns once at most.",
)
CASE_LIMIT_PASSED = EventType(
    "consultations.case.limit_passed",
    1,
    case_facts.Case,
    "A time limit of the case has passed; each limit alerts once at most.",
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

OFFER_MADE = EventType(
    "consultations.offer.made",
    1,
    offer_facts.Offer,
    "An organisation may ask for a consultation on what its person has learnt.",
)

TASK_OPENED = EventType(
    "consultations.task.opened", 1, task_facts.Task, "There is something to see to."
)
TASK_CLOSED = EventType(
    "consultations.task.closed", 1, task_facts.Task, "A task is done, or has become needless."
)

INSTRUMENT_ADDED = _instrument_is(
    "added", "There is one more edition of an instrument, as a draft."
)
INSTRUMENT_CHANGED = _instrument_is(
    "changed", "An edition that no assessment uses has other words, items or bands."
)
INSTRUMENT_PUBLISHED = _instrument_is("published", "Assessments may use the edition.")
INSTRUMENT_FROZEN = _instrument_is(
    "frozen", "The first assessment uses the edition, which does not change any more."
)
INSTRUMENT_RETIRED = _instrument_is("retired", "No new assessment uses the edition.")

ASSESSMENT_STARTED = _assessment_is("started", "An organisation is being assessed.")
ASSESSMENT_AGREED = _assessment_is(
    "agreed", "The organisation has agreed on its scores, which count from now on."
)
ASSESSMENT_VERIFIED = _assessment_is(
    "verified", "An adviser has seen the evidence; the verified scores count from now on."
)
ASSESSMENT_WITHDRAWN = _assessment_is("withdrawn", "The assessment counts no more.")

RECOMMENDATION_PROPOSED = _recommendation_is(
    "proposed", "Something would help an organisation; no person has decided on it yet."
)
RECOMMENDATION_APPROVED = _recommendation_is(
    "approved", "A person of the centre recommends it to the organisation."
)
RECOMMENDATION_DECLINED = _recommendation_is(
    "declined", "A person of the centre does not recommend it."
)
RECOMMENDATION_SUPERSEDED = _recommendation_is(
    "superseded", "Newer scores have taken the place of those it was proposed by."
)
RECOMMENDATION_PROGRESSED = _recommendation_is(
    "progressed", "More has come of it, by the numbers that trainings and cases tell."
)
RECOMMENDATION_ENDED = _recommendation_is(
    "ended", "Nothing will come of it any more, as a person has said."
)

APPOINTMENT_AGREED = meeting_events.APPOINTMENT_AGREED
APPOINTMENT_MOVED = meeting_events.APPOINTMENT_MOVED
APPOINTMENT_ROOM_ANSWERED = meeting_events.APPOINTMENT_ROOM_ANSWERED
APPOINTMENT_HANDED_OVER = meeting_events.APPOINTMENT_HANDED_OVER
APPOINTMENT_REMINDED = meeting_events.APPOINTMENT_REMINDED
APPOINTMENT_DONE = meeting_events.APPOINTMENT_DONE
APPOINTMENT_MISSED = meeting_events.APPOINTMENT_MISSED
APPOINTMENT_CANCELLED = meeting_events.APPOINTMENT_CANCELLED

VISIT_REQUESTED = meeting_events.VISIT_REQUESTED
VISIT_MOVED = meeting_events.VISIT_MOVED
VISIT_ACCEPTED = meeting_events.VISIT_ACCEPTED
VISIT_DECLINED = meeting_events.VISIT_DECLINED
VISIT_HANDED_OVER = meeting_events.VISIT_HANDED_OVER
VISIT_GROUPED = meeting_events.VISIT_GROUPED
VISIT_REMINDED = meeting_events.VISIT_REMINDED
VISIT_DONE = meeting_events.VISIT_DONE
VISIT_REPORTED = meeting_events.VISIT_REPORTED
VISIT_REPORT_RETURNED = meeting_events.VISIT_REPORT_RETURNED
VISIT_APPROVED = meeting_events.VISIT_APPROVED
VISIT_CALLED_OFF = meeting_events.VISIT_CALLED_OFF

ROOM_REQUESTED = room_requested("consultations")
ROOM_RELEASED = room_released("consultations")

PLAN_MADE = EventType(
    "consultations.plan.made",
    1,
    plan_facts.ActionPlan,
    "A case has an action plan; nobody has signed it.",
)
PLAN_REVISED = EventType(
    "consultations.plan.revised",
    1,
    plan_facts.ActionPlan,
    "A plan has a new edition, which both sides are asked to sign.",
)
PLAN_SIGNED = EventType(
    "consultations.plan.signed",
    1,
    plan_facts.ActionPlan,
    "One side has signed the newest edition; the other is asked to.",
)
PLAN_AGREED = EventType(
    "consultations.plan.agreed",
    1,
    plan_facts.ActionPlan,
    "Both sides have signed the newest edition; its milestones are in force.",
)
PLAN_CLOSED = EventType(
    "consultations.plan.closed", 1, plan_facts.ActionPlan, "The work on a plan is over."
)

MILESTONE_PLANNED = EventType(
    "consultations.milestone.planned",
    1,
    plan_facts.Milestone,
    "Both sides have agreed on a milestone.",
)
MILESTONE_CHANGED = EventType(
    "consultations.milestone.changed",
    1,
    plan_facts.Milestone,
    "The work on a milestone goes on, or both sides have agreed on other words or another date.",
)
MILESTONE_BLOCKED = EventType(
    "consultations.milestone.blocked",
    1,
    plan_facts.Milestone,
    "Something keeps a milestone from going on.",
)
MILESTONE_REPORTED = EventType(
    "consultations.milestone.reported",
    1,
    plan_facts.Milestone,
    "Evidence for a milestone is there; the adviser is asked to confirm it.",
)
MILESTONE_REACHED = EventType(
    "consultations.milestone.reached",
    1,
    plan_facts.Milestone,
    "The adviser has confirmed a milestone.",
)
MILESTONE_REOPENED = EventType(
    "consultations.milestone.reopened",
    1,
    plan_facts.Milestone,
    "A milestone that was confirmed does not count as reached any more.",
)
MILESTONE_DROPPED = EventType(
    "consultations.milestone.dropped",
    1,
    plan_facts.Milestone,
    "Both sides have agreed on a plan without the milestone.",
)
MILESTONE_REMINDED = EventType(
    "consultations.milestone.reminded",
    1,
    plan_facts.Milestone,
    "The due date of a milestone is near: those who see to it get a message.",
)
MILESTONE_OVERDUE = EventType(
    "consultations.milestone.overdue",
    1,
    plan_facts.Milestone,
    "The due date of a milestone has passed, and it is neither reported nor reached.",
)
