"""From the request to the credit, on a real database and ledger, with a gateway that is scripted."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine

from cardwright import funding, ledger
from cardwright.access import Viewer
from cardwright.core.clock import MovableClock
from cardwright.core.errors import Conflict, Invalid, NotFound, Unavailable
from cardwright.core.money import Money
from cardwright.core.sensitive import Sensitive
from cardwright.db.jobs import Work
from cardwright.funding import (
    ChargeResult,
    ChargeStatus,
    PaymentSource,
    TopUp,
    TopUpReason,
    TopUpState,
    service,
)
from cardwright.funding.domain import ACTION_WINDOW, CHARGE_WINDOW
from cardwright.funding.polling import SILENCE_BEFORE_POLL
from integration.kyc.people import a_person, a_verified_person, deliver, drain, the_program, told

ASKED = Money(50_00, "USD")
TOKEN = Sensitive("pm_card_visa")


@dataclass
class ScriptedGateway:
    """Answers a charge with `answer` and looking up with what it knows; `during_charge` runs in between."""

    answer: ChargeResult = field(default_factory=lambda: ChargeResult(ChargeStatus.SUCCEEDED))
    known: dict[str, ChargeResult] = field(default_factory=dict)
    tokens: list[str] = field(default_factory=list)
    canceled: list[str] = field(default_factory=list)
    is_down: bool = False
    during_charge: Callable[[], Awaitable[None]] | None = None

    async def charge(self, top_up: TopUp, source: PaymentSource, return_url: str) -> ChargeResult:
        if self.is_down:
            raise Unavailable("processor_unavailable", "The gateway is down.")
        self.tokens.append(source.token.reveal())
        reference = f"pi_{top_up.id}"
        money = self.answer.money or Money(top_up.amount, top_up.currency)
        action_url = return_url if self.answer.status is ChargeStatus.REQUIRES_ACTION else None
        answer = replace(
            self.answer, reference=reference, money=money, top_up_id=top_up.id, action_url=action_url
        )
        self.known[reference] = answer
        if self.during_charge is not None:
            await self.during_charge()
        return answer

    async def look_up(self, reference: str) -> ChargeResult:
        if self.is_down:
            raise Unavailable("processor_unavailable", "The gateway is down.")
        return self.known[reference]

    async def find_charge(self, top_up: TopUp) -> ChargeResult | None:
        return self.known.get(f"pi_{top_up.id}")

    async def cancel(self, reference: str, *, is_abandoned: bool) -> ChargeResult:
        known = self.known[reference]
        if known.status is ChargeStatus.SUCCEEDED:
            return known
        reason = TopUpReason.ABANDONED if is_abandoned else None
        self.canceled.append(reference)
        self.known[reference] = replace(
            known, status=ChargeStatus.CANCELED, reason_code=reason, action_url=None
        )
        return self.known[reference]

    def change(self, reference: str, status: ChargeStatus, reason: TopUpReason | None = None) -> None:
        self.known[reference] = replace(
            self.known[reference], status=status, reason_code=reason, action_url=None
        )


@pytest.fixture
def gateway() -> ScriptedGateway:
    return ScriptedGateway()


@pytest.fixture
def work(engine: AsyncEngine, clock: MovableClock, gateway: ScriptedGateway) -> Work:
    back = funding.TopUpReturn("https://cardwright.test/top-ups/")
    return Work(engine, clock, {funding.FundingGateway: gateway, funding.TopUpReturn: back})


@pytest.fixture
async def user_id(engine: AsyncEngine, clock: MovableClock) -> str:
    return await a_verified_person(engine, clock)


async def request(work: Work, user_id: str, money: Money = ASKED) -> TopUp:
    async with work.transaction() as session:
        program = await the_program(session)
        return await funding.request_top_up(
            session, work.clock, program, user_id=user_id, money=money, token=TOKEN
        )


async def charged(work: Work, user_id: str) -> TopUp:
    requested = await request(work, user_id)
    await deliver(work, funding.SUBSCRIPTIONS)
    return await stored(work, requested)


async def stored(work: Work, top_up: TopUp) -> TopUp:
    async with work.transaction() as session:
        return await service.get_top_up(session, top_up.id, viewer=Viewer(top_up.program_id, top_up.user_id))


async def balance(work: Work, user_id: str) -> int:
    async with work.transaction() as session:
        program = await the_program(session)
        wallet = await ledger.wallet_for_update(
            session, program_id=program.id, user_id=user_id, currency="USD"
        )
        return wallet.posted_balance


async def test_a_charged_top_up_credits_the_wallet_once_however_often_it_is_told(
    work: Work, user_id: str
) -> None:
    top_up = await charged(work, user_id)
    await asyncio.gather(*(funding.refresh_top_up(work, f"pi_{top_up.id}") for _ in range(12)))
    assert await balance(work, user_id) == 50_00
    events = [it for it in await drain(work.engine) if it.type.startswith("funding.")]
    assert [it.type for it in events] == ["funding.top_up_succeeded"]
    assert events[0].payload == {"user_id": user_id, "amount": 50_00, "currency": "USD"}
    async with work.transaction() as session:
        assert not await ledger.verify(session)


async def test_the_token_is_forgotten_when_the_gateway_has_answered(work: Work, user_id: str) -> None:
    requested = await request(work, user_id)
    assert TOKEN.reveal() not in (await token_of(work, requested) or TOKEN.reveal())
    await deliver(work, funding.SUBSCRIPTIONS)
    assert await token_of(work, requested) is None


async def test_the_database_refuses_a_token_beyond_its_use(work: Work, user_id: str) -> None:
    top_up = await charged(work, user_id)
    with pytest.raises(IntegrityError):
        async with work.transaction() as session:
            await session.execute(
                text("UPDATE top_ups SET payment_method_token = 'pm_1' WHERE id = :id"), {"id": top_up.id}
            )


async def token_of(work: Work, top_up: TopUp) -> object:
    async with work.transaction() as session:
        query = text("SELECT payment_method_token FROM top_ups WHERE id = :id")
        return (await session.execute(query, {"id": top_up.id})).scalar_one()


async def test_a_webhook_that_overtakes_the_answer_to_the_charge_credits_once(
    work: Work, gateway: ScriptedGateway, user_id: str
) -> None:
    requested = await request(work, user_id)

    async def webhook() -> None:
        await funding.refresh_top_up(work, f"pi_{requested.id}")
        assert await balance(work, user_id) == 50_00

    gateway.during_charge = webhook
    await deliver(work, funding.SUBSCRIPTIONS)
    assert await balance(work, user_id) == 50_00
    assert told(await drain(work.engine), "funding.") == [("funding.top_up_succeeded", None)]


async def test_the_same_job_running_twice_at_once_credits_once(work: Work, user_id: str) -> None:
    await request(work, user_id)
    (event,) = [it for it in await drain(work.engine) if it.type == "funding.top_up_requested"]
    await asyncio.gather(*(service.charge_requested(work, event) for _ in range(4)))
    assert await balance(work, user_id) == 50_00


async def test_a_gateway_that_is_down_loses_nothing(
    work: Work, gateway: ScriptedGateway, user_id: str
) -> None:
    requested = await request(work, user_id)
    (event,) = [it for it in await drain(work.engine) if it.type == "funding.top_up_requested"]
    gateway.is_down = True
    with pytest.raises(Unavailable):
        await service.charge_requested(work, event)
    assert (await stored(work, requested)).state is TopUpState.REQUESTED
    gateway.is_down = False
    await service.charge_requested(work, event)
    await service.charge_requested(work, event)
    assert gateway.tokens == [TOKEN.reveal()]
    assert await balance(work, user_id) == 50_00


async def test_a_declined_top_up_is_explained_and_credits_nothing(
    work: Work, gateway: ScriptedGateway, user_id: str
) -> None:
    gateway.answer = ChargeResult(ChargeStatus.FAILED, reason_code=TopUpReason.FUNDS_INSUFFICIENT)
    top_up = await charged(work, user_id)
    assert (top_up.state, top_up.reason_code) == (TopUpState.FAILED, TopUpReason.FUNDS_INSUFFICIENT)
    assert told(await drain(work.engine), "funding.") == [("funding.top_up_failed", "funds_insufficient")]
    assert await balance(work, user_id) == 0


async def test_a_top_up_that_asks_for_the_person_is_credited_after_they_have_answered(
    work: Work, gateway: ScriptedGateway, user_id: str
) -> None:
    gateway.answer = ChargeResult(ChargeStatus.REQUIRES_ACTION)
    waiting = await charged(work, user_id)
    assert waiting.state is TopUpState.REQUIRES_ACTION
    assert waiting.action_url == f"https://cardwright.test/top-ups/{waiting.id}"
    assert await balance(work, user_id) == 0
    gateway.change(f"pi_{waiting.id}", ChargeStatus.SUCCEEDED)
    await funding.refresh_top_up(work, f"pi_{waiting.id}")
    done = await stored(work, waiting)
    assert (done.state, done.action_url) == (TopUpState.SUCCEEDED, None)
    assert await balance(work, user_id) == 50_00


@pytest.mark.parametrize("received", [Money(49_99, "USD"), Money(50_00, "EUR")])
async def test_money_that_differs_from_what_was_asked_is_reviewed_and_not_credited(
    work: Work, gateway: ScriptedGateway, user_id: str, received: Money
) -> None:
    gateway.answer = ChargeResult(ChargeStatus.SUCCEEDED, money=received)
    top_up = await charged(work, user_id)
    await funding.refresh_top_up(work, f"pi_{top_up.id}")
    assert (top_up.state, top_up.reason_code) == (TopUpState.REVIEW, TopUpReason.AMOUNT_DIFFERS)
    assert told(await drain(work.engine), "funding.") == [
        ("funding.top_up_held_for_review", "amount_differs")
    ]
    assert await balance(work, user_id) == 0


async def test_money_taken_after_a_failure_is_credited(
    work: Work, gateway: ScriptedGateway, user_id: str
) -> None:
    gateway.answer = ChargeResult(ChargeStatus.FAILED)
    top_up = await charged(work, user_id)
    gateway.change(f"pi_{top_up.id}", ChargeStatus.SUCCEEDED)
    await funding.refresh_top_up(work, f"pi_{top_up.id}")
    assert (await stored(work, top_up)).state is TopUpState.SUCCEEDED
    assert await balance(work, user_id) == 50_00


async def test_a_second_charge_for_a_top_up_is_reviewed_and_not_credited(
    work: Work, gateway: ScriptedGateway, user_id: str
) -> None:
    top_up = await charged(work, user_id)
    await drain(work.engine)
    gateway.known["pi_second"] = ChargeResult(
        ChargeStatus.SUCCEEDED, reference="pi_second", money=ASKED, top_up_id=top_up.id
    )
    await funding.refresh_top_up(work, "pi_second")
    await funding.refresh_top_up(work, "pi_second")
    assert told(await drain(work.engine), "funding.") == [("funding.top_up_held_for_review", "charged_twice")]
    assert await balance(work, user_id) == 50_00


async def test_contradictory_answers_arriving_together_credit_once(
    work: Work, gateway: ScriptedGateway, user_id: str
) -> None:
    gateway.answer = ChargeResult(ChargeStatus.PENDING)
    top_up = await charged(work, user_id)
    reference = f"pi_{top_up.id}"

    async def answer(status: ChargeStatus) -> None:
        gateway.change(reference, status)
        await funding.refresh_top_up(work, reference)

    await asyncio.gather(*(answer(status) for status in [*ChargeStatus] * 3))
    assert (await stored(work, top_up)).state is TopUpState.SUCCEEDED
    assert await balance(work, user_id) == 50_00


async def test_a_charge_that_waited_too_long_is_given_up(
    work: Work, gateway: ScriptedGateway, clock: MovableClock, user_id: str
) -> None:
    requested = await request(work, user_id)
    clock.advance(CHARGE_WINDOW + timedelta(minutes=1))
    await deliver(work, funding.SUBSCRIPTIONS)
    failed = await stored(work, requested)
    assert (failed.state, failed.reason_code) == (TopUpState.FAILED, TopUpReason.CHARGE_WINDOW_PASSED)
    assert gateway.tokens == []
    assert await token_of(work, requested) is None


async def test_a_charge_whose_answer_never_came_is_found_before_it_is_given_up(
    work: Work, gateway: ScriptedGateway, clock: MovableClock, user_id: str
) -> None:
    requested = await request(work, user_id)
    gateway.known[f"pi_{requested.id}"] = ChargeResult(
        ChargeStatus.SUCCEEDED, f"pi_{requested.id}", ASKED, requested.id
    )
    clock.advance(CHARGE_WINDOW + timedelta(minutes=1))
    await deliver(work, funding.SUBSCRIPTIONS)
    assert (await stored(work, requested)).state is TopUpState.SUCCEEDED
    assert (gateway.tokens, await balance(work, user_id)) == ([], 50_00)


async def cancel(work: Work, top_up: TopUp) -> TopUp:
    async with work.transaction() as session:
        return await service.cancel_top_up(session, work.clock, top_up.id, user_id=top_up.user_id)


async def test_what_nobody_was_asked_for_is_canceled_at_once_and_never_charged(
    work: Work, gateway: ScriptedGateway, user_id: str
) -> None:
    canceled = await cancel(work, await request(work, user_id))
    assert canceled.state is TopUpState.CANCELED
    await deliver(work, funding.SUBSCRIPTIONS)
    assert (gateway.tokens, gateway.canceled) == ([], [])
    with pytest.raises(Conflict) as caught:
        await cancel(work, canceled)
    assert caught.value.code == "top_up_ended"


async def test_a_payment_that_waits_for_its_payer_is_canceled_at_the_gateway(
    work: Work, gateway: ScriptedGateway, user_id: str
) -> None:
    gateway.answer = ChargeResult(ChargeStatus.REQUIRES_ACTION)
    waiting = await charged(work, user_id)
    asked = await cancel(work, waiting)
    assert (asked.state, asked.cancel_requested_at is not None) == (TopUpState.REQUIRES_ACTION, True)
    await deliver(work, funding.SUBSCRIPTIONS)
    assert (await stored(work, waiting)).state is TopUpState.CANCELED
    assert gateway.canceled == [f"pi_{waiting.id}"]


async def test_canceling_waits_for_an_answer_and_a_payment_that_succeeded_stands(
    work: Work, gateway: ScriptedGateway, user_id: str
) -> None:
    requested = await request(work, user_id)
    charging, *_ = [it for it in await drain(work.engine) if it.type == "funding.top_up_requested"]
    gateway.is_down = True
    with pytest.raises(Unavailable):
        await service.charge_requested(work, charging)
    assert (await cancel(work, requested)).state is TopUpState.REQUESTED
    (canceling,) = [it for it in await drain(work.engine) if it.type == "funding.top_up_cancel_requested"]
    with pytest.raises(Unavailable):
        await service.cancel_at_gateway(work, canceling)
    gateway.is_down = False
    await service.charge_requested(work, charging)
    await service.cancel_at_gateway(work, canceling)
    assert (await stored(work, requested)).state is TopUpState.SUCCEEDED
    assert (await balance(work, user_id), gateway.canceled) == (50_00, [])


async def test_nobody_cancels_anothers_top_up(work: Work, user_id: str) -> None:
    requested = await request(work, user_id)
    with pytest.raises(NotFound):
        await cancel(work, replace(requested, user_id="user_other"))


async def test_what_nobody_confirms_in_time_expires(
    work: Work, gateway: ScriptedGateway, clock: MovableClock, user_id: str
) -> None:
    gateway.answer = ChargeResult(ChargeStatus.REQUIRES_ACTION)
    waiting = await charged(work, user_id)
    await funding.expire_abandoned_top_ups(work)
    assert (await stored(work, waiting)).state is TopUpState.REQUIRES_ACTION
    clock.advance(ACTION_WINDOW + timedelta(seconds=1))
    await funding.expire_abandoned_top_ups(work)
    expired = await stored(work, waiting)
    assert (expired.state, expired.reason_code) == (TopUpState.CANCELED, TopUpReason.ABANDONED)
    assert (expired.action_url, gateway.canceled) == (None, [f"pi_{waiting.id}"])


async def test_a_failed_attempt_leaves_nothing_open_at_the_gateway(
    work: Work, gateway: ScriptedGateway, user_id: str
) -> None:
    gateway.answer = ChargeResult(ChargeStatus.FAILED)
    failed = await charged(work, user_id)
    await deliver(work, funding.SUBSCRIPTIONS)
    assert gateway.canceled == [f"pi_{failed.id}"]
    assert (await stored(work, failed)).state is TopUpState.FAILED


async def test_a_charge_of_another_application_is_ignored(work: Work, gateway: ScriptedGateway) -> None:
    gateway.known["pi_foreign"] = ChargeResult(ChargeStatus.SUCCEEDED, reference="pi_foreign", money=ASKED)
    await funding.refresh_top_up(work, "pi_foreign")
    assert await drain(work.engine) == []


async def test_a_lost_webhook_is_made_good_by_asking_after_a_while(
    work: Work, gateway: ScriptedGateway, clock: MovableClock, user_id: str
) -> None:
    gateway.answer = ChargeResult(ChargeStatus.PENDING)
    top_up = await charged(work, user_id)
    gateway.change(f"pi_{top_up.id}", ChargeStatus.SUCCEEDED)
    await funding.refresh_silent_top_ups(work)
    assert await balance(work, user_id) == 0
    clock.advance(SILENCE_BEFORE_POLL + timedelta(seconds=1))
    gateway.is_down = True
    with pytest.raises(ExceptionGroup):
        await funding.refresh_silent_top_ups(work)
    gateway.is_down = False
    await funding.refresh_silent_top_ups(work)
    assert await balance(work, user_id) == 50_00


async def test_somebody_unverified_adds_no_money(engine: AsyncEngine, work: Work) -> None:
    stranger = await a_person(engine, work.clock, "casey@example.com")
    with pytest.raises(Conflict) as caught:
        await request(work, stranger)
    assert caught.value.code == "kyc_required"


async def test_money_in_a_foreign_currency_is_refused(work: Work, user_id: str) -> None:
    with pytest.raises(Invalid) as caught:
        await request(work, user_id, Money(50_00, "EUR"))
    assert caught.value.code == "currency_not_supported"
