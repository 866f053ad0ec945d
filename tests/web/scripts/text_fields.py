"""The texts that the API takes, as its own description names them, and why some need no script put in."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from web.scripts.corpus import SCRIPTS

DOCUMENT: Final = json.loads((Path(__file__).parents[3] / "openapi.json").read_text())
METHODS: Final = ("get", "post", "put", "patch", "delete")
NOT_TEXT: Final = ("date", "date-time", "email")
"""Formats whose texts hold no script: the server refuses anything else."""
Field = tuple[str, str]
"""An operation, and where in its body the text is: `rules[].when`."""

SECRET: Final = "a secret is compared, and neither kept nor shown"
COMPUTED: Final = "the answer is computed and nothing of it is kept: `{}` keeps the same text"
REFUSED: Final = "the server knows all that may stand there and refuses anything else"
EXCEPTIONS: Final[Mapping[Field, str]] = {
    **dict.fromkeys(
        [
            ("register", "password"), ("sign_in", "password"), ("reset_password", "new_password"),
            ("change_password", "password"), ("change_password", "new_password"),
            ("request_email_change", "password"), ("close_my_account", "password"),
            ("step_up_with_recovery_code", "code"), ("answer_by_token", "token"), ("answer_by_form", "t"),
        ],
        SECRET,
    ),
    **{
        (operation, field): "a form of OAuth: codes, tokens and names of the protocol, none of them kept"
        for operation, fields in {
            "decide_by_form": ("decision",),
            "issue_tokens": (
                "grant_type", "client_id", "client_assertion", "client_assertion_type", "code",
                "redirect_uri", "code_verifier", "refresh_token", "scope",
            ),
            "revoke_token": ("token", "token_type_hint", "client_id"),
            "introspect_token": ("token", "token_type_hint", "client_id"),
        }.items()
        for field in fields
    },
    ("put_my_profile", "time_zone"): REFUSED,
    ("register_client", "scopes[]"): REFUSED,
    ("propose_entry", "postings[].account"): REFUSED,
    ("create_card_template", "processor"): REFUSED,
    ("replace_card_template", "processor"): REFUSED,
    ("add_passkey", "credential.response.transports[]"): REFUSED,
    ("check_condition", "when"): COMPUTED.format("propose_rulebook"),
    ("try_condition", "when"): COMPUTED.format("propose_rulebook"),
    ("prove_rules", "rules[].when"): COMPUTED.format("propose_rulebook"),
    ("prove_rules", "rules[].reason"): COMPUTED.format("propose_rulebook"),
    ("prove_rules", "guardrails[].when"): COMPUTED.format("keep_guardrail"),
    ("preflight_purchase", "merchant.name"): COMPUTED.format("the network's own name of a merchant"),
    ("preflight_purchase", "merchant.acceptor_id"): COMPUTED.format("add_acceptor"),
}  # fmt: skip
HOURS: Final = re.compile(r"only\.hours\[\]$|(^|\.)(allowed|blocked)\.hours\[\]$")
"""Refused wherever they stand: a pattern of days and hours, read by its own grammar."""


def fields_that_can_hold_a_script() -> set[Field]:
    """Return each text of a request's body in which the schema lets some script of the corpus stand."""
    return {
        (operation["operationId"], path)
        for _, _, operation in operations()
        for body in operation.get("requestBody", {}).get("content", {}).values()
        for path, schema in _texts(body["schema"])
        if _can_hold(schema) and not HOURS.search(path)
    }


def operations() -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Yield method, path and description of each operation."""
    for path, members in DOCUMENT["paths"].items():
        for method in METHODS:
            if method in members:
                yield method.upper(), path, members[method]


def fields_with_a_script(body: Any) -> Iterator[tuple[str, str]]:
    """Yield where in a body there is a script of the corpus, and the text with it."""
    for path, words in _leaves(body, ""):
        if any(script in words for script in SCRIPTS):
            yield path, words


def _leaves(value: Any, path: str) -> Iterator[tuple[str, str]]:
    match value:
        case str():
            yield path, value
        case Mapping():
            for name, member in value.items():
                yield from _leaves(member, f"{path}.{name}" if path else name)
        case list():
            for member in value:
                yield from _leaves(member, f"{path}[]")


def _texts(
    schema: Mapping[str, Any], path: str = "", within: frozenset[str] = frozenset()
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[1]
        if name not in within:
            yield from _texts(DOCUMENT["components"]["schemas"][name], path, within | {name})
        return
    for choice in (*schema.get("anyOf", ()), *schema.get("oneOf", ()), *schema.get("allOf", ())):
        yield from _texts(choice, path, within)
    if schema.get("type") == "string":
        yield path, schema
    if "items" in schema:
        yield from _texts(schema["items"], f"{path}[]", within)
    for name, member in schema.get("properties", {}).items():
        yield from _texts(member, f"{path}.{name}" if path else name, within)


def _can_hold(schema: Mapping[str, Any]) -> bool:
    if "enum" in schema or "const" in schema or schema.get("format") in NOT_TEXT:
        return False
    shape, longest = (
        re.compile(schema.get("pattern", "")),
        schema.get("maxLength", len(max(SCRIPTS, key=len))),
    )
    return any(len(script) <= longest and shape.search(script) for script in SCRIPTS)
