"""Certificates: what was issued stays, is printed whole, and is verified by anybody."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pypdfium2
import pytest
import zxingcpp

from services.common import errors
from services.common.context import VISITOR, Caller
from services.common.personal_data import Erasure
from services.common.signing_keys import ED25519, SigningKeys
from services.common.storage.mongo import AlreadyThere
from services.trainings.app import App
from services.trainings.domain.certificates import Certificate, RevocationReason
from services.trainings.operations import (
    catalogue,
    certificates,
    merging,
    personal_data,
    verification,
)
from services.trainings.operations.certificate_documents import certificate_pdf
from services.trainings.rotate_keys import rotate
from services.trainings.schemas.catalogue import change_course
from services.trainings.schemas.certificates import (
    CertificatePdf,
    CorrectCertificateName,
    ListCohortCertificates,
    ListMyCertificates,
    RevokeCertificate,
)
from services.trainings.schemas.certificates import certificate as wire
from services.trainings.schemas.certificates import verification as shown
from services.trainings.schemas.participants import MergeParticipants
from services.trainings.statements import (
    NotOurs,
    Statement,
    read_certificate,
    read_withdrawn,
    sign_certificate,
)
from tests.support.bookings import MANAGER, RAQQA_DESK, TABQA_DESK, call
from tests.support.certificates import (
    a_certificate,
    add_participant,
    download,
    finished_cohort,
    issue,
)
from tests.support.trainings import PUBLIC_URL, advance, events_of, offer, run_due_deadlines

DAMASCUS = ZoneInfo("Asia/Damascus")
FULL_NAME = "محمد عبد الله أحمد الصالح"
HOLDER = Caller(id="person")


def verify(app: App, code: str) -> dict[str, Any]:
    return shown(*verification.verify_code(app, code))


def revoke(app: App, certificate: Certificate, **values: Any) -> Certificate:
    command = RevokeCertificate(
        certificate.id,
        values.get("version", certificate.version),
        RevocationReason.ISSUED_IN_ERROR,
        values.get("note"),
    )
    return certificates.revoke_certificate(app, call(RAQQA_DESK), command)


def correct(app: App, certificate: Certificate, name: str) -> Certificate:
    command = CorrectCertificateName(certificate.id, certificate.version, name)
    return certificates.correct_name(app, call(RAQQA_DESK), command)


def erase(app: App, person_id: str) -> None:
    erasure = Erasure(person_id, 2)
    app.database.transact(lambda session: personal_data.erase(app, session, erasure))


def facts(app: App, certificate: Certificate) -> list[str]:
    return [each["type"].rpartition(".")[2] for each in events_of(app, certificate.id)]


def pdf(app: App, certificate: Certificate, language: str = "ar") -> bytes:
    data = download(app, certificate, language).data
    assert data is not None
    return data


def scanned(app: App, data: bytes | None) -> tuple[str, Statement]:
    """The address of the printed QR code, and the statement behind it."""
    assert data is not None
    picture = pypdfium2.PdfDocument(data)[0].render(scale=4).to_pil()
    found = zxingcpp.read_barcodes(picture.convert("L"), formats=zxingcpp.BarcodeFormat.QRCode)
    address, _, statement = found[0].text.partition("#")
    return address, read_certificate(statement, app.certificate_keys)


def test_a_certificate_is_verified_by_its_code_however_it_is_typed(app: App) -> None:
    certificate = a_certificate(app, FULL_NAME)
    found = verify(app, certificate.code)
    assert found["name"] == FULL_NAME
    assert (found["status"], found["hours"], found["centre_name"]["en"]) == (
        "valid",
        20,
        "Raqqa centre",
    )
    typed = certificate.code.lower().replace("-", " ")
    arabic_digits = typed.translate({ord(str(n)): chr(0x660 + n) for n in range(10)})
    assert verify(app, typed) == verify(app, arabic_digits) == found


@pytest.mark.parametrize("code", ["MSH-2222-2222-2222", "MSH-7Q4K", "", "7", "x" * 100, "MSH'; {}"])
def test_a_code_that_nobody_has_is_not_found(app: App, code: str) -> None:
    a_certificate(app)
    with pytest.raises(errors.NotFound, match=r"trainings\.code_unknown"):
        verification.verify_code(app, code)


def test_a_course_that_is_renamed_alters_nothing_that_was_issued(app: App) -> None:
    """Issued with 40 hours; afterwards the course gets another title and other hours."""
    course = offer(app, hours=40)
    certificate = a_certificate(app, course_id=course.id)
    before = download(app, certificate)
    command = change_course(
        {
            "id": course.id,
            "expected_version": course.version,
            "title": {"ar": "عنوان آخر", "en": "Another title"},
            "hours": 80,
        }
    )
    catalogue.change_course(app, call(MANAGER), command)
    found = verify(app, certificate.code)
    assert (found["title"]["en"], found["hours"]) == ("Project management", 40)
    assert download(app, certificate).data == before.data
    _, said = scanned(app, before.data)
    assert (said.title, said.hours, said.name) == ("إدارة المشاريع", 40, "هبة")
    assert (said.first_day.isoformat(), said.last_day.isoformat()) == (
        found["first_day"],
        found["last_day"],
    )


@pytest.mark.parametrize("name", ["هبة", FULL_NAME])
def test_a_name_of_one_part_or_five_is_kept_and_stated_whole(app: App, name: str) -> None:
    certificate = a_certificate(app, name)
    address, said = scanned(app, download(app, certificate).data)
    assert address == f"{PUBLIC_URL}/verify/{certificate.code}"
    assert said.name == name
    assert verify(app, certificate.code)["name"] == name


def test_a_document_is_made_once_in_each_language_and_kept(app: App) -> None:
    certificate = a_certificate(app)
    first = {each: pdf(app, certificate, each) for each in ("ar", "en")}
    assert first["ar"] != first["en"]
    assert all(data.startswith(b"%PDF-") for data in first.values())
    advance(app, timedelta(days=400))
    assert {each: pdf(app, certificate, each) for each in ("ar", "en")} == first


def test_until_the_worker_has_made_it_there_is_no_document(app: App) -> None:
    certificate = a_certificate(app)
    query = CertificatePdf(certificate.id, "ar")
    assert certificate_pdf(app, call(HOLDER), query).data is None
    run_due_deadlines(app)
    assert certificate_pdf(app, call(HOLDER), query).data is not None


def test_a_name_that_the_font_lacks_is_said_and_can_be_corrected(app: App) -> None:
    certificate = a_certificate(app, "王小明")
    with pytest.raises(errors.Conflict, match=r"trainings\.certificate_unprintable"):
        download(app, certificate)
    corrected = correct(app, certificate, "وانغ شياو مينغ")
    assert pdf(app, corrected).startswith(b"%PDF-")


def test_a_stranger_is_not_handed_the_certificate_of_another(app: App) -> None:
    certificate = a_certificate(app)
    assert download(app, certificate, by=call(HOLDER)).data is not None
    for stranger in (Caller(id="other"), TABQA_DESK):
        with pytest.raises(errors.NotFound):
            download(app, certificate, by=call(stranger))
        with pytest.raises(errors.NotFound):
            certificates.get_certificate(app, call(stranger), certificate.id)
    with pytest.raises(errors.Unauthenticated):
        download(app, certificate, by=call(VISITOR))


def test_a_holder_sees_all_of_their_own_and_no_other(app: App) -> None:
    mine = a_certificate(app)
    add_participant(app, "other", "سلمى")
    issue(app, finished_cohort(app, "other"), "other")
    query = ListMyCertificates(20, None)
    assert certificates.list_my_certificates(app, call(HOLDER), query) == [mine]
    of_cohort = ListCohortCertificates(mine.cohort_id, 20, None)
    assert certificates.list_cohort_certificates(app, call(RAQQA_DESK), of_cohort) == [mine]
    with pytest.raises(errors.Forbidden):
        certificates.list_cohort_certificates(app, call(HOLDER), of_cohort)


def test_what_was_issued_to_a_merged_record_is_the_persons_own(app: App) -> None:
    certificate = a_certificate(app, person_id="gone")
    kept = add_participant(app, "person", "هبة")
    command = MergeParticipants(kept.id, kept.version, "gone")
    merging.merge_participants(app, call(MANAGER), command)
    query = ListMyCertificates(20, None)
    assert certificates.list_my_certificates(app, call(HOLDER), query) == [certificate]
    assert download(app, certificate, by=call(HOLDER)).data is not None
    assert verify(app, certificate.code)["status"] == "valid"


def test_a_revoked_certificate_counts_no_more_and_shows_the_reason_alone(app: App) -> None:
    certificate = a_certificate(app)
    revoked = revoke(app, certificate, note="باسم شخص آخر")
    found = verify(app, certificate.code)
    assert (found["status"], found["reason"]) == ("revoked", "issued_in_error")
    assert all(found[each] is None for each in ("name", "title", "hours", "issued_on"))
    assert facts(app, certificate) == ["issued", "revoked"]
    with pytest.raises(errors.Conflict, match=r"certificate_not_allowed_now"):
        download(app, certificate)
    with pytest.raises(errors.Conflict, match=r"certificate_not_allowed_now"):
        revoke(app, revoked)
    assert app.certificates.get(certificate.id) == revoked


def test_the_note_of_a_revocation_is_for_staff(app: App) -> None:
    revoked = revoke(app, a_certificate(app), note="باسم شخص آخر")
    notes = [
        wire(revoked, app.clock.now(), for_staff=each)["revocation"]["note"]
        for each in (True, False)
    ]
    assert notes == ["باسم شخص آخر", None]


def test_a_change_of_an_old_version_is_stale(app: App) -> None:
    certificate = a_certificate(app)
    with pytest.raises(errors.Stale):
        revoke(app, certificate, version=7)
    assert app.certificates.get(certificate.id) == certificate


def test_a_holder_cannot_revoke_or_correct(app: App) -> None:
    certificate = a_certificate(app)
    command = CorrectCertificateName(certificate.id, 1, "هبة الأحمد")
    with pytest.raises(errors.Forbidden):
        certificates.correct_name(app, call(HOLDER), command)
    assert app.certificates.get(certificate.id) == certificate


def test_a_corrected_name_has_a_new_code_and_the_old_one_shows_neither_name(app: App) -> None:
    certificate = a_certificate(app, "هبة الاحمد")
    download(app, certificate)
    corrected = correct(app, certificate, "هبة الأحمد")
    assert corrected.code != certificate.code
    old = verify(app, certificate.code)
    assert old["status"] == "superseded"
    assert "هبة" not in str(old)
    assert corrected.code not in str(old)
    assert verify(app, corrected.code)["name"] == "هبة الأحمد"
    assert facts(app, certificate) == ["issued", "superseded"]
    assert events_of(app, corrected.id)[0]["data"]["supersedes"] == certificate.id
    with pytest.raises(errors.Conflict, match=r"certificate_not_allowed_now"):
        download(app, certificate)
    assert app.files.of(certificate.id) == []


def test_a_name_is_corrected_to_another_one(app: App) -> None:
    certificate = a_certificate(app, "هبة")
    with pytest.raises(errors.Invalid, match=r"trainings\.name_unchanged"):
        correct(app, certificate, "هبة")


def test_a_certificate_expires_after_the_months_of_its_course(app: App) -> None:
    certificate = a_certificate(app, course_id=offer(app, certificate_months=12).id)
    assert certificate.expires_at is not None
    advance(app, certificate.expires_at - app.clock.now() - timedelta(seconds=1))
    assert verify(app, certificate.code)["status"] == "valid"
    advance(app, timedelta(seconds=1))
    found = verify(app, certificate.code)
    assert (found["status"], found["name"]) == ("expired", "هبة")
    day_before = certificate.expires_at.astimezone(DAMASCUS).date() - timedelta(days=1)
    assert found["valid_until"] == day_before.isoformat()
    # What was issued stays in the hands of its holder.
    assert pdf(app, certificate).startswith(b"%PDF-")


def test_of_an_erased_person_the_certificate_is_valid_and_its_name_withheld(app: App) -> None:
    certificate = a_certificate(app)
    download(app, certificate)
    erase(app, "person")
    erase(app, "person")
    found = verify(app, certificate.code)
    assert (found["status"], found["name"], found["name_withheld"]) == ("valid", None, True)
    assert found["title"]["en"] == "Project management"
    assert app.files.of(certificate.id) == []
    with pytest.raises(errors.Conflict, match=r"trainings\.name_withheld"):
        download(app, certificate)
    stored = app.database.collection("certificates").find_one({"_id": certificate.id})
    assert "هبة" not in str(stored)
    assert "person" not in str({**(stored or {}), "person_id": None}.values())


def test_two_erased_people_of_one_cohort_do_not_meet(app: App) -> None:
    for each in ("one", "two"):
        add_participant(app, each, "هبة")
    cohort = finished_cohort(app, "one", "two")
    codes = [each.code for each in issue(app, cohort, "one", "two")]
    for each in ("one", "two"):
        erase(app, each)
    assert [verify(app, code)["name_withheld"] for code in codes] == [True, True]


def test_what_is_erased_before_its_document_is_made_gets_none(app: App) -> None:
    certificate = a_certificate(app)
    erase(app, "person")
    run_due_deadlines(app)
    assert app.files.of(certificate.id) == []


def test_events_name_nobody_and_hold_no_code(app: App) -> None:
    certificate = a_certificate(app, FULL_NAME)
    corrected = correct(app, certificate, "محمد الصالح")
    revoke(app, corrected, note="باسم شخص آخر")
    said = str([*events_of(app, certificate.id), *events_of(app, corrected.id)])
    for secret in (FULL_NAME, "محمد", certificate.code, corrected.code, "باسم شخص آخر"):
        assert secret not in said


def test_the_signed_list_holds_those_that_count_no_more(app: App) -> None:
    kept, revoked, corrected = (
        a_certificate(app, person_id=each) for each in ("one", "two", "three")
    )
    before = read_withdrawn(verification.withdrawn_list(app), app.certificate_keys)
    assert before.codes == ()
    advance(app, timedelta(seconds=1))
    revoke(app, revoked)
    correct(app, corrected, "هبة الأحمد")
    after = read_withdrawn(verification.withdrawn_list(app), app.certificate_keys)
    assert after.codes == tuple(sorted([revoked.code, corrected.code]))
    assert after.number > before.number
    assert kept.code not in after.codes


def test_what_has_expired_and_was_revoked_is_in_the_list_no_more(app: App) -> None:
    """The printed page says until when it counts; so the list does not grow for ever."""
    certificate = a_certificate(app, course_id=offer(app, certificate_months=1).id)
    assert certificate.expires_at is not None
    revoke(app, certificate)

    def listed() -> tuple[str, ...]:
        return read_withdrawn(verification.withdrawn_list(app), app.certificate_keys).codes

    assert listed() == (certificate.code,)
    advance(app, certificate.expires_at - app.clock.now())
    assert listed() == ()


def test_a_statement_of_other_keys_or_with_another_letter_is_not_ours(
    app: App, tmp_path: Path
) -> None:
    certificate = a_certificate(app)
    forged = sign_certificate(certificate, DAMASCUS, SigningKeys(tmp_path, ED25519))
    with pytest.raises(NotOurs):
        read_certificate(forged, app.certificate_keys)
    ours = sign_certificate(certificate, DAMASCUS, app.certificate_keys)
    head, body, signature = ours.split(".")
    altered = f"{head}.{body[:-4]}AAAA.{signature}"
    with pytest.raises(NotOurs):
        read_certificate(altered, app.certificate_keys)
    assert read_certificate(ours, app.certificate_keys).code == certificate.code


def test_after_a_rotation_what_the_old_key_signed_is_still_verified(app: App) -> None:
    keys = app.certificate_keys
    old = keys.newest.kid
    signed = sign_certificate(a_certificate(app), DAMASCUS, keys)
    new = rotate(keys.folder)
    keys.changed()
    assert keys.newest.kid == new != old
    assert read_certificate(signed, keys).name == "هبة"
    assert {each["kid"] for each in verification.published_keys(app)["keys"]} == {old, new}
    assert [each.kid for each in keys.all.keys if each.is_private] == [new]


def test_a_person_has_one_live_certificate_of_a_cohort(app: App) -> None:
    """The database refuses a second one, whatever the operations do."""
    certificate = a_certificate(app)
    second = replace(certificate, id="second", code="MSH-2222-2222-2222")
    with pytest.raises(AlreadyThere):
        app.database.transact(lambda session: app.certificates.add_all(session, [second]))
    revoke(app, certificate)
    app.database.transact(lambda session: app.certificates.add_all(session, [second]))
    assert verify(app, second.code)["status"] == "valid"
