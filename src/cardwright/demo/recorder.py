"""What the story shows while it runs, and what it leaves behind in story.json."""

import json
import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text


@dataclass(slots=True)
class Step:
    """One step of the story: what happened, the ids it made, how long it took, the decisions it saw."""

    number: int
    title: str
    milliseconds: int = 0
    lines: list[str] = field(default_factory=list)
    ids: dict[str, str] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)
    decisions: list[Mapping[str, Any]] = field(default_factory=list)


def _in_time(stage: tuple[str, int]) -> int:
    order = ("lock", "load", "decide")
    return order.index(stage[0]) if stage[0] in order else len(order)


class Recorder:
    """Prints each line as it happens and keeps it; `picture` gets a copy of the steps named by number."""

    def __init__(
        self, console: Console, picture: Console | None = None, pictured: Collection[int] = ()
    ) -> None:
        self._screen = console
        self._picture = picture
        self._pictured = pictured
        self._began = 0.0
        self.steps: list[Step] = []

    @contextmanager
    def step(self, title: str) -> Iterator[Step]:
        """Open the next step; its time is taken when it closes."""
        step = Step(len(self.steps) + 1, title)
        if not self.steps:
            self._began = time.perf_counter()
        self.steps.append(step)
        self._print()
        self._print(Text.assemble((f" {step.number:>2} ", "bold reverse cyan"), "  ", (title, "bold")))
        began = time.perf_counter()
        yield step
        step.milliseconds = round((time.perf_counter() - began) * 1_000)
        self._print(Text(f"      {step.milliseconds} ms", "dim"))

    def say(self, line: str, *, mark: str = "✓", style: str = "green") -> None:
        """Tell one thing that has happened."""
        self.steps[-1].lines.append(line)
        self._print(Padding(Text.assemble((f"{mark} ", style), line), (0, 0, 0, 5), expand=False))

    def note(self, **facts: Any) -> None:
        """Keep facts of the step, such as ids, in story.json."""
        step = self.steps[-1]
        for name, value in facts.items():
            if isinstance(value, str) and name.endswith("_id"):
                step.ids[name] = value
            else:
                step.facts[name] = value

    def keep(self, decision: Mapping[str, Any]) -> None:
        """Keep a decision in story.json, once."""
        kept = self.steps[-1].decisions
        if all(decision["id"] != other["id"] for other in kept):
            kept.append(decision)

    def decision(self, decision: Mapping[str, Any]) -> None:
        """Show a decision: every check with its numbers, and what would have let it pass."""
        self.keep(decision)
        table = Table.grid(padding=(0, 1))
        for check in decision["checks"]:
            sign = Text("✓", "green") if check["passed"] else Text("✗", "bold red")
            style = "dim" if check["passed"] else "red"
            table.add_row(sign, Text(check["name"], style), Text(check["explanation"], style))
            if check["detail"]:
                table.add_row("", "", Text(check["detail"], "dim red"))
            if check["would_pass"]:
                table.add_row("", "", Text(f"would pass: {check['would_pass']}", "yellow"))
        self._print(Padding(table, (0, 0, 0, 9), expand=False))
        stages = decision["stages_us"]
        took = ", ".join(f"{name} {us / 1_000:.1f}" for name, us in sorted(stages.items(), key=_in_time))
        self._print(Text(f"         decided in {sum(stages.values()) / 1_000:.1f} ms ({took})", "dim"))

    def table(self, table: Table) -> None:
        """Show a table."""
        self._print(Padding(table, (0, 0, 0, 5), expand=False))

    def _print(self, what: Any = "") -> None:
        self._screen.print(what)
        if self._picture is not None and self.steps[-1].number in self._pictured:
            self._picture.print(what)

    def seconds(self) -> float:
        """Return how long the story has taken."""
        return round(time.perf_counter() - self._began, 2)

    def write(self, path: Path, **more: Any) -> None:
        """Write story.json."""
        content = {"seconds": self.seconds(), "steps": [asdict(step) for step in self.steps], **more}
        path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n")
