"""Every operation, by everybody, on everybody's things: the answer is what the permission table says.

The operations are read from the application's routes, the things are made by `makers`, and each cell is a
real request to the real application on a real database. The table and the lists of exceptions alone
decide what the answer must be (`oracle.expected`), in this order:

1. A public operation (`PUBLIC`): anything but a guard's own refusal (`token_missing`, `permission_missing`)
   and but 5xx.
2. Nobody signed in: 401 `token_missing`. An operation of `ANY_SESSION` serves everybody else.
3. A role without the permission, or with the reach `own` where the operation asks for `any`: 403
   `permission_missing`, whatever is named.
4. A thing of another program, a thing that does not exist, somebody else's thing while the reach is `own`:
   404.
5. Everything else is served: 2xx, or 409 or 422 for a reason of the domain; never 401, 403, 404, 429 or 5xx.

Rule 5 alone would be kept by an operation that refuses everything; so each operation must have been answered
with 2xx in some cell. And whatever is served, no answer names a thing that is out of the actor's reach, which
is how lists are held to the table too.

Credentials that are cut down to scopes: with all scopes but the operation's, 403; with that scope alone, the
answer is the role's, or 401 `step_up_required`, as API keys never pass a step-up; where a session is needed
they are nobody.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import httpx
import pytest

from access.asking import API, SAFE, Asked, ask, asked, parameters_of
from access.makers import MAKERS, NOBODYS, one_of_each, thing
from access.oracle import Expected, Whose, expected
from access.world import Person, World
from cardwright.access import PUBLIC, Operation, Reach, Role, operations, permissions_of
from cardwright.access.permissions import TABLE
from cardwright.api_keys.domain import KEPT_FROM_KEYS
from cardwright.core.ids import new_id

OPERATIONS = operations(API.routes)
GUARDED = [each for each in OPERATIONS if each.permission is not None]
NEEDS_A_SESSION = [each for each in OPERATIONS if each.permission is None and each.name not in PUBLIC]
CHANGES: Mapping[str, Mapping[str, object]] = {}
"""What a body needs to be that its examples cannot know, by operation."""


def name_of(operation: Operation) -> str:
    return f"{operation.method} {operation.path}"


@dataclass(frozen=True, slots=True)
class Cell:
    """One request of the matrix and its answer."""

    operation: Operation
    role: Role | None
    whose: Whose
    expected: Expected
    answer: httpx.Response
    code: str | None

    @property
    def is_wrong(self) -> bool:
        return not self.expected.allows(self.answer.status_code, self.code)

    def __str__(self) -> str:
        role = self.role or "nobody"
        return (
            f"{role} on {self.whose}: {self.answer.status_code} {self.code or ''}, not {self.expected.value};"
            f" {self.answer.text[:300]}"
        )


async def cell(
    client: httpx.AsyncClient, world: World, operation: Operation, role: Role | None, whose: Whose
) -> Cell:
    """Make one request of the matrix; whom it changed something for is used up."""
    actor = await world.actor(role) if role else None
    request = asked(operation, await named(world, operation, actor, whose), CHANGES.get(operation.name, {}))
    answer, code = await ask(client, request, actor.headers if actor else {})
    if actor is not None:
        await ensure_nothing_leaks(world, operation, actor, request, answer)
    if role is not None and operation.method not in SAFE and answer.is_success:
        world.use_up(role, whose=whose)
    return Cell(operation, role, whose, expected(operation, role, whose), answer, code)


async def named(world: World, operation: Operation, actor: Person | None, whose: Whose) -> Mapping[str, str]:
    """Return what stands in the path of a request."""
    owner = {Whose.OWN: actor, Whose.OTHERS: await world.other(), Whose.FOREIGN: await world.foreigner()}
    found = {}
    for name in parameters_of(operation):
        known = owner.get(whose) or await world.other()
        is_nobodys = whose is Whose.NOBODYS and name in NOBODYS
        found[name] = new_id(NOBODYS[name]) if is_nobodys else await thing(world, known, name)
    return found


async def ensure_nothing_leaks(
    world: World, operation: Operation, actor: Person, request: Asked, answer: httpx.Response
) -> None:
    """Fail when an answer names a thing that the actor's reach with this operation does not cover."""
    out_of_reach = [await world.foreigner()]
    if operation.permission is None or TABLE[operation.permission].get(actor.role) is not Reach.ANY:
        out_of_reach.append(await world.other())
    for owner in out_of_reach:
        for name, known in (await one_of_each(world, owner)).items():
            told = known in answer.text and known not in request.path
            assert not told, f"{actor.role} reads another's {name} in {operation.name}"


@pytest.mark.parametrize("operation", OPERATIONS, ids=name_of)
async def test_an_operation_answers_what_the_table_says(
    client: httpx.AsyncClient, world: World, operation: Operation, count_cells: dict[str, int]
) -> None:
    unknown = set(parameters_of(operation)) - MAKERS.keys()
    assert not unknown, f"nobody knows how to make what {unknown} name: add makers"
    things = list(Whose)[:4] if parameters_of(operation) else [Whose.UNNAMED]
    cells = [await cell(client, world, operation, role, whose) for role in (None, *Role) for whose in things]
    count_cells["of roles and things"] = count_cells.get("of roles and things", 0) + len(cells)
    assert [str(each) for each in cells if each.is_wrong] == []
    if operation.name not in PUBLIC:
        assert [each for each in cells if each.answer.is_success], f"never served: {cells[-1]}"


@pytest.mark.parametrize("role", list(Role))
async def test_scopes_cut_down_whatever_a_role_permits(
    client: httpx.AsyncClient, world: World, role: Role, count_cells: dict[str, int]
) -> None:
    permitted = permissions_of([role]) - KEPT_FROM_KEYS
    wrong = []
    for operation in GUARDED:
        whose = Whose.OWN if parameters_of(operation) else Whose.UNNAMED
        if expected(operation, role, whose) is not Expected.SERVED:
            continue
        for scopes in (permitted - {operation.permission}, permitted & {operation.permission}):
            if not scopes:
                continue
            answer, code = await asked_with_a_key(client, world, operation, role, whose, frozenset(scopes))
            count_cells["of scopes"] = count_cells.get("of scopes", 0) + 1
            is_within = operation.permission in scopes
            right = Expected.SERVED if is_within else Expected.FORBIDDEN
            is_step_up = is_within and (answer.status_code, code) == (401, "step_up_required")
            if not right.allows(answer.status_code, code) and not is_step_up:
                wrong.append(
                    f"{operation.name} with {sorted(scopes)}: {answer.status_code} {answer.text[:200]}"
                )
    assert wrong == []


@pytest.mark.parametrize("operation", NEEDS_A_SESSION, ids=name_of)
async def test_an_api_key_is_no_session(
    client: httpx.AsyncClient, world: World, operation: Operation
) -> None:
    scopes = frozenset({"account.read"})
    whose = Whose.OWN if parameters_of(operation) else Whose.UNNAMED
    answer, code = await asked_with_a_key(client, world, operation, Role.CARDHOLDER, whose, scopes)
    assert (answer.status_code, code) == (401, "token_missing")


async def asked_with_a_key(
    client: httpx.AsyncClient,
    world: World,
    operation: Operation,
    role: Role,
    whose: Whose,
    scopes: frozenset[str],
) -> tuple[httpx.Response, str | None]:
    """Make a request as a program that uses an API key of somebody in a role."""
    actor = await world.actor(role)
    request = asked(operation, await named(world, operation, actor, whose), CHANGES.get(operation.name, {}))
    answer, code = await ask(client, request, await world.key_of(actor, scopes))
    if operation.method not in SAFE and answer.is_success:
        world.use_up(role, whose=whose)
    return answer, code
