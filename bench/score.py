"""What the risk score of one payment costs on the path: features, ONNX Runtime, thousandths.

Run it with `make bench-score`. The demo's model scores rows of an invented history that it was not trained
on. LightGBM's own `predict` answers for the same rows, where it is installed, in turns with ours, from the
model trained again. Microseconds are of the clock, one row at a time on one thread.
"""

import math
import os
import resource
from collections.abc import Callable, Sequence
from time import perf_counter, perf_counter_ns
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from cardwright.demo.invented import invent
from cardwright.demo.invented_features import samples_of
from cardwright.demo.score import HOLDERS, SEED, demo_model
from cardwright.rules import FEATURES, Scorer, features_from, load_model, velocity_of
from cardwright.rules.scoring import LoadedModel
from cardwright.training import Sample, TrainingUnavailable, metrics_of, split_in_time
from cardwright.training.fitting import train

HELD_OUT_SEED: Final = 7
HELD_OUT_HOLDERS: Final = 150
ROUNDS: Final = 5
Fields = dict[str, int | str | None]


def memory() -> float:
    """Return the most memory that this process has held, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1_024


def loaded(console: Console) -> LoadedModel:
    """Load the model twice and say what the first time, with ONNX Runtime's own start, costs beside that."""
    content, before = demo_model(), memory()
    begun = perf_counter()
    load_model(content)
    first, grown = perf_counter() - begun, memory() - before
    begun = perf_counter()
    model = load_model(content)
    again = perf_counter() - begun
    console.print(
        f"{len(content):,} bytes; loaded in {first * 1_000:,.0f} ms with ONNX Runtime and NumPy,"
        f" {again * 1_000:,.1f} ms after that; {grown:,.0f} MiB more in memory"
    )
    return model


def booster() -> Callable[[Fields], float] | None:
    """Return LightGBM's own answer for a row, of the same model trained again; None without LightGBM."""
    import numpy as np  # noqa: PLC0415 - after ONNX Runtime's start was timed

    try:
        asked: Any = train(split_in_time(samples_of(invent(SEED, HOLDERS))).earlier)
    except TrainingUnavailable:
        return None

    def predict(fields: Fields) -> float:
        row = features_from(FEATURES, fields).values()
        given = np.array([[math.nan if it is None else float(it) for it in row]])
        return float(asked.predict(given, num_threads=1)[0])

    return predict


def timed(row: Fields, ask: Callable[[Fields], object]) -> float:
    """Return the microseconds of one answer."""
    begun = perf_counter_ns()
    ask(row)
    return (perf_counter_ns() - begun) / 1_000


def row_of(what: str, took: Sequence[float], ours: float) -> list[str]:
    """Return a line of the table; the ratio is of the medians."""
    ordered = sorted(took)
    p50, p99 = ordered[len(ordered) // 2], ordered[len(ordered) * 99 // 100]
    return [what, f"{p50:,.0f}", f"{p99:,.0f}", f"{p50 / ours:.1f}"]


def fields_of(sample: Sample) -> Fields:
    """Return what a decision knows, as far as the model looks at it."""
    mcc = sample.features["merchant.mcc"]
    return {**sample.features, "merchant.mcc": f"{mcc:04}", "kind": "authorization"}


def main() -> None:
    """Measure and print."""
    console = Console()
    samples = samples_of(invent(HELD_OUT_SEED, HELD_OUT_HOLDERS))
    model = loaded(console)
    scorer = Scorer(1, "bench", velocity_of(FEATURES), model)
    rows = [fields_of(it) for it in samples]
    theirs = booster()
    for row in rows[:200]:
        scorer.score(row)
    took: tuple[list[float], list[float]] = ([], [])
    for _ in range(ROUNDS):
        for row in rows:
            took[0].append(timed(row, scorer.score))
            if theirs is not None:
                took[1].append(timed(row, theirs))
    median = sorted(took[0])[len(took[0]) // 2]
    table = Table("one payment, microseconds", "p50", "p99", "times ours")
    table.add_row(*row_of("features, ONNX Runtime, thousandths", took[0], median))
    if theirs is not None:
        table.add_row(*row_of("features, LightGBM's own predict", took[1], median))
    console.print(table)
    if theirs is None:
        console.print("LightGBM is not installed: nothing to compare with.")
    scores = [model.probability([*it.features.values()]) for it in samples]
    if theirs is not None:
        apart = max(abs(theirs(row) - given) for row, given in zip(rows, scores, strict=True))
        console.print(f"At most {apart:.1e} lie between the two answers for a row.")
    told = metrics_of([it.is_fraud for it in samples], scores)
    console.print(
        f"{len(samples):,} rows it was not trained on, {sum(it.is_fraud for it in samples)} frauds: AUC"
        f" {told['auc']:.3f}, average precision {told['average_precision']:.3f}; each timed {ROUNDS} times;"
        f" load of the machine {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores."
    )


if __name__ == "__main__":
    main()
