"""The mobile app keeps the house's rules: its models, its colours, its room."""

import importlib.util
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
APP = ROOT / "mobile" / "cardwright_mobile"
MODULES = sorted((ROOT / "mobile").rglob("*.py"))
LONGEST_MODULE = 400


def test_models_and_colours_are_those_of_the_api_document_and_the_web_app() -> None:
    spec = importlib.util.spec_from_file_location("mobile_models", ROOT / "tools" / "mobile_models.py")
    assert spec is not None
    assert spec.loader is not None
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    for path, text in tool.written().items():
        assert path.read_text() == text, "run `make mobile-client`"


def test_no_module_grows_past_its_room() -> None:
    assert len(MODULES) > 20
    assert [path for path in MODULES if len(path.read_text().splitlines()) > LONGEST_MODULE] == []


def test_nothing_is_taken_from_the_server() -> None:
    taken = re.compile(r"^\s*(?:from|import) (?:cardwright|simulator)\b", re.MULTILINE)
    assert [path for path in MODULES if taken.search(path.read_text())] == []


def test_states_know_no_controls() -> None:
    control = re.compile(r"\bft\.(?!observable\b)\w+")
    for path in (APP / "state").glob("*.py"):
        assert control.findall(path.read_text()) == [], path


def test_colours_come_from_the_tokens() -> None:
    raw = re.compile(r"\"#[0-9a-fA-F]{6}\"")
    but = {APP / "design" / "theme.py"}
    assert [path for path in MODULES if path not in but and raw.search(path.read_text())] == []
