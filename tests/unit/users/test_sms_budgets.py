"""Codes by text message: how many go to one number, to one block of numbers, and to everybody in a day."""

import pytest

from cardwright.core.errors import Invalid, TooMany, Unavailable
from cardwright.http.rate_limits import RateLimiter
from cardwright.users.sms_budgets import SmsGate, SmsRules

RULES = SmsRules(frozenset({"US"}), most_per_day=60)


async def sent(gates: list[SmsGate], phones: list[str], users: list[str]) -> int:
    """Return how many of as many codes as there are phones are let through, each turn of another gate."""
    count = 0
    for number, phone in enumerate(phones):
        try:
            await gates[number % len(gates)].admit(users[number % len(users)], phone)
        except TooMany:
            continue
        count += 1
    return count


def crowd(rules: SmsRules, count: int) -> list[SmsGate]:
    limiter = RateLimiter(None)
    return [SmsGate(limiter, rules, f"192.0.2.{number}") for number in range(count)]


def people(count: int) -> list[str]:
    return [f"user_{number}" for number in range(count)]


async def test_a_thousand_requests_of_a_crowd_send_five_codes_an_hour_to_one_number() -> None:
    assert await sent(crowd(RULES, 200), ["+16175551234"] * 1000, people(1000)) == 5


async def test_a_pump_over_one_block_of_numbers_ends_at_the_blocks_budget() -> None:
    phones = [f"+1617555{number:04d}" for number in range(200)]
    assert await sent(crowd(SmsRules(RULES.countries, 10_000), 200), phones, people(200)) == 50


async def test_no_more_is_spent_in_a_day_than_the_cap_whoever_asks_for_whichever_number() -> None:
    phones = [f"+1617{200 + number}1234" for number in range(150)]
    assert await sent(crowd(RULES, 150), phones, people(150)) == 60


async def test_one_person_and_one_client_have_budgets_of_their_own() -> None:
    phones = [f"+1617{200 + number}1234" for number in range(30)]
    assert await sent(crowd(RULES, 30), phones, ["user_1"]) == 5
    assert await sent(crowd(RULES, 1), phones, people(30)) == 20


async def test_a_number_that_is_refused_uses_up_nothing() -> None:
    gate = crowd(RULES, 1)[0]
    for _ in range(30):
        with pytest.raises(Invalid):
            await gate.admit("user_1", "+447400123456")
    assert await gate.admit("user_1", "+16175551234") == "+16175551234"


async def test_nothing_is_sent_while_nobody_counts() -> None:
    gate = SmsGate(RateLimiter("redis://127.0.0.1:1/0"), RULES, "192.0.2.1")
    with pytest.raises(Unavailable) as refused:
        await gate.admit("user_1", "+16175551234")
    assert refused.value.code == "budget_unknown"
