"""How much is tried: `make test` shows each thing, `make check` and `make coverage` combine them all."""

import os
from collections.abc import Iterable, Sequence
from random import Random
from typing import Final, TypeVar

IS_THOROUGH: Final = os.environ.get("CARDWRIGHT_THOROUGH") == "yes"
_SHARE: Final = 4
"""What `make test` tries of what is one of many alike: a quarter."""

_T = TypeVar("_T")


def tries(whole: int) -> int:
    """How many of `whole` random examples are tried."""
    return whole if IS_THOROUGH else -(-whole // _SHARE)


def some_of(every: Iterable[_T]) -> Sequence[_T]:
    """All of them, or a quarter, always the same."""
    listed = list(every)
    return Random(7).sample(listed, tries(len(listed)))  # noqa: S311 - to choose
