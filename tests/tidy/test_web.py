"""The web app keeps the house's rules: its lock, its client, its words."""

import filecmp
import json
import re
import subprocess
from pathlib import Path

import pytest

from optional import do_without, find_node

WEB = Path(__file__).parents[2] / "web"
FOLDERS = (WEB, WEB.parent / "tools/lighthouse")
GENERATED = WEB / "src/api/generated"


@pytest.mark.parametrize("folder", FOLDERS)
def test_the_lock_of_packages_names_only_the_public_registry(folder: Path) -> None:
    locked = json.loads((folder / "package-lock.json").read_text())["packages"]
    packages = [package for name, package in locked.items() if name]
    assert {package["resolved"].split("/-/")[0][:27] for package in packages} == {
        "https://registry.npmjs.org/"
    }
    assert all(package["integrity"].startswith("sha512-") for package in packages)


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_package_is_pinned_to_one_version(folder: Path) -> None:
    package = json.loads((folder / "package.json").read_text())
    versions = {**package["dependencies"], **package.get("devDependencies", {})}
    assert {
        name: wanted for name, wanted in versions.items() if not re.fullmatch(r"\d+\.\d+\.\d+", wanted)
    } == {}


def test_the_committed_client_is_the_one_that_the_api_document_gives(tmp_path: Path) -> None:
    generator = WEB / "node_modules/@hey-api/openapi-ts/bin/run.js"
    if not generator.is_file():
        do_without("the web app's packages are not installed; `make web` installs them")
    command = [find_node(), str(generator), "--output", str(tmp_path / "generated"), "--no-log-file"]
    subprocess.run(command, cwd=WEB, check=True, capture_output=True)
    names = {path.relative_to(GENERATED) for path in GENERATED.rglob("*.ts")}
    assert {path.relative_to(tmp_path / "generated") for path in tmp_path.rglob("*.ts")} == names
    _, different, missing = filecmp.cmpfiles(
        GENERATED, tmp_path / "generated", list(map(str, names)), shallow=False
    )
    assert (different, missing) == ([], []), "run `make web-client`"


def test_features_do_not_import_each_other() -> None:
    features = WEB / "src/features"
    for source in features.rglob("*.ts*"):
        own = source.relative_to(features).parts[0]
        named = set(re.findall(r"from '@/features/([a-z-]+)", source.read_text()))
        assert named <= {own}, source


def test_colours_come_from_the_tokens() -> None:
    raw = re.compile(r"#[0-9a-fA-F]{6}\b")
    for sheet in (WEB / "src").rglob("*.css"):
        if sheet.name != "auth.module.css":  # a picture in itself, the same in light and dark
            assert raw.findall(sheet.read_text()) == [], sheet
