"""Kills processes and crashes PostgreSQL under load, and compares what was acknowledged with the books.

Run it with `make chaos` (KILLS=1000 PG=10 SEED=7 MIX=processes). Two API processes and the worker are ended
by SIGKILL, PostgreSQL by an immediate shutdown, while eight clients ask for authorizations and cards, and ask
again until they are answered. `MIX=all` also kills and empties Valkey. Then three ways to do it wrong have to
be caught by the same checker. What is compared is told in tests/under_fire/books.py. The exit status is 0
only when nothing was found in the product and each wrong way was caught.
"""

import asyncio
import shutil
import sys
import tempfile
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from under_fire.books import KINDS
from under_fire.controls import HASTY_POSTGRES
from under_fire.drill import Outcome, Plan, drill

_DEFAULTS: Final = ("1000", "10", "7", "processes")
_MIXES: Final = ("processes", "all")
PRODUCT: Final = "Cardwright"
KEPT: Final = Path(".cardwright/chaos")
"""Where logs go that may say why something was found."""


def main() -> None:
    """Run the drill and the controls, and print a row for each."""
    kills, crashes, seed, mix = (*sys.argv[1:], *_DEFAULTS[len(sys.argv) - 1 :])
    if mix not in _MIXES:
        sys.exit(f"MIX is one of {', '.join(_MIXES)}.")
    flushes = int(crashes) if mix == "all" else 0
    product = Plan(int(kills), int(crashes), flushes, seed=int(seed))
    few = replace(product, kills=10, crashes=0, flushes=0, holders=4)
    controls = {
        "looks, then decides": replace(few, serves="under_fire.controls:check_then_act"),
        "remembers in Valkey alone": replace(few, flushes=2, serves="under_fire.controls:valkey_alone"),
        "commits without waiting": replace(few, kills=0, crashes=3, postgres=HASTY_POSTGRES),
    }
    console = Console()
    with Progress(console=console) as progress:
        outcome = run(PRODUCT, product, progress)
        caught = {name: run(name, plan, progress) for name, plan in controls.items()}
    show(console, {PRODUCT: outcome, **caught})
    for finding in outcome.findings[:50]:
        console.print(f"[red]{finding.kind}[/]: {finding.what}")
    if outcome.findings:
        console.print(f"The logs of it are in {KEPT}.")
    sys.exit(0 if not outcome.findings and all(it.findings for it in caught.values()) else 1)


def run(name: str, plan: Plan, progress: Progress) -> Outcome:
    """Run one plan on databases of its own."""
    task = progress.add_task(name, total=None)

    def tell(done: int, total: int) -> None:
        progress.update(task, completed=done, total=total)

    with tempfile.TemporaryDirectory(prefix="cardwright-chaos-") as folder:
        outcome = asyncio.run(drill(Path(folder), plan, tell))
        if outcome.findings and name == PRODUCT:
            KEPT.mkdir(parents=True, exist_ok=True)
            for log in (Path(folder) / "processes.log", Path(folder) / "pg" / "postgres.log"):
                shutil.copy(log, KEPT)
    return outcome


def show(console: Console, outcomes: dict[str, Outcome]) -> None:
    """Print what was hit, what was asked, and what was found."""
    table = Table("", "hit", "asked", "sent", "acknowledged", "found", title="Under fire")
    for name, it in outcomes.items():
        hit = "\n".join(f"{count} {what}" for what, count in it.hits.items() if count)
        counted = Counter(finding.kind for finding in it.findings)
        found = "\n".join(f"{count} {kind}" for kind, count in counted.items()) or "nothing"
        is_right = bool(it.findings) != (name == PRODUCT)
        table.add_row(
            name, hit, f"{it.asked:,}", f"{it.sent:,}", f"{it.acknowledged:,}",
            f"[{'green' if is_right else 'red'}]{found}",
        )  # fmt: skip
    console.print(table)
    for kind in sorted({finding.kind for it in outcomes.values() for finding in it.findings}):
        console.print(f"[bold]{kind}[/]: {KINDS[kind]}")
    took = sum(it.took for it in outcomes.values())
    console.print(f"Seed {outcomes[PRODUCT].plan.seed}, {took:,.0f} s.")


if __name__ == "__main__":
    main()
