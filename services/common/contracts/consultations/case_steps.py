"""The steps of a case on the wire.

================= ================= =======
method            request           result
================= ================= =======
change_case       ChangeCase        Case
triage_case       TriageCase        Case
decline_case      EndCase           Case
withdraw_case     WithdrawCase      Case
start_case        StepOfCase        Case
ask_organisation  AskOrganisation   Case
resume_case       StepOfCase        Case
resolve_case      ResolveCase       Case
close_case        StepOfCase        Case
reopen_case       EndCase           Case
add_person        PersonOfCase      Case
remove_person     PersonOfCase      Case
================= ================= =======
"""

from __future__ import annotations

from services.common.contracts.consultations.limits import (
    LONGEST_DESCRIPTION,
    LONGEST_REASON,
    LONGEST_TITLE,
)
from services.common.contracts.consultations.rpc import ReasonGiven, Versioned
from services.common.contracts.fields import Id, LanguageCode, StrictSchema, Truth, name_text, text


class StepOfCase(Versioned):
    pass


class CaseSpeciality(StrictSchema):
    """What triage found; what is left out stays as it is."""

    speciality = Id(metadata={"description": "One of those of the kind."}, allow_none=True)


class TriageCase(CaseSpeciality, Versioned):
    pass


class CaseChanges(StrictSchema):
    """What is left out stays as it is."""

    title = name_text(LONGEST_TITLE)
    description = text(LONGEST_DESCRIPTION, lines=True)
    language = LanguageCode(metadata={"description": "In which the organisation wants support."})
    speciality = Id(metadata={"description": "One of those of the kind."}, allow_none=True)
    woman_adviser = Truth(metadata={"description": "Whether a woman is asked for."})


class ChangeCase(CaseChanges, Versioned):
    pass


class EndCase(ReasonGiven, Versioned):
    pass


class ReasonAllowed(StrictSchema):
    reason = text(LONGEST_REASON, lines=True, load_default=None, allow_none=True)


class WithdrawCase(ReasonAllowed, Versioned):
    pass


class QuestionAsked(StrictSchema):
    question = text(
        LONGEST_DESCRIPTION,
        lines=True,
        required=True,
        metadata={"description": "What the organisation is asked for."},
    )


class AskOrganisation(QuestionAsked, Versioned):
    pass


class OutcomeGiven(StrictSchema):
    outcome = text(
        LONGEST_DESCRIPTION, lines=True, required=True, metadata={"description": "What came of it."}
    )


class ResolveCase(OutcomeGiven, Versioned):
    pass


class PersonNamed(StrictSchema):
    person_id = Id(required=True, metadata={"description": "A member of the organisation."})


class PersonOfCase(PersonNamed, Versioned):
    pass
