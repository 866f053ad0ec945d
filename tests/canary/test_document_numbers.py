"""Numbers of documents, whoever gives them and wherever, are in clear in nothing that is kept or said.

The application and its worker run as processes, beside servers that write down all they can and a simulator
of both vendors. What the vendors keep at home is theirs: of them only what they told people is looked at. To
show that there is something to find, the same numbers are planted in each place, and found there.
"""

import asyncio
import hashlib
import hmac
import json
import time
from base64 import b64encode
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import asyncpg
import httpx
import pytest
from PIL import PngImagePlugin
from redis.asyncio import Redis
from sqlalchemy.ext.asyncio import AsyncEngine

from browsers import sign_in
from builders import engine_for_tests
from canary.places import Places, talkative_places
from canary.scanner import Hit, scan, scan_files
from canary.watch import write_in_clear, write_on_purpose
from cardwright import kyc
from cardwright.access import Role
from cardwright.adapters.smtp import SmtpEmailSender
from cardwright.core.clock import SystemClock
from cardwright.db.migrate import upgrade
from cardwright.db.session import transaction
from cardwright.notifications import EmailMessage
from hostile_files import encoded, exif, pdf, photo
from integration.kyc.people import a_person, the_program
from running_application import running_process, running_worker
from running_simulator import QUICK
from running_stripe import stripe_client
from simulator.onfido import RUN
from simulator.stripe.identity import KIND as SESSION
from staff import grant_role

PASSPORT: Final = "C01X00T478"
MACHINE_READABLE: Final = "L898902C36UTO7408122F1204159ZE184226B<<<<<10"
TAX: Final = "86095742719"
NUMBERS: Final = (PASSPORT, MACHINE_READABLE, TAX)
WORDS: Final = " ".join(NUMBERS)
MINE: Final = "/v1/me/identity-documents"
LISTED: Final = "Nestor Nevidimkin"
PATIENCE_SECONDS: Final = 40
OUTSIDE: Final = "outside"
"""Where the simulator keeps what vendors know."""


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Places]:
    with talkative_places(write_on_purpose(tmp_path_factory.mktemp("documents"))) as made:
        yield made


async def everything(places: Places) -> list[Hit]:
    """Return every hit in all that was kept, logged or told to people."""
    await places.settle()
    ours = [path for path in places.folder.iterdir() if path.is_dir() and path.name != OUTSIDE]
    return [
        *(hit for table, data in (await places.dump()).items() for hit in scan(table, data, NUMBERS)),
        *(hit for path in ours for hit in scan_files(path, NUMBERS)),
        *scan("messages", places.told_to_people(), NUMBERS),
    ]


def files_with_numbers() -> Mapping[str, bytes]:
    """Photos and PDFs that say the numbers in all that is no pixel, and some that are no such files."""
    told = WORDS.encode()
    info = PngImagePlugin.PngInfo()
    info.add_text("Comment", WORDS)
    tagged = exif().replace(b"X9384ALERT", PASSPORT.encode())
    script = b"<< /S /JavaScript /JS (app.alert\\('" + told + b"'\\)) >>"
    return {
        "passport": encoded(photo(), "JPEG", exif=tagged, comment=told),
        "id_card_front": encoded(photo(), "PNG", pnginfo=info),
        "id_card_back": encoded(photo(), "WEBP", exif=tagged, xmp=told),
        "proof_of_address": pdf(script, catalog=b"/OpenAction 10 0 R").replace(b"X9384ALERT", told),
        "selfie": encoded(photo(), "JPEG") + told,
        "residence_permit_front": b"%PDF-1.7\n" + told,
        "residence_permit_back": told,
    }


@dataclass
class Scene:
    """The application over HTTP, with a holder and a reviewer, and the vendors that it asks."""

    places: Places
    engine: AsyncEngine
    client: httpx.AsyncClient
    holder: Mapping[str, str]
    reviewer: Mapping[str, str]
    holder_id: str
    stripe_secret: str

    async def ask(
        self, method: str, path: str, body: Any = None, *, who: Mapping[str, str] | None = None
    ) -> Any:
        headers = {**(who or self.holder), "Idempotency-Key": uuid4().hex}
        answer = await self.client.request(method, path, json=body, headers=headers)
        answer.raise_for_status()
        return answer.json() if answer.headers.get("content-type") == "application/json" else answer.content

    async def refused(self, path: str, body: Any, *, who: Mapping[str, str] | None = None) -> None:
        headers = {**(who or self.holder), "Idempotency-Key": uuid4().hex}
        answer = await self.client.post(path, json=body, headers=headers)
        assert answer.status_code == 422, answer.text
        assert scan("an answer", answer.content, NUMBERS) == []

    async def until(self, look: Callable[[], Awaitable[Any]]) -> Any:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not (found := await look()):
            assert time.monotonic() < deadline, "it never came about"
            await asyncio.sleep(0.1)
        return found

    async def verified(self) -> Any:
        """Begin a verification and return it once it collects."""
        begun = await self.ask("POST", "/v1/identity-verifications")

        async def collects() -> Any:
            found = await self.ask("GET", f"/v1/identity-verifications/{begun['id']}")
            return found if found["status"] == "collecting" else None

        return await self.until(collects)

    async def ended(self, verification: Any) -> str:
        async def is_over() -> Any:
            found = await self.ask("GET", f"/v1/identity-verifications/{verification['id']}")
            return found["status"] if found["status"] in {"approved", "rejected", "in_review"} else None

        return str(await self.until(is_over))


async def tell_profile(scene: Scene) -> None:
    address = {"line1": f"{PASSPORT} {MACHINE_READABLE}", "city": TAX, "postal_code": TAX, "country": "DE"}
    await scene.ask(
        "PUT", "/v1/me/profile",
        {"full_name": LISTED, "date_of_birth": "1961-04-12", "locale": "en", "time_zone": "UTC",
         "phone": "+15550100200", "address": address},
    )  # fmt: skip


async def show_documents(scene: Scene) -> None:
    for kind, content in files_with_numbers().items():
        body = {"kind": kind, "content": b64encode(content).decode()}
        if kind.startswith("residence_permit"):
            await scene.refused(MINE, body)
            continue
        shown = await scene.ask("POST", MINE, body)
        view = await scene.ask("POST", f"/v1/identity-documents/{shown['id']}/views", who=scene.reviewer)
        page = f"/v1/identity-documents/{shown['id']}/pages/1?view_id={view['id']}"
        assert scan("a view", await scene.ask("GET", page, who=scene.reviewer), NUMBERS) == []
    # Put where nothing of the kind belongs.
    await scene.refused(MINE, {"kind": PASSPORT, "content": WORDS})
    await scene.refused(MINE, {"kind": "selfie", "content": "AAAA", "document_number": WORDS})


async def be_verified_by_stripe(scene: Scene) -> None:
    verification = await scene.verified()
    objects = scene.places.simulator.world.objects
    body = {"outcome": "document_expired", "first_name": PASSPORT, "last_name": "Sample"}
    (await scene.client.post(f"{verification['url']}/submit", json=body)).raise_for_status()
    assert await scene.ended(verification) == "rejected"
    (session,) = objects.list(SESSION)
    told = session | {
        "metadata": {"number": WORDS}, "last_error": {"code": "document_expired", "reason": WORDS},
        "verified_outputs": {"id_number": TAX, "id_number_type": "de_tax", "first_name": PASSPORT},
    }  # fmt: skip
    objects.put(SESSION, told)
    await tell_as_stripe(scene, told)


async def tell_as_stripe(scene: Scene, session: Mapping[str, Any]) -> None:
    event = {
        "id": f"evt_{uuid4().hex}", "object": "event", "type": "identity.verification_session.verified",
        "data": {"object": session, "previous_attributes": {"number": WORDS}},
    }  # fmt: skip
    body, at = json.dumps(event), int(time.time())
    signed = hmac.new(scene.stripe_secret.encode(), f"{at}.{body}".encode(), hashlib.sha256).hexdigest()
    headers = {"Stripe-Signature": f"t={at},v1={signed}"}
    answer = await scene.client.post("/webhooks/stripe", content=body, headers=headers)
    assert answer.is_success, answer.text
    assert (await scene.client.post("/webhooks/stripe", content=body)).status_code == 401


async def be_verified_by_onfido(scene: Scene) -> None:
    world = scene.places.simulator.world
    fault = world.faults.add("api", "error", selector="POST /v1/identity/*", count=None)
    verification = await scene.verified()
    world.faults.remove(fault.id)
    handed_in = await scene.client.post(f"{verification['url']}/submit")
    assert handed_in.status_code == 303, handed_in.text
    # The name is a listed one: somebody looks before it is approved.
    assert await scene.ended(verification) == "in_review"
    (run,) = world.objects.list(RUN)
    properties = {
        "document_numbers": [{"type": "document_number", "value": PASSPORT}], "personal_number": TAX,
        "mrz_line1": MACHINE_READABLE, "document_type": "passport",
    }  # fmt: skip
    report = {"result": "clear", "breakdown": {}, "properties": properties}
    told = run | {"output": {"document": report}, "reasons": [WORDS], "customer_user_id": WORDS}
    world.objects.put(RUN, told)
    about = {"id": run["id"], "status": "approved", "completed_at_iso8601": "2026-11-29T12:00:00Z"}
    payload = {
        "resource_type": "workflow_run", "action": "workflow_run.completed", "object": about,
        "resource": told, "custom_data": {"number": WORDS},
    }  # fmt: skip
    body = json.dumps({"payload": payload})
    signed = hmac.new(QUICK.onfido_webhook_token.encode(), body.encode(), hashlib.sha256).hexdigest()
    headers = {"X-SHA2-Signature": signed}
    answer = await scene.client.post("/webhooks/onfido", content=body, headers=headers)
    assert answer.is_success, answer.text


async def be_judged(scene: Scene) -> None:
    """Let a reviewer write the numbers into each of their reasons."""

    async def hits() -> Any:
        return (await scene.ask("GET", "/v1/screening-hits", who=scene.reviewer))["data"]

    (hit,) = await scene.until(hits)
    decided = {"reason": f"Passport {WORDS}", "version": hit["version"]}
    await scene.ask("POST", f"/v1/screening-hits/{hit['id']}/confirm", decided, who=scene.reviewer)
    await be_reviewed(scene)
    documents = (await scene.ask("GET", MINE))["data"]
    path = f"/v1/identity-documents/{documents[0]['id']}/erase"
    await scene.refused(path, {"reason": f"Of {WORDS}"}, who=scene.reviewer)
    await scene.ask("POST", path, {"reason": "asked_by_holder"}, who=scene.reviewer)


async def be_reviewed(scene: Scene) -> None:
    """Note and decide; after a confirmed hit one person may reject whom the vendor approved."""
    (review,) = (await scene.ask("GET", "/v1/identity-reviews", who=scene.reviewer))["data"]
    path = f"/v1/identity-reviews/{review['id']}"

    async def advanced() -> Any:
        found = await scene.ask("GET", path, who=scene.reviewer)
        return found if "hits_decided" in json.dumps(found) else None

    # The worker moves the review on after its hit was decided: what was read before that is outdated.
    await scene.until(advanced)
    (review,) = (await scene.ask("GET", "/v1/identity-reviews", who=scene.reviewer))["data"]
    await scene.ask("POST", f"{path}/notes", {"words": WORDS}, who=scene.reviewer)
    claimed = await scene.ask("POST", f"{path}/claim", {"version": review["version"]}, who=scene.reviewer)
    verdict = {
        "decision": "rejected", "rejection_reason": "unverified", "reason": WORDS,
        "version": claimed["version"],
    }  # fmt: skip
    await scene.ask("POST", f"{path}/decide", verdict, who=scene.reviewer)
    read = await scene.ask("GET", path, who=scene.reviewer)
    assert WORDS in json.dumps(read), "the file shows what was written"


async def handled(scene: Scene) -> bool:
    connection = await asyncpg.connect(scene.places.postgres_url)
    left = await connection.fetchval(
        "SELECT (SELECT count(*) FROM inbox WHERE handled_at IS NULL) + (SELECT count(*) FROM outbox)"
        " + (SELECT count(*) FROM pgqueuer)"
    )
    await connection.close()
    return int(left) == 0


def settings_for(places: Places, stripe_secret: str, documents: Path) -> Mapping[str, str]:
    simulator = places.simulator
    return {
        "REDIS_URL": places.valkey_url,
        "CARDWRIGHT_DOCUMENTS__FOLDER": str(documents),
        "CARDWRIGHT_IDENTITY_VERIFIERS": '["stripe", "onfido"]',
        "CARDWRIGHT_STRIPE__API_KEY": QUICK.stripe_secret_key,
        "CARDWRIGHT_STRIPE__BASE_URL": simulator.base_url,
        "CARDWRIGHT_STRIPE__WEBHOOK_SECRET": stripe_secret,
        "CARDWRIGHT_ONFIDO__API_TOKEN": QUICK.onfido_token,
        "CARDWRIGHT_ONFIDO__WEBHOOK_TOKEN": QUICK.onfido_webhook_token,
        "CARDWRIGHT_ONFIDO__WORKFLOW_ID": QUICK.onfido_workflow_id,
        "CARDWRIGHT_ONFIDO__BASE_URL": f"{simulator.base_url}/v3.6",
        "CARDWRIGHT_TWILIO__ACCOUNT_SID": QUICK.twilio_account_sid,
        "CARDWRIGHT_TWILIO__AUTH_TOKEN": QUICK.twilio_auth_token,
        "CARDWRIGHT_TWILIO__SENDER": QUICK.twilio_numbers[0],
        "CARDWRIGHT_TWILIO__BASE_URL": simulator.base_url,
        "CARDWRIGHT_SMTP__PORT": str(simulator.smtp_port),
    }


async def prepare(places: Places) -> tuple[AsyncEngine, str, str]:
    await asyncio.to_thread(upgrade, places.postgres_url)
    connection = await asyncpg.connect(places.postgres_url)
    await write_in_clear(connection)
    await connection.close()
    engine, now = engine_for_tests(places.postgres_url, pool_size=2), SystemClock().now()
    holder_id = await a_person(engine, SystemClock())
    reviewer_id = await a_person(engine, SystemClock(), "reviewer@example.com")
    async with transaction(engine) as session:
        await grant_role(session, reviewer_id, Role.KYC_REVIEWER, "system", now)
        program = await the_program(session)
        await kyc.import_list(session, program.id, "fictitious", kyc.fictitious_list(), by="test", at=now)
    return engine, holder_id, reviewer_id


async def live(places: Places) -> None:
    """Give the numbers to the product in every way there is, as a person, two vendors and a reviewer."""
    folder = places.folder / "application"
    await asyncio.to_thread(folder.mkdir)
    engine, holder_id, reviewer_id = await prepare(places)
    endpoints = stripe_client(places.simulator.base_url).v1.webhook_endpoints
    nowhere = {"url": "http://127.0.0.1:9/webhooks/stripe", "enabled_events": ["*"]}
    endpoint = await asyncio.to_thread(endpoints.create, nowhere)  # type: ignore[arg-type]
    settings = settings_for(places, str(endpoint.secret), folder / "documents")
    with ExitStack() as stack:
        running = stack.enter_context(running_process(places.postgres_url, folder, **settings))
        stack.enter_context(running_worker(places.postgres_url, folder, **settings))
        await listen(places, endpoints, endpoint.id, running.address)
        async with httpx.AsyncClient(base_url=running.address, trust_env=False, timeout=30) as client:
            scene = Scene(
                places, engine, client, await sign_in(engine, SystemClock(), holder_id),
                await sign_in(engine, SystemClock(), reviewer_id), holder_id, str(endpoint.secret),
            )  # fmt: skip
            await tell_profile(scene)
            await show_documents(scene)
            await be_verified_by_stripe(scene)
            await be_verified_by_onfido(scene)
            await be_judged(scene)
            await scene.until(lambda: handled(scene))
    await engine.dispose()


async def listen(places: Places, endpoints: Any, endpoint_id: str, address: str) -> None:
    await asyncio.to_thread(endpoints.update, endpoint_id, {"url": f"{address}/webhooks/stripe"})
    async with httpx.AsyncClient(base_url=places.simulator.base_url, trust_env=False) as outside:
        told = await outside.post("/_sim/onfido/endpoint", json={"url": f"{address}/webhooks/onfido"})
        told.raise_for_status()


@pytest.mark.timeout(180)
async def test_a_documents_number_is_in_clear_in_nothing_that_is_kept_or_said(places: Places) -> None:
    await live(places)
    application = places.folder / "application"
    said = await asyncio.to_thread((application / "api.log").read_text)
    assert "/webhooks/onfido" in said
    assert any(await asyncio.to_thread(lambda: [*(application / "documents").rglob("*")]))
    assert "identity_documents" in places.postgres_log.read_text(errors="replace")
    assert places.simulator.world.objects.count("inbox") > 0
    hits = await everything(places)
    assert hits == [], sorted({(hit.place, hit.spelling, hit.last4) for hit in hits})


async def test_what_is_planted_is_found_in_every_place(places: Places) -> None:
    connection = await asyncpg.connect(places.postgres_url)
    await connection.execute("CREATE TABLE planted_numbers (written text)")
    await connection.execute("INSERT INTO planted_numbers VALUES ($1)", WORDS)
    await connection.close()
    valkey = Redis.from_url(places.valkey_url)
    await valkey.set("planted number", WORDS)
    await valkey.aclose()
    mail = SmtpEmailSender(
        "127.0.0.1", places.simulator.smtp_port, None, None, "cards@cardwright.test", False
    )
    at = SystemClock().now()
    await mail.send(EmailMessage("ntf_n", "ada@example.com", "Planted", WORDS, WORDS, written_at=at))
    application = places.folder / "application"
    for name in ("worker.log", "api.log", "documents/00/object"):
        await asyncio.to_thread(append, application / name, WORDS.lower())
    hits = await everything(places)
    assert {hit.last4 for hit in hits} == {number[-4:] for number in NUMBERS}
    found = {hit.place for hit in hits}
    for place in (
        "public.planted_numbers", "data/base/", "data/pg_wal/", "postgres.log", "dump.rdb", "messages",
        "worker.log", "api.log", "documents/00/object",
    ):  # fmt: skip
        assert any(place in it for it in found), place


def append(path: Path, words: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        file.write(words)


def test_the_numbers_are_none_of_cards() -> None:
    assert not any(number.isdigit() and len(number) > 12 for number in NUMBERS)
