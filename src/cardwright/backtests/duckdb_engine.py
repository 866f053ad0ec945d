"""DuckDB in this process, within a limit of memory; what is beyond it goes to a folder."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cardwright.backtests.engines import DUCKDB_WORDS, Room, Words
from cardwright.backtests.history import COLUMNS, LABEL_COLUMNS, Column

if TYPE_CHECKING:
    import duckdb


class DuckDbEngine:
    """Reads Parquet files, and keeps tables until it is closed."""

    def __init__(self, connection: "duckdb.DuckDBPyConnection") -> None:
        self._connection = connection

    @property
    def words(self) -> Words:
        """How DuckDB spells things."""
        return DUCKDB_WORDS

    def keep(self, name: str, query: str) -> None:
        """Keep what a query answers as a table."""
        self._connection.execute(f"CREATE TABLE {name} AS {query}")

    def name(self, name: str, query: str) -> None:
        """Give a query a table's name."""
        self._connection.execute(f"CREATE VIEW {name} AS {query}")

    def rows(self, query: str) -> Sequence[tuple[Any, ...]]:
        """Answer a query."""
        return self._connection.execute(query).fetchall()

    def read(self, name: str, files: Sequence[Path], columns: Sequence[Column]) -> None:
        """Give files a table's name; no files are an empty table."""
        if files:
            listed = ", ".join(_text(str(file)) for file in files)
            self._connection.execute(f"CREATE VIEW {name} AS SELECT * FROM read_parquet([{listed}])")
        else:
            listed = ", ".join(f'"{it.name}" {it.type}' for it in columns)
            self._connection.execute(f"CREATE TABLE {name} ({listed})")


@contextmanager
def open_duckdb(authorizations: Sequence[Path], labels: Sequence[Path], room: Room) -> Iterator[DuckDbEngine]:
    """Open an engine on exported files."""
    with connect(room) as connection:
        engine = DuckDbEngine(connection)
        engine.read("authorizations", authorizations, COLUMNS)
        engine.read("labels", labels, LABEL_COLUMNS)
        yield engine


def connect(room: Room) -> "duckdb.DuckDBPyConnection":
    """Return a DuckDB that takes no more than its room, and loads nothing from elsewhere."""
    import duckdb  # noqa: PLC0415 - tens of megabytes that only rules tried on history need

    return duckdb.connect(
        config={
            "memory_limit": f"{room.memory_mib}MiB",
            "threads": room.threads,
            "temp_directory": str(room.folder),
            "preserve_insertion_order": False,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        }
    )


def convert(csv: Path, parquet: Path, first_row: int, room: Room) -> int:
    """Turn authorizations as PostgreSQL copies them into a Parquet file; return how many they are.

    The CSV has all columns but the first, which numbers them from `first_row` on.
    """
    return _convert(csv, parquet, COLUMNS[1:], f"{first_row} + row_number() OVER () - 1 AS h_row, *", room)


def convert_labels(csv: Path, parquet: Path, room: Room) -> int:
    """Turn labels into a Parquet file; return how many they are."""
    return _convert(csv, parquet, LABEL_COLUMNS, "*", room)


def _convert(csv: Path, parquet: Path, columns: Sequence[Column], shown: str, room: Room) -> int:
    types = ", ".join(f"{_text(it.name)}: {_text(it.type)}" for it in columns)
    # An empty text is quoted there, and what is missing is not.
    read = (
        f"read_csv({_text(str(csv))}, header = false, delim = ',', quote = '\"', escape = '\"', nullstr = '',"
        f" allow_quoted_nulls = false, auto_detect = false, strict_mode = true, columns = {{{types}}})"
    )
    with connect(room) as connection:
        [(count,)] = connection.execute(
            f"COPY (SELECT {shown} FROM {read}) TO {_text(str(parquet))} (FORMAT parquet, COMPRESSION zstd)"
        ).fetchall()
        return int(count)


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
