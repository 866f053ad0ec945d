"""Build the wheel twice, on machines as different as one machine can pretend to be, and compare the bytes.

    python -m supply.wheel UV [FOLDER] [REVISION]

Built from what is committed, by the build tool of uv.lock: whoever has the commit can build it again.
"""

import os
import subprocess
import sys
import tempfile
from hashlib import sha256
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
_ELSEWHERE: Final = {"TZ": "Pacific/Kiritimati", "LC_ALL": "C", "PYTHONHASHSEED": "4711"}


class NotReproducible(Exception):
    """Two builds of one commit differ."""


def reproduced(uv: str, into: Path, revision: str = "HEAD") -> tuple[Path, str]:
    """Return the wheel and its SHA-256; NotReproducible when a second build differs."""
    with tempfile.TemporaryDirectory() as here, tempfile.TemporaryDirectory(prefix="elsewhere-") as elsewhere:
        first = _build(uv, revision, Path(here), {"TZ": "UTC"}, 0o022)
        second = _build(uv, revision, Path(elsewhere) / "deeper/still", _ELSEWHERE, 0o077)
        digests = [sha256(wheel.read_bytes()).hexdigest() for wheel in (first, second)]
        if len(set(digests)) != 1:
            raise NotReproducible(f"{first.name}: {digests[0]} and {digests[1]}")
        into.mkdir(parents=True, exist_ok=True)
        kept = into / first.name
        kept.write_bytes(first.read_bytes())
    return kept, digests[0]


def _build(uv: str, revision: str, folder: Path, environment: dict[str, str], umask: int) -> Path:
    source = folder / "source"
    source.mkdir(parents=True)
    packed = folder / "source.tar"
    packed.write_bytes(_git("archive", "--format=tar", revision))
    subprocess.run(["tar", "--extract", "--file", packed, "--directory", source], umask=umask, check=True)
    # Files of other ages than those of the commit, as after any copy.
    for path in source.rglob("*.py"):
        os.utime(path, (1_000_000_000, 1_000_000_000 + umask))
    epoch = _git("log", "-1", "--format=%ct", revision).decode().strip()
    told = {**os.environ, **environment, "SOURCE_DATE_EPOCH": epoch}
    command = [
        uv, "build", "--quiet", "--wheel", "--no-build-isolation", "--python", sys.executable,
        "--out-dir", str(folder / "built"), str(source),
    ]  # fmt: skip
    subprocess.run(command, env=told, umask=umask, check=True)
    (wheel,) = (folder / "built").glob("*.whl")
    return wheel


def _git(*arguments: str) -> bytes:
    return subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, check=True).stdout


if __name__ == "__main__":
    target = Path(sys.argv[2]) if len(sys.argv) > 2 else ROOT / "dist"  # noqa: PLR2004 - an optional second
    try:
        made, digest = reproduced(sys.argv[1], target, *sys.argv[3:4])
    except NotReproducible as error:
        sys.exit(f"Not reproducible: {error}")
    sys.stdout.write(f"{digest}  {made.name}, twice\n")
