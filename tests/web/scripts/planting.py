"""Puts scripts into texts over the API, and keeps a record of which fields have had one."""

import re
from collections.abc import Callable
from typing import Any

from cardwright.demo.stack import Addresses
from web.holder import Holder
from web.outside import Outside
from web.scripts.corpus import SCRIPTS, Scripts
from web.scripts.text_fields import Field, fields_with_a_script, operations

_OPERATIONS: list[tuple[str, re.Pattern[str], str]] = [
    (method, re.compile(re.sub(r"\{[^}]+\}", "[^/]+", path) + r"(\?|$)"), operation["operationId"])
    for method, path, operation in operations()
]


class Planting:
    """Who plants what where; `pages` are addresses of the app that show it, `planted` what the API took."""

    def __init__(self, stack: Addresses, outside: Outside, member: Callable[[str], Holder]) -> None:
        self.stack = stack
        self.outside = outside
        self.member = member
        self.scripts = Scripts()
        self.planted: dict[Field, set[str]] = {}
        self.pages_of_holder: list[str] = []
        self.pages_of_staff: list[str] = []

    def line(self, longest: int = 500) -> str:
        """Return the next scripts that fit on a line."""
        return self.scripts.line(longest)

    def words(self, longest: int) -> str:
        """Return the next scripts that fit into a longer text."""
        return self.scripts.words(longest)

    def send(self, who: Holder, method: str, path: str, body: Any = None) -> Any:
        """Make a call that the API has to take, and note which fields of it held which scripts."""
        answer = who.call(method, path, body)
        operation = _operation(method, path)
        for field, words in fields_with_a_script(body):
            kept = self.planted.setdefault((operation, field), set())
            kept |= {script for script in SCRIPTS if script in words}
        return answer


def _operation(method: str, path: str) -> str:
    return next(name for known, shape, name in _OPERATIONS if known == method and shape.match(path))
