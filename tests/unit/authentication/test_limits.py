"""Budgets are kept per client and per address, and apart from each other."""

from dataclasses import fields

import pytest

from cardwright.authentication.domain import address_digest
from cardwright.authentication.limits import AuthLimits, Budget, Gate, SignInBudget
from cardwright.core.errors import TooMany, Unavailable
from cardwright.http.rate_limits import RateLimiter, WhenAway

BUDGET = Budget(per_client="4/hour", per_address="2/hour")
SIGN_IN = SignInBudget(per_client="40/hour", per_pair="2/hour", per_address="5/hour", per_device="3/hour")
NOBODY_LISTENS = "redis://127.0.0.1:1/0"


async def admitted(gate: Gate, purpose: str, email: str, budget: Budget = BUDGET) -> bool:
    try:
        await gate.admit(purpose, budget, email)
    except TooMany:
        return False
    return True


async def may_sign_in(gate: Gate, email: str, device_id: str | None = None) -> bool:
    try:
        await gate.admit_sign_in(email, device_id)
    except TooMany:
        return False
    return True


async def test_an_address_has_one_budget_whoever_asks_and_however_it_is_spelled() -> None:
    limiter = RateLimiter(None)
    gates = [Gate(limiter, AuthLimits(), f"192.0.2.{number}") for number in range(3)]
    spellings = ["ada@example.com", "Ada@Example.com", "ADA@EXAMPLE.COM"]
    answers = [await admitted(gate, "register", email) for gate, email in zip(gates, spellings, strict=True)]
    assert answers == [True, True, False]


async def test_a_client_has_one_budget_for_all_addresses() -> None:
    gate = Gate(RateLimiter(None), AuthLimits(), "192.0.2.1")
    answers = [await admitted(gate, "register", f"person{number}@example.com") for number in range(5)]
    assert answers == [True, True, True, True, False]


async def test_purposes_do_not_use_up_each_others_budgets() -> None:
    gate = Gate(RateLimiter(None), AuthLimits(), "192.0.2.1")
    for purpose in ("register", "verify_email", "resend_code", "forgot_password"):
        assert await admitted(gate, purpose, "ada@example.com")
        assert await admitted(gate, purpose, "ada@example.com")
        assert not await admitted(gate, purpose, "ada@example.com")


async def test_one_stranger_cannot_use_up_what_the_owner_needs_but_many_can() -> None:
    limiter, limits = RateLimiter(None), AuthLimits(sign_in=SIGN_IN)
    stranger = Gate(limiter, limits, "192.0.2.1")
    assert [await may_sign_in(stranger, "ada@example.com") for _ in range(9)].count(True) == 2
    assert await may_sign_in(Gate(limiter, limits, "198.51.100.7"), "ada@example.com")
    crowd = [Gate(limiter, limits, f"203.0.113.{number}") for number in range(9)]
    assert [await may_sign_in(gate, "ada@example.com") for gate in crowd].count(True) == 2
    assert await may_sign_in(crowd[0], "grace@example.com")


async def test_strangers_leave_the_budget_of_a_known_device_alone() -> None:
    limiter, limits = RateLimiter(None), AuthLimits(sign_in=SIGN_IN)
    for number in range(9):
        await may_sign_in(Gate(limiter, limits, f"203.0.113.{number}"), "ada@example.com")
    owner = Gate(limiter, limits, "198.51.100.7")
    assert not await may_sign_in(owner, "ada@example.com")
    answers = [await may_sign_in(owner, "ada@example.com", "known_1") for _ in range(4)]
    assert answers == [True, True, True, False]


@pytest.mark.parametrize("name", [field.name for field in fields(AuthLimits)])
async def test_the_defaults_are_limits_that_can_be_read(name: str) -> None:
    budget: Budget | SignInBudget = getattr(AuthLimits(), name)
    gate = Gate(RateLimiter(None), AuthLimits(), "192.0.2.1")
    if isinstance(budget, SignInBudget):
        assert await gate.admit_sign_in("Ada@example.com", None) == "ada@example.com"
        assert await gate.admit_sign_in("Ada@example.com", "known_1") == "ada@example.com"
    else:
        assert await gate.admit(name, budget, "Ada@example.com") == "ada@example.com"


async def test_a_budget_that_must_be_counted_refuses_while_nobody_counts() -> None:
    gate = Gate(RateLimiter(NOBODY_LISTENS), AuthLimits(), "192.0.2.1")
    strict = Budget(per_client="4/hour", per_address="2/hour", when_away=WhenAway.REFUSE)
    with pytest.raises(Unavailable) as refused:
        await gate.admit_subject("send", strict, address_digest("ada@example.com"))
    assert refused.value.code == "budget_unknown"


async def test_a_budget_that_may_be_counted_alone_goes_on_while_nobody_counts() -> None:
    gate = Gate(RateLimiter(NOBODY_LISTENS), AuthLimits(), "192.0.2.1")
    assert [await admitted(gate, "register", "ada@example.com") for _ in range(3)] == [True, True, False]
