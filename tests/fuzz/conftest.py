"""How many cases were tried, told at the end."""

import pytest

_cases: dict[str, int] = {}


@pytest.fixture(scope="session")
def count_cases() -> dict[str, int]:
    """Where each run notes its cases."""
    return _cases


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if _cases:
        parts = ", ".join(f"{count} as {name}" for name, count in _cases.items())
        terminalreporter.write_line(f"fuzzed the API: {sum(_cases.values())} cases ({parts})")
