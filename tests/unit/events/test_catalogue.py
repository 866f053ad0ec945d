"""The catalogue names every event there is, promises only what can be kept, and gives nothing away."""

import ast
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, get_args

import jsonschema_rs
import pytest

import appended_events
import cardwright
from cardwright.access.permissions import PERMISSIONS
from cardwright.audit import Action
from cardwright.core.card_numbers import holds_card_number
from cardwright.db.outbox import Event
from cardwright.events import CATALOGUE, INTERNAL, Audience, EventType, FieldType
from cardwright.main import build_api
from cardwright.notifications.catalogue import CATALOGUE as TOLD
from cardwright.wiring import APPROVAL_KINDS

ROOT = Path(cardwright.__file__).parent
AREAS = {name.partition(".")[0] for name in (*CATALOGUE, *INTERNAL)}
A_TYPE = re.compile(rf"(?:{'|'.join(sorted(AREAS))})\.[a-z_]*[a-z]")
# Permissions, actions of the trail and kinds of proposals have names of the same shape.
OTHER_NAMES = (PERMISSIONS | set(get_args(Action)) | {it.name for it in APPROVAL_KINDS}) - CATALOGUE.keys()
HINTS_OF_SECRETS = re.compile(
    r"(^|_)(pan|number|cvc|cvv|code|secret|token|password|proof|hash|file|document|email|phone|address|name)($|_)"
)
HARMLESS = {"reason_code", "merchant_name", "codes_left", "email_change_id"}


WRITING: Final = {"planning.py", "previewing.py"}  # of the notifications, which name types all over


def modules() -> Iterator[tuple[Path, ast.Module]]:
    for path in sorted(ROOT.rglob("*.py")):
        if path.relative_to(ROOT).parts[0] not in {"events", "notifications"} or path.name in WRITING:
            yield path, ast.parse(path.read_text())


def names_of_jobs(tree: ast.Module) -> set[int]:
    calls = (it for it in ast.walk(tree) if isinstance(it, ast.Call))
    return {id(it.args[0]) for it in calls if getattr(it.func, "id", "") == "Subscription" and it.args}


def types_in_source() -> dict[str, Path]:
    """Return every string of the shape of an event's type."""
    found = {}
    for path, tree in modules():
        jobs = names_of_jobs(tree)
        for node in ast.walk(tree):
            value = node.value if isinstance(node, ast.Constant) and id(node) not in jobs else None
            if isinstance(value, str) and A_TYPE.fullmatch(value) and value not in OTHER_NAMES:
                found[value] = path
    return found


def patterns_in_source() -> list[re.Pattern[str]]:
    """Return what types are made of with words put in, such as `cards.card_{name}`."""
    found = []
    for _, tree in modules():
        for node in ast.walk(tree):
            if isinstance(node, ast.JoinedStr):
                parts = [
                    re.escape(str(it.value)) if isinstance(it, ast.Constant) else "[a-z_]+"
                    for it in node.values
                ]
                if any(parts[0].startswith(f"{area}\\.") for area in AREAS):
                    found.append(re.compile("".join(parts)))
    return found


def test_every_type_that_is_written_anywhere_is_in_the_catalogue_or_internal_with_a_reason() -> None:
    known = CATALOGUE.keys() | INTERNAL.keys()
    assert {name: path for name, path in types_in_source().items() if name not in known} == {}
    assert all(len(reason) > 10 for reason in INTERNAL.values())
    assert CATALOGUE.keys() & INTERNAL.keys() == set()


def test_nothing_is_in_the_catalogue_that_nobody_writes() -> None:
    written, patterns = types_in_source(), patterns_in_source()
    assert len(written) > 80
    never = {
        name
        for name in (*CATALOGUE, *INTERNAL)
        if name not in written and not any(it.fullmatch(name) for it in patterns)
    }
    assert never == set()


def test_there_are_more_than_forty_types_and_people_are_told_of_nothing_else() -> None:
    assert len([it for it in CATALOGUE.values() if it.audience & {Audience.HOLDER, Audience.DEVELOPER}]) >= 40
    assert TOLD.keys() <= CATALOGUE.keys() | INTERNAL.keys()


def test_what_a_message_tells_is_told_by_its_event_as_well() -> None:
    untold = {
        (name, field)
        for name, entry in TOLD.items()
        if name in CATALOGUE
        for field in entry.required
        if field not in {it.name for it in CATALOGUE[name].fields}
    }
    # What a reset's link is made of stays here.
    assert untold == {
        ("authentication.password_reset_issued", "reset_id"),
        ("users.phone_replaced", "phone_verification_id"),
    }


@pytest.mark.parametrize("kind", CATALOGUE.values(), ids=CATALOGUE)
def test_a_type_says_what_it_is_and_its_example_fits_its_schema(kind: EventType) -> None:
    assert re.fullmatch(r"[A-Z].{15,}\.", kind.summary)
    assert kind.audience
    assert len({it.name for it in kind.fields}) == len(kind.fields)
    assert all(it.summary.endswith(".") for it in kind.fields)
    jsonschema_rs.meta.validate(kind.schema)
    validator = jsonschema_rs.Draft202012Validator(kind.schema, validate_formats=True)
    validator.validate(kind.example["data"])
    datetime.fromisoformat(kind.example["timestamp"])
    if Audience.HOLDER in kind.audience:
        assert kind.example["user_id"] is not None


@pytest.mark.parametrize("kind", CATALOGUE.values(), ids=CATALOGUE)
def test_no_field_is_called_like_a_secret(kind: EventType) -> None:
    told = {it.name for it in kind.fields} - HARMLESS
    if kind.name == "rulebook.published":
        # The hash of a text that developers and staff may read.
        told -= {"hash"}
    assert {it for it in told if HINTS_OF_SECRETS.search(it)} == set()
    assert not holds_card_number(str(kind.example))


def test_only_declared_fields_with_a_value_leave_the_house() -> None:
    kind = CATALOGUE["cards.card_frozen"]
    payload = {"user_id": "user_1", "card_id": "card_1", "last4": None, "state": "frozen", "pan": "4242" * 4}
    assert kind.data_of(payload) == {"user_id": "user_1", "card_id": "card_1", "state": "frozen"}


def test_security_and_screening_are_not_for_the_programs_of_developers() -> None:
    for name, kind in CATALOGUE.items():
        if name.startswith(("authentication.", "oauth.", "kyc.screening")):
            assert Audience.DEVELOPER not in kind.audience, name
    assert all(
        it.audience == {Audience.STAFF} for name, it in CATALOGUE.items() if name.startswith("kyc.screen")
    )


def test_openapi_tells_of_a_webhook_for_every_type_that_leaves_the_house() -> None:
    document = build_api().openapi()
    outside = {n for n, it in CATALOGUE.items() if it.audience & {Audience.HOLDER, Audience.DEVELOPER}}
    assert document["webhooks"].keys() == outside
    cleared = document["webhooks"]["payments.payment_cleared"]["post"]
    body = cleared["requestBody"]["content"]["application/json"]
    assert (
        body["schema"]["allOf"][0]["$ref"].removeprefix("#/components/schemas/")
        in document["components"]["schemas"]
    )
    assert body["example"]["data"]["amount"] == 1250
    assert {it.type for it in CATALOGUE["payments.payment_cleared"].fields} >= {
        FieldType.ID,
        FieldType.INTEGER,
    }


def test_an_event_that_is_not_what_the_catalogue_says_does_not_pass_unseen() -> None:
    told = {"user_id": "user_1", "card_id": "card_1", "state": "frozen"}
    at = datetime(2026, 11, 23, tzinfo=UTC)
    assert appended_events.outbox.append is appended_events.checked_append
    for type_, payload, is_right in (
        ("cards.card_frozen", told, True),
        ("cards.card_frozen", {**told, "card_id": None}, False),
        ("cards.card_frozen", {**told, "state": 7}, False),
        ("cards.card_melted", told, False),
        ("cards.card_requested", {}, True),
    ):
        fault = appended_events.fault_of(Event(type_, "prog_1", "card_1", at, payload))
        assert (fault is None) is is_right, type_
