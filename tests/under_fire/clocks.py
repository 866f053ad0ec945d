"""The application on a clock that can be stepped while it runs, as an operator or a bad time server does."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from starlette.types import ASGIApp

from cardwright.core.clock import SystemClock
from cardwright.main import create_app

STEPPED: Final = "under_fire.clocks:stepped"
FILE: Final = "UNDER_FIRE_CLOCK"
"""The environment's name of the file that says by how many seconds the clock is off."""


def stepped() -> ASGIApp:
    """Serve the product, whose clock reads as the file says."""
    file = Path(os.environ[FILE])

    def now(_: SystemClock) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=float(file.read_text()))

    SystemClock.now = now  # type: ignore[method-assign]
    return create_app()
