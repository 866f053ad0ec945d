"""The requests of the matrix, and what each was answered."""

from collections.abc import Mapping
from dataclasses import dataclass

import httpx

from access.asking import SAFE, Asked, ask, asked, parameters_of
from access.makers import MAKERS, NOBODYS, OF_THE_DEPLOYMENT, one_of_each, prepared, thing
from access.oracle import Expected, Whose, expected
from access.world import Person, World
from browsers import sign_in
from cardwright.access import Operation, Reach, Role
from cardwright.access.permissions import TABLE
from cardwright.api_keys.domain import MOST_KEYS
from cardwright.core.ids import new_id

CHANGES: Mapping[str, Mapping[str, object]] = {
    "answer_payment_question": {"answer": "no"},
    "assign_case": {"assignee_id": None},
    "assign_identity_review": {"assignee_id": None},
    "set_identity_level": {"reason": "Newcomers may try a card."},
    "change_card": {"label": "Rent"},
    "create_backtest": {
        "rules": [{"name": "large", "when": "amount > 5", "action": "flag", "reason": "Large."}],
        "scoring": None,
        "version": None,
        "since": None,
        "until": None,
    },
    "change_dispute": {"staff_reason": "They called."},
    "open_dispute": {"staff_reason": "They called."},
    "put_dispute_file": {"staff_reason": "They called."},
    "submit_dispute": {"staff_reason": "They called."},
    "withdraw_dispute": {"staff_reason": "They called."},
    "propose_entry": {
        "postings": [
            {"account": "fees", "side": "debit", "amount": 1_00},
            {"account": "funding_in_transit", "side": "credit", "amount": 1_00},
        ]
    },
    "propose_client_role": {"role": "finance"},
    "register_client": {"redirect_uris": ["app.cardwright.test:/connected"]},
    "propose_role_revocation": {"role": "administrator"},
}
"""What a body needs to be that its examples cannot know, by operation."""

NAMED_IN_BODIES: Mapping[str, Mapping[str, str]] = {
    "allow_merchant": {"merchant_id": "merchant_id"},
    "open_case": {"payment_id": "payment_id"},
    "open_identity_review": {"user_id": "reviewable_user_id"},
    "mark_read_up_to": {"up_to": "notification_id"},
    "merge_merchants": {"other_id": "merchant_id"},
    "relock_card": {"merchant_id": "merchant_id"},
    "try_condition": {"payment_id": "payment_id"},
    "unmerge_merchants": {"other_id": "merchant_id"},
}
"""Members of bodies that name a new thing of the actor's: by operation, what a path would call it."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One request, what it must be answered, and what it was."""

    asked_by: str
    expected: Expected
    answer: httpx.Response
    code: str | None

    @property
    def is_wrong(self) -> bool:
        return not self.expected.allows(self.answer.status_code, self.code)

    def __str__(self) -> str:
        return (
            f"{self.asked_by}: {self.answer.status_code} {self.code or ''}, not {self.expected.value};"
            f" {self.answer.text[:300]}"
        )


@dataclass(frozen=True, slots=True)
class Matrix:
    """A world and the application on it."""

    client: httpx.AsyncClient
    world: World

    async def ask_as(self, operation: Operation, role: Role | None, whose: Whose) -> Cell:
        """Ask for an operation as somebody in a role who used a factor just now, or as nobody."""
        actor = await prepared(self.world, role, operation.name) if role else None
        right = expected(operation, role, whose)
        headers = actor.headers if actor else {}
        return await self._ask(operation, actor, whose, headers, right, f"{role or 'nobody'} on {whose}")

    async def ask_without_factor(self, operation: Operation, role: Role, whose: Whose) -> Cell:
        """Ask as somebody in a role who used no factor, for an operation that needs one."""
        actor = await prepared(self.world, role, operation.name)
        headers = await sign_in(self.world.engine, self.world.clock, actor.user_id)
        right = expected(operation, role, whose, has_used_factor=False)
        return await self._ask(operation, actor, whose, headers, right, f"{role} without factor on {whose}")

    async def ask_with_key(
        self, operation: Operation, role: Role, whose: Whose, scopes: frozenset[str]
    ) -> Cell:
        """Ask as a program that uses an API key of somebody in a role."""
        actor = await prepared(self.world, role, operation.name)
        if len(actor.keys) >= MOST_KEYS - 1:
            self.world.use_up(role, whose=Whose.OWN)
            actor = await prepared(self.world, role, operation.name)
        headers = await self.world.key_of(actor, scopes)
        right = expected(operation, role, whose, scopes=scopes)
        asked_by = f"{operation.name} with {sorted(scopes)}"
        return await self._ask(operation, actor, whose, headers, right, asked_by)

    async def _ask(
        self, operation: Operation, actor: Person | None, whose: Whose, headers: Mapping[str, str],
        right: Expected, asked_by: str,
    ) -> Cell:  # fmt: skip
        path = await self._named(operation, actor, whose)
        request = asked(
            operation, path, {**CHANGES.get(operation.name, {}), **await self._things(operation, actor)}
        )
        answer, code = await ask(self.client, request, headers)
        if actor is not None:
            await self._ensure_nothing_leaks(operation, actor, request, answer)
            if operation.method not in SAFE and answer.is_success:
                self.world.use_up(actor.role, whose=whose)
        return Cell(asked_by, right, answer, code)

    async def _things(self, operation: Operation, actor: Person | None) -> Mapping[str, str]:
        owner = actor or await self.world.other()
        named = NAMED_IN_BODIES.get(operation.name, {})
        return {member: await MAKERS[name](self.world, owner) for member, name in named.items()}

    async def _named(self, operation: Operation, actor: Person | None, whose: Whose) -> Mapping[str, str]:
        world = self.world
        owners = {Whose.OWN: actor, Whose.FOREIGN: await world.foreigner()}
        owner = owners.get(whose) or await world.other()
        named = {}
        for name in parameters_of(operation):
            if name in OF_THE_DEPLOYMENT:
                named[name] = OF_THE_DEPLOYMENT[name]
            elif whose is Whose.NOBODYS:
                named[name] = new_id(NOBODYS[name])
            else:
                named[name] = await thing(world, owner, name, operation=operation.name)
        return named

    async def _ensure_nothing_leaks(
        self, operation: Operation, actor: Person, request: Asked, answer: httpx.Response
    ) -> None:
        out_of_reach = [await one_of_each(self.world, await self.world.foreigner())]
        if operation.permission is None or TABLE[operation.permission].get(actor.role) is not Reach.ANY:
            out_of_reach.append(await one_of_each(self.world, await self.world.bystander()))
            out_of_reach.append((await self.world.other()).things)
        for things in out_of_reach:
            for name, known in things.items():
                is_told = known in answer.text and known not in request.path
                assert not is_told, f"{actor.role} reads another's {name} in {operation.name}"
