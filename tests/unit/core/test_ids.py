"""Ids tell their kind, sort by time, and never meet again, whichever thread made them."""

import re
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from cardwright.core.errors import Invalid
from cardwright.core.ids import ID_PATTERN, ensure_id, new_id

PREFIXES = ("card", "pay", "evt", "acct", "entry", "topup")
DIGITS = "0123456789abcdefghjkmnpqrstvwxyz"


def as_uuid(made: str) -> int:
    value = 0
    for digit in made.partition("_")[2]:
        value = value * 32 + DIGITS.index(digit)
    return value


@given(st.sampled_from(PREFIXES))
def test_an_id_has_its_shape_and_is_accepted_as_one(prefix: str) -> None:
    made = new_id(prefix)
    assert re.fullmatch(ID_PATTERN, made)
    assert ensure_id(made, prefix) == made
    assert len(made) == len(prefix) + 27


def test_an_id_is_a_uuid_of_version_7_that_carries_its_millisecond(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cardwright.core.ids._last_tick", 0)
    at = datetime(2026, 11, 23, 12, 0, 0, 123_000, tzinfo=UTC)
    with time_machine.travel(at, tick=False):
        value = as_uuid(new_id("card"))
    assert (value >> 76) & 0xF == 7
    assert (value >> 62) & 0b11 == 0b10
    assert value >> 80 == int(at.timestamp() * 1000)


def test_ids_of_one_thread_sort_in_the_order_they_were_made() -> None:
    made = [new_id("card") for _ in range(5_000)]
    assert made == sorted(made)
    assert len(set(made)) == len(made)


def test_ids_keep_their_order_while_the_clock_stands_still_or_goes_back() -> None:
    before = new_id("card")
    with time_machine.travel(datetime(2020, 1, 1, tzinfo=UTC), tick=False):
        made = [before, *(new_id("card") for _ in range(100))]
    assert made == sorted(set(made))


@pytest.fixture
def hasty_threads() -> Iterator[None]:
    """Let threads take turns as often as they can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def test_threads_share_one_counter_so_that_no_two_ids_have_the_same_tick(
    hasty_threads: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    # While the clock stands still every id depends on the counter alone.
    monkeypatch.setattr("cardwright.core.ids.time.time_ns", lambda: 1)
    together = Barrier(8)

    def make() -> list[str]:
        together.wait()
        return [new_id("card") for _ in range(10_000)]

    with ThreadPoolExecutor(8) as pool:
        by_thread = [made.result() for made in [pool.submit(make) for _ in range(8)]]
    assert all(made == sorted(made) for made in by_thread)
    ticks = {as_uuid(made) >> 64 for thread in by_thread for made in thread}
    assert len(ticks) == 80_000


@pytest.mark.parametrize(
    "text",
    [
        "", "card", "card_", "card_1", "card_' OR 1=1 --",
        "pay_01kb3x9p4fe8s8b9xkq5n2r7vt", "cards_01kb3x9p4fe8s8b9xkq5n2r7vt",
        "card_81kb3x9p4fe8s8b9xkq5n2r7vt", "card_01kb3x9p4fe8s8b9xkq5n2r7v",
        "card_01kb3x9p4fe8s8b9xkq5n2r7vtt", "CARD_01kb3x9p4fe8s8b9xkq5n2r7vt",
        "card_01kb3x9p4fe8s8b9xkq5n2r7vi", "card_01kb3x9p4fe8s8b9xkq5n2r7vl",
        "card_01KB3X9P4FE8S8B9XKQ5N2R7VT", "card_01kb3x9p4fe8s8b9xkq5n2r7vt\n",
    ],
)  # fmt: skip
def test_what_is_not_an_id_of_the_kind_is_refused(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        ensure_id(text, "card")
    assert refused.value.code == "id_invalid"


def test_a_refusal_repeats_only_the_beginning_of_what_was_sent() -> None:
    with pytest.raises(Invalid) as refused:
        ensure_id("x" * 10_000, "card")
    assert len(refused.value.message) < 120
