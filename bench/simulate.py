"""Lives wallets through days on a virtual clock and network, drawn from one seed, until something is wrong.

Run it with `make simulate` (DAYS=1000 SEED=7); LIFE=12 goes through that life again. What happens in a day
and what is checked is told in tests/simulation/life.py. A failure names seed and life, and comes again.
"""

import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.progress import Progress

from cardwright.db.embedded import EmbeddedPostgres
from cardwright.db.migrate import upgrade
from simulation.life import DAYS, Life
from simulation.lives import connected_to, lived

_WHOLE, SEED = (int(it) for it in (*sys.argv[1:], *("1000", "7")[len(sys.argv) - 1 :]))
_LIFE: Final = os.environ.get("LIFE")
# Everything is undone at the end of a life: nothing has to be on the disk.
_UNSAFE: Final = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


def main() -> None:
    """Go through the lives, and print what they came to."""
    console, began = Console(), time.monotonic()
    numbers = [int(_LIFE)] if _LIFE else [*range(-(-_WHOLE // DAYS))]
    with tempfile.TemporaryDirectory(prefix="cardwright-simulation-") as folder:
        server = EmbeddedPostgres(Path(folder) / "pg", settings=_UNSAFE)
        url = server.start()
        try:
            upgrade(url)
            lives = _live(url, numbers, console)
        finally:
            server.stop(mode="immediate")
    took = time.monotonic() - began
    steps, decisions, approvals, heard = (
        sum(getattr(it, of) for it in lives) for of in ("steps", "decisions", "approvals", "heard")
    )
    console.print(
        f"{len(lives) * DAYS:,} days in {took:,.0f} s: {steps:,} things happened, {decisions:,} decisions"
        f" ({approvals:,} approved), {heard:,} messages; nothing was wrong. Seed {SEED}."
    )


def _live(url: str, numbers: list[int], console: Console) -> list[Life]:
    with connected_to(url) as wallets, Progress(console=console) as progress:
        return [lived(wallets, SEED, it, DAYS) for it in progress.track(numbers, description="lives")]


if __name__ == "__main__":
    main()
