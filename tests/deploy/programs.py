"""The programs that containers are checked with, from the dependency group `deploy`."""

import sys
from pathlib import Path

from optional import do_without

DEPLOY = Path(__file__).parents[2] / "deploy"


def program(name: str) -> str:
    """Return where a program of the group is."""
    found = Path(sys.executable).parent / name
    return str(found) if found.exists() else do_without(f"no {name} here: uv sync --group deploy")
