"""People to be reviewed and those who review them, over HTTP and a real database."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from typing import Any

import httpx
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from browsers import sign_in
from cardwright import kyc
from cardwright.access import Role
from cardwright.core.clock import MovableClock
from cardwright.core.ids import new_id
from cardwright.core.sensitive import Sensitive
from cardwright.db.confinement import confine_to_program
from cardwright.db.jobs import Work
from cardwright.db.outbox import Event
from cardwright.db.session import transaction
from cardwright.kyc import RejectionReason
from cardwright.kyc.documents import Document, DocumentKind
from cardwright.kyc.documents import store as document_store
from cardwright.programs import Program
from integration.kyc.people import ADDRESS, ScriptedVerifier, a_person, drain, the_program
from staff import grant_role

LIST = "id,schema,name,aliases,birth_date,countries\nn-1,Person,Robyn Semple,,,us\n"
REVIEWS = "/identity-reviews"


@dataclass
class Office:
    """Reviewers `one` and `two`, an administrator, and a vendor that says what it is told to."""

    client: httpx.AsyncClient
    engine: AsyncEngine
    clock: MovableClock
    program: Program
    one: Mapping[str, str]
    one_id: str
    two: Mapping[str, str]
    two_id: str
    verifier: ScriptedVerifier = field(default_factory=ScriptedVerifier)
    told: list[Event] = field(default_factory=list)
    order: tuple[str, ...] = ("stripe",)

    @property
    def work(self) -> Work:
        known_verifiers = {"stripe": self.verifier, "manual": kyc.ManualVerifier()}
        verifiers = kyc.IdentityVerifiers(known_verifiers, self.order)
        known = {kyc.IdentityVerifiers: verifiers, kyc.ScreeningRules: kyc.ScreeningRules()}
        return Work(self.engine, self.clock, {Program: self.program, **known})

    async def ask(
        self, method: str, path: str, body: Any = None, who: Mapping[str, str] | None = None, **more: Any
    ) -> httpx.Response:
        headers = {**(self.one if who is None else who), "Idempotency-Key": new_id("key")}
        return await self.client.request(method, f"/v1{path}", json=body, headers=headers, **more)

    async def done(self, *asked: Any, **more: Any) -> Any:
        answer = await self.ask(*asked, **more)
        assert answer.is_success, answer.text
        return answer.json()

    async def refused(self, *asked: Any, **more: Any) -> tuple[int, str]:
        answer = await self.ask(*asked, **more)
        assert answer.is_client_error, answer.text
        return answer.status_code, answer.json()["code"]

    async def queue(self, **wanted: Any) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (await self.done("GET", REVIEWS, params=wanted))["data"]
        return found

    async def act(self, review: Any, how: str, who: Mapping[str, str] | None = None, **body: Any) -> Any:
        return await self.done("POST", f"{REVIEWS}/{review['id']}/{how}", self._with(review, body), who=who)

    async def refuse(
        self, review: Any, how: str, who: Mapping[str, str] | None = None, **body: Any
    ) -> tuple[int, str]:
        asked = "POST", f"{REVIEWS}/{review['id']}/{how}", self._with(review, body)
        return await self.refused(*asked, who=who)

    async def later(self, time: timedelta) -> None:
        """Let time go by; the reviewers sign in anew."""
        self.clock.advance(time)
        self.one = await sign_in(self.engine, self.clock, self.one_id)
        self.two = await sign_in(self.engine, self.clock, self.two_id)

    async def changed_by_staff(self, statement: str, *, program_id: str | None = None) -> None:
        """Run a statement as the role that staff's requests have, and keep what it did."""
        async with transaction(self.engine) as session:
            await confine_to_program(session, program_id=program_id or self.program.id, user_id=self.one_id)
            await session.execute(text(statement))

    async def changed(self, statement: str) -> None:
        """Run a statement as the owner of the tables."""
        async with transaction(self.engine) as session:
            await session.execute(text(statement))

    async def file(self, review: Any) -> Any:
        return await self.done("GET", f"{REVIEWS}/{review['id']}")

    async def now(self, review: Any) -> Any:
        return (await self.file(review))["review"]

    async def deliver(self) -> None:
        """Hand events to kyc until there are none, each twice, as a queue may."""
        while events := await drain(self.engine):
            for event in events:
                self.told.append(event)
                for subscription in kyc.SUBSCRIPTIONS:
                    if subscription.event_type == event.type:
                        await subscription.handle(self.work, event)
                        await subscription.handle(self.work, event)

    async def person(self) -> str:
        return await a_person(self.engine, self.clock, f"{new_id('mail')}@example.com")

    async def begin(self, user_id: str) -> str:
        """Have somebody ask to be verified; return the verification's id once it collects."""
        async with transaction(self.engine) as session:
            requested = await kyc.request_verification(
                session, self.clock, program_id=self.program.id, user_id=user_id
            )
        await self.deliver()
        return requested.id

    async def answer(self, verification_id: str, state: str, reason: RejectionReason | None = None) -> None:
        """Let the vendor say something of a verification."""
        reference = f"vs_{verification_id}"
        self.verifier.decide(reference, state, reason)
        await kyc.refresh_verification(self.work, reference)
        await self.deliver()

    async def verified(self, state: str = "in_review", reason: RejectionReason | None = None) -> str:
        """Return somebody of whom the vendor says this."""
        user_id = await self.person()
        await self.answer(await self.begin(user_id), state, reason)
        return user_id

    async def show(self, user_id: str, *kinds: DocumentKind) -> list[str]:
        """Have documents of somebody uploaded; how that is done has tests of its own."""
        at, shown = self.clock.now(), []
        async with transaction(self.engine) as session:
            for kind in kinds:
                document = Document(
                    new_id("idoc"), self.program.id, user_id, kind, 1, 1, new_id("object"), at,
                    at + timedelta(days=99),
                )  # fmt: skip
                await document_store.insert_document(session, document, Sensitive("a key"))
                shown.append(document.id)
        return shown

    async def handed_in(self) -> tuple[Any, list[str]]:
        """Return the review, in the hands of `one`, of somebody without a vendor, and their documents."""
        self.order = ("manual",)
        user_id = await self.person()
        verification = await self.begin(user_id)
        shown = await self.show(user_id, DocumentKind.PASSPORT, DocumentKind.SELFIE)
        await self.submit(user_id, verification)
        return await self.claim(await self.review_of(user_id)), shown

    async def submit(self, user_id: str, verification_id: str) -> None:
        """Have somebody hand in what they uploaded."""
        who = await self.holder(user_id)
        await self.done("POST", f"/identity-verifications/{verification_id}/submit", who=who)
        await self.deliver()

    async def change_profile(self, user_id: str, **change: str) -> None:
        said = {
            "full_name": "Robin Sample", "date_of_birth": "1990-01-01", "locale": "en", "time_zone": "UTC",
            "phone": "+15550100200", "address": asdict(ADDRESS),
        }  # fmt: skip
        await self.done("PUT", "/me/profile", {**said, **change}, who=await self.holder(user_id))
        await self.deliver()

    async def holder(self, user_id: str) -> Mapping[str, str]:
        return await sign_in(self.engine, self.clock, user_id)

    async def review_of(self, user_id: str) -> Any:
        [review] = await self.queue(user_id=user_id)
        return review

    async def claimed(self, state: str = "in_review", reason: RejectionReason | None = None) -> Any:
        """Return the review of somebody new, in the hands of `one`."""
        user_id = await self.verified(state, reason)
        if state in {"approved", "rejected"}:
            await self.done("POST", REVIEWS, {"user_id": user_id, "reason": "They wrote to us."})
        return await self.claim(await self.review_of(user_id))

    async def claim(self, review: Any) -> Any:
        return await self.done("POST", f"{REVIEWS}/{review['id']}/claim")

    async def listed(self) -> None:
        """Put everybody's name on a list, and screen everybody."""
        async with transaction(self.engine) as session:
            await kyc.import_list(
                session, self.program.id, "made-up", kyc.read_list(LIST.encode()), by="operator",
                at=self.clock.now(),
            )  # fmt: skip
        while await kyc.advance_screening(self.work) is not None:
            pass
        await self.deliver()

    async def judge(self, user_id: str, how: str = "dismiss") -> None:
        """Decide every hit of somebody."""
        for hit in (await self.done("GET", "/screening-hits", params={"user_id": user_id}))["data"]:
            body = {"reason": "Looked.", "version": hit["version"]}
            await self.done("POST", f"/screening-hits/{hit['id']}/{how}", body)
        await self.deliver()

    async def approve(self, review: Any, who: Mapping[str, str]) -> httpx.Response:
        return await self.ask("POST", f"/approvals/{review['override_id']}/approve", {}, who=who)

    async def status_of(self, user_id: str) -> Any:
        headers = await sign_in(self.engine, self.clock, user_id)
        found = await self.done("GET", "/me/identity", who=headers)
        return found["status"], found["level"]

    async def actions(self, review: Any) -> list[str]:
        query = text("SELECT action FROM audit_entries WHERE subject_id = :id ORDER BY id")
        async with transaction(self.engine) as session:
            return list(await session.scalars(query, {"id": review["id"]}))

    @staticmethod
    def _with(review: Any, body: dict[str, Any]) -> dict[str, Any]:
        return {"version": review["version"], "reason": "Looked at both.", **body}


async def an_office(client: httpx.AsyncClient, engine: AsyncEngine, clock: MovableClock) -> Office:
    """Return an office with two reviewers."""
    reviewers = []
    for name in ("one", "two"):
        user_id = await a_person(engine, clock, f"{name}@staff.example")
        async with transaction(engine) as session:
            program = await the_program(session)
            await grant_role(session, user_id, Role.KYC_REVIEWER, "system", clock.now())
        reviewers.append((user_id, await sign_in(engine, clock, user_id)))
    (one_id, one), (two_id, two) = reviewers
    await drain(engine)
    return Office(client, engine, clock, program, one, one_id, two, two_id)
