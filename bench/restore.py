"""Loses a database under load and brings it back to a point in time from a backup and archived WAL.

Run it with `make restore-drill` (SECONDS=20). What is compared is told in tests/under_fire/restoring.py: what
was acknowledged before the point is there, what was asked for later is not, the books agree, every decision
replays. The exit status is 0 only then.
"""

import asyncio
import sys
import tempfile
from pathlib import Path

from rich.console import Console

from under_fire.restoring import lose_and_restore

SECONDS, SEED = (float(it) for it in (*sys.argv[1:], *("20", "7")[len(sys.argv) - 1 :]))


def main() -> None:
    """Run the drill and print what came of it."""
    console = Console()
    with (
        tempfile.TemporaryDirectory(prefix="cardwright-restore-") as folder,
        console.status(f"Asking for {SECONDS:.0f} s before the point and after it, then losing it all"),
    ):
        done = asyncio.run(lose_and_restore(Path(folder), seconds=SECONDS, seed=int(SEED)))
    console.print(f"Backed up in {done.backup_seconds:.1f} s, restored in {done.restore_seconds:.1f} s.")
    console.print(f"{done.before:,} authorizations were acknowledged before the point: all had to be there.")
    console.print(f"{done.after:,} were asked for after it: {done.after_there} of them are there, 0 may be.")
    for finding in done.findings[:50]:
        console.print(f"[red]{finding.kind}[/]: {finding.what}")
    is_right = not done.findings and done.after_there == 0
    console.print("[green]The books agree, and every decision replays." if is_right else "[red]Not restored.")
    sys.exit(0 if is_right else 1)


if __name__ == "__main__":
    main()
