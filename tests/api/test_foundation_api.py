"""What holds for every route of the API, read from its own description."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from access.asking import DOCUMENT
from browsers import sign_in
from cardwright import access
from cardwright.access import ANY_SESSION, Role
from cardwright.core.clock import MovableClock
from cardwright.db.session import transaction
from integration.kyc.people import a_verified_person
from staff import grant_role

SCHEMAS: Mapping[str, Any] = DOCUMENT["components"]["schemas"]
SCHEMES: Mapping[str, Any] = DOCUMENT["components"]["securitySchemes"]
AN_ID = "card_01kb3x9p4fe8s8b9xkq5n2r7vt"
MARKER = "hunter2 should never come back"

WITHOUT_KEY = {
    "verify_email": "a code works once, so a repetition is refused by itself",
    "resend_code": "each request is meant to send another code, within a limit",
    "sign_in": "each sign-in is a session of its own, and its secret must not be kept to be answered again",
    "begin_provider_sign_in": "begins a visit that ends by itself",
    "begin_provider_link": "begins a visit that ends by itself",
    "unsubscribe": "sets a state: a repetition finds it set and leaves it so",
    "confirm_address": "sets a state: a repetition finds it set and leaves it so",
    "ask_to_confirm_address": "each request is meant to send another link, within a limit",
    "sign_out": "ending a session that is over changes nothing",
    "sign_user_out": "ending sessions that are over changes nothing",
    "submit_identity_verification": "sets a state: a repetition is told that nothing is left to hand in",
    "require_reverification": "sets a day: a repetition finds it set and leaves it so",
    "cancel_top_up": "sets a state: a repetition is refused by itself",
    "mark_read": "sets a state: a repetition finds it read and leaves it so",
    "mark_read_up_to": "sets a state: a repetition finds all of it read and leaves it so",
    "answer_by_token": "a question takes one answer: a repetition is told that it was answered",
    "answer_by_form": "a question takes one answer: a repetition is told that it was answered",
    "freeze_card": "sets a state: a repetition finds the card frozen and leaves it so",
    "unfreeze_card": "sets a state: a repetition finds the card active and leaves it so",
    "cancel_card": "sets a state: a repetition finds the card canceled and leaves it so",
    "check_condition": "changes nothing",
    "prove_rules": "changes nothing",
    "try_condition": "changes nothing",
    "roll_rulebook_back": "sets a state: a repetition is told that these rules decide already",
    "remove_rule_list_entries": "what is gone already stays gone",
    "kill_rules": "sets a state: a repetition is told that no rule decides",
    "preflight_purchase": "changes nothing",
    "begin_passkey": "hands out a challenge that ends by itself",
    "begin_passkey_sign_in": "hands out a challenge that ends by itself",
    "begin_passkey_step_up": "hands out a challenge that ends by itself",
    "add_passkey": "a challenge is answered once, so a repetition is refused by itself",
    "sign_in_with_passkey": "a challenge is answered once, so a repetition is refused by itself",
    "step_up_with_passkey": "a challenge is answered once, so a repetition is refused by itself",
    "step_up_with_totp": "a code works once, so a repetition is refused by itself",
    "step_up_with_recovery_code": "a code works once, so a repetition is refused by itself",
    "begin_totp": "replaces a secret that does not count yet, which must not be kept to be answered again",
    "confirm_totp": "a code works once, so a repetition is refused by itself",
    "replace_recovery_codes": "replaces codes, which must not be kept to be answered again",
    "register_client": "its answer holds a secret, which must not be kept to be answered again",
    "replace_client_secret": "its answer holds a secret, which must not be kept to be answered again",
    "decide_interaction": "a question is answered once, so a repetition is refused by itself",
    "issue_tokens": "a code works once, and a refresh token as its rotation rules",
    "push_authorization_request": "each request gets a name of its own, and the unused one expires",
    "revoke_token": "ending a grant that is over changes nothing",
    "introspect_token": "changes nothing",
    "post_userinfo": "changes nothing",
    "decide_by_form": "a question is answered once, so a repetition is refused by itself",
    "end_session_by_form": "ending a session that is over changes nothing",
    "forgot_password": "each request is meant to send another link, within a limit",
    "reset_password": "a link works once, so a repetition is refused by itself",
    "change_password": "the old password works once, so a repetition is refused by itself",
    "request_email_change": "each request is meant to send another code, within a limit",
    "confirm_email_change": "a code works once, so a repetition is refused by itself",
    "veto_email_change": "a link works once, so a repetition is refused by itself",
    "request_phone_verification": "each request is meant to send another code, within a limit",
    "confirm_phone_verification": "a code works once, so a repetition is refused by itself",
    "close_my_account": "a closed account cannot ask again",
    "invite_approver": "a repetition answers the standing invitation; an address must not be kept in answers",
    "accept_approver_invitation": "sets a state: a repetition finds it accepted and leaves it so",
    "decline_approver_invitation": "ends an invitation: a repetition finds none",
    "retire_card_template": "sets a state: a repetition finds it retired and leaves it so",
    "activate_card_template": "sets a state: a repetition finds it offered and leaves it so",
    "cancel_card_batch": "sets a state: a repetition finds it canceled and leaves it so",
    "lock_card": "sets a state: a repetition finds the card locked and leaves it so",
    "unlock_card": "sets a state: a repetition finds the card unlocked and leaves it so",
    "merge_merchants": "a repetition finds the other merchant merged, and is refused",
    "unmerge_merchants": "a repetition finds the other merchant restored, and is refused",
    "add_acceptor": "sets a state: a repetition finds the id the merchant's and leaves it so",
    "grant_reveal": "hands out a secret, which must not be kept to be answered again",
    "reveal_number": "a grant works once, so a repetition is refused by itself",
    "make_ephemeral_key": "a nonce works once, so a repetition is refused by itself",
    "unlock_user": "sets a state: a repetition finds the account open and leaves it so",
}
"""POSTs that neither create anything nor move money, and why a repetition does no harm."""


@dataclass(frozen=True)
class Operation:
    """One route as the document describes it."""

    method: str
    path: str
    described: Mapping[str, Any]

    @property
    def name(self) -> str:
        return str(self.described["operationId"])

    @property
    def url(self) -> str:
        return re.sub(r"\{[a-z_]+\}", AN_ID, self.path)

    @property
    def body_schema(self) -> Mapping[str, Any]:
        reference = self.described["requestBody"]["content"]["application/json"]["schema"]["$ref"]
        schema: Mapping[str, Any] = SCHEMAS[reference.rpartition("/")[2]]
        return schema


def operations() -> Iterator[Operation]:
    for path, methods in DOCUMENT["paths"].items():
        for method, described in methods.items():
            yield Operation(method.upper(), path, described)


ALL = list(operations())
PUBLIC = access.PUBLIC & {operation.name for operation in ALL}
POSTS = [operation for operation in ALL if operation.method == "POST"]
BY_THE_RFCS = [operation for operation in ALL if operation.path.startswith(("/oauth/", "/.well-known/"))]
"""OAuth's endpoints take forms and refuse as their RFCs say; tests of their own hold them to that."""
PAGES = {"show_answer_page", "answer_by_form"}
"""Pages for people, whose form and refusals are HTML."""
WITH_BODY = [
    it for it in ALL if "requestBody" in it.described and it not in BY_THE_RFCS and it.name not in PAGES
]
KEYED = [operation for operation in POSTS if operation.name not in WITHOUT_KEY]
PRIVATE = [operation for operation in ALL if operation.name not in PUBLIC]


@pytest.fixture
async def admin(engine: AsyncEngine, clock: MovableClock) -> Mapping[str, str]:
    """Somebody verified who may do everything."""
    user_id = await a_verified_person(engine, clock)
    async with transaction(engine) as session:
        for role in Role:
            await grant_role(session, user_id, role, "system", clock.now())
    return await sign_in(engine, clock, user_id, has_used_factor=True)


def test_the_lists_of_exceptions_name_routes_that_exist() -> None:
    assert {operation.name for operation in POSTS} >= WITHOUT_KEY.keys()
    assert len({operation.name for operation in ALL}) == len(ALL)


async def test_a_post_that_creates_or_moves_money_asks_for_a_key(
    client: httpx.AsyncClient, admin: Mapping[str, str]
) -> None:
    for operation in KEYED:
        asked = {parameter["name"]: parameter for parameter in operation.described["parameters"]}
        assert asked["Idempotency-Key"]["required"], operation.name
        for headers in (
            {},
            {"Idempotency-Key": ""},
            {"Idempotency-Key": "x" * 256},
            {"Idempotency-Key": "a\tb"},
            {"Idempotency-Key": b"caf\xe9"},
        ):
            refused = await client.post(operation.url, json={}, headers={**admin, **headers})
            told = (operation.name, refused.status_code, refused.json()["code"])
            assert told == (operation.name, 400, "idempotency_key_missing")


@pytest.mark.parametrize("authorization", [None, "Bearer nonsense", "Basic YTpi", "Bearer "])
async def test_nobody_unknown_gets_in(client: httpx.AsyncClient, authorization: str | None) -> None:
    headers = {"Authorization": authorization} if authorization is not None else {}
    for operation in PRIVATE:
        refused = await client.request(operation.method, operation.url, headers=headers)
        assert refused.status_code == 401, operation.name
        assert refused.headers["WWW-Authenticate"] == "Bearer"
        assert refused.headers["Content-Type"] == "application/problem+json"
        accepted = ["session"] if operation.name in ANY_SESSION else list(SCHEMES)
        assert operation.described["security"] == [{name: []} for name in accepted]


async def test_a_method_that_an_address_has_not_is_told_which_it_has(client: httpx.AsyncClient) -> None:
    by_path: dict[str, set[str]] = {}
    for operation in ALL:
        by_path.setdefault(operation.url, set()).add(operation.method.upper())
    for url, methods in by_path.items():
        refused = await client.request("OPTIONS", url)
        assert (refused.status_code, refused.headers["Allow"]) == (405, ", ".join(sorted(methods))), url


def test_public_routes_do_not_claim_to_need_credentials() -> None:
    assert [it.name for it in ALL if it.name in PUBLIC and "security" in it.described] == []


async def test_a_refusal_never_repeats_what_was_sent(
    client: httpx.AsyncClient, admin: Mapping[str, str]
) -> None:
    headers = {**admin, "Idempotency-Key": "k"}
    for operation in WITH_BODY:
        fields = operation.body_schema["properties"]
        for wrong in (MARKER, [MARKER], {"a": MARKER}, {"a": [MARKER]}):
            body = {**dict.fromkeys(fields, wrong), "not_a_field": wrong}
            refused = await client.request(operation.method, operation.url, json=body, headers=headers)
            told = (operation.name, refused.status_code, refused.json()["code"])
            assert told == (operation.name, 422, "validation_failed")
            assert MARKER not in refused.text, operation.name


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 422), (b"null", 422), (b"[]", 422), (b"1", 422), (b'"text"', 422), (b"{", 400), (b"\xff", 400),
        (b'{"a":1,"a":1}', 400), (b'{"a":NaN}', 400), (b'{"a":"\\u0000"}', 400),
    ],
)  # fmt: skip
async def test_no_route_takes_a_body_that_is_not_a_plain_object(
    client: httpx.AsyncClient, admin: Mapping[str, str], body: bytes, status: int
) -> None:
    headers = {**admin, "Idempotency-Key": "k", "Content-Type": "application/json"}
    for operation in WITH_BODY:
        refused = await client.request(operation.method, operation.url, content=body, headers=headers)
        assert (operation.name, refused.status_code) == (operation.name, status)
        assert refused.json()["code"] in ("json_invalid", "json_duplicate_key", "validation_failed")


def test_the_api_describes_itself_in_openapi_3_1() -> None:
    assert DOCUMENT["openapi"].startswith("3.1.")
    assert DOCUMENT["info"]["title"] == "Cardwright"
    session = SCHEMES["session"]
    assert (session["in"], session["name"]) == ("cookie", "__Host-cardwright")


def test_every_route_is_described_and_tells_of_its_errors() -> None:
    for operation in ALL:
        assert operation.described["description"], operation.name
        assert operation.described["tags"], operation.name
        told = operation.described["responses"]["default"]["content"]
        if operation in BY_THE_RFCS:
            as_json = {"application/json": {"schema": {"$ref": "#/components/schemas/OAuthErrorOutput"}}}
            assert "text/html" in told or as_json["application/json"] == told["application/json"], (
                operation.name
            )
        else:
            assert "application/problem+json" in told, operation.name
        assert any(status.startswith("2") for status in operation.described["responses"])


def test_every_schema_says_what_it_is() -> None:
    # A page is described by what it is a page of.
    assert [name for name in SCHEMAS if "description" not in SCHEMAS[name] and "Page_" not in name] == []


def shows_how(schema: Mapping[str, Any]) -> bool:
    """Say whether a reader sees what a value looks like."""
    if any(word in schema for word in ("$ref", "examples", "enum", "const", "description")):
        return True
    inner = [schema["items"]] if "items" in schema else schema.get("anyOf", [])
    return schema.get("type") == "boolean" or any(shows_how(found) for found in inner)


def test_every_field_of_a_request_is_shown_by_an_example_or_in_words() -> None:
    for operation in WITH_BODY:
        schema = operation.body_schema
        assert schema["additionalProperties"] is False, operation.name
        fields = schema["properties"]
        assert "examples" in schema or all(shows_how(it) for it in fields.values()), operation.name
