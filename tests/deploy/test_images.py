"""The images: linted, without root, made of what is committed and of nothing that is secret."""

import os
import subprocess
from pathlib import Path

import pytest

from deploy.dockerfiles import Stage, copied_from_context, is_let_through, stages_of
from deploy.programs import DEPLOY, program

ROOT = DEPLOY.parent
OURS = DEPLOY / "Dockerfile"
DOCKERFILES = [OURS, DEPLOY / "Dockerfile.edge"]
SECRETS = [
    ".git/config", ".env", "deploy/.env", "deploy/secrets/environment", ".cardwright/keys.json",
    "web/node_modules/react/index.js", "src/cardwright/__pycache__/main.pyc", "tests/conftest.py",
]  # fmt: skip


@pytest.mark.parametrize("dockerfile", DOCKERFILES, ids=lambda it: it.name)
def test_hadolint_has_nothing_to_say(dockerfile: Path) -> None:
    done = subprocess.run(
        [program("hadolint"), "--no-color", dockerfile], capture_output=True, text=True, check=False
    )
    assert (done.stdout + done.stderr, done.returncode) == ("", 0)


def test_hadolint_would_speak_of_a_bad_one(tmp_path: Path) -> None:
    bad = tmp_path / "Dockerfile"
    bad.write_text("FROM debian:latest\nRUN apt-get install curl\nUSER root\n")
    done = subprocess.run([program("hadolint"), bad], capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert {"DL3007", "DL3002", "DL3008"} <= set(done.stdout.replace(" ", "\n").splitlines())


def final(dockerfile: Path) -> Stage:
    return stages_of(dockerfile)[-1]


@pytest.mark.parametrize("dockerfile", DOCKERFILES, ids=lambda it: it.name)
def test_the_image_runs_as_a_number_that_is_not_roots_and_tells_its_health(dockerfile: Path) -> None:
    image = final(dockerfile)
    user, _, group = image.all("USER")[-1].partition(":")
    assert int(user) >= 10_000
    assert int(group) >= 10_000
    assert image.all("HEALTHCHECK") != []
    # After the user was changed nothing is installed any more.
    words = [word for word, _ in image.instructions]
    assert "RUN" not in words[words.index("USER") :]
    assert "ADD" not in words


@pytest.mark.parametrize("dockerfile", DOCKERFILES, ids=lambda it: it.name)
def test_every_base_is_pinned_to_a_version(dockerfile: Path) -> None:
    for stage in stages_of(dockerfile):
        _, _, tag = stage.base.partition(":")
        assert tag[:1].isdigit(), stage.base


def test_what_builds_is_not_in_the_image() -> None:
    *builders, image = stages_of(OURS)
    assert [stage.name for stage in builders] == ["web", "build"]
    assert not any("uv" in run.split() or "npm" in run or "pip" in run for run in image.all("RUN"))
    folders = {rest.split()[1] for rest in image.all("COPY") if rest.startswith("--from=")}
    assert folders == {"/opt/cardwright", "/build/web/dist"}


def test_dependencies_come_from_the_lock_alone() -> None:
    build = stages_of(OURS)[1]
    syncs = [run for run in build.all("RUN") if "uv sync" in run]
    assert len(syncs) == 2
    assert all("--locked" in run and "--no-dev" in run for run in syncs)


def test_the_context_holds_what_is_copied_and_no_secret() -> None:
    ignore = ROOT / ".dockerignore"
    for stage in stages_of(OURS):
        for name in copied_from_context(stage):
            assert (ROOT / name).exists(), name
            assert is_let_through(name, ignore), name
    assert [name for name in SECRETS if is_let_through(name, ignore)] == []


def entrypoint(environment: dict[str, str], *command: str) -> subprocess.CompletedProcess[str]:
    told = {"PATH": os.environ["PATH"], **environment}
    return subprocess.run(
        ["/bin/sh", DEPLOY / "entrypoint.sh", *command], env=told, capture_output=True, text=True, check=False
    )


def test_the_entrypoint_takes_settings_from_a_file_and_hands_on_the_exit_code(tmp_path: Path) -> None:
    settings = tmp_path / "environment"
    settings.write_text("export CARDWRIGHT_A='two\nlines'\nCARDWRIGHT_B=plain\n")
    done = entrypoint(
        {"CARDWRIGHT_ENVIRONMENT_FILE": str(settings)},
        "sh", "-c", 'printf "%s|%s" "$CARDWRIGHT_A" "$CARDWRIGHT_B"; exit 7',
    )  # fmt: skip
    assert (done.stdout, done.returncode) == ("two\nlines|plain", 7)


def test_the_entrypoint_names_a_file_that_is_not_there(tmp_path: Path) -> None:
    done = entrypoint({"CARDWRIGHT_ENVIRONMENT_FILE": str(tmp_path / "none")}, "true")
    assert done.returncode == 1
    assert "none is not there" in done.stderr


def test_the_proxys_configuration_is_valid_and_in_its_own_shape() -> None:
    caddyfile = DEPLOY / "Caddyfile"
    for site, options in (("cards.example.com", ""), ("https://localhost:8443", "local_certs")):
        told = {**os.environ, "CARDWRIGHT_SITE": site, "CARDWRIGHT_EDGE_OPTIONS": options}
        validate = [program("caddy"), "validate", "--config", str(caddyfile), "--adapter", "caddyfile"]
        done = subprocess.run(validate, env=told, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
    shaped = subprocess.run([program("caddy"), "fmt", caddyfile], capture_output=True, text=True, check=True)
    assert shaped.stdout == caddyfile.read_text()
