"""Forms of trainings on the wire.

========================= ============================== ==============
method                    request                        result
========================= ============================== ==============
list_forms                ListForms                      FormList
get_form                  GetForm                        Form
create_form               CreateForm (with key)          Form
change_form               ChangeForm                     Form
form_history              ListHistory                    history
form_workbook             GetForm                        file
create_form_of_workbook   CreateFormOfWorkbook (key)     Form
change_form_by_workbook   ChangeFormByWorkbook           Form
set_cohort_form           SetCohortForm                  Cohort
get_cohort_form           OfCohort                       Form
cohort_form_answers       OfCohort                       AnswersTable
========================= ============================== ==============

A cohort names one form for each purpose. Its newest edition is shown, and answers name theirs.
"""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from services.common.contracts import forms
from services.common.contracts.fields import (
    Choice,
    Id,
    LocalisedText,
    Page,
    StrictSchema,
    integer,
    text,
)
from services.common.contracts.files import FileContent
from services.common.contracts.trainings.form_purposes import PURPOSES
from services.common.contracts.trainings.limits import LONGEST_REASON

LONGEST_QUERY = 100
LONGEST_FILE_NAME = 150
LARGEST_WORKBOOK = 2 * 1024 * 1024
#: Of a form in JSON: 300 questions with their texts in two languages.
LARGEST_FORM = 1024 * 1024


class FormPurpose(Choice):
    choices = PURPOSES


class PurposeAfterEnrolment(Choice):
    """Of the forms that are answered by people who have a seat."""

    choices = tuple(each for each in PURPOSES if each != "application")


class CreateForm(forms.FormDefinition):
    purpose = FormPurpose(required=True)
    centre_id = Id(required=True, metadata={"description": "Its staff change the form."})


class FormChanges(StrictSchema):
    """What is left out stays as it is."""

    title = LocalisedText(limit=forms.LONGEST_TITLE)
    questions = fields.List(
        fields.Nested(forms.Question), validate=validate.Length(min=1, max=forms.MOST_QUESTIONS)
    )
    reason = text(LONGEST_REASON, lines=True, load_default=None, allow_none=True)


class _OfVersion(StrictSchema):
    id = Id(required=True)
    expected_version = integer(1, 2**53, required=True)


class ChangeForm(FormChanges, _OfVersion):
    pass


class GetForm(StrictSchema):
    id = Id(required=True)
    edition = integer(
        1,
        1_000_000,
        load_default=None,
        allow_none=True,
        metadata={"description": "null: the newest."},
    )


class FormFilters(StrictSchema):
    purpose = FormPurpose(load_default=None, allow_none=True)
    centre_id = Id(load_default=None, allow_none=True)
    search = text(
        LONGEST_QUERY,
        load_default=None,
        allow_none=True,
        metadata={"description": "Words of the title, in any language and spelling."},
    )


class ListForms(FormFilters, Page):
    pass


class _File(StrictSchema):
    name = text(LONGEST_FILE_NAME, required=True)
    file = FileContent(LARGEST_WORKBOOK, required=True)


class CreateFormOfWorkbook(_File):
    purpose = FormPurpose(required=True)
    centre_id = Id(required=True)


class ChangeFormByWorkbook(_File, _OfVersion):
    pass


class CohortForm(StrictSchema):
    form_id = Id(
        required=True, allow_none=True, metadata={"description": "null: the cohort has none."}
    )


class SetCohortForm(CohortForm, _OfVersion):
    purpose = FormPurpose(required=True)


class OfCohort(StrictSchema):
    id = Id(required=True)
    purpose = FormPurpose(required=True)


class CohortAnswers(forms.AnswersGiven):
    """Answers to a form of a cohort."""

    form_id = Id(required=True, metadata={"description": "The form that was shown."})


class Form(forms.FormEdition):
    """One edition of a form."""

    purpose = FormPurpose(required=True)
    centre_id = Id(required=True)


class FormList(Schema):
    items = fields.List(fields.Nested(Form), required=True)
    next = fields.List(fields.Raw(), allow_none=True)


class AnswersTable(Schema):
    """Answers as people read them: a heading for each question, a row for each respondent."""

    headings = fields.List(fields.String(), required=True)
    rows = fields.List(fields.List(fields.Raw()), required=True)
