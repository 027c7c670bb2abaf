"""Materials of sessions: trainers and staff hand them out, people with a seat have them."""

from __future__ import annotations

from services.common import errors
from services.common.authorisation import check_signed_in, is_staff_of
from services.common.context import Call
from services.common.contracts.trainings.materials import MOST_MATERIALS
from services.common.contracts.trainings.materials_errors import TOO_MANY_MATERIALS
from services.common.files.checking import CheckedFile, check_file
from services.common.storage.idempotency import Request
from services.common.storage.mongo import Session
from services.trainings.app import App
from services.trainings.domain.materials import Material, owner_of
from services.trainings.operations.attendance import cohort_to_mark
from services.trainings.operations.cohorts import check_may_see_cohort
from services.trainings.schemas.materials import AddMaterial, OfMaterial
from services.trainings.steps.assignments import is_assigned
from services.trainings.steps.current_participant import current_id_of
from services.trainings.steps.enrolments import enrolments_in
from services.trainings.store.materials import MaterialStore


def list_materials(app: App, call: Call, cohort_id: str) -> list[Material]:
    """The files of a cohort's sessions, oldest first.

    Raises:
        errors.NotFound: if there is no such cohort, or it is a draft that the caller may not see.
        errors.Unauthenticated, errors.Forbidden: for anybody but people with a seat, trainers of
            the cohort and staff of its centre.
    """
    _check_may_read(app, call, cohort_id)
    return app.materials.of(cohort_id)


def read_material(app: App, call: Call, query: OfMaterial) -> tuple[Material, bytes]:
    """A file of a cohort and its bytes.

    Raises:
        errors.NotFound: if the cohort has no such file.
        errors.Unauthenticated, errors.Forbidden: as of :func:`list_materials`.
    """
    _check_may_read(app, call, query.cohort_id)
    material = _material(app, query)
    _, data = app.files.read(material.id, owner_of(material.session_id))
    return material, data


def add_material(app: App, call: Call, command: AddMaterial) -> Material:
    """Give a session one more file; the same key gives the same one again.

    Raises:
        errors.NotFound: if there is no such cohort or session.
        errors.Unauthenticated, errors.Forbidden: for anybody but trainers of the cohort and staff
            of its centre.
        errors.Invalid: as of :func:`services.common.files.checking.check_file`.
        errors.Conflict: ``trainings.too_many_materials``.
    """
    cohort = cohort_to_mark(app, call.caller, command.cohort_id)
    if cohort.session(command.session_id) is None:
        raise errors.NotFound()
    file = check_file(command.name, command.content)
    asked = {"session_id": command.session_id, "name": file.name, "sha256": file.sha256}
    request = Request.of(call, "trainings.add_material", asked)
    owner = owner_of(command.session_id)
    # Outside of the transaction: GridFS has none. What no transaction attaches is swept away.
    file_id = app.files.put(file, owner)

    def work(session: Session) -> Material:
        cohort_to_mark(app, call.caller, command.cohort_id, session)
        if len(app.materials.of(command.cohort_id, command.session_id, session)) >= MOST_MATERIALS:
            raise TOO_MANY_MATERIALS(most=MOST_MATERIALS)
        app.files.attach(session, file_id, owner)
        material = _new_material(app, call, command, file_id, file)
        app.materials.add(session, material)
        return material

    store: MaterialStore = app.materials
    return app.keys.once(request, work, save=store.document_of, load=store.aggregate_of)


def remove_material(app: App, call: Call, command: OfMaterial) -> None:
    """Take a file away.

    Raises:
        errors.NotFound: if the cohort has no such file.
        errors.Unauthenticated, errors.Forbidden: as of :func:`add_material`.
    """

    def work(session: Session) -> None:
        cohort_to_mark(app, call.caller, command.cohort_id, session)
        material = _material(app, command, session)
        app.files.detach(session, material.id, owner_of(material.session_id))
        app.materials.remove(session, material)

    app.database.transact(work)


def _new_material(
    app: App, call: Call, command: AddMaterial, file_id: str, file: CheckedFile
) -> Material:
    return Material(
        id=file_id,
        cohort_id=command.cohort_id,
        session_id=command.session_id,
        name=file.name,
        content_type=file.content_type,
        size=file.size,
        sha256=file.sha256,
        added_by=call.caller.id,
        added_at=app.clock.now(),
    )


def _material(app: App, query: OfMaterial, session: Session | None = None) -> Material:
    found = app.materials.get(query.id, session)
    if found.cohort_id != query.cohort_id:
        raise errors.NotFound()
    return found


def _check_may_read(app: App, call: Call, cohort_id: str) -> None:
    """Raises:
    errors.NotFound, errors.Unauthenticated, errors.Forbidden
    """
    caller = call.caller
    cohort = app.cohorts.get(cohort_id)
    check_may_see_cohort(app, caller, cohort)
    check_signed_in(caller)
    if is_staff_of(caller, cohort.centre_id) or is_assigned(app, caller, cohort_id):
        return
    own_id = current_id_of(app, caller.id)
    enrolment = enrolments_in(app, cohort_id, person_id=own_id).get(own_id)
    if enrolment is None or not enrolment.is_at(app.clock.now()):
        raise errors.Forbidden()
