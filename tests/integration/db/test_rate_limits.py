"""Attempts are counted in Valkey for all processes together, and in each alone while Valkey is away."""

import asyncio
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from secrets import token_hex

import pytest

from cardwright.core.errors import TooMany, Unavailable
from cardwright.db.embedded import EmbeddedValkey
from cardwright.http import rate_limits
from cardwright.http.rate_limits import RateLimiter, WhenAway

LIMIT = "3/minute"


@pytest.fixture
def valkey(tmp_path: Path) -> Iterator[EmbeddedValkey]:
    server = EmbeddedValkey(tmp_path / "valkey")
    yield server
    server.stop()


async def count_allowed(*limiters: RateLimiter, key: str, tries: int = 10) -> int:
    """Return how many of some tries are allowed, each limiter asked in turn."""
    allowed = 0
    for number in range(tries):
        try:
            await limiters[number % len(limiters)].hit(LIMIT, "test", key)
        except TooMany:
            continue
        allowed += 1
    return allowed


async def test_a_process_on_its_own_counts_in_its_memory() -> None:
    limiter = RateLimiter(None)
    assert await count_allowed(limiter, key="ada") == 3
    assert await count_allowed(limiter, key="max") == 3
    assert await count_allowed(RateLimiter(None), key="ada") == 3


async def test_one_who_asks_too_often_is_told_how_long_to_wait() -> None:
    limiter = RateLimiter(None)
    await count_allowed(limiter, key="ada")
    with pytest.raises(TooMany) as refused:
        await limiter.hit(LIMIT, "test", "ada")
    assert (refused.value.code, refused.value.details) == ("rate_limited", {"retry_after_seconds": 60})


async def test_processes_count_together_in_valkey(valkey: EmbeddedValkey) -> None:
    url = valkey.start()
    assert await count_allowed(RateLimiter(url), RateLimiter(url), key=token_hex(4)) == 3


async def test_hits_at_once_are_not_counted_short(valkey: EmbeddedValkey) -> None:
    limiter, key = RateLimiter(valkey.start()), token_hex(4)
    tries = (limiter.hit(LIMIT, "test", key) for _ in range(20))
    outcomes = await asyncio.gather(*tries, return_exceptions=True)
    assert outcomes.count(None) == 3
    assert sum(isinstance(outcome, TooMany) for outcome in outcomes) == 17


async def test_a_valkey_that_is_killed_fails_no_request_and_limits_go_on(valkey: EmbeddedValkey) -> None:
    limiter = RateLimiter(valkey.start())
    assert await count_allowed(limiter, key="ada", tries=1) == 1
    assert valkey._process is not None
    valkey._process.kill()
    valkey._process.wait()
    # It goes on from the one that it has let through.
    assert await count_allowed(limiter, key="ada") == 2
    assert await count_allowed(limiter, key="max") == 3


async def test_a_valkey_that_hangs_delays_one_request_and_no_more(
    valkey: EmbeddedValkey, monkeypatch: pytest.MonkeyPatch
) -> None:
    limiter = RateLimiter(valkey.start())
    await count_allowed(limiter, key="ada", tries=1)
    assert valkey._process is not None
    os.kill(valkey._process.pid, signal.SIGSTOP)
    async with asyncio.timeout(1.5):
        assert await count_allowed(limiter, key="ada") == 2
    os.kill(valkey._process.pid, signal.SIGCONT)


async def test_a_valkey_that_comes_back_is_used_again(
    valkey: EmbeddedValkey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rate_limits, "_PROBE_AFTER_SECONDS", 0.05)
    url = valkey.start()
    valkey.port = int(url.rsplit(":", 1)[1].partition("/")[0])
    limiter = RateLimiter(url)
    valkey.stop()
    assert await count_allowed(limiter, key="ada") == 3
    valkey.start()
    await asyncio.sleep(0.1)
    assert await count_allowed(limiter, RateLimiter(url), key="ada") == 3


async def test_what_must_be_counted_is_refused_while_valkey_is_away_and_goes_on_when_it_is_back(
    valkey: EmbeddedValkey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rate_limits, "_PROBE_AFTER_SECONDS", 0.05)
    url = valkey.start()
    valkey.port = int(url.rsplit(":", 1)[1].partition("/")[0])
    limiter = RateLimiter(url)
    await limiter.hit(LIMIT, "test", "ada", when_away=WhenAway.REFUSE)
    valkey.stop()
    with pytest.raises(Unavailable) as refused:
        await limiter.hit(LIMIT, "test", "ada", when_away=WhenAway.REFUSE)
    assert refused.value.code == "budget_unknown"
    valkey.start()
    await asyncio.sleep(0.1)
    await limiter.hit(LIMIT, "test", "ada", when_away=WhenAway.REFUSE)


async def test_several_windows_hold_at_once() -> None:
    limiter = RateLimiter(None)
    for _ in range(3):
        await limiter.hit("3/minute; 4/day", "test", "ada")
    with pytest.raises(TooMany) as refused:
        await limiter.hit("3/minute; 4/day", "test", "ada")
    assert refused.value.details == {"retry_after_seconds": 60}
