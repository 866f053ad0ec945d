"""What a slice says of the rows it wants sealed."""

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import rfc8785

from cardwright.db.session import Session
from cardwright.sealing.merkle import leaf_hash
from cardwright.sealing.verifier import ExportFormat

E = TypeVar("E")


def _nothing_more(_: object) -> Iterator[str]:
    return iter(())


@dataclass(frozen=True, slots=True)
class SealedLog(Generic[E]):
    """Rows that are only added to, and the tables of their leaves and checkpoints.

    `entries` has the columns `id`, `program_id` and `written_in`; `read` returns the entries of some ids, as
    their rows say now; `leaf_of` is the JSON object that an entry is sealed as, without numbers that parsers
    round. `look` names what else is wrong with an entry whose leaf is right.
    """

    format: ExportFormat
    entries: Any
    seals: Any
    checkpoints: Any
    read: Callable[[Session, Sequence[str]], Awaitable[Mapping[str, E]]]
    leaf_of: Callable[[E], dict[str, Any]]
    look: Callable[[E], Iterator[str]] = _nothing_more

    def leaf_hash(self, entry: E) -> bytes:
        """Return the hash of the canonical bytes (RFC 8785) that an entry is sealed as."""
        return leaf_hash(rfc8785.dumps(self.leaf_of(entry)))
