"""Hashes wait in a queue with an end, and every check is counted."""

import asyncio

import pytest

from cardwright.authentication.hashing import HashingThreads
from cardwright.core.errors import Unavailable

PASSWORD = "correct horse battery staple"


async def test_whoever_comes_when_the_queue_is_full_is_sent_away_and_costs_nothing() -> None:
    hashing = HashingThreads(threads=1, most_waiting=2)
    outcomes = await asyncio.gather(
        *(hashing.check(PASSWORD, None) for _ in range(20)), return_exceptions=True
    )
    refused = [outcome for outcome in outcomes if isinstance(outcome, Unavailable)]
    assert len(refused) == 17
    assert (hashing.checked, hashing.refused) == (3, 17)
    assert (refused[0].code, refused[0].details["retry_after_seconds"]) == ("passwords_busy", 2)


async def test_the_queue_takes_more_once_it_is_empty() -> None:
    hashing = HashingThreads(threads=1, most_waiting=0)
    made = await hashing.make(PASSWORD)
    assert (await hashing.check(PASSWORD, made)).is_correct
    assert (hashing.made, hashing.checked, hashing.refused) == (1, 1, 0)


async def test_one_who_leaves_gives_the_place_back() -> None:
    hashing = HashingThreads(threads=1, most_waiting=1)
    waiting = [asyncio.create_task(hashing.check(PASSWORD, None)) for _ in range(2)]
    await asyncio.sleep(0)
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    with pytest.raises(asyncio.CancelledError):
        waiting[0].result()
    assert not (await hashing.check(PASSWORD, None)).is_correct
