"""The OpenAPI document gives a generator types that it can use, for every new endpoint."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest
from marshmallow import ValidationError, fields

from gateway.web import openapi_problems, problems
from gateway.web.endpoint import Declaration
from services.common.errors import ErrorCode
from services.common.languages import LANGUAGES
from tests.support.gateway import Door, a_door

# Codes that no request is refused with: they say in a list why one thing of many was not done.
SAID_IN_LISTS = {
    "bookings.not_affected",
    "bookings.no_place_found",
    "bookings.not_outside_hours",
    "bookings.not_tried",
    # Said in the answer to a request for rooms.
    "bookings.overtaken",
}
# Raised by what is around the operations, for any request or for none of them.
OF_NO_OPERATION = {
    "internal",
    "method_not_allowed",
    "body_too_slow",
    "too_many_connections",
    "expectation_failed",
    "transfer_coding_unknown",
}


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    with a_door(tmp_path_factory.mktemp("door")) as opened:
        yield opened


@pytest.fixture(scope="module")
def document(door: Door) -> dict[str, Any]:
    found: dict[str, Any] = door("GET", "/openapi.json").json
    return found


def operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path in document["paths"].values():
        for operation in path.values():
            if isinstance(operation, dict):
                yield operation["operationId"], operation


def declarations(door: Door) -> Iterator[tuple[str, Declaration]]:
    for name, view in door.app.view_functions.items():
        declaration = getattr(view, "declaration", None)
        if declaration is not None:
            yield name, declaration


def test_every_true_or_false_of_a_query_is_read(door: Door) -> None:
    """The values of a query are texts; a field for JSON refuses them all."""
    found = {
        (name, parameter): field
        for name, declared in declarations(door)
        if declared.query is not None
        for parameter, field in declared.query().fields.items()
        if isinstance(field, fields.Boolean)
    }
    assert len(found) > 5
    for named, field in found.items():
        assert [field.deserialize(each) for each in ("true", "false")] == [True, False], named
        with pytest.raises(ValidationError):
            field.deserialize("1")


def response(document: dict[str, Any], found: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in found:
        return found
    kind, _, name = found["$ref"].removeprefix("#/components/").partition("/")
    resolved: dict[str, Any] = document["components"][kind][name]
    return resolved


def parts_of(schema: Any, where: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every schema in this one, with the way to it; examples are none."""
    if isinstance(schema, dict):
        yield where, schema
        for name, each in schema.items():
            if name not in {"example", "examples", "default"}:
                yield from parts_of(each, f"{where}/{name}")
    elif isinstance(schema, list):
        for number, each in enumerate(schema):
            yield from parts_of(each, f"{where}/{number}")


# -- answers ----------------------------------------------------------------------------------


def test_an_answer_is_its_schema_and_nothing_else(document: dict[str, Any]) -> None:
    for name, operation in operations(document):
        for status, found in operation["responses"].items():
            content = response(document, found).get("content", {}).get("application/json")
            if content is not None and int(status) < 300:
                assert list(content["schema"]) == ["$ref"], (
                    f"{name}: the answer is no plain reference; give the endpoint one schema"
                )
    assert "Selected" not in document["components"]["schemas"]


def test_no_schema_has_a_member_of_its_own_name(document: dict[str, Any]) -> None:
    # Generated Python clients keep a schema and its members in variables of the same scope.
    for name, schema in document["components"]["schemas"].items():
        variable = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
        assert variable not in schema.get("properties", {}), (
            f"{name}: call the schema by what it holds, such as GivenReason for a reason"
        )


def test_no_schema_has_the_name_that_a_generator_gives_to_a_part(
    document: dict[str, Any],
) -> None:
    # A part without a schema of its own becomes the class of its owner's and its member's names.
    schemas = document["components"]["schemas"]
    for name, schema in schemas.items():
        for member, part in schema.get("properties", {}).items():
            if part.get("type") == "object" or "enum" in part:
                assert name + member.title().replace("_", "") not in schemas, f"{name}: {member}"


def test_fields_says_in_words_that_the_others_are_missing(document: dict[str, Any]) -> None:
    said = {
        name: parameter
        for name, operation in operations(document)
        for parameter in operation["parameters"]
        if parameter.get("name") == "fields"
    }
    assert said
    for parameter in said.values():
        assert parameter["schema"]["type"] == "string"
        assert "missing from the answer, whatever its schema requires" in parameter["description"]
    assert "`door_code`" in said["get_booking"]["description"]


def test_every_operation_has_a_description(document: dict[str, Any]) -> None:
    for name, operation in operations(document):
        assert operation["summary"], f"{name}: write a docstring; its first sentence is the summary"
        assert operation["description"], f"{name}: write a docstring"
        assert "\n" not in operation["summary"], f"{name}: the docstring's first sentence is long"


def test_every_json_body_has_an_example_that_its_schema_allows(document: dict[str, Any]) -> None:
    for name, operation in operations(document):
        bodies = [operation.get("requestBody", {}), *operation["responses"].values()]
        for body in bodies:
            content = response(document, body).get("content", {}).get("application/json")
            if content is None:
                continue
            assert "example" in content, f"{name}: a body has no example"
            whole = {**content["schema"], "components": document["components"]}
            faults = jsonschema_rs.Draft202012Validator(whole).iter_errors(content["example"])
            assert not [each.message for each in faults], (
                f"{name}: the example does not fit; give the field one in its metadata, or its "
                f"name one in gateway/web/openapi_examples.py:_BY_NAME"
            )


def test_the_examples_of_problems_fit_their_schemas(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    found = {name: each for name, each in schemas.items() if name.endswith("Problem")}
    assert found
    for name, schema in found.items():
        whole = {**schema, "components": document["components"]}
        assert jsonschema_rs.Draft202012Validator(whole).is_valid(schema["examples"][0]), name


# -- types with names -------------------------------------------------------------------------


def test_every_closed_set_of_words_has_a_name(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    named = {name for name, schema in schemas.items() if "enum" in schema}
    for where, schema in parts_of({"paths": document["paths"], "schemas": schemas}):
        if "enum" not in schema or where.removeprefix("/schemas/") in named:
            continue
        assert where.endswith("/propertyNames"), (
            f"{where}: make a subclass of services.common.contracts.fields.Choice for it"
        )
    assert {"BookingStatus", "Purpose", "ClosureKind", "MemberRole"} <= named


def test_requests_and_answers_share_a_set_of_words(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    purpose = {"$ref": "#/components/schemas/Purpose"}
    assert schemas["CreateBooking"]["properties"]["purpose"] == purpose
    assert schemas["Booking"]["properties"]["purpose"] == purpose
    listing = dict(operations(document))["list_bookings"]["parameters"]
    status = next(each for each in listing if each.get("name") == "status")
    assert status["schema"] == schemas["Booking"]["properties"]["status"]


def test_a_member_that_may_be_left_out_has_its_default_in_words(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    for where, schema in parts_of({"schemas": schemas}):
        for name, member in schema.get("properties", {}).items():
            assert not isinstance(member, dict) or "default" not in member, f"{where}: {name}"
    on_conflict = schemas["CreateSeries"]["properties"]["on_conflict"]
    assert on_conflict["description"].endswith('`"refuse"` when left out.')


def test_a_name_has_a_property_for_each_language(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    named = {name for name in schemas if name.startswith("Localised")}
    assert "LocalisedText" in named
    for name in named:
        assert set(schemas[name]["properties"]) == set(LANGUAGES)
        assert schemas[name]["required"] == ["ar"]
    assert schemas["Centre"]["properties"]["name"]["$ref"].endswith("/LocalisedText")


def test_there_is_one_alternative(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    for name in ("BookingsSpaceTakenProblem", "RejectedOccurrence"):
        items = schemas[name]["properties"]["alternatives"]["items"]
        assert items == {"$ref": "#/components/schemas/Alternative"}


def test_the_grant_type_says_which_members_a_token_request_has(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    mapping = schemas["TokenRequest"]["discriminator"]["mapping"]
    assert set(mapping) == {"password", "refresh_token", "client_credentials"}
    for grant, reference in mapping.items():
        schema = schemas[reference.rpartition("/")[2]]
        assert schema["properties"]["grant_type"]["const"] == grant
        assert set(schema["required"]) == set(schema["properties"])


# -- problems ---------------------------------------------------------------------------------


def test_a_problem_is_known_by_its_code(document: dict[str, Any]) -> None:
    components = document["components"]
    for name, operation in operations(document):
        for status, found in operation["responses"].items():
            content = response(document, found).get("content", {}).get(problems.CONTENT_TYPE)
            if content is None:
                continue
            schema = content["schema"]
            references = [each["$ref"] for each in schema.get("oneOf", [schema])]
            codes = {}
            for reference in references:
                properties = components["schemas"][reference.rpartition("/")[2]]["properties"]
                assert properties["status"]["const"] == int(status), (name, reference)
                codes[properties["code"]["const"]] = reference
            if len(codes) > 1:
                assert schema["discriminator"] == {"propertyName": "code", "mapping": codes}


def test_what_comes_with_a_refusal_is_typed(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    taken = schemas["BookingsSpaceTakenProblem"]["properties"]
    assert taken["alternatives"]["items"]["$ref"].endswith("/Alternative")
    refused = schemas["BookingsSeriesRefusedProblem"]["properties"]
    assert refused["rejected"]["items"]["$ref"].endswith("/RejectedOccurrence")
    assert refused["count"]["type"] == "integer"
    booked = schemas["BookingsSpaceBookedProblem"]["properties"]
    assert booked["bookings"]["items"]["$ref"].endswith("/Booked")


@pytest.mark.parametrize("code", problems.PUBLISHED, ids=lambda code: code.code)
def test_each_param_and_member_of_a_code_has_a_type(code: ErrorCode) -> None:
    unknown = {*code.params, *code.extra} - set(problems.MEMBERS)
    assert not unknown, (
        f"{code.code}: add {sorted(unknown)} to ProblemMembers in the branch's problems.py"
    )


def test_an_endpoint_names_the_codes_of_its_conflicts(door: Door) -> None:
    bare = [
        name for name, declared in declarations(door) if openapi_problems.without_codes(declared)
    ]
    assert not bare, (
        "these endpoints declare a status that means nothing without a code; in refuses=(…) put "
        "the error codes that may come in its place, such as errors.NOT_ALLOWED_NOW or "
        f"*refusals.OF_BOOKING: {bare}"
    )


def test_each_code_is_answered_by_an_operation(door: Door) -> None:
    answered = {
        code
        for _, declared in declarations(door)
        for codes in openapi_problems.codes_of(declared).values()
        for code in codes
    }
    published = {each.code for each in problems.PUBLISHED} | set(problems.HTTP_CODES)
    # A part without endpoints, such as the forms that branches share, answers nobody yet.
    parts = {code.partition(".")[0] for code in answered}
    published = {code for code in published if code.partition(".")[0] in parts | OF_NO_OPERATION}
    silent = published - answered - SAID_IN_LISTS - OF_NO_OPERATION
    assert not silent, (
        "no endpoint declares these codes; add each to refuses=(…) of the endpoints that may "
        f"answer it: {sorted(silent)}"
    )
