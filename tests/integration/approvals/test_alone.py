"""Whatever one person does, in whichever roles they may hold together, nothing that needs two happens."""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from datetime import date
from itertools import combinations
from random import Random

import httpx
import pytest

from cardwright.access import Role, find_conflict
from cardwright.db.session import transaction
from cardwright.users import Address, ProfileDetails, save_profile
from integration.approvals.office import RULE, Colleague, Office, line

pytestmark = pytest.mark.four_eyes
SECRETS = ("+442071234567", "1985-12-10", "St James", "SW1Y")
STEPS = 40


def role_sets() -> Iterator[tuple[Role, ...]]:
    """Every set of staff roles that somebody may hold together."""
    staff = [role for role in Role if role is not Role.CARDHOLDER]
    for size in range(1, len(staff) + 1):
        yield from (held for held in combinations(staff, size) if find_conflict(held) is None)


class Loner:
    """Somebody who tries everything that could lead to what they want, with all that they have learnt."""

    def __init__(
        self, office: Office, people: Sequence[Colleague], victim: Colleague, random: Random
    ) -> None:
        self.office, self.people, self.victim, self.random = office, people, victim, random
        self.known: list[str] = []
        self.seen: list[str] = []
        self.acts: Sequence[Callable[[Colleague], Awaitable[httpx.Response]]] = (
            self.grant, self.revoke, self.rules, self.entry, self.ask, self.approve, self.approve,
            self.reject, self.withdraw, self.look, self.look_around,
        )  # fmt: skip

    async def step(self) -> httpx.Response:
        person = self.random.choice(self.people)
        answer = await self.random.choice(self.acts)(person)
        assert answer.status_code < 500, answer.text
        if answer.status_code == 202:
            self.known.append(answer.json()["id"])
        self.seen.append(answer.text)
        return answer

    def _whom(self) -> str:
        return self.random.choice([self.victim, *self.people]).user_id

    def _which(self) -> str:
        return self.random.choice(self.known[-6:] or ["appr_00000000000000000000000000"])

    async def grant(self, person: Colleague) -> httpx.Response:
        return await person.grant(self._whom(), self.random.choice(list(Role)).value)

    async def revoke(self, person: Colleague) -> httpx.Response:
        body = {"role": self.random.choice(list(Role)).value, "reason": "Away with it"}
        return await person.post(f"/users/{self._whom()}/role-revocations", body)

    async def rules(self, person: Colleague) -> httpx.Response:
        return await person.propose_rules(RULE, expected_version=self.random.choice([0, 0, 0, 1]))

    async def entry(self, person: Colleague) -> httpx.Response:
        return await person.propose_entry(
            line("corrections", "debit", 500), line("wallet", "credit", 500, self.victim.user_id)
        )

    async def ask(self, person: Colleague) -> httpx.Response:
        return await person.ask_to_see(self.victim.user_id)

    async def approve(self, person: Colleague) -> httpx.Response:
        return await person.post(f"/approvals/{self._which()}/approve", {"note": "Fine"})

    async def reject(self, person: Colleague) -> httpx.Response:
        return await person.post(f"/approvals/{self._which()}/reject", {"note": "No"})

    async def withdraw(self, person: Colleague) -> httpx.Response:
        return await person.post(f"/approvals/{self._which()}/withdraw")

    async def look(self, person: Colleague) -> httpx.Response:
        return await person.get(f"/users/{self.victim.user_id}/reveals/{self._which()}")

    async def look_around(self, person: Colleague) -> httpx.Response:
        paths = ("/users", f"/users/{self.victim.user_id}", "/approvals", "/audit-entries", "/ledger/entries")
        return await person.get(self.random.choice(paths))

    async def effects(self) -> set[str]:
        """Return what has happened that needs two."""
        happened = {
            "role changed": "SELECT 1 FROM audit_entries WHERE action IN ('role.granted', 'role.revoked')",
            "rule published": "SELECT 1 FROM rulebooks",
            "entry posted": "SELECT 1 FROM journal_entries",
            "something decided": "SELECT 1 FROM approvals WHERE decided_by IS NOT NULL",
        }
        found = {name for name, query in happened.items() if await self.office.rows(query)}
        if any(secret in text for text in self.seen for secret in SECRETS):
            found.add("data revealed")
        return found


async def a_victim(office: Office) -> Colleague:
    ada = await office.colleague("ada")
    home = Address("12 St James's Square", "London", "SW1Y 4JH", "GB")
    details = ProfileDetails(
        "Ada Lovelace", date(1985, 12, 10), "en-GB", "Europe/London", "+442071234567", home
    )
    async with transaction(office.engine) as session:
        await save_profile(session, ada.user_id, details, office.clock.now(), ensure_may_move=lambda: None)
    return ada


@pytest.mark.parametrize("roles", list(role_sets()), ids="+".join)
async def test_nobody_does_alone_what_needs_two(office: Office, roles: tuple[Role, ...]) -> None:
    person = await office.colleague("loner", *roles)
    seed = f"alone as {'+'.join(roles)}"
    loner = Loner(office, [person], await a_victim(office), Random(seed))  # noqa: S311 - no secret
    for _ in range(STEPS):
        await loner.step()
    assert await loner.effects() == set(), seed


async def test_the_same_steps_by_several_people_do_lead_there(office: Office) -> None:
    roles = (*[Role.ADMINISTRATOR] * 3, Role.FINANCE, Role.FRAUD_ANALYST, Role.SUPPORT)
    people = [await office.colleague(f"person {number}", role) for number, role in enumerate(roles)]
    crowd = Loner(office, people, await a_victim(office), Random("together"))  # noqa: S311 - no secret
    everything = {"role changed", "rule published", "entry posted", "something decided", "data revealed"}
    for _ in range(30):
        for _ in range(STEPS):
            await crowd.step()
        if await crowd.effects() == everything:
            break
    assert await crowd.effects() == everything
