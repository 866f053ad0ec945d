"""Cursor pages: newest first, stable while rows are added, with an opaque cursor."""

from collections.abc import Callable, Sequence
from typing import Annotated, Generic, TypeVar

from fastapi import Query
from pydantic import Field

from cardwright.core.ids import ID_PATTERN
from cardwright.http.strict import IN_DIGITS, Output

T = TypeVar("T")
R = TypeVar("R")

Limit = Annotated[int, Query(ge=1, le=100, description="How many to return at most."), IN_DIGITS]
Cursor = Annotated[
    str | None, Query(pattern=ID_PATTERN, max_length=40, description="`next_cursor` of the page before.")
]


class Page(Output, Generic[T]):
    """A slice of a list; `next_cursor` is null on the last page."""

    data: list[T]
    next_cursor: str | None = Field(description="Send it as `cursor` to get the next page.")


def page(rows: Sequence[R], limit: int, *, show: Callable[[R], T], cursor_of: Callable[[R], str]) -> Page[T]:
    """Cut `limit + 1` fetched rows into a page: the one too many only tells that there is more."""
    shown = rows[:limit]
    more = len(rows) > limit
    return Page(data=[show(row) for row in shown], next_cursor=cursor_of(shown[-1]) if more else None)
