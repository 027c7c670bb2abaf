"""What the lists and files of forms add to a query."""

from __future__ import annotations

from gateway.web.schemas import ListQuery, Selection, page_of
from services.common.contracts.fields import Id, StrictSchema, integer, text
from services.common.contracts.trainings import forms

_SEARCH = {"description": "Words of the title, in any language and spelling."}
_FILE_NAME = {"description": "The name of the file, with its ending."}


class FormsQuery(ListQuery):
    """Named filters, combined with AND."""

    purpose = forms.FormPurpose(load_default=None)
    centre_id = Id(load_default=None)
    search = text(forms.LONGEST_QUERY, load_default=None, metadata=_SEARCH)


FormPage = page_of(forms.Form)


class EditionQuery(StrictSchema):
    edition = integer(
        1, 1_000_000, load_default=None, metadata={"description": "Else the newest one."}
    )


class FormQuery(Selection, EditionQuery):
    pass


class FileQuery(StrictSchema):
    name = text(forms.LONGEST_FILE_NAME, required=True, metadata=_FILE_NAME)


class NewFormFileQuery(FileQuery):
    purpose = forms.FormPurpose(required=True)
    centre_id = Id(required=True)
