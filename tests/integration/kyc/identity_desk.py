"""A person, staff, and whoever verifies: the application over HTTP, the vendors over sockets."""

import hashlib
import hmac
import itertools
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Literal

import httpx
import stripe
from sqlalchemy.ext.asyncio import AsyncEngine

from browsers import forgetful_jar, sign_in
from builders import provided_for_tests
from cardwright import kyc
from cardwright.access import Role
from cardwright.adapters.onfido import webhooks as onfido_webhooks
from cardwright.adapters.onfido.webhooks import OnfidoWebhook
from cardwright.adapters.stripe import client, inbox
from cardwright.adapters.stripe.identity import StripeIdentityVerifier
from cardwright.adapters.stripe.webhooks import StripeWebhook
from cardwright.core.clock import MovableClock
from cardwright.core.errors import Unavailable
from cardwright.core.ids import new_id
from cardwright.core.sensitive import Sensitive
from cardwright.db.jobs import Work
from cardwright.db.session import transaction
from cardwright.http.webhooks_in import WebhookSources
from cardwright.kyc import lasting
from cardwright.kyc.documents import Document, DocumentKind
from cardwright.kyc.documents import store as document_store
from cardwright.kyc.screening import domain as screening
from cardwright.kyc.screening import hit_store
from cardwright.kyc.screening.births import Agreement
from cardwright.kyc.screening.hit_store import Compared
from cardwright.kyc.screening.matching import Listed, Match
from cardwright.main import build_app
from cardwright.programs import Program
from integration.kyc.people import a_person, drain
from onfido_access import onfido_at
from running_simulator import QUICK, RunningSimulator
from staff import grant_role

Vendor = Literal["stripe", "onfido", "manual"]
OWN = "/v1/identity-verifications"
REVIEWS = "/v1/identity-reviews"
SUBSCRIPTIONS = (*kyc.SUBSCRIPTIONS, *inbox.SUBSCRIPTIONS, *onfido_webhooks.SUBSCRIPTIONS)
SECRETS = {"stripe": "whsec_of_a_test", "onfido": "onfido-webhook-token"}
STATUSES: Mapping[Vendor, Mapping[str, str]] = {
    "onfido": {
        "collecting": "awaiting_input", "submitted": "processing", "in_review": "review",
        "approved": "approved", "rejected": "declined", "canceled": "error",
    },
    "stripe": {"submitted": "processing", "approved": "verified", "rejected": "document_expired"},
}  # fmt: skip
"""What a vendor calls our states, or Stripe's test page the outcome that leads there."""
SESSIONS, RUNS = "identity.verification_session", "onfido.workflow_run"
WHY = {"reason": "A test has its reasons."}


@dataclass
class Desk:
    """Somebody who is to be verified by one verifier, in an application that hears both vendors."""

    vendor: Vendor
    api: httpx.AsyncClient
    work: Work
    simulator: RunningSimulator
    user_id: str
    headers: Mapping[str, Mapping[str, str]]
    program_id: str
    keys: Iterator[int] = field(default_factory=itertools.count)
    attempt: str = ""
    told: list[str] = field(default_factory=list)
    is_deaf: bool = False
    ids: dict[str, str] = field(default_factory=dict)

    async def ask(self, method: str, path: str, by: str = "person", body: Any = None) -> Any:
        """Send a request of the person or of somebody of the staff; assert that it is served."""
        headers = {**self.headers[by], "Idempotency-Key": f"key-{next(self.keys)}"}
        answer = await self.api.request(method, path, json=body, headers=headers)
        assert answer.is_success, f"{method} {path}: {answer.text}"
        return answer.json()

    async def state(self) -> str:
        return str((await self.ask("GET", f"{OWN}/{self.attempt}"))["status"])

    async def standing(self) -> Any:
        return await self.ask("GET", "/v1/me/identity")

    async def background(self) -> None:
        """Do what the worker does until nothing is left to do."""
        for _ in range(20):
            events = await drain(self.work.engine)
            if not events:
                return
            for event in events:
                self.told.append(event.type)
                for it in SUBSCRIPTIONS:
                    if it.event_type == event.type:
                        await it.handle(self.work, event)
        raise AssertionError("the background never came to rest")

    # What can happen, one step each.

    async def request(self) -> None:
        self.attempt = (await self.ask("POST", OWN))["id"]

    async def begin(self) -> None:
        await self.request()
        await self.background()

    async def begin_unheard(self) -> None:
        """Begin at the vendor, whose answer to that is lost."""
        await self.request()
        path = "/v3.6/workflow_runs" if self.vendor == "onfido" else "/v1/identity/*"
        self.simulator.world.faults.add("api", "drop_response", selector=f"POST {path}", count=1)
        try:
            await self.background()
        except Unavailable:
            return
        raise AssertionError("the answer was heard")

    async def vendor_says(self, state: str) -> None:
        """Let the vendor come to a state and tell of it; it is deaf who loses its webhooks."""
        async with httpx.AsyncClient(base_url=self.simulator.base_url) as outside:
            # No two webhooks of a run are of the same second: that is how one is told from another.
            await outside.post("/_sim/clock/advance", json={"seconds": 1})
            if self.vendor == "onfido":
                decided = {"decision": STATUSES["onfido"][state]}
                if state == "rejected":
                    decided["problem"] = "document_expired"
                path = f"/_sim/onfido/runs/{self.there['id']}/decide"
                answer = await outside.post(path, json=decided)
            elif state == "canceled":
                path = f"/v1/identity/verification_sessions/{self.there['id']}/cancel"
                answer = await outside.post(path, auth=(QUICK.stripe_secret_key, ""))
            else:
                path = f"/_sim/stripe/identity/{self.there['id']}/submit"
                answer = await outside.post(path, json={"outcome": STATUSES["stripe"][state]})
        assert answer.status_code < 400, answer.text
        if not self.is_deaf:
            await self.hear([self.webhooks()[-1]])

    @property
    def there(self) -> Mapping[str, Any]:
        """What the vendor has of the attempt."""
        objects = self.simulator.world.objects
        if self.vendor == "onfido":
            [found] = objects.list(RUNS, where=lambda it: self.attempt in (it["tags"] or ()))
        else:
            [found] = objects.list(SESSIONS, where=lambda it: it["client_reference_id"] == self.attempt)
        return found

    def webhooks(self) -> Sequence[Mapping[str, Any]]:
        """Return what the vendor tells of the attempt, in its order."""
        there = self.there
        if self.vendor == "stripe":
            about = self.simulator.world.objects.list(
                "event", where=lambda it: it["data"]["object"]["id"] == there["id"]
            )
            return list(reversed(about))
        told = {"id": there["id"], "status": there["status"], "completed_at_iso8601": there["updated_at"]}
        action = "workflow_run.completed"
        return [{"payload": {"resource_type": "workflow_run", "action": action, "object": told}}]

    async def hear(self, messages: Sequence[Mapping[str, Any]]) -> None:
        """Receive webhooks, signed, one after the other, and do what they lead to."""
        for message in messages:
            body, secret = json.dumps(message), SECRETS[self.vendor]
            if self.vendor == "stripe":
                headers = {
                    "stripe-signature": stripe.WebhookSignature.generate_signature_header(body, secret)
                }
            else:
                headers = {
                    "x-sha2-signature": hmac.new(secret.encode(), body.encode(), hashlib.sha256).hexdigest()
                }
            answer = await self.api.post(
                f"/webhooks/{self.vendor}",
                content=body.encode(),
                headers={**headers, "content-type": "application/json"},
            )
            assert answer.status_code == 202, answer.text
            await self.background()

    async def poll(self) -> None:
        self.advance(timedelta(minutes=6))
        await kyc.refresh_silent_verifications(self.work)
        await self.background()

    def advance(self, by: timedelta) -> None:
        assert isinstance(self.work.clock, MovableClock)
        self.work.clock.advance(by)

    async def silence(self) -> None:
        self.advance(timedelta(days=15))
        await self.sign_in_anew()
        await lasting.sweep_verifications(self.work)
        await self.background()

    async def sign_in_anew(self) -> None:
        users = {name: self.ids[name] for name in self.headers}
        self.headers = {
            name: await sign_in(self.work.engine, self.work.clock, user_id, has_used_factor=True)
            for name, user_id in users.items()
        }

    async def is_found(self) -> None:
        """Find the person on a list."""
        listed = Listed("n-1", ("Robin Sample",), (), list_name="made-up")
        match = Match(listed, "Robin Sample", 90, 90, Agreement.UNKNOWN)
        subject = screening.Subject(self.program_id, self.user_id, "0" * 64)
        hit = screening.new_hit(new_id("hit"), subject, match, self.work.clock.now())
        async with transaction(self.work.engine) as session:
            await hit_store.add_hit(session, hit, Compared("Robin Sample", date(1990, 1, 1)))

    async def decide_hit(self, deed: Literal["dismiss", "confirm"]) -> None:
        page = await self.ask("GET", f"/v1/screening-hits?user_id={self.user_id}", "reviewer")
        for hit in page["data"]:
            body = {**WHY, "version": hit["version"]}
            await self.ask("POST", f"/v1/screening-hits/{hit['id']}/{deed}", "reviewer", body)
        await self.background()

    async def show_documents(self) -> None:
        """Have a passport and a photo of the face uploaded; how that is done has tests of its own."""
        at = self.work.clock.now()
        async with transaction(self.work.engine) as session:
            for kind in (DocumentKind.PASSPORT, DocumentKind.SELFIE):
                shown = Document(
                    new_id("idoc"), self.program_id, self.user_id, kind, 1, 1, new_id("object"), at,
                    at + timedelta(days=99),
                )  # fmt: skip
                await document_store.insert_document(session, shown, Sensitive("a key"))

    async def submit(self) -> None:
        """Hand in documents here, which is answered before staff has them."""
        await self.show_documents()
        submitted = await self.ask("POST", f"{OWN}/{self.attempt}/submit")
        assert submitted["status"] == "submitted"

    async def review(self, deed: str, body: Mapping[str, Any]) -> Any:
        """Do something to the person's review, which is claimed, and opened by hand where there is none."""
        found = (await self.ask("GET", f"{REVIEWS}?user_id={self.user_id}", "reviewer"))["data"]
        if not found:
            wanted = {"user_id": self.user_id, **WHY}
            found = [await self.ask("POST", REVIEWS, "reviewer", wanted)]
        claimed = await self.ask("POST", f"{REVIEWS}/{found[0]['id']}/claim", "reviewer")
        wanted = {**WHY, **body, "version": claimed["version"]}
        done = await self.ask("POST", f"{REVIEWS}/{claimed['id']}/{deed}", "reviewer", wanted)
        await self.background()
        return done

    async def staff_approves(self) -> None:
        await self.review("decide", {"decision": "approved"})

    async def staff_rejects(self) -> None:
        """Reject; where that turns something around, another one of the staff agrees."""
        body = {"decision": "rejected", "rejection_reason": "face_mismatch"}
        done = await self.review("decide", body)
        if done["override_id"] is not None:
            await self.ask(
                "POST", f"/v1/approvals/{done['override_id']}/approve", "second", {"note": "Yes, so."}
            )
            await self.background()

    async def staff_asks_for_more(self) -> None:
        await self.review("ask-for-more", {"missing": ["selfie"]})


async def a_desk(
    engine: AsyncEngine,
    clock: MovableClock,
    simulator: RunningSimulator,
    vendor: Vendor,
    email: str = "robin@example.com",
) -> Desk:
    """Return a desk at which nothing has happened yet."""
    provided = await provided_for_tests(engine, clock)
    program = provided[Program]
    sdk = client.make_client(Sensitive(QUICK.stripe_secret_key), simulator.base_url)
    verifiers = kyc.IdentityVerifiers(
        {
            "stripe": StripeIdentityVerifier(sdk, return_url="https://cardwright.test/verified"),
            "onfido": onfido_at(simulator.base_url),
            "manual": kyc.ManualVerifier(),
        },
        (vendor,),
    )
    sources = WebhookSources(
        "https://cardwright.test",
        {
            "stripe": StripeWebhook(Sensitive(SECRETS["stripe"]), program_id=program.id, clock=clock),
            "onfido": OnfidoWebhook(Sensitive(SECRETS["onfido"]), program_id=program.id, clock=clock),
        },
    )
    provided = {**provided, kyc.IdentityVerifiers: verifiers, WebhookSources: sources}
    ids = {
        "person": await a_person(engine, clock, email),
        "reviewer": await a_person(engine, clock, f"reviewer-of-{email}"),
        "second": await a_person(engine, clock, f"second-of-{email}"),
    }
    async with transaction(engine) as session:
        for name in ("reviewer", "second"):
            await grant_role(session, ids[name], Role.KYC_REVIEWER, "system", clock.now())
    await drain(engine)
    headers = {
        name: await sign_in(engine, clock, user_id, has_used_factor=True) for name, user_id in ids.items()
    }
    transport = httpx.ASGITransport(build_app(engine, provided), raise_app_exceptions=False)
    api = httpx.AsyncClient(transport=transport, base_url="https://cardwright.test", cookies=forgetful_jar())
    work = Work(engine, clock, provided)
    return Desk(vendor, api, work, simulator, ids["person"], headers, program.id, ids=ids)
