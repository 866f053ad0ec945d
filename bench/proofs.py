"""What proofs about rules cost, and whether they find what was planted.

Run it with `make bench-proofs`. Two rulebooks have forty defects each, which must all be found and nothing
else; another two have rules that meet and cover each other at random, and are compared with a version in
which twenty rules are other ones, under ten guardrails. Seconds are of the clock, on one thread.
"""

import sys
from time import perf_counter
from typing import Final

from rich.console import Console
from rich.table import Table

from cardwright.rules import Rulebook, compile_rulebook
from cardwright.rules.proofs import FindingKind, Guardrail, Report, Verdict, prove
from unit.rules.planted import CATALOGUE, Planted, entangle, plant

PROMISED_SECONDS: Final = 10
BUDGET_SECONDS: Final = 120
CHANGED: Final = 20
GUARDRAILS: Final = tuple(
    Guardrail(f"small_{n}", f"holder.kyc_level >= 2 && amount < {n * 50} && card.age_days > {n}")
    for n in range(10)
)


def timed(book: Rulebook, active: Rulebook, guardrails: tuple[Guardrail, ...] = ()) -> tuple[float, Report]:
    """Return the seconds that the proofs took, and the report."""
    compiled, compiled_active = (compile_rulebook(each, CATALOGUE) for each in (book, active))
    started = perf_counter()
    report = prove(compiled, compiled_active, guardrails, budget_seconds=BUDGET_SECONDS, catalogue=CATALOGUE)
    return perf_counter() - started, report


def proven(report: Report, kind: FindingKind) -> set[tuple[str, ...]]:
    """Return the names of the rules of the proven findings of a kind; of contradictions, pairs."""
    found = [each for each in report.findings if each.kind is kind and each.verdict is Verdict.PROVEN]
    if kind is FindingKind.CONTRADICTION:
        return {(str(each.rule), other) for each in found for other in each.others}
    return {(str(each.rule),) for each in found}


def is_exact(planted: Planted, report: Report) -> bool:
    """Answer whether all that was planted was found, and nothing else."""
    return (
        proven(report, FindingKind.NEVER_FIRES) == {(name,) for name in planted.dead}
        and proven(report, FindingKind.SHADOWED) == {(name,) for name in planted.shadowed}
        and proven(report, FindingKind.CONTRADICTION) == planted.contradicting
    )


def row(name: str, seconds: float, report: Report) -> list[str]:
    """Return a line of the table."""
    counts = [str(len(proven(report, kind))) for kind in FindingKind]
    unknown = sum(each.verdict is Verdict.UNKNOWN for each in report.findings)
    return [name, f"{seconds:.1f}", *counts[:3], str(unknown)]


def main() -> None:
    """Measure; the exit status is 1 when a promise is broken."""
    timed(Rulebook(1, ()), Rulebook(0, ()))  # loads the solver
    console, is_kept = Console(), True
    table = Table("rules", "seconds", "never fire", "shadowed", "contradictions", "unknown")
    for count in (200, 500):
        planted = plant(count)
        seconds, report = timed(planted.rulebook, Rulebook(0, ()))
        table.add_row(*row(f"{count}, 40 defects planted", seconds, report))
        is_kept &= seconds < PROMISED_SECONDS and is_exact(planted, report)
    for count in (200, 500):
        book = entangle(count)
        active = Rulebook(1, (*book.rules[CHANGED:], *entangle(CHANGED, seed=2).rules))
        seconds, report = timed(book, active, GUARDRAILS)
        table.add_row(*row(f"{count} that meet at random", seconds, report))
    console.print(table)
    sys.exit(0 if is_kept else 1)


if __name__ == "__main__":
    main()
