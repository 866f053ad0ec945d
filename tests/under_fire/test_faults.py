"""Whatever goes wrong around the product: answers by the deadline, nothing lost, and as ever soon after."""

import random
from pathlib import Path

import pytest

from under_fire.enduring import endure
from under_fire.faults import FAULTS, some_pairs

SEED = random.randrange(10**6)  # noqa: S311 - any will do: it is told when something is found


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="processes are stopped and limited as on Linux")
async def test_each_fault_is_answered_and_got_over(tmp_path: Path) -> None:
    mixes = [*([name] for name in FAULTS), *some_pairs(2, SEED)]
    seen, findings = await endure(tmp_path, mixes, SEED)
    assert [[*it.names] for it in seen] == mixes
    assert [it for it in seen if not it.is_as_expected] == [], f"seed {SEED}"
    assert findings == [], f"seed {SEED}"
