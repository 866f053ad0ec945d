"""compose.yaml, as Compose reads it: what each container may do, whom it reaches, what it is told."""

from ipaddress import IPv4Network
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from cardwright.cli import app
from cardwright.settings import Settings
from deploy.composition import described
from deploy.dockerfiles import stages_of
from deploy.programs import DEPLOY

OURS = {"api", "worker", "migrate", "simulator", "connect"}
ENDING = {"migrate", "connect"}


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    found: dict[str, Any] = described()["services"]
    return found


@pytest.fixture(scope="module")
def networks() -> dict[str, Any]:
    found: dict[str, Any] = described()["networks"]
    return found


def test_no_container_may_write_its_image_gain_rights_or_take_the_machine(services: dict[str, Any]) -> None:
    for name, service in services.items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert int(service["mem_limit"]) > 0, name
        assert service["pids_limit"] > 0, name
        assert not {"privileged", "network_mode", "pid", "devices"} & set(service), name
        assert not any("docker.sock" in str(it.get("source")) for it in service.get("volumes", ())), name


def test_only_postgresqls_entrypoint_keeps_capabilities(services: dict[str, Any]) -> None:
    assert {name for name, it in services.items() if it.get("cap_add")} == {"postgres"}


def test_only_the_proxy_is_reached_from_the_world(services: dict[str, Any]) -> None:
    published = {
        (name, port["published"], port.get("host_ip", ""))
        for name, it in services.items() for port in it.get("ports", ())
    }  # fmt: skip
    assert published == {("edge", "80", ""), ("edge", "443", ""), ("simulator", "4020", "127.0.0.1")}


def test_the_databases_reach_nobody_and_the_proxy_reaches_no_database(
    services: dict[str, Any], networks: dict[str, Any]
) -> None:
    assert set(services["postgres"]["networks"]) == set(services["valkey"]["networks"]) == {"inside"}
    assert networks["inside"]["internal"] is networks["proxied"]["internal"] is True
    assert "inside" not in services["edge"]["networks"]


def test_the_api_trusts_the_network_that_it_shares_with_the_proxy_alone(
    services: dict[str, Any], networks: dict[str, Any]
) -> None:
    # A request that came by any other network would be counted for the proxy, or could name whom it likes.
    assert set(services["api"]["networks"]) & set(services["edge"]["networks"]) == {"proxied"}
    assert [name for name, it in services.items() if "proxied" in it["networks"]] == ["api", "edge"]
    subnet = networks["proxied"]["ipam"]["config"][0]["subnet"]
    assert services["api"]["environment"]["FORWARDED_ALLOW_IPS"] == subnet


def test_networks_do_not_overlap(networks: dict[str, Any]) -> None:
    subnets = [IPv4Network(it["ipam"]["config"][0]["subnet"]) for it in networks.values()]
    assert not any(one.overlaps(other) for one in subnets for other in subnets if one is not other)


def test_what_stays_up_is_asked_for_its_health_and_given_time_to_end(services: dict[str, Any]) -> None:
    image = stages_of(DEPLOY / "Dockerfile")[-1]
    assert "/readyz" in image.all("HEALTHCHECK")[0]
    for name, service in services.items():
        if name in ENDING:
            assert service["restart"] == "no", name
            continue
        assert service["restart"] == "unless-stopped", name
        own = service.get("healthcheck", {})
        assert own.get("test") or name in {"api", "edge", "worker"}, name
    assert services["worker"]["healthcheck"] == {"disable": True}
    assert all(services[name]["stop_grace_period"] for name in ("api", "worker", "edge", "postgres"))


def test_the_schema_is_there_before_what_needs_it(services: dict[str, Any]) -> None:
    for name in ("api", "worker"):
        migrated = services[name]["depends_on"]["migrate"]
        assert migrated == {"condition": "service_completed_successfully", "required": True}
    assert services["migrate"]["depends_on"]["postgres"]["condition"] == "service_healthy"


def test_the_simulator_is_started_only_where_it_is_asked_for(services: dict[str, Any]) -> None:
    assert {name for name, it in services.items() if it.get("profiles")} == {"simulator", "connect"}
    production = described(COMPOSE_PROFILES="", CARDWRIGHT_SITE="cards.example.com")
    assert set(production["services"]) == {"edge", "api", "worker", "migrate", "postgres", "valkey"}


def test_secrets_are_in_a_file_that_the_processes_read_and_not_in_their_description(
    services: dict[str, Any],
) -> None:
    for name in ("api", "worker"):
        told = services[name]["environment"]
        assert set(told) == {"CARDWRIGHT_ENVIRONMENT_FILE", "FORWARDED_ALLOW_IPS"}, name
        mounted = {it["target"]: it for it in services[name]["volumes"]}
        assert mounted["/etc/cardwright"]["read_only"] is True
    assert all(services[name]["image"] == services["api"]["image"] for name in OURS)


def test_a_new_deployments_settings_start_production_once_they_are_filled_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = tmp_path / "secrets"
    command = ["deployment", "new", "cards.example.com", "--into", str(made)]
    done = CliRunner().invoke(app, command)
    assert done.exit_code == 0, done.output
    for_compose = dict(line.split("=", 1) for line in done.output.splitlines())
    assert for_compose["CARDWRIGHT_SITE"] == "cards.example.com"
    settings = _read_by_a_shell(made / "environment")
    assert all(mode & 0o077 == 0 for mode in (it.stat().st_mode for it in made.iterdir()))
    # What compose gives to PostgreSQL and Valkey is what the processes come with.
    assert for_compose["CARDWRIGHT_DATABASE_PASSWORD"] in settings["DATABASE_URL"]
    assert for_compose["CARDWRIGHT_CACHE_PASSWORD"] in settings["REDIS_URL"]
    for name in [name for name in settings if not settings[name]]:
        settings[name] = f"of-the-vendor-{name.lower()}"
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    found = Settings()
    assert (found.environment, found.public_url) == ("production", "https://cards.example.com")
    again = CliRunner().invoke(app, command)
    assert again.exit_code == 1
    assert "holds a deployment" in again.output


def test_settings_that_nobody_filled_in_keep_production_from_starting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = tmp_path / "secrets"
    CliRunner().invoke(app, ["deployment", "new", "cards.example.com", "--into", str(made)])
    for name, value in _read_by_a_shell(made / "environment").items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ValueError, match=r"stripe\.api_key is a default.*smtp\.password is a default"):
        Settings()


def _read_by_a_shell(file: Path) -> dict[str, str]:
    import subprocess

    command = ["env", "-i", "/bin/sh", "-c", f'set -a; . "{file}"; exec env -0']
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    pairs = (line.split("=", 1) for line in said.split("\0") if "=" in line)
    return {name: value for name, value in pairs if name.startswith(("CARDWRIGHT_", "DATABASE_", "REDIS_"))}
