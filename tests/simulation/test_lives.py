"""A seed is a life: the same again, right to the end, and a wrong product does not get through one."""

import random
from collections.abc import Iterator

import pytest

from cardwright.payments import gathering
from depth import tries
from integration.payments.test_state_machine import OneWallet
from simulation.life import DAYS
from simulation.lives import connected_to, lived

SEED = random.randrange(10**6)  # noqa: S311 - any will do: a failure tells it


@pytest.fixture
def wallets(database_url: str) -> Iterator[type[OneWallet]]:
    with connected_to(database_url) as made:
        yield made


def test_whatever_a_seed_brings_the_books_follow(wallets: type[OneWallet]) -> None:
    lives = [lived(wallets, SEED, number, DAYS) for number in range(tries(4))]
    assert sum(it.decisions for it in lives) > 0
    assert sum(it.heard for it in lives) > 0


def test_a_seed_is_the_same_life_again_and_another_is_another(wallets: type[OneWallet]) -> None:
    first, again, other = (lived(wallets, seed, 0, 5) for seed in (7, 7, 8))
    assert (first.digest, first.steps, first.approvals) == (again.digest, again.steps, again.approvals)
    assert first.digest != other.digest


def test_a_product_that_forgets_its_limits_is_found_out(
    wallets: type[OneWallet], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def none(*_: object) -> tuple[()]:
        return ()

    monkeypatch.setattr(gathering, "_limit_facts", none)
    with pytest.raises(AssertionError) as found:
        lived(wallets, 7, 0, DAYS)
    [note] = found.value.__notes__
    assert note.startswith("seed 7, life 0, after ")
