"""The repository keeps its own house rules."""

import json
import re
import subprocess
from pathlib import Path

from access.asking import API, DOCUMENT
from cardwright.access import handbook, operations
from cardwright.events import page

ROOT = Path(__file__).parents[2]
TRACKED = subprocess.run(
    ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
    cwd=ROOT, capture_output=True, check=True, text=True,
).stdout.split("\0")  # fmt: skip
SOURCES = [ROOT / name for name in TRACKED if re.fullmatch(r"src/.*\.py", name) and (ROOT / name).exists()]
LONGEST_MODULE = 400
TEXTS = (".py", ".md", ".toml", ".json", ".lock", ".yaml", ".yml", ".sql", ".cfg", ".html", ".css")


def test_the_committed_page_of_permissions_is_the_one_the_code_gives() -> None:
    written = handbook(operations(API.routes))
    assert (ROOT / "docs" / "permissions.md").read_text() == written, "run `make permissions`"


def test_the_committed_page_of_events_is_the_one_the_catalogue_gives() -> None:
    assert (ROOT / "docs" / "events.md").read_text() == page(), "run `make events`"


def test_the_committed_openapi_document_is_the_one_the_code_gives() -> None:
    committed = json.loads((ROOT / "openapi.json").read_text())
    assert committed == json.loads(json.dumps(DOCUMENT)), "run `make openapi`"


def test_no_module_grows_past_its_room() -> None:
    assert not {source.name for source in SOURCES} & {"utils.py", "helpers.py", "common.py"}
    lengths = {path: len(path.read_text().splitlines()) for path in SOURCES if "versions" not in path.parts}
    assert {path: length for path, length in lengths.items() if length > LONGEST_MODULE} == {}


def test_no_module_reads_the_time_but_the_clocks() -> None:
    reads_time = re.compile(r"datetime\.(now|utcnow|today)\(|\btime\.time\(\)")
    assert _offenders(reads_time, but=("cardwright/core/clock.py", "simulator/clock.py")) == []


def test_only_the_edge_commits() -> None:
    assert _offenders(re.compile(r"\.commit\(\)"), but=("cardwright/db/migrations/env.py",)) == []


def test_only_http_knows_http_exceptions() -> None:
    assert _offenders(re.compile("HTTPException"), but=("cardwright/http/errors.py",)) == []


def test_the_session_commits_before_the_answer_and_is_opened_in_one_place() -> None:
    opening = re.compile(r"Depends\(_open_session")
    assert _offenders(opening, but=("cardwright/http/deps.py",)) == []
    assert 'Depends(_open_session, scope="function")' in (ROOT / "src/cardwright/http/deps.py").read_text()


def _offenders(pattern: re.Pattern[str], *, but: tuple[str, ...]) -> list[str]:
    names = (source.relative_to(ROOT / "src").as_posix() for source in SOURCES)
    return [name for name in names if name not in but and pattern.search((ROOT / "src" / name).read_text())]


def test_no_file_names_a_folder_of_somebodys_machine() -> None:
    for name in TRACKED:
        path = ROOT / name
        if path.suffix in TEXTS and path.exists():
            assert not re.search(r"(?<![\w.])/(?:home|root|work|Users)/\w", path.read_text()), name


def test_the_lock_names_only_the_public_registry() -> None:
    hosts = set(re.findall(r"https?://[^/\"\s]+", (ROOT / "uv.lock").read_text()))
    assert hosts == {"https://pypi.org", "https://files.pythonhosted.org"}


def test_every_adr_has_its_four_parts_and_a_number_of_its_own() -> None:
    adrs = sorted((ROOT / "docs/adr").glob("[0-9]*.md"))
    assert [path.name[:4] for path in adrs] == [f"{number:04d}" for number in range(1, len(adrs) + 1)]
    for path in adrs:
        for part in ("## Context", "## Decision", "## Consequences", "## Alternatives"):
            assert part in path.read_text(), f"{path.name} lacks {part}"


def test_the_readme_names_commands_that_exist() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"`make ([a-z-]+)", (ROOT / "README.md").read_text())) <= targets
