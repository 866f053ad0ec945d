"""The one MetaData that all slices' tables hang on, with names that migrations can rely on."""

from datetime import datetime
from typing import Any, Final

from sqlalchemy import BigInteger, Column, DateTime, MetaData, Text
from sqlalchemy.dialects.postgresql import JSONB

metadata: Final = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def id_column(name: str = "id", *, primary_key: bool = True) -> Column[str]:
    """A prefixed id; collation C keeps its order equal to the order of its bytes."""
    return Column(name, Text(collation="C"), primary_key=primary_key, nullable=False)


def reference(name: str, *, nullable: bool = False, **options: Any) -> Column[str]:
    """An id of another row, by value: slices do not tie their tables together with foreign keys."""
    return Column(name, Text(collation="C"), nullable=nullable, **options)


def instant(name: str, *, nullable: bool = False, **options: Any) -> Column[datetime]:
    """A point in time, always with a zone."""
    return Column(name, DateTime(timezone=True), nullable=nullable, **options)


def minor_units(name: str, *, nullable: bool = False, **options: Any) -> Column[int]:
    """An amount in minor units; its currency stands in a column beside it."""
    return Column(name, BigInteger, nullable=nullable, **options)


def text(name: str, *, nullable: bool = False, **options: Any) -> Column[str]:
    """A string."""
    return Column(name, Text, nullable=nullable, **options)


def json(name: str, *, nullable: bool = False, **options: Any) -> Column[Any]:
    """A JSON document."""
    return Column(name, JSONB, nullable=nullable, **options)
