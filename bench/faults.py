"""Lets everything around the product go wrong, one by one and two at a time, and tells what was answered.

Run it with `make faults` (PAIRS=10 SEED=7). Two API processes and the worker run on a durable PostgreSQL
behind a wire that can be cut, on a clock that can be stepped; six clients ask for authorizations all the
time. What is expected of each fault stands in tests/under_fire/faults.py. The exit status is 0 only when all
of it came.
"""

import asyncio
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.table import Table

from under_fire.enduring import Endured, endure
from under_fire.faults import FAULTS, some_pairs

_EXPECTED = {
    True: "decided",
    False: "stood in",
    None: "answered",
}


def main() -> None:
    """Let each fault happen, then pairs of them; print a row for each."""
    pairs, seed = (int(it) for it in (*sys.argv[1:], *("10", "7")[len(sys.argv) - 1 :]))
    console = Console()
    mixes = [*([name] for name in FAULTS), *some_pairs(pairs, seed)]
    with tempfile.TemporaryDirectory(prefix="cardwright-faults-") as folder, console.status("") as status:

        def tell(it: Endured) -> None:
            status.update(f"{' and '.join(it.names)}: got over")

        seen, findings = asyncio.run(endure(Path(folder), mixes, seed, tell))
    table = Table("fault", "expected", "decided", "stood in", "unanswered", "over after", title="Faults")
    for it in seen:
        told = _EXPECTED[FAULTS[it.names[0]].decided if len(it.names) == 1 else None]
        table.add_row(
            ", ".join(it.names), told if it.is_as_expected else f"[red]not {told}",
            str(it.counts["decided"]), str(it.counts["stood_in"]),
            str(it.counts["cut_off"] + it.counts["refused"]), f"{it.recovered_after:.1f} s",
        )  # fmt: skip
    console.print(table)
    if not {"disk refuses fsync"} & {*FAULTS}:
        console.print("Without strace a disk that refuses fsync was not played.")
    console.print(f"In the books: {len(findings)} wrong. Seed {seed}.")
    for finding in findings[:50]:
        console.print(f"[red]{finding.kind}[/]: {finding.what}")
    sys.exit(0 if not findings and all(it.is_as_expected for it in seen) else 1)


if __name__ == "__main__":
    main()
