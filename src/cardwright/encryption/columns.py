"""Which columns are sealed: declared by the slices' stores, so that rotation knows all of them."""

from dataclasses import dataclass

from sqlalchemy import Column, Table

from cardwright.encryption.domain import Place


@dataclass(frozen=True, slots=True)
class SealedColumn:
    """A text column of sealed records, with the columns that hold its row's id and its program's.

    `role` is the one role of the database that may touch the table, when it is not everybody's.
    """

    table: Table
    name: str
    row_id: str = "id"
    program_id: str = "program_id"
    role: str | None = None

    def __post_init__(self) -> None:
        for name in (self.name, self.row_id, self.program_id):
            if name not in self.table.columns:
                raise ValueError(f"{self.table.name} has no column {name}")

    def place(self, row_id: str, program_id: str) -> Place:
        """Return the place of this column in one row."""
        return Place(self.table.name, self.name, row_id, program_id)

    @property
    def column(self) -> Column[str]:
        """The column itself."""
        return self.table.columns[self.name]

    @property
    def row_id_column(self) -> Column[str]:
        """The column that tells the rows apart."""
        return self.table.columns[self.row_id]

    @property
    def program_column(self) -> Column[str]:
        """The column that tells the programs apart."""
        return self.table.columns[self.program_id]
