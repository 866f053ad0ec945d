"""Runs schemathesis against a served application as two people of one role, and reads its report."""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

ROOT = Path(__file__).parents[2]
ENDERS: Final = ("close_my_account", "end_session", "end_session_by_form", "revoke_session", "sign_out")
"""Operations that end the session of whoever runs them: asked for at the very end, by themselves."""

STAFF_ENDERS: Final = ("sign_user_out",)
"""Those with which the staff end it for others, and so for each other."""

PHASES: Final = ("examples", "coverage", "fuzzing", "stateful")

_CONFIGURATION: Final = """
hooks = "{hooks}"

[generation]
# JSON may carry it and PostgreSQL may not: no description can say so of every string.
allow-x00 = false

[phases.stateful.generation]
# What links one answer to the next request comes out in many scenarios only.
max-examples = {scenarios}

[auth.wfc]
path = "{auth}"
peers = ["ada", "eve"]

[checks]
# Also refused for a reason of the domain, or by OAuth, whose RFCs know 400 only; the check of our own,
# `what_is_described_is_understood`, looks at the shape.
positive_data_acceptance.expected-statuses = ["2xx", "3xx", "400", "401", "403", "404", "409", "422", "429"]
# And a body that breaks the description by its sheer size is refused before it is read.
negative_data_rejection.expected-statuses = ["400", "401", "403", "404", "405", "409", "413", "422", "429"]
"""


@dataclass(frozen=True, slots=True)
class Report:
    """What came of a run: how many cases, and everything that was wrong."""

    cases: int
    faults: Sequence[Mapping[str, Any]]
    output: str


@dataclass(frozen=True, slots=True)
class Fuzzer:
    """Knows the application's address, where to keep files, and how many scenarios to try."""

    address: str
    folder: Path
    scenarios: int

    def run(
        self,
        peers: Mapping[str, Mapping[str, str]],
        *,
        examples: int,
        seed: int,
        only: Sequence[str] = (),
        but: Sequence[str] = (*ENDERS, *STAFF_ENDERS),
        phases: Sequence[str] = PHASES,
    ) -> Report:
        """Try every operation `but` some, or `only` some, as peers given by their headers."""
        report = self.folder / "report.json"
        report.unlink(missing_ok=True)
        chosen = only or but
        choice = "--include-operation-id" if only else "--exclude-operation-id"
        # One worker: reading its own source in several threads at once fails in CPython 3.11.
        command = [
            sys.executable, "-m", "schemathesis.cli", "--config-file", str(self._configuration(peers)),
            "--no-color", "run", str(ROOT / "openapi.json"), "--url", self.address, "--seed", str(seed),
            "--max-examples", str(examples), "--workers", "1", "--continue-on-failure", "--warnings", "off",
            "--phases", ",".join(phases), "--report", "json", "--report-json-path", str(report),
            # A slow machine is no mistake of the code under test; what hangs is found all the same.
            "--suppress-health-check", "too_slow", "--request-timeout", "40",
            *(argument for name in chosen for argument in (choice, name)),
        ]  # fmt: skip
        ran = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, check=False)
        output = f"{ran.stdout[-20_000:]}\n{ran.stderr[-5_000:]}"
        assert report.exists(), output
        told = json.loads(report.read_text())
        return Report(told["test_cases"]["generated"], [*told["failures"], *told["errors"]], output)

    def _configuration(self, peers: Mapping[str, Mapping[str, str]]) -> Path:
        auth, written = self.folder / "auth.json", self.folder / "schemathesis.toml"
        people = [
            {"name": name, "fixedHeaders": [{"name": key, "value": headers[key]} for key in headers]}
            for name, headers in peers.items()
        ]
        auth.write_text(json.dumps({"schema_version": "0.2.0", "auth": people}))
        written.write_text(
            _CONFIGURATION.format(
                hooks=Path(__file__).with_name("hooks.py"), auth=auth, scenarios=self.scenarios
            )
        )
        return written
