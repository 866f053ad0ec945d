"""How well and how fast names are found: 10,000 against a list of 17,000 people, all of them invented.

Prints precision and recall at several thresholds, recall of each variant, and the time it took; ends with 1
when what the README says of it is not kept.
"""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Final

from rich.console import Console
from rich.progress import track
from rich.table import Table

from cardwright.kyc.screening.births import read_birth
from cardwright.kyc.screening.domain import DEFAULT_THRESHOLD
from cardwright.kyc.screening.matching import Listed, NameIndex
from names_for_screening import VARIANTS, Asked, ask, invent, listed_births

LISTED: Final = 17_000
THRESHOLDS: Final = (75, 80, 82, 84, 85, 86, 88, 90, 92, 95)
PROMISED_RECALL: Final = 0.94
PROMISED_PRECISION: Final = 0.65
PROMISED_SECONDS: Final = 120


@dataclass(frozen=True, slots=True)
class Answered:
    """A name with the scores it got: of who it is, and the best of anybody else."""

    asked: Asked
    right: int
    wrong: int


def answer(index: NameIndex, asked: Sequence[Asked]) -> Sequence[Answered]:
    """Hold every name against the list."""
    answered = []
    for it in track(asked, "Comparing …", transient=True):
        matches = index.find(it.name, it.born, threshold=min(THRESHOLDS))
        right = [match.score for match in matches if match.listed.reference == str(it.entry)]
        wrong = [match.score for match in matches if match.listed.reference != str(it.entry)]
        answered.append(Answered(it, max(right, default=0), max(wrong, default=0)))
    return answered


def at_threshold(answered: Sequence[Answered], threshold: int) -> Mapping[str, float]:
    """Return precision and recall: a name counts once, as found rightly, wrongly, or not."""
    guilty = [it for it in answered if it.asked.entry is not None]
    innocent = [it for it in answered if it.asked.entry is None]
    found = sum(it.right >= threshold for it in guilty)
    false = sum(it.wrong >= threshold for it in innocent)
    return {
        "recall": found / len(guilty),
        "precision": found / (found + false) if found + false else 1.0,
        "innocent": false / len(innocent),
    }


def main() -> None:
    """Measure and print."""
    console = Console()
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    people = invent(LISTED)
    births = listed_births(people)
    listed = [
        Listed(str(place), (person.name,), (read_birth(births[place]),) if births[place] else ())
        for place, person in enumerate(people)
    ]
    started = perf_counter()
    index = NameIndex(listed)
    built = perf_counter() - started
    asked = ask(people, count)
    started = perf_counter()
    answered = answer(index, asked)
    seconds = perf_counter() - started
    console.print(_by_threshold(answered))
    console.print(_by_kind(answered))
    console.print(
        f"{LISTED:,} listed people indexed in {built:.1f} s; {count:,} names compared in {seconds:.1f} s, "
        f"{1000 * seconds / count:.2f} ms each."
    )
    kept = at_threshold(answered, DEFAULT_THRESHOLD)
    is_kept = kept["recall"] >= PROMISED_RECALL and kept["precision"] >= PROMISED_PRECISION
    sys.exit(0 if is_kept and seconds < PROMISED_SECONDS else 1)


def _by_threshold(answered: Sequence[Answered]) -> Table:
    table = Table("threshold", "precision", "recall", "innocent people told of", title="A tenth is listed")
    for threshold in THRESHOLDS:
        found = at_threshold(answered, threshold)
        mark = " (default)" if threshold == DEFAULT_THRESHOLD else ""
        table.add_row(
            f"{threshold}{mark}",
            f"{found['precision']:.1%}",
            f"{found['recall']:.1%}",
            f"{found['innocent']:.2%}",
        )
    return table


def _by_kind(answered: Sequence[Answered]) -> Table:
    table = Table("variant", "names", f"found at {DEFAULT_THRESHOLD}", title="Recall by variant")
    for kind in VARIANTS:
        scores = [it.right for it in answered if it.asked.kind == kind]
        found = sum(score >= DEFAULT_THRESHOLD for score in scores)
        table.add_row(kind, str(len(scores)), f"{found / max(len(scores), 1):.1%}")
    return table


if __name__ == "__main__":
    main()
