"""A release takes the place of the one before it under load, and gives it back: no payment fails for good."""

import random
from pathlib import Path

import pytest

from under_fire.upgrading import before_the_newest_migration, replace_and_go_back

SEED = random.randrange(10**6)  # noqa: S311 - any will do: it is told when something is found


async def test_releases_take_turns_under_load(tmp_path: Path) -> None:
    old = before_the_newest_migration()
    if old is None:
        pytest.skip("the release before is in the repository's history, which is not here")
    upgraded = await replace_and_go_back(tmp_path, old, seconds=2, seed=SEED)
    assert upgraded.findings == [], f"seed {SEED}"
    assert len(upgraded.decided) == 6
    assert min(upgraded.decided.values()) > 0
