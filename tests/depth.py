"""How much is tried: `make test` shows each thing, `make check` and `make coverage` combine them all."""

import os
from collections.abc import Iterable, Sequence
from random import Random
from typing import Final, TypeVar

import pytest

IS_THOROUGH: Final = os.environ.get("CARDWRIGHT_THOROUGH") == "yes"
_SHARE: Final = 4
"""What `make test` tries of what is one of many alike: a quarter."""

_FEW: Final = 3
_LEAST: Final = 2
_CHEAP: Final = ("tests/unit/", "src/")

_T = TypeVar("_T")


def tries(whole: int) -> int:
    """How many of `whole` random examples are tried."""
    return whole if IS_THOROUGH else -(-whole // _SHARE)


def some_of(every: Iterable[_T]) -> Sequence[_T]:
    """All of them, or a quarter, always the same."""
    listed = list(every)
    return Random(7).sample(listed, tries(len(listed)))  # noqa: S311 - to choose


def left_out(items: Sequence[pytest.Item]) -> set[str]:
    """The ids of what is not tried: of a test with many parameters a quarter is, always the same one.

    Tests of single units have all of theirs: they take nothing.
    """
    families: dict[str, list[str]] = {}
    for item in items:
        if hasattr(item, "callspec") and not item.nodeid.startswith(_CHEAP):
            families.setdefault(item.nodeid.partition("[")[0], []).append(item.nodeid)
    return {it for family in families.values() if len(family) > _FEW for it in _but_some(family)}


def _but_some(family: Sequence[str]) -> set[str]:
    return set(family) - set(Random(7).sample(family, max(_LEAST, tries(len(family)))))  # noqa: S311 - to choose
