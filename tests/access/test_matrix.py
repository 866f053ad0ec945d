"""Every operation, by everybody, on everybody's things: the answer is what the permission table says.

The operations are read from the application's routes, the things are made by `makers`, and each cell is a
real request to the real application on a real database. The table and the lists of exceptions alone decide
what the answer must be (`oracle.expected`), in this order:

1. A public operation (`PUBLIC`): anything but a guard's own refusal (`token_missing`, `permission_missing`)
   and but 5xx.
2. Nobody signed in: 401 `token_missing`. An operation of `ANY_SESSION` is then open to everybody signed in
   with a session, and to no API key.
3. A role without the permission, or with the reach `own` where the operation asks for `any`, or credentials
   whose scopes lack the permission: 403 `permission_missing`, whatever is named.
4. Credentials that no factor vouches for, where the operation needs one: 401 `step_up_required`.
5. Deciding one's own proposal: 403 `four_eyes`.
6. A thing of another program, a thing that does not exist, somebody else's thing while the reach is `own`:
   404. Likewise another's proposal of a kind that the role may not decide (`oracle.SEEING`, `DECIDING`).
7. Everything else is served: 2xx, or 409 or 422 for a reason of the domain; never 401, 403, 404, 429 or 5xx.

Rule 7 alone would be kept by an operation that refuses everything; so each operation must have been answered
with 2xx in some cell, but for the few of NEEDS_MORE. And whatever is served, no answer names a thing that is
out of the actor's reach, which is how lists are held to the table too.
"""

from collections.abc import Callable, Sequence

import pytest

from access.asking import API, parameters_of
from access.makers import MAKERS, OF_THE_DEPLOYMENT
from access.matrix import Cell, Matrix
from access.oracle import Whose
from cardwright.access import PUBLIC, Operation, Role, operations, permissions_of
from cardwright.api_keys.domain import KEPT_FROM_KEYS

OPERATIONS = operations(API.routes)
GUARDED = [each for each in OPERATIONS if each.permission is not None]
WITH_FACTOR = [each for each in GUARDED if each.needs_step_up]
WITH_SESSION = [each for each in OPERATIONS if each.permission is None and each.name not in PUBLIC]
NEEDS_MORE = {
    "get_identity_document_page": "a view that the one who asks has just opened",
    "ask_for_more_in_identity_review": "a verification that was handed in, in the hands of who asks",
    "decide_identity_review": "a verification that was handed in, in the hands of who asks",
    "decide_case": "a case that the one who asks has claimed",
    "unmerge_merchants": "a merchant that was merged",
    "roll_rulebook_back": "two versions of rules",
    "kill_rules": "rules that decide",
    "set_auto_top_up": "a payment method of the one who asks",
    "split_merchant": "an id that the merchant is known under",
    "ask_to_confirm_address": "an address that bounced",
    "add_passkey": "the answer of an authenticator",
    "confirm_email_change": "a code from an e-mail",
    "confirm_phone_verification": "a code from a text message",
    "confirm_totp": "a code of an authenticator app",
    "reveal_number": "a grant of the last minute",
    "step_up_with_passkey": "the answer of an authenticator",
    "step_up_with_recovery_code": "a recovery code",
    "step_up_with_totp": "a code of an authenticator app",
}
"""Operations that the matrix cannot make succeed, and what they would need; their own tests do."""

Record = Callable[[str, object], None]


def name_of(operation: Operation) -> str:
    return f"{operation.method} {operation.path}"


def things_of(operation: Operation) -> Sequence[Whose]:
    if not set(parameters_of(operation)) - OF_THE_DEPLOYMENT.keys():
        return [Whose.UNNAMED]
    return [Whose.OWN, Whose.OTHERS, Whose.NOBODYS, Whose.FOREIGN]


def wrong(cells: Sequence[Cell]) -> list[str]:
    return [str(cell) for cell in cells if cell.is_wrong]


@pytest.mark.parametrize("operation", OPERATIONS, ids=name_of)
async def test_an_operation_answers_what_the_table_says(
    matrix: Matrix, operation: Operation, record_property: Record
) -> None:
    unknown = set(parameters_of(operation)) - MAKERS.keys() - OF_THE_DEPLOYMENT.keys()
    assert not unknown, f"nobody knows how to make what {unknown} name: add makers"
    asked_by = [(role, whose) for role in (None, *Role) for whose in things_of(operation)]
    cells = [await matrix.ask_as(operation, role, whose) for role, whose in asked_by]
    record_property("cells of roles and things", len(cells))
    assert wrong(cells) == []
    if operation.name not in PUBLIC | NEEDS_MORE.keys():
        assert [cell for cell in cells if cell.answer.is_success], f"never served: {cells[-1]}"


@pytest.mark.parametrize("operation", WITH_FACTOR, ids=name_of)
async def test_whoever_used_no_factor_is_asked_for_one(
    matrix: Matrix, operation: Operation, record_property: Record
) -> None:
    asked_by = [(role, whose) for role in Role for whose in things_of(operation)]
    cells = [await matrix.ask_without_factor(operation, role, whose) for role, whose in asked_by]
    record_property("cells without a factor", len(cells))
    assert wrong(cells) == []


@pytest.mark.parametrize("role", list(Role))
async def test_scopes_cut_down_whatever_a_role_permits(
    matrix: Matrix, role: Role, record_property: Record
) -> None:
    permitted = permissions_of([role]) - KEPT_FROM_KEYS
    asked_for = [
        (operation, things_of(operation)[0], frozenset(scopes))
        for operation in GUARDED
        for scopes in (permitted - {operation.permission}, permitted & {operation.permission})
        if scopes and operation.permission in permissions_of([role])
    ]
    cells = [
        await matrix.ask_with_key(operation, role, whose, scopes) for operation, whose, scopes in asked_for
    ]
    record_property("cells of scopes", len(cells))
    assert wrong(cells) == []


@pytest.mark.parametrize("operation", WITH_SESSION, ids=name_of)
async def test_an_api_key_is_no_session(matrix: Matrix, operation: Operation) -> None:
    scopes = frozenset({"account.read"})
    cell = await matrix.ask_with_key(operation, Role.CARDHOLDER, things_of(operation)[0], scopes)
    assert wrong([cell]) == []
