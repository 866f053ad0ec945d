"""How calls to vendors go wrong, and what adapters wait for, read from their source: none lacks its row."""

import ast
import asyncio
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Any

import cardwright.adapters

LATE_MILLISECONDS = 1_200
FAULTS: Mapping[str, Mapping[str, Any]] = {
    "never arrives": {"kind": "drop"},
    "an error of the server's": {"kind": "error", "status": 500},
    "garbage": {"kind": "garbage"},
    "the answer is lost": {"kind": "drop_response"},
    "done after we stopped waiting": {"kind": "delay", "delay_milliseconds": LATE_MILLISECONDS},
}
"""What the simulator is told to do to one call, by what that means to whoever makes it."""
_ADAPTERS = Path(cardwright.adapters.__file__).parent


async def until_late_calls_are_over() -> None:
    """Wait until a call that was delayed has had its effect."""
    await asyncio.sleep(LATE_MILLISECONDS / 1000)


def awaited_in(module: str) -> AbstractSet[str]:
    """Return the calls that a module of the adapters awaits, as they are written there."""
    tree = ast.parse((_ADAPTERS / f"{module}.py").read_text())
    found = {
        ast.unparse(node.value.func)
        for node in ast.walk(tree)
        if isinstance(node, ast.Await) and isinstance(node.value, ast.Call)
    }
    # Credentials are renewed by a blocking call on a thread: what counts is what runs there.
    found |= {
        ast.unparse(node.args[0])
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "asyncio.to_thread"
    }
    return found - {"asyncio.to_thread"}


def modules_that_import(face: str) -> AbstractSet[str]:
    """Return the modules of the adapters that keep a port of a slice and await anything."""
    return {
        name
        for path in _ADAPTERS.rglob("*.py")
        for name in [path.relative_to(_ADAPTERS).with_suffix("").as_posix()]
        if f"from {face} import" in path.read_text() and awaited_in(name)
    }
