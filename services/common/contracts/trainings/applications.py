"""Applications and seats on the wire.

====================== ================================ =================
method                 request                          result
====================== ================================ =================
apply_for_cohort       ApplyForCohort (with key)        Application
nominate_people        NominatePeople (with key)        Applications
list_applications      ListApplications                 ApplicationList
get_application        ById                             Application
application_history    ListHistory                      history
application_answers    ById                             AnsweredForm
change_answers         ChangeAnswers                    Application
accept_offer           ActOnApplication                 Application
decline_offer          ActOnApplication                 Application
withdraw_application   ActOnApplication                 Application
shortlist_application  ActOnApplication                 Application
waitlist_application   ActOnApplication                 Application
reconsider_application DecideOnApplication              Application
decline_application    DeclineApplication               Application
admit_application      AdmitApplication                 Application
admit_person           AdmitPerson (with key)           Application
offer_seats            OfferSeats (with key)            Applications
cohort_seats           ById                             Seats
audit_cohort           ById                             Audit
====================== ================================ =================

An application is seen by the person, by representatives of the organisation that the person comes
for, by staff of the cohort's centre, and by its trainers.
"""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from services.common.contracts.fields import (
    Choice,
    Id,
    Instant,
    LanguageCode,
    LocalisedText,
    Page,
    StrictSchema,
    Truth,
    integer,
    printed_name,
    text,
)
from services.common.contracts.trainings.forms import CohortAnswers, Form
from services.common.contracts.trainings.limits import LONGEST_NAME, LONGEST_REASON, MOST_SEATS
from services.common.contracts.trainings.participants import (
    EARLIEST_BIRTH_YEAR,
    LATEST_BIRTH_YEAR,
    LONGEST_PHONE,
    Disability,
    Sex,
)

APPLICATION_STATUSES = (
    "submitted",
    "shortlisted",
    "waitlisted",
    "declined",
    "offered",
    "enrolled",
    "withdrawn",
    "offer_expired",
    "offer_declined",
    "completed",
    "not_completed",
    "cancelled",
    "erased",
)
SOURCES = ("self", "nominated", "imported", "staff")
DECLINE_REASONS = ("not_eligible", "lower_rank", "incomplete", "other")
RULE_KINDS = (
    "prerequisite",
    "not_already_trained",
    "role",
    "organisation_approved",
    "sex",
    "centre",
)
FAILURE_CODES = (
    "prerequisite_missing",
    "already_trained",
    "role_not_addressed",
    "organisation_not_approved",
    "sex_not_addressed",
    "centre_not_addressed",
)
MOST_NOMINATED = 30
MOST_RULES = 20
MOST_VALUES = 20


class ApplicationStatus(Choice):
    choices = APPLICATION_STATUSES


class ApplicationSource(Choice):
    choices = SOURCES


class DeclineReason(Choice):
    choices = DECLINE_REASONS


class RuleKind(Choice):
    choices = RULE_KINDS


class FailureCode(Choice):
    choices = FAILURE_CODES


_VALUES_OF_KIND = {
    "role": frozenset({"member", "representative"}),
    "sex": frozenset({"female", "male"}),
}


class EligibilityRule(StrictSchema):
    """A condition of a call. Of its values one is enough; of several rules each is to be met."""

    kind = RuleKind(required=True)
    values = fields.List(
        Id(),
        load_default=list,
        validate=validate.Length(max=MOST_VALUES),
        metadata={
            "description": "Courses, roles, `female` or `male`, or centres; none for "
            "`organisation_approved`."
        },
    )

    @validates_schema(skip_on_field_errors=True)
    def _values_fit(self, data: dict[str, Any], **_: Any) -> None:
        known = _VALUES_OF_KIND.get(data["kind"])
        if bool(data["values"]) is (data["kind"] == "organisation_approved") or (
            known is not None and not known.issuperset(data["values"])
        ):
            raise ValidationError({"values": ["rule_values"]})


class FailedRule(Schema):
    code = FailureCode(required=True, metadata={"example": FAILURE_CODES[0]})
    values = fields.List(
        Id(), required=True, metadata={"description": "What the rule asks for: any of these."}
    )
    detail = fields.String(
        required=True,
        metadata={"description": "The rule in words, in the language of the answer."},
    )


class PersonDetails(StrictSchema):
    """What is left out stays as it is known."""

    name = printed_name(
        LONGEST_NAME, metadata={"description": "Whole, as the person writes it; so it is printed."}
    )
    phone = text(LONGEST_PHONE, metadata={"description": "With or without the country's number."})
    sex = Sex()
    birth_year = integer(EARLIEST_BIRTH_YEAR, LATEST_BIRTH_YEAR)
    disability = Disability(metadata={"description": "As the person says."})
    language = LanguageCode(metadata={"description": "For documents and messages."})


class Applying(StrictSchema):
    organisation_id = Id(
        load_default=None,
        allow_none=True,
        metadata={"description": "The one that the person comes for; null: for none."},
    )
    centre_id = Id(
        load_default=None,
        allow_none=True,
        metadata={"description": "The centre nearest to the applicant; null: that of the cohort."},
    )
    person = fields.Nested(PersonDetails, load_default=dict)
    answers = fields.Nested(
        CohortAnswers,
        load_default=None,
        allow_none=True,
        metadata={"description": "To the form for applications, where the cohort has one."},
    )


class ApplyForCohort(Applying):
    cohort_id = Id(required=True)


class Nominee(PersonDetails):
    """A member of the organisation by `person_id`; or anybody by name and telephone number."""

    person_id = Id(load_default=None, allow_none=True)

    @validates_schema(skip_on_field_errors=True)
    def _is_named(self, data: dict[str, Any], **_: Any) -> None:
        if data["person_id"] is None:
            for name in ("name", "phone"):
                if data.get(name) is None:
                    raise ValidationError({name: ["required"]})


class Nomination(StrictSchema):
    organisation_id = Id(
        load_default=None,
        allow_none=True,
        metadata={"description": "null is for staff: people who come for no organisation."},
    )
    centre_id = Id(load_default=None, allow_none=True)
    people = fields.List(
        fields.Nested(Nominee),
        required=True,
        validate=validate.Length(min=1, max=MOST_NOMINATED),
    )
    together = Truth(
        load_default=False,
        metadata={"description": "Whether they are offered seats together or not at all."},
    )


class NominatePeople(Nomination):
    cohort_id = Id(required=True)


class ActOnApplication(StrictSchema):
    id = Id(required=True)
    expected_version = integer(1, 2**53, required=True)


class ChangeAnswers(CohortAnswers, ActOnApplication):
    pass


class DecisionNote(StrictSchema):
    note = LocalisedText(
        limit=LONGEST_REASON,
        lines=True,
        load_default=None,
        allow_none=True,
        metadata={"description": "The person reads it."},
    )


class DecideOnApplication(DecisionNote, ActOnApplication):
    pass


class Declining(DecisionNote):
    reason = DeclineReason(required=True)

    @validates_schema(skip_on_field_errors=True)
    def _other_is_said(self, data: dict[str, Any], **_: Any) -> None:
        if data["reason"] == "other" and data["note"] is None:
            raise ValidationError({"note": ["required"]})


class DeclineApplication(Declining, ActOnApplication):
    pass


class Admitting(StrictSchema):
    reason = text(
        LONGEST_REASON,
        lines=True,
        required=True,
        metadata={"description": "Why the rules are set aside; the history keeps it."},
    )


class AdmitApplication(Admitting, ActOnApplication):
    pass


class AdmittedPerson(Admitting):
    """A person who has not applied."""

    organisation_id = Id(load_default=None, allow_none=True)
    centre_id = Id(load_default=None, allow_none=True)
    person = fields.Nested(Nominee, required=True)


class AdmitPerson(AdmittedPerson):
    cohort_id = Id(required=True)


class Offering(StrictSchema):
    """Either the best of the shortlist, or applications that are named."""

    first = integer(1, MOST_SEATS, load_default=None, allow_none=True)
    application_ids = fields.List(Id(), load_default=list, validate=validate.Length(max=MOST_SEATS))

    @validates_schema(skip_on_field_errors=True)
    def _one_of_both(self, data: dict[str, Any], **_: Any) -> None:
        if (data["first"] is None) is (not data["application_ids"]):
            raise ValidationError({"application_ids": ["one_of_both"]})


class OfferSeats(Offering):
    cohort_id = Id(required=True)


class Application(Schema):
    id = Id(required=True)
    cohort_id = Id(required=True)
    cohort_title = LocalisedText(required=True)
    centre_id = Id(required=True, metadata={"description": "Of the cohort."})
    starts_at = Instant(required=True, allow_none=True)
    participant_id = Id(required=True)
    name = fields.String(
        required=True, allow_none=True, metadata={"description": "null: the person was erased."}
    )
    organisation_id = Id(required=True, allow_none=True)
    applicant_centre_id = Id(required=True, allow_none=True)
    source = ApplicationSource(required=True)
    nominated_by = Id(required=True, allow_none=True)
    status = ApplicationStatus(required=True)
    reason = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "The code of why it was decided so, such as `full`."},
    )
    note = LocalisedText(required=True, allow_none=True)
    score = fields.Float(required=True, allow_none=True)
    gap = fields.Float(required=True, allow_none=True)
    group_id = Id(required=True, allow_none=True)
    place = fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "In the queue, from 1; null: it does not wait."},
    )
    applied_at = Instant(required=True)
    decided_at = Instant(required=True, allow_none=True)
    expires_at = Instant(
        required=True,
        allow_none=True,
        metadata={"description": "Until when the offer can be accepted."},
    )
    submission_id = Id(required=True, allow_none=True)
    version = fields.Integer(required=True)


class AnsweredForm(Schema):
    """What was answered with an application, and the edition that was answered."""

    form = fields.Nested(Form, required=True)
    answers = fields.Dict(
        keys=fields.String(),
        values=fields.Raw(),
        required=True,
        metadata={"description": "By question, as it was sent."},
    )
    submitted_at = Instant(required=True)


class Applications(Schema):
    items = fields.List(fields.Nested(Application), required=True)


class ApplicationList(Applications):
    next = fields.List(fields.Raw(), allow_none=True)


class ApplicationFilters(StrictSchema):
    organisation_id = Id(load_default=None, allow_none=True)
    status = ApplicationStatus(load_default=None, allow_none=True)


class ListApplications(ApplicationFilters, Page):
    cohort_id = Id(
        load_default=None,
        allow_none=True,
        metadata={
            "description": "null: the caller's own, and those of the organisations that the "
            "caller represents."
        },
    )


class OrganisationSeats(Schema):
    organisation_id = Id(required=True)
    seats = fields.Integer(required=True)


class CentreSeats(Schema):
    centre_id = Id(required=True)
    seats = fields.Integer(required=True)


class SeatsTaken(Schema):
    """What staff and trainers see of the seats."""

    enrolled = fields.Integer(required=True)
    offered = fields.Integer(required=True)
    waiting = fields.Integer(required=True)
    women = fields.Integer(required=True)
    reserved = fields.Integer(
        required=True, metadata={"description": "Free seats that unmet floors keep."}
    )
    beyond_capacity = fields.Integer(required=True)
    erased = fields.Integer(
        required=True,
        metadata={"description": "People whose data were erased while they were enrolled."},
    )
    by_organisation = fields.List(fields.Nested(OrganisationSeats), required=True)
    by_centre = fields.List(fields.Nested(CentreSeats), required=True)


class Seats(Schema):
    cohort_id = Id(required=True)
    capacity = fields.Integer(required=True)
    free = fields.Integer(required=True)
    taken = fields.Nested(
        SeatsTaken,
        required=True,
        allow_none=True,
        metadata={"description": "null but for staff of the centre and trainers of the cohort."},
    )


class Difference(Schema):
    rule = fields.String(required=True)
    of = fields.List(
        fields.String(), required=True, metadata={"description": "Applications or organisations."}
    )
    expected = fields.String(required=True)
    found = fields.String(required=True)


class Audit(Schema):
    """Every rule of the seats, recomputed from what is stored."""

    cohort_id = Id(required=True)
    at = Instant(required=True)
    capacity = fields.Integer(required=True)
    seats_taken = fields.Integer(required=True)
    applications = fields.Integer(required=True)
    differences = fields.List(fields.Nested(Difference), required=True)
