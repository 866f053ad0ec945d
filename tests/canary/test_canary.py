"""A card number that was issued, paid with, shown and failed with is found in nothing that was written.

The servers write down all they can. To show that there is something to find, another number is planted in
each place, in every spelling that the place can hold, and found there.
"""

import asyncio
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import asyncpg
import httpx
import pytest
import structlog
from redis.asyncio import Redis
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from browsers import sign_in
from builders import engine_for_tests, provided_for_tests
from canary.places import Places, talkative_places
from canary.scanner import Hit, scan, scan_files, spellings
from canary.watch import write_on_purpose
from cardwright import cards, notifications, payments, vault
from cardwright.adapters import sendgrid
from cardwright.adapters.sendgrid import SendGridWebhook
from cardwright.adapters.smtp import SmtpEmailSender
from cardwright.authentication import EmailCodes
from cardwright.cards import CardProcessors, NewCard
from cardwright.core.clock import SystemClock
from cardwright.core.errors import Conflict
from cardwright.core.ids import new_id
from cardwright.core.sensitive import Sensitive
from cardwright.db.jobs import Work
from cardwright.db.migrate import upgrade
from cardwright.db.session import transaction
from cardwright.http.rate_limits import RateLimiter
from cardwright.http.webhooks_in import WebhookSources
from cardwright.main import build_app
from cardwright.notifications import EmailMessage, EmailSender
from cardwright.notifications.sending import send_due
from cardwright.payments import AuthorizationRequest
from cardwright.programs import Program
from cardwright.wiring import configure_logging
from integration.kyc.people import a_verified_person, deliver, the_program
from integration.payments.network import BAKERY, SOURCE
from integration.vault.processor import NumberingProcessor
from simulator.email_events import signed_headers, verification_key

CANARIES = ("4000009990123456", "4000009990654321")
PLANTED = "4000009990777777"
WRITABLE = {name: it.decode() for name, it in spellings(PLANTED).items() if it.isascii() and b"\0" not in it}
"""The spellings that are text."""


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Places]:
    with talkative_places(write_on_purpose(tmp_path_factory.mktemp("canary"))) as made:
        yield made


@pytest.fixture
def production_log() -> Iterator[None]:
    """What is logged as in production: structlog's default shows local variables, and numbers among them."""
    before = structlog.get_config()
    configure_logging()
    yield
    structlog.configure(**before)


async def everything(places: Places, numbers: Sequence[str], application_log: str) -> list[Hit]:
    """Return every hit in all that was written."""
    await places.settle()
    return [
        *(hit for table, data in (await places.dump()).items() for hit in scan(table, data, numbers)),
        *scan_files(places.folder, numbers),
        *scan("the application's log", application_log.encode(), numbers),
    ]


async def live(places: Places, engine: AsyncEngine) -> None:
    """Issue a card with a canary for a number, pay with it, show it, and fail in several ways."""
    clock, processor = SystemClock(), NumberingProcessor(list(CANARIES))
    mail = SmtpEmailSender(
        "127.0.0.1", places.simulator.smtp_port, None, None, "cards@cardwright.test", False
    )
    provided = {
        **await provided_for_tests(engine, clock),
        RateLimiter: RateLimiter(places.valkey_url),
        CardProcessors: CardProcessors({"stripe": processor}),
        EmailSender: mail,
    }
    provided[WebhookSources] = WebhookSources(
        "https://cardwright.test",
        {
            sendgrid.SOURCE: SendGridWebhook(
                verification_key(), provided[EmailCodes], program_id=provided[Program].id, clock=clock
            )
        },
    )
    work = Work(engine, clock, provided)
    user_id = await a_verified_person(engine, clock)
    async with transaction(engine) as session:
        program = await the_program(session)
        card = await cards.create_card(
            session, NewCard("Groceries"),
            program_id=program.id, user_id=user_id, currency="USD", at=clock.now(),
        )  # fmt: skip
    await tell(work)
    question = AuthorizationRequest(
        SOURCE, "iauth_canary", 0, f"ic_{card.id}", 10_00, "USD", 10_00, "USD", BAKERY, "ecommerce"
    )
    async with transaction(engine) as session:
        await payments.authorize(session, question, program_id=program.id, at=clock.now())
    headers = await sign_in(engine, clock, user_id, has_used_factor=True)
    transport = httpx.ASGITransport(build_app(engine, provided), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="https://cardwright.test") as client:
        await look(client, f"/v1/cards/{card.id}", headers, processor)
        await paste(client, headers)
    await fail(engine, card)
    await tell(work)


async def look(
    client: httpx.AsyncClient, path: str, headers: dict[str, str], processor: NumberingProcessor
) -> None:
    async def grant() -> dict[str, str]:
        answer = await client.post(f"{path}/reveal-grants", headers=headers)
        assert answer.status_code == 201, answer.text
        return {"grant": answer.json()["grant"]}

    shown = await client.post(f"{path}/reveal", json=await grant(), headers=headers)
    assert shown.json()["number"] == CANARIES[0]
    processor.failures = 1
    failed = await client.post(f"{path}/reveal", json=await grant(), headers=headers)
    assert failed.status_code == 503
    # Somebody who pastes the number into a field gets it neither back nor written down.
    refused = await client.post(f"{path}/reveal", json={"grant": CANARIES[0]}, headers=headers)
    assert (refused.status_code, CANARIES[0] in refused.text) == (422, False)


async def paste(client: httpx.AsyncClient, headers: dict[str, str]) -> None:
    """Put the number where choices, links and reports about messages go: it is refused, or left out."""
    mine, number = "/v1/me/notification-preferences", CANARIES[0]
    for body in (
        {"choices": [{"topic": number, "channel": "email", "setting": "off"}]},
        {"choices": [], "quiet_hours": {"start": number, "end": number}},
        {"choices": [], "digest": {"cadence": number, "hour": int(number)}},
    ):
        refused = await client.put(mine, json=body, headers=headers)
        assert (refused.status_code, number in refused.text) == (422, False)
    for path in (f"/v1/unsubscribe/{number}", f"/v1/address-confirmations/{number}.{number}"):
        for ask in (client.get, client.post):
            refused = await ask(path)
            assert (refused.status_code, number in refused.text) == (404, False)
    told = {"event": "bounce", "email": f"{number}@example.com", "reason": number, "status": number}
    body = json.dumps([{**told, "smtp-id": f"<{new_id('ntf')}@x>", "type": number}, {number: number}, number])
    heard = await client.post("/webhooks/sendgrid", content=body, headers=signed_headers("", body, ""))
    assert heard.status_code == 202


async def fail(engine: AsyncEngine, card: cards.Card) -> None:
    async def keep(card_id: str, number: str) -> None:
        async with transaction(engine) as session:
            await vault.keep(
                session, card_id=card_id, program_id=card.program_id, number=Sensitive(number),
                at=SystemClock().now(),
            )  # fmt: skip

    with pytest.raises(Conflict):
        await keep(card.id, CANARIES[1])
    async with transaction(engine) as session:
        await session.execute(text("ALTER TABLE vault.card_numbers ADD CHECK (card_id <> 'card_of_nobody')"))
    with pytest.raises(Exception, match="card_numbers") as failed:
        await keep("card_of_nobody", CANARIES[1])
    structlog.get_logger().error("keeping_failed", exc_info=failed.value)


async def tell(work: Work) -> None:
    """Deliver events until there are none: cards are issued, letters are sent."""
    while await deliver(work, (*cards.SUBSCRIPTIONS, *notifications.SUBSCRIPTIONS)) or await send_due(work):
        pass


@pytest.mark.usefixtures("production_log")
async def test_a_number_is_found_in_nothing_that_was_written(
    places: Places, capfd: pytest.CaptureFixture[str]
) -> None:
    await asyncio.to_thread(upgrade, places.postgres_url)
    engine = engine_for_tests(places.postgres_url)
    await live(places, engine)
    await engine.dispose()
    said = capfd.readouterr()
    assert "keeping_failed" in said.out + said.err
    log = places.postgres_log.read_text(errors="replace")
    assert "INSERT INTO vault.card_numbers" in log
    assert "Failing row contains (card_of_nobody" in log
    subjects = [letter["subject"] for letter in places.simulator.world.inbox.list("email")]
    assert "The number of your card ending 3456 was shown" in subjects
    assert await everything(places, CANARIES, said.out + said.err) == []


async def test_a_planted_number_is_found_in_a_table_its_files_and_the_log_ahead(places: Places) -> None:
    connection = await asyncpg.connect(places.postgres_url)
    await connection.execute("CREATE TABLE planted (spelling text, written bytea)")
    await connection.executemany("INSERT INTO planted VALUES ($1, $2)", list(spellings(PLANTED).items()))
    await connection.close()
    hits = await everything(places, [PLANTED], "")
    for where in ("public.planted", "postgres/data/base/", "postgres/data/pg_wal/"):
        assert {hit.spelling for hit in hits if hit.place.startswith(where)} == set(spellings(PLANTED)), where


async def test_a_planted_number_is_found_in_the_log_of_the_database(places: Places) -> None:
    connection = await asyncpg.connect(places.postgres_url)
    for written in WRITABLE.values():
        await connection.fetchval("SELECT $1::text", written)
    await connection.close()
    hits = await everything(places, [PLANTED], "")
    assert found_in("postgres/postgres.log", hits) >= set(WRITABLE)


async def test_a_planted_number_is_found_in_the_log_of_the_application(
    places: Places, capfd: pytest.CaptureFixture[str]
) -> None:
    for written in WRITABLE.values():
        structlog.get_logger().info("planted", written=written)
    sys.stdout.flush()
    hits = await everything(places, [PLANTED], capfd.readouterr().out)
    assert found_in("the application's log", hits) == set(WRITABLE)


async def test_a_planted_number_is_found_in_valkey(places: Places) -> None:
    valkey = Redis.from_url(places.valkey_url)
    for spelling, written in spellings(PLANTED).items():
        await valkey.set(f"planted {spelling}", written)
    await valkey.aclose()
    hits = await everything(places, [PLANTED], "")
    found = {hit.spelling for hit in hits if hit.place.startswith("valkey/")}
    assert found == set(spellings(PLANTED))


async def test_a_planted_number_is_found_in_a_letter(places: Places) -> None:
    mail = SmtpEmailSender(
        "127.0.0.1", places.simulator.smtp_port, None, None, "cards@cardwright.test", False
    )
    words = "\n".join(WRITABLE.values())
    written_at = SystemClock().now()
    await mail.send(
        EmailMessage("ntf_planted", "ada@example.com", "Planted", words, words, written_at=written_at)
    )
    hits = await everything(places, [PLANTED], "")
    found = {hit.spelling for hit in hits if hit.place.startswith("outside/")}
    assert found == set(WRITABLE)


def found_in(place: str, hits: Sequence[Hit]) -> set[str]:
    return {hit.spelling for hit in hits if hit.place == place}


def test_the_place_of_a_hit_is_told_without_the_number(tmp_path: Path) -> None:
    (write_on_purpose(tmp_path) / "file").write_bytes(PLANTED.encode())
    assert PLANTED not in str(scan_files(tmp_path, [PLANTED]))
