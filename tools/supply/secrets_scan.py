"""Look for credentials in what is committed: in the files as they are, or in everything that ever was.

    python -m supply.secrets_scan [--history]

Only shapes that real credentials have are looked for, so that each finding is worth a look; what is made up
on purpose is named in MADE_UP with the reason. What is found is shown by its place, never by itself.
"""

import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final, cast

ROOT: Final = Path(__file__).parents[2]
_LARGEST: Final = 4_000_000
SHAPES: Final[dict[str, re.Pattern[bytes]]] = {
    name: re.compile(shape)
    for name, shape in {
        "AWS access key": rb"\b(?:AKIA|ASIA)[A-Z2-7]{16}\b",
        "AWS secret key": rb"(?i)aws.{0,20}?secret.{0,20}?[=:]\s*[\"']?[A-Za-z0-9/+]{40}\b",
        "Stripe key": rb"\b[sr]k_(?:live|test)_[A-Za-z0-9]{20,}\b",
        "webhook secret": rb"\bwhsec_[A-Za-z0-9+/=]{32,}",
        "Twilio account with a token": rb"\bAC[0-9a-f]{32}\b[\s\S]{1,200}?\b[0-9a-f]{32}\b",
        "Twilio API key": rb"\bSK[0-9a-f]{32}\b",
        "SendGrid key": rb"\bSG\.[A-Za-z0-9_-]{16,32}\.[A-Za-z0-9_-]{32,64}\b",
        "Google API key": rb"\bAIza[A-Za-z0-9_-]{35}\b",
        "GitHub token": rb"\b(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{60,})\b",
        "GitLab token": rb"\bglpat-[A-Za-z0-9_-]{20,}\b",
        "Slack token": rb"\bxox[abprs]-[A-Za-z0-9-]{20,}\b",
        "npm token": rb"\bnpm_[A-Za-z0-9]{36}\b",
        "PyPI token": rb"\bpypi-AgEIcHlwaS[A-Za-z0-9_-]{40,}",
        "Onfido token": rb"\bapi_live(?:_[a-z]{2})?\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{20,}",
        "private key": rb"-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----\\?[rn\s\"']*[A-Za-z0-9+/=\\\s]{64,}",
        "JSON Web Token": rb"\beyJ[A-Za-z0-9_-]{16,}\.eyJ[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{40,}\b",
        "password in an address": rb"\b(?:postgres(?:ql)?|redis|mysql|amqp|smtps?)://[^\s:/@\"'{}<>$]{1,40}:"
        rb"(?=[^\s@\"'{}<>$]*[0-9])(?=[^\s@\"'{}<>$]*[A-Za-z])[A-Za-z0-9_%+=-]{16,}@",
    }.items()
}
MADE_UP: Final[dict[str, frozenset[str]]] = {
    # The example of the API's documentation.
    "openapi.json": frozenset({"webhook secret"}),
    "src/cardwright/webhooks/schemas.py": frozenset({"webhook secret"}),
    # The published vector of Standard Webhooks.
    "tests/unit/webhooks/test_signing.py": frozenset({"webhook secret"}),
    # A strong password of a database that never was.
    "tests/unit/core/test_settings.py": frozenset({"password in an address"}),
}
"""Files with made-up credentials, and of which shapes."""


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """Something of a credential's shape; `where` is a path, or an object of the history with its path."""

    where: str
    line: int
    shape: str


def scan(where: str, content: bytes) -> list[Finding]:
    """Return what has the shape of a credential."""
    if len(content) > _LARGEST or b"\0" in content[:8_000]:
        return []
    return [
        Finding(where, content.count(b"\n", 0, hit.start()) + 1, shape)
        for shape, pattern in SHAPES.items()
        for hit in pattern.finditer(content)
    ]


def committed() -> Iterator[tuple[str, bytes]]:
    """Yield the files that are tracked, or will be."""
    listed = _git("ls-files", "-z", "--cached", "--others", "--exclude-standard")
    for name in listed.decode().split("\0"):
        path = ROOT / name
        if name and path.is_file():
            yield name, path.read_bytes()


def history() -> Iterator[tuple[str, bytes]]:
    """Yield every file of every commit that a branch or tag leads to, each content once."""
    listed = _git("rev-list", "--objects", "--all").decode()
    names = {line[:40]: line[41:] for line in listed.splitlines() if len(line) > 41}  # noqa: PLR2004 - SHA-1
    reader = subprocess.Popen(
        ["git", "cat-file", "--batch"], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    with reader:
        asked, told = cast("IO[bytes]", reader.stdin), cast("IO[bytes]", reader.stdout)
        for object_id, name in names.items():
            asked.write(f"{object_id}\n".encode())
            asked.flush()
            _, kind, size = told.readline().split()
            content = told.read(int(size) + 1)[:-1]
            if kind == b"blob":
                yield f"{name}@{object_id[:12]}", content
        asked.close()


def found_in(files: Iterable[tuple[str, bytes]]) -> list[Finding]:
    """Return what is in files and is not made up on purpose."""
    return sorted(
        finding
        for where, content in files
        for finding in scan(where, content)
        if finding.shape not in MADE_UP.get(where.partition("@")[0], ())
    )


def _git(*arguments: str) -> bytes:
    return subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, check=True).stdout


if __name__ == "__main__":
    findings = found_in(history() if "--history" in sys.argv else committed())
    for found in findings:
        sys.stdout.write(f"{found.where}:{found.line}: {found.shape}\n")
    sys.stdout.write(f"{len(findings)} findings\n")
    sys.exit(bool(findings))
