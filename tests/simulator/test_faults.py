from pathlib import Path
from typing import Any

import pytest

from simulator.faults import Faults
from simulator.objects import ObjectStore


@pytest.fixture
def faults() -> Faults:
    return Faults(ObjectStore())


def test_a_fault_strikes_as_often_as_it_was_ordered(faults: Faults) -> None:
    faults.add("webhook", "drop", selector="issuing_*", count=2)
    assert set(faults.take("webhook", "issuing_card.created")) == {"drop"}
    assert faults.take("webhook", "refund.created") == {}
    assert faults.take("api", "issuing_card.created") == {}
    assert set(faults.take("webhook", "issuing_card.updated")) == {"drop"}
    assert faults.take("webhook", "issuing_card.created") == {}
    assert faults.list() == []


def test_a_fault_without_a_count_strikes_until_it_is_lifted(faults: Faults) -> None:
    fault = faults.add("api", "error", selector="POST /v1/*", count=None, status=502)
    for _ in range(3):
        assert faults.take("api", "POST /v1/refunds", "/v1/refunds")["error"].status == 502
    assert faults.remove(fault.id)
    assert not faults.remove(fault.id)
    assert faults.take("api", "POST /v1/refunds") == {}


def test_different_faults_strike_together_and_like_ones_in_turn(faults: Faults) -> None:
    faults.add("webhook", "delay", delay_milliseconds=5)
    faults.add("webhook", "delay", delay_milliseconds=7)
    faults.add("webhook", "duplicate")
    first = faults.take("webhook", "x")
    assert (set(first), first["delay"].delay_milliseconds) == ({"delay", "duplicate"}, 5)
    assert faults.take("webhook", "x")["delay"].delay_milliseconds == 7


@pytest.mark.parametrize(
    ("target", "kind", "more"),
    [
        ("moon", "drop", {}),
        ("webhook", "error", {}),
        ("api", "reorder", {}),
        ("api", "drop", {"count": 0}),
        ("api", "delay", {}),
        ("api", "error", {"status": 200}),
    ],
)
def test_a_fault_that_makes_no_sense_is_refused(faults: Faults, target: Any, kind: Any, more: Any) -> None:
    with pytest.raises(ValueError, match=r"must|needs"):
        faults.add(target, kind, **more)
    assert faults.list() == []


def test_faults_survive_a_restart(tmp_path: Path) -> None:
    store = ObjectStore(tmp_path / "store.sqlite3")
    added = Faults(store).add("webhook", "drop", count=3)
    store.close()
    assert Faults(ObjectStore(tmp_path / "store.sqlite3")).list() == [added]
