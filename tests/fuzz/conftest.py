"""How many cases were tried, told at the end."""

from collections import Counter

import pytest


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reports = terminalreporter.getreports("passed") + terminalreporter.getreports("failed")
    told = [each for report in reports for each in report.user_properties if each[0].startswith("cases ")]
    counted: Counter[str] = Counter()
    for name, count in told:
        counted[name.removeprefix("cases ")] += int(str(count))
    if counted:
        parts = ", ".join(f"{count} {name}" for name, count in counted.items())
        terminalreporter.write_line(f"fuzzed the API: {counted.total()} cases ({parts})")
