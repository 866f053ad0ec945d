"""The mobile app keeps the house's rules: its models, its colours, its room."""

import importlib.util
import json
import re
import tomllib
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


def test_what_a_phone_is_built_from_is_what_is_tested_here() -> None:
    built = tomllib.loads((ROOT / "mobile" / "pyproject.toml").read_text())
    ours = tomllib.loads((ROOT / "pyproject.toml").read_text())
    tested = ours["dependency-groups"]["mobile"]
    # The last one is the client for browsers, which a phone has inside.
    assert set(built["project"]["dependencies"]) == set(tested) - {"flet-web==1.0.5"}
    assert built["project"]["version"] == ours["project"]["version"]
    flet = built["tool"]["flet"]
    scheme = flet["android"]["deep_linking"]["scheme"]
    assert scheme == flet["ios"]["deep_linking"]["scheme"] == flet["bundle_id"]
    assert f'"{scheme}:/signed-in"' in (APP / "device" / "browser.py").read_text()
    colours = json.loads((APP / "design" / "tokens.json").read_text())["colour"]
    assert flet["splash"] == {"color": colours["light"]["page"], "dark_color": colours["dark"]["page"]}


def test_nothing_that_goes_onto_a_phone_is_compiled() -> None:
    plain = {"flet", "flet_secure_storage", "flet_camera", "flet_local_auth", "ecdsa", "httpx"}
    for name in plain:
        spec = importlib.util.find_spec(name)
        if spec is None or spec.origin is None:
            continue  # without the group `mobile` there is nothing to look at
        folder = Path(spec.origin).parent
        assert [*folder.rglob("*.so"), *folder.rglob("*.pyd")] == [], name
