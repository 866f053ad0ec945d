"""What the simulator knows: JSON objects kept in memory and written through to SQLite."""

import copy
import json
import secrets
import sqlite3
import string
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

JsonObject = dict[str, Any]
ID_ALPHABET = string.ascii_letters + string.digits
ID_LENGTH = 24

_SCHEMA = """
CREATE TABLE IF NOT EXISTS object (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    body TEXT NOT NULL,
    UNIQUE (kind, id)
)
"""
_PUT = """
INSERT INTO object (kind, id, body) VALUES (?, ?, ?)
ON CONFLICT (kind, id) DO UPDATE SET body = excluded.body
"""


class ObjectStore:
    """A shelf per kind; an object keeps its place in the order of arrival when it is replaced."""

    def __init__(self, path: Path | None = None) -> None:
        self._database = sqlite3.connect(path or ":memory:", isolation_level=None, check_same_thread=False)
        # The simulator may lose the last instant with the machine, never with the process.
        self._database.execute("PRAGMA journal_mode = WAL")
        self._database.execute("PRAGMA synchronous = NORMAL")
        self._database.execute(_SCHEMA)
        self._shelves: dict[str, dict[str, JsonObject]] = {}
        for kind, object_id, body in self._database.execute("SELECT kind, id, body FROM object ORDER BY seq"):
            self._shelves.setdefault(kind, {})[object_id] = json.loads(body)

    def put(self, kind: str, obj: JsonObject) -> None:
        """Keep a copy of the object under its "id"; an older one with that id is replaced."""
        self._database.execute(_PUT, (kind, obj["id"], json.dumps(obj)))
        self._shelves.setdefault(kind, {})[obj["id"]] = copy.deepcopy(obj)

    def get(self, kind: str, object_id: str) -> JsonObject | None:
        """Return a deep copy of one object, or None."""
        return copy.deepcopy(self._shelves.get(kind, {}).get(object_id))

    def list(self, kind: str, *, where: Callable[[JsonObject], bool] | None = None) -> list[JsonObject]:
        """Return deep copies of what `where` accepts, newest first; `where` must not change what it sees."""
        shelf = reversed(self._shelves.get(kind, {}).values())
        return [copy.deepcopy(obj) for obj in shelf if where is None or where(obj)]

    def scan(self, kind: str) -> Iterator[JsonObject]:
        """Yield the kept objects themselves, oldest first: to be read, neither changed nor kept."""
        yield from self._shelves.get(kind, {}).values()

    def count(self, kind: str) -> int:
        """Say how many objects of a kind there are."""
        return len(self._shelves.get(kind, {}))

    def delete(self, kind: str, object_id: str) -> None:
        """Forget one object; nothing happens when it is not there."""
        self._database.execute("DELETE FROM object WHERE kind = ? AND id = ?", (kind, object_id))
        self._shelves.get(kind, {}).pop(object_id, None)

    def clear(self) -> None:
        """Forget everything."""
        self._database.execute("DELETE FROM object")
        self._shelves.clear()

    def new_id(self, prefix: str) -> str:
        """Return an unguessable id such as `ic_…` with 24 characters that are safe in URLs."""
        return f"{prefix}_{''.join(secrets.choice(ID_ALPHABET) for _ in range(ID_LENGTH))}"

    def close(self) -> None:
        """Close the database; the store is not used afterwards."""
        self._database.close()
