"""A table of applicants, as organisations send it: its rows become commands, or named faults.

Nothing is saved here, so a dry run and the import itself read alike. The columns' headings and the
words in the cells are Arabic or English.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from services.common.errors import FieldError
from services.common.folding import fold
from services.common.plain_text import fault_of_name, tidy_text
from services.trainings.domain.application_states import ApplicationStatus
from services.trainings.domain.duplicates import name_key, normalise_phone

#: The headings of who a row is about; the first of each language is the one that is exported.
NAME_HEADINGS = (
    *("Name", "Full name", "Participant", "Participant name", "Trainee", "Trainee name"),
    *("الاسم", "الاسم الكامل", "الاسم الثلاثي", "الاسم والكنية", "اسم المتدرب", "اسم المشارك"),
)
PHONE_HEADINGS = (
    *("Phone", "Telephone", "Phone number", "Telephone number", "Mobile", "Mobile number"),
    *("الهاتف", "رقم الهاتف", "هاتف", "الجوال", "رقم الجوال", "الموبايل", "رقم الموبايل"),
)
#: Name of a column → the headings that it may have.
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "name": NAME_HEADINGS,
    "phone": PHONE_HEADINGS,
    "organisation": (
        *("Organisation", "Organization", "Organisation name", "Organization name"),
        *("المنظمة", "اسم المنظمة", "الجهة", "الجمعية"),
    ),
    "sex": ("Sex", "Gender", "الجنس", "النوع الاجتماعي"),
    "birth_year": (
        *("Birth year", "Year of birth", "Birth date", "Date of birth"),
        *("سنة الميلاد", "سنة الولادة", "تاريخ الميلاد", "تاريخ الولادة", "المواليد"),
    ),
    "disability": ("Disability", "الإعاقة", "إعاقة"),
    "status": ("Status", "State", "الحالة"),
}
#: What a table may leave out. An exported table has the status; an import does not use it.
OPTIONAL = ("sex", "birth_year", "disability", "status")
#: What an exported table has.
EXPORTED = ("name", "phone", "organisation", "status")

#: What a cell may say → what it means; compared by :func:`services.common.folding.fold`.
SEXES: Mapping[str, tuple[str, ...]] = {
    "female": ("female", "woman", "f", "أنثى", "امرأة", "انثى"),
    "male": ("male", "man", "m", "ذكر", "رجل"),
}
DISABILITIES: Mapping[str, tuple[str, ...]] = {
    "yes": ("yes", "y", "نعم", "يوجد"),
    "no": ("no", "n", "لا", "لا يوجد"),
}

_STATUS = ApplicationStatus
#: The status of an application in words; women and men have one form.
STATUSES: Mapping[str, tuple[str, ...]] = {
    _STATUS.SUBMITTED: ("submitted", "قُدّم الطلب"),
    _STATUS.SHORTLISTED: ("shortlisted", "ضمن القائمة القصيرة"),
    _STATUS.WAITLISTED: ("waitlisted", "على قائمة الانتظار"),
    _STATUS.DECLINED: ("declined", "لم يُقبل الطلب"),
    _STATUS.OFFERED: ("offered", "عُرض مقعد"),
    _STATUS.ENROLLED: ("enrolled", "ملتحق/ة"),
    _STATUS.WITHDRAWN: ("withdrawn", "سُحب الطلب"),
    _STATUS.OFFER_EXPIRED: ("offer expired", "انتهت مهلة العرض"),
    _STATUS.OFFER_DECLINED: ("offer declined", "تم الاعتذار عن العرض"),
    _STATUS.COMPLETED: ("completed", "أكمل/ت التدريب"),
    _STATUS.NOT_COMPLETED: ("not completed", "لم يكمل/تكمل التدريب"),
    _STATUS.CANCELLED: ("cancelled", "أُلغيت الدفعة"),
    _STATUS.ERASED: ("erased", "مُحيت البيانات"),
}

LONGEST_NAME = 200
#: The youngest and the oldest who apply, in years.
AGES = range(14, 101)
# A year or a whole date, as :func:`fold` leaves them: numbers and spaces.
_YEAR = re.compile(
    r"(?P<year>[0-9]{1,4})(?: 0)?"
    r"|(?P<first>[0-9]{4}) [0-9]{1,2} [0-9]{1,2}(?:(?: |t)00 00 00)?"
    r"|[0-9]{1,2} [0-9]{1,2} (?P<last>[0-9]{4})"
)


PersonKey = tuple[str, str | None, str | None]


@dataclass(frozen=True, slots=True)
class Applicant:
    """One row, understood.

    Attributes:
        row: number of the line, as a spreadsheet counts.
        phone: as ``+963944123456``.
        organisation_id, sex, birth_year, disability: ``None`` where the cell is empty.
    """

    row: int
    name: str
    phone: str | None = None
    organisation_id: str | None = None
    sex: str | None = None
    birth_year: int | None = None
    disability: str | None = None


@dataclass(frozen=True, slots=True)
class ApplicantTable:
    """The rows that can be imported, and what is wrong with the others.

    Attributes:
        errors: each with the pointer ``/rows/<number of the line>/<name of the column>``.
    """

    applicants: tuple[Applicant, ...]
    errors: tuple[FieldError, ...]


def read_applicants(
    rows: Iterable[tuple[int, Mapping[str, str]]],
    organisations: Mapping[str, Iterable[str]],
    *,
    this_year: int,
) -> ApplicantTable:
    """Every row as an applicant or with its faults; a fault in one row leaves the others.

    The detail of a fault is what its text names: the number of the earlier row, the years.

    Codes: ``required``, ``length``, ``choice``, ``number``, ``range``, ``invalid`` (a telephone
    number), ``unknown`` (an organisation, or several have the name), ``repeated`` (the same person
    in an earlier row), and of a name those of ``services.common.plain_text.fault_of_name``.

    Args:
        rows: of ``services.common.csv.Table.by_name`` with :data:`COLUMNS`.
        organisations: names of each organisation, by its id.
    """
    by_name: dict[str, set[str]] = defaultdict(set)
    for id, names in organisations.items():
        for name in names:
            by_name[fold(name)].add(id)
    found: list[Applicant] = []
    errors: list[FieldError] = []
    before: dict[PersonKey, int] = {}
    for number, cells in rows:
        faults: list[FieldError] = []
        applicant = _applicant(number, cells, by_name, this_year, faults)
        person = key_of_person(applicant.name, applicant.phone, applicant.organisation_id)
        if not faults and (first := before.setdefault(person, number)) != number:
            faults.append(_fault(number, "name", "repeated", str(first)))
        errors.extend(faults)
        if not faults:
            found.append(applicant)
    return ApplicantTable(tuple(found), tuple(errors))


def key_of_person(name: str, phone: str | None, organisation_id: str | None) -> PersonKey:
    """What is the same in all rows of one person: the name and the telephone number; without a
    number, the name and the organisation."""
    return name_key(name), phone, None if phone else organisation_id


def _applicant(
    number: int,
    cells: Mapping[str, str],
    organisations: Mapping[str, Collection[str]],
    this_year: int,
    faults: list[FieldError],
) -> Applicant:
    said = {column: " ".join(cells.get(column, "").split()) for column in COLUMNS}
    name = tidy_text(said["name"])
    if not name:
        faults.append(_fault(number, "name", "required"))
    elif fault := fault_of_name(name, person=True, printed=True):
        faults.append(_fault(number, "name", fault))
    elif not name_key(name):
        faults.append(_fault(number, "name", "letters"))
    elif len(name) > LONGEST_NAME:
        faults.append(_fault(number, "name", "length", str(LONGEST_NAME)))
    phone = normalise_phone(said["phone"])
    if said["phone"] and phone is None:
        faults.append(_fault(number, "phone", "invalid"))
    having = organisations.get(fold(said["organisation"]), ())
    organisation = next(iter(having)) if len(having) == 1 else None
    if said["organisation"] and organisation is None:
        faults.append(_fault(number, "organisation", "unknown"))
    return Applicant(
        row=number,
        name=name,
        phone=phone,
        organisation_id=organisation,
        sex=_choice(number, "sex", said, SEXES, faults),
        birth_year=_birth_year(number, said["birth_year"], this_year, faults),
        disability=_choice(number, "disability", said, DISABILITIES, faults),
    )


def _choice(
    number: int,
    column: str,
    said: Mapping[str, str],
    meanings: Mapping[str, tuple[str, ...]],
    faults: list[FieldError],
) -> str | None:
    if not said[column]:
        return None
    meaning = meaning_of(said[column], meanings)
    if meaning is None:
        faults.append(_fault(number, column, "choice"))
    return meaning


def _birth_year(number: int, text: str, this_year: int, faults: list[FieldError]) -> int | None:
    if not text:
        return None
    found = _YEAR.fullmatch(fold(text))
    if found is None:
        faults.append(_fault(number, "birth_year", "number"))
        return None
    year = int(found["year"] or found["first"] or found["last"])
    if this_year - year not in AGES:
        earliest, latest = this_year - AGES[-1], this_year - AGES[0]
        faults.append(_fault(number, "birth_year", "range", f"{earliest}–{latest}"))
        return None
    return year


def meaning_of(text: str, meanings: Mapping[str, tuple[str, ...]]) -> str | None:
    """Which of the meanings a cell has, whatever marks and case it is written with."""
    wanted = fold(text)
    return next(
        (
            meaning
            for meaning, words in meanings.items()
            if wanted in {fold(word) for word in (meaning, *words)}
        ),
        None,
    )


def _fault(row: int, column: str, code: str, detail: str = "") -> FieldError:
    return FieldError(f"/rows/{row}/{column}", code, detail)
