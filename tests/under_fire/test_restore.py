"""A lost database comes back to a point in time, with all that was acknowledged by then and nothing later."""

import random
from pathlib import Path

from under_fire.restoring import lose_and_restore

SEED = random.randrange(10**6)  # noqa: S311 - any will do: it is told when something is found


async def test_a_lost_database_comes_back_to_a_point_in_time(tmp_path: Path) -> None:
    restored = await lose_and_restore(tmp_path, seconds=2, seed=SEED)
    assert restored.findings == [], f"seed {SEED}"
    assert restored.before > 0
    assert (restored.after > 0, restored.after_there) == (True, 0)
