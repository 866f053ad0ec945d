"""What a backtest needs of an engine that reads history: SQL over tables that it keeps, and answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from cardwright.rules import DUCKDB, SPARK, Dialect


@dataclass(frozen=True, slots=True)
class Words:
    """What engines spell differently beyond conditions; `wide` is a type that no sum of amounts outgrows.

    Where `slides`, an engine finds a window's ends by searching, and need not look at all that is in it.
    `drawn` is what a hash of a column comes to, in hundredths, as `Rule.counts_for` computes it.
    """

    conditions: Dialect
    wide: str
    division: str
    drawn: str
    slides: bool


DUCKDB_WORDS = Words(
    DUCKDB,
    "HUGEINT",
    "//",
    "(CAST('0x' || substr(sha256({text}), 1, 16) AS UBIGINT) % 100)",
    slides=True,
)
SPARK_WORDS = Words(
    SPARK,
    "DECIMAL(38, 0)",
    "div",
    "(CAST(conv(substr(sha2({text}, 256), 1, 16), 16, 10) AS DECIMAL(20, 0)) % 100)",
    slides=False,
)


class Engine(Protocol):
    """Answers SQL over the tables `authorizations` and `labels`, and over what it was told to keep."""

    @property
    def words(self) -> Words:
        """How this engine spells things."""
        ...

    def keep(self, name: str, query: str) -> None:
        """Answer a query once and keep the answer as a table of that name."""
        ...

    def name(self, name: str, query: str) -> None:
        """Give a query a table's name; it is answered where it is read."""
        ...

    def rows(self, query: str) -> Sequence[tuple[Any, ...]]:
        """Answer a query; the answer fits in memory."""
        ...


@dataclass(frozen=True, slots=True)
class Room:
    """What an engine may take of the machine; what does not fit in memory goes into `folder`."""

    folder: Path
    memory_mib: int = 4096
    threads: int = 2
