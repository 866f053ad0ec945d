"""People for tests of identity and funding, and a vendor that answers what the test tells it to."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine

from cardwright import kyc
from cardwright.core.clock import Clock
from cardwright.core.errors import Unavailable
from cardwright.db import outbox
from cardwright.db.jobs import Subscription, Work
from cardwright.db.outbox import Event
from cardwright.db.session import Session, transaction
from cardwright.programs import Program, ensure_program
from cardwright.users import Address, ProfileDetails, save_profile
from proven_people import a_proven_identity

DECIDED_EVENTS = {"kyc.approved", "kyc.rejected", "kyc.canceled"}
"""What people are told when an attempt has ended at the vendor."""
ADDRESS = Address(line1="1 Sample Street", city="Springfield", postal_code="12345", country="US")


@dataclass
class ScriptedVerifier:
    """Knows one answer per reference; `is_down` makes it unavailable."""

    answers: dict[str, kyc.VerificationResult] = field(default_factory=dict)
    started: list[str] = field(default_factory=list)
    met: list[kyc.Person] = field(default_factory=list)
    is_down: bool = False

    async def start(self, verification: kyc.Verification, person: kyc.Person) -> kyc.StartedVerification:
        self._ensure_up()
        self.started.append(verification.id)
        self.met.append(person)
        reference = f"vs_{verification.id}"
        url = f"https://verify.example/{reference}"
        collecting = kyc.VerificationState.COLLECTING
        self.answers[reference] = kyc.VerificationResult(collecting, reference, verification.id, url)
        return kyc.StartedVerification(reference, url)

    async def look_up(self, provider_reference: str) -> kyc.VerificationResult:
        self._ensure_up()
        return self.answers[provider_reference]

    def decide(self, reference: str, state: str, reason: kyc.RejectionReason | None = None) -> None:
        self.answers[reference] = replace(
            self.answers[reference], status=kyc.VerificationState(state), url=None, reason=reason
        )

    def _ensure_up(self) -> None:
        if self.is_down:
            raise Unavailable("processor_unavailable", "The vendor is down.")


async def the_program(session: Session) -> Program:
    return await ensure_program(session, slug="demo", name="Demo Program", currency="USD")


async def a_person(
    engine: AsyncEngine, clock: Clock, email: str = "robin@example.com", address: Address | None = ADDRESS
) -> str:
    """Return the user id of somebody with a profile."""
    now = clock.now()
    async with transaction(engine) as session:
        program = await the_program(session)
        user_id = await a_proven_identity(session, email, program.id, now)
        details = ProfileDetails("Robin Sample", date(1990, 1, 1), "en", "UTC", "+15550100200", address)
        await save_profile(session, user_id, details, now, ensure_may_move=lambda: None)
    return user_id


async def a_verified_person(engine: AsyncEngine, clock: Clock, email: str = "robin@example.com") -> str:
    """Return the user id of somebody whose identity was approved."""
    user_id = await a_person(engine, clock, email)
    verifier = ScriptedVerifier()
    work = Work(engine, clock, {kyc.IdentityVerifiers: kyc.IdentityVerifiers({"stripe": verifier})})
    async with transaction(engine) as session:
        program = await the_program(session)
        requested = await kyc.request_verification(session, clock, program_id=program.id, user_id=user_id)
    await deliver(work, kyc.SUBSCRIPTIONS)
    verifier.decide(f"vs_{requested.id}", "approved")
    await kyc.refresh_verification(work, f"vs_{requested.id}")
    await drain(engine)
    return user_id


async def drain(engine: AsyncEngine) -> Sequence[Event]:
    """Remove and return the events that wait to be delivered."""
    async with transaction(engine) as session:
        return await outbox.take(session, 1000)


async def deliver(work: Work, subscriptions: Sequence[Subscription]) -> Sequence[Event]:
    """Hand the waiting events to their handlers, as the worker does, and return them."""
    events = await drain(work.engine)
    for event in events:
        for subscription in subscriptions:
            if subscription.event_type == event.type:
                await subscription.handle(work, event)
    return events


def told(events: Sequence[Event], prefix: str) -> list[tuple[str, Any]]:
    """Return type and reason of the events of one slice."""
    return [(it.type, it.payload.get("reason_code")) for it in events if it.type.startswith(prefix)]
