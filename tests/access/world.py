"""A program with somebody in every role, and with real things of each kind, on one real database."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy.ext.asyncio import AsyncEngine

from access.oracle import Whose
from browsers import headers_of, opened_for
from cardwright import kyc
from cardwright.access import Principal, Role
from cardwright.api_keys import Environment, NewKey, create_key
from cardwright.core.clock import Clock
from cardwright.core.ids import new_id
from cardwright.db.jobs import Work
from cardwright.db.session import transaction
from cardwright.programs import Program, ensure_program
from cardwright.users import ProfileDetails, save_profile
from integration.kyc.people import ADDRESS, ScriptedVerifier, deliver, drain
from proven_people import a_proven_identity
from staff import grant_role

FRESH_AFTER = 8
"""After so many people were used up another bystander is made."""


@dataclass(slots=True)
class Person:
    """Somebody of a program, and the things made for them so far, by the parameter that names each."""

    program: Program
    user_id: str
    role: Role
    headers: Mapping[str, str] = field(default_factory=dict)
    session_id: str = field(default_factory=lambda: new_id("ses"))
    verification_id: str | None = None
    things: dict[str, str] = field(default_factory=dict)
    prepared_by: object = None
    keys: dict[frozenset[str], Mapping[str, str]] = field(default_factory=dict)


@dataclass(slots=True)
class World:
    """Everything that a request can meet; who was used up is made anew when next asked for."""

    engine: AsyncEngine
    clock: Clock
    program: Program
    another_program: Program
    _actors: dict[Role, Person] = field(default_factory=dict)
    _colleagues: dict[str, Person] = field(default_factory=dict)
    _other: Person | None = None
    _foreigner: Person | None = None
    _bystander: Person | None = None
    _used_up: int = 0

    async def actor(self, role: Role) -> Person:
        """Return somebody in a role who is signed in and used a factor just now."""
        if role not in self._actors:
            person = await self._person(self.program, role)
            if role is not Role.CARDHOLDER:
                async with transaction(self.engine) as session:
                    await grant_role(session, person.user_id, role, "system", self.clock.now())
            opened = await opened_for(self.engine, self.clock, person.user_id, has_used_factor=True)
            person.headers, person.session_id = headers_of(opened.secret.reveal()), opened.session.id
            self._actors[role] = person
        return self._actors[role]

    async def other(self) -> Person:
        """Return the one in the same program whom things belong to that are not the actor's."""
        self._other = self._other or await self._person(self.program)
        return self._other

    async def bystander(self) -> Person:
        """Return somebody in the same program whose things nobody asks for, all among the newest."""
        self._bystander = self._bystander or await self._person(self.program)
        return self._bystander

    async def colleague(self, program: Program) -> Person:
        """Return somebody of the staff of a program whom no request is made by."""
        if program.id not in self._colleagues:
            self._colleagues[program.id] = person = await self._person(program, Role.SUPPORT)
            async with transaction(self.engine) as session:
                await grant_role(session, person.user_id, Role.SUPPORT, "system", self.clock.now())
        return self._colleagues[program.id]

    async def stranger(self, program: Program) -> Person:
        """Return a new cardholder of a program whom no request is made by."""
        return await self._person(program)

    async def foreigner(self) -> Person:
        """Return the one whom another program's things belong to."""
        self._foreigner = self._foreigner or await self._person(self.another_program)
        return self._foreigner

    def use_up(self, role: Role, *, whose: Whose) -> None:
        """Forget whose things were changed: the other one, or the actor of a role."""
        if whose is Whose.OTHERS:
            self._other = None
            self._used_up += 1
            # A page of a list has room for more than what is made between two of them.
            if self._used_up % FRESH_AFTER == 0:
                self._bystander = None
        else:
            self._actors.pop(role, None)

    async def key_of(self, person: Person, scopes: frozenset[str]) -> Mapping[str, str]:
        """Return the headers of a program that uses an API key of somebody's."""
        if scopes not in person.keys:
            now = self.clock.now()
            wanted = NewKey("Program", scopes, now.replace(year=now.year + 1))
            async with transaction(self.engine) as session:
                owner = Principal(person.user_id, person.program.id)
                _, minted = await create_key(session, wanted, Environment.TEST, owner=owner, at=now)
            person.keys[scopes] = {"Authorization": f"Bearer {minted.text.reveal()}"}
        return person.keys[scopes]

    async def verify(self, person: Person) -> str:
        """Have somebody's identity approved, once; return the id of the verification."""
        if person.verification_id is None:
            verifier = ScriptedVerifier()
            verifiers = kyc.IdentityVerifiers({"stripe": verifier})
            work = Work(self.engine, self.clock, {kyc.IdentityVerifiers: verifiers})
            async with transaction(self.engine) as session:
                requested = await kyc.request_verification(
                    session, self.clock, program_id=person.program.id, user_id=person.user_id
                )
            await deliver(work, kyc.SUBSCRIPTIONS)
            verifier.decide(f"vs_{requested.id}", "approved")
            await kyc.refresh_verification(work, f"vs_{requested.id}")
            await drain(self.engine)
            person.verification_id = requested.id
        return person.verification_id

    async def _person(self, program: Program, role: Role = Role.CARDHOLDER) -> Person:
        email = f"{new_id('somebody')}@example.com"
        now = self.clock.now()
        async with transaction(self.engine) as session:
            user_id = await a_proven_identity(session, email, program.id, now)
            # They live where the example of a profile says, as moving needs a factor.
            details = ProfileDetails(
                "Robin Sample", date(1990, 1, 1), "en", "Europe/Berlin", "+15550100200", ADDRESS
            )
            await save_profile(session, user_id, details, now, ensure_may_move=lambda: None)
        return Person(program, user_id, role)


async def a_world(engine: AsyncEngine, clock: Clock) -> World:
    """Return a world of nobody yet, in the program that the application serves, beside another program."""
    async with transaction(engine) as session:
        program = await ensure_program(session, slug="demo", name="Demo Program", currency="USD")
        another = await ensure_program(session, slug="another", name="Another Program", currency="USD")
    return World(engine, clock, program, another)
