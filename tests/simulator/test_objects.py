import re
from pathlib import Path

from simulator.objects import ObjectStore


def test_objects_are_listed_newest_first_and_keep_their_place_when_replaced() -> None:
    store = ObjectStore()
    for name in ("a", "b", "c"):
        store.put("thing", {"id": name, "size": 1})
    store.put("thing", {"id": "a", "size": 2})
    assert [it["id"] for it in store.list("thing")] == ["c", "b", "a"]
    assert store.list("thing", where=lambda it: it["size"] == 2) == [{"id": "a", "size": 2}]
    assert [it["id"] for it in store.scan("thing")] == ["a", "b", "c"]
    assert store.count("thing") == 3
    assert store.list("other") == []


def test_what_is_handed_out_or_in_is_a_copy() -> None:
    store = ObjectStore()
    given = {"id": "a", "parts": [1]}
    store.put("thing", given)
    given["parts"].append(2)  # type: ignore[attr-defined]
    taken = store.get("thing", "a")
    assert taken == {"id": "a", "parts": [1]}
    taken["parts"].append(3)
    store.list("thing")[0]["parts"].append(4)
    assert store.get("thing", "a") == {"id": "a", "parts": [1]}


def test_deleting_and_clearing_forget() -> None:
    store = ObjectStore()
    store.put("thing", {"id": "a"})
    store.put("other", {"id": "a"})
    store.delete("thing", "a")
    store.delete("thing", "never there")
    assert store.get("thing", "a") is None
    assert store.get("other", "a") is not None
    store.clear()
    assert store.get("other", "a") is None


def test_everything_survives_a_restart_in_order(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite3"
    first = ObjectStore(path)
    for name in ("a", "b", "c"):
        first.put("thing", {"id": name, "text": "ä"})
    first.put("thing", {"id": "a", "text": "new"})
    first.delete("thing", "b")
    first.close()
    assert ObjectStore(path).list("thing") == [{"id": "c", "text": "ä"}, {"id": "a", "text": "new"}]


def test_ids_have_their_prefix_and_do_not_repeat() -> None:
    ids = {ObjectStore().new_id("ic") for _ in range(100)}
    assert len(ids) == 100
    assert all(re.fullmatch(r"ic_[A-Za-z0-9]{24}", it) for it in ids)
