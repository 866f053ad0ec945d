"""Lets the release before and this one take turns under load, across a migration and back.

Run it with `make upgrade-drill` (SECONDS=10, FROM=a commit; as a rule the one before the newest migration).
What happens is told in tests/under_fire/upgrading.py. The exit status is 0 only when every payment was
decided, and once.
"""

import asyncio
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.table import Table

from under_fire.upgrading import before_the_newest_migration, replace_and_go_back

SECONDS = float(sys.argv[1]) if len(sys.argv) > 1 else 10.0


def main() -> None:
    """Run the drill and print how much was decided in each stretch."""
    console = Console()
    old = sys.argv[2] if len(sys.argv) > 2 else before_the_newest_migration()  # noqa: PLR2004 - the commit
    if old is None:
        sys.exit("The release before is in the repository's history, which is not here.")
    with tempfile.TemporaryDirectory(prefix="cardwright-upgrade-") as folder, console.status("Taking turns"):
        done = asyncio.run(replace_and_go_back(Path(folder), old, seconds=SECONDS, seed=7))
    table = Table("stretch", "decided", title=f"From {old[:10]} to this, and back")
    for name, decided in done.decided.items():
        table.add_row(name, f"{decided:,}")
    console.print(table)
    for finding in done.findings[:50]:
        console.print(f"[red]{finding.kind}[/]: {finding.what}")
    console.print(
        "[green]Every payment was decided, once." if not done.findings else "[red]Not all went well."
    )
    sys.exit(1 if done.findings else 0)


if __name__ == "__main__":
    main()
