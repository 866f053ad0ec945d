"""Dockerfiles read as far as the rules of the house need it: stages, instructions, sources of copies."""

import re
import shlex
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path


@dataclass(slots=True)
class Stage:
    """One image in the making; `instructions` are (word, rest) with continued lines joined."""

    base: str
    name: str
    instructions: list[tuple[str, str]] = field(default_factory=list)

    def all(self, word: str) -> list[str]:
        """Return what follows each such word."""
        return [rest for found, rest in self.instructions if found == word]


def stages_of(dockerfile: Path) -> list[Stage]:
    """Return the stages in order; the last one is the image."""
    lines = [line for line in dockerfile.read_text().splitlines() if not line.lstrip().startswith("#")]
    stages: list[Stage] = []
    for joined in re.sub(r"\\\n\s*", " ", "\n".join(lines)).splitlines():
        word, _, rest = joined.strip().partition(" ")
        if word == "FROM":
            base, _, name = rest.partition(" AS ")
            stages.append(Stage(base, name))
        elif word:
            stages[-1].instructions.append((word, rest))
    return stages


def copied_from_context(stage: Stage) -> list[str]:
    """Return the names that a stage takes of the build's context."""
    found = []
    for rest in stage.all("COPY"):
        words = shlex.split(rest)
        if not any(word.startswith("--from=") for word in words):
            found += [word for word in words[:-1] if not word.startswith("--")]
    return found


def is_let_through(name: str, ignore_file: Path) -> bool:
    """Answer whether the builder gets a file; the last line that is about it decides."""
    ignored = False
    for line in ignore_file.read_text().splitlines():
        pattern = line.strip()
        if not pattern or pattern.startswith("#"):
            continue
        is_exception = pattern.startswith("!")
        pattern = pattern.removeprefix("!")
        parents = [name, *(str(parent) for parent in Path(name).parents if str(parent) != ".")]
        if any(fnmatch(parent, pattern.replace("**/", "*")) for parent in parents):
            ignored = not is_exception
    return not ignored
