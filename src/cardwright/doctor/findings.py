"""What an examination finds: one sentence on how something is, and one on what to do about it."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How bad a finding is; only a problem makes an installation unfit."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Finding:
    """How one thing is, in plain words; `remedy` says what to do unless all is well."""

    check: str
    level: Level
    said: str
    remedy: str = ""


def ok(check: str, said: str) -> Finding:
    """All is well."""
    return Finding(check, Level.OK, said)


def warning(check: str, said: str, remedy: str) -> Finding:
    """It works, and should be otherwise."""
    return Finding(check, Level.WARNING, said, remedy)


def problem(check: str, said: str, remedy: str) -> Finding:
    """It does not work, or is not safe."""
    return Finding(check, Level.PROBLEM, said, remedy)


def skipped(check: str, said: str, remedy: str = "") -> Finding:
    """It could not be looked at, or was not asked for."""
    return Finding(check, Level.SKIPPED, said, remedy)


def is_fit(findings: Iterable[Finding]) -> bool:
    """Answer whether none of them is a problem."""
    return all(found.level is not Level.PROBLEM for found in findings)
