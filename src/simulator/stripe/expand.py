"""Expansion: ids that a request asks for are replaced by the objects they name."""

from collections.abc import Callable, Iterable
from typing import Any

from simulator.objects import JsonObject
from simulator.stripe.account import StripeAccount
from simulator.stripe.errors import StripeError

MAX_DEPTH = 4
Render = Callable[[StripeAccount, JsonObject], JsonObject]


class Expander:
    """Knows which id prefix belongs to which kind of object and how that kind is shown."""

    def __init__(self, account: StripeAccount, kinds: dict[str, tuple[str, Render]]) -> None:
        self._account = account
        self._kinds = kinds

    def expand(self, answer: JsonObject, paths: Iterable[str], hidden: frozenset[str]) -> None:
        """Expand every path in place; StripeError for one that cannot be expanded."""
        for path in paths:
            if path in hidden:
                continue
            parts = path.split(".")
            if len(parts) > MAX_DEPTH:
                raise StripeError("You cannot expand more than 4 levels of a property.", param="expand")
            self._walk(answer, parts, path)

    def _walk(self, node: Any, parts: list[str], path: str) -> None:
        if isinstance(node, list):
            for member in node:
                self._walk(member, parts, path)
            return
        name, *rest = parts
        if not isinstance(node, dict) or name not in node:
            raise _cannot_expand(path)
        node[name] = self._object_behind(node[name], path)
        if rest and node[name] is not None:
            self._walk(node[name], rest, path)

    def _object_behind(self, value: Any, path: str) -> Any:
        if value is None or isinstance(value, dict | list):
            return value
        kind = self._kinds.get(str(value).partition("_")[0])
        found = self._account.objects.get(kind[0], str(value)) if kind else None
        if kind is None or found is None:
            raise _cannot_expand(path)
        return kind[1](self._account, found)


def _cannot_expand(path: str) -> StripeError:
    return StripeError(f"This property cannot be expanded ({path}).", param="expand")
