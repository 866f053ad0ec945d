"""What compose.yaml describes is started, and the story's first steps are told to it over HTTPS."""

import shutil
import ssl
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from http.cookiejar import CookieJar, DefaultCookiePolicy
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
from rich.console import Console

from cardwright.db.session import create_engine
from cardwright.demo.outside import Outside
from cardwright.demo.people import Person
from cardwright.demo.processes import Children
from cardwright.demo.purchases import PURCHASES
from cardwright.demo.recorder import Recorder
from cardwright.demo.story import PREPARATION, Scene
from deploy.composition import Composition, described
from deploy.held import USER, can_hold
from optional import do_without


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Composition]:
    # Short, as sockets' paths are.
    folder = tmp_path_factory.mktemp("compose")
    children = Children(folder / "logs", folder / "processes")
    composition = Composition(described(), folder, children)
    with ExitStack() as stack:
        composition.start(stack)
        yield composition


@pytest.fixture
async def browser(running: Composition) -> AsyncIterator[httpx.AsyncClient]:
    trusted = ssl.create_default_context(cafile=running.authority)
    # Everybody of the story has the cookie in hand: a jar, which over TLS would keep it, would mix them up.
    no_jar = CookieJar(DefaultCookiePolicy(allowed_domains=[]))
    async with httpx.AsyncClient(
        base_url=running.site, timeout=20, verify=trusted, cookies=no_jar, trust_env=False
    ) as client:
        yield client


def staff(running: Composition, browser: httpx.AsyncClient, name: str) -> Person:
    password = running.said["connect"].rsplit(" with ", 1)[1].strip().removesuffix(".")
    return Person(browser, f"{name}@cardwright.example", password)


def ask(running: Composition, service: str, path: str) -> httpx.Response:
    return httpx.get(f"http://127.0.0.1:{running.ports[service]}{path}")


async def test_the_storys_first_steps_go_through_the_proxy(
    running: Composition, browser: httpx.AsyncClient
) -> None:
    outside = Outside(f"http://127.0.0.1:{running.ports['simulator']}")
    engine = create_engine(running.database)
    recorder = Recorder(Console(quiet=True))
    password = "correct horse battery staple"
    scene = Scene(
        api=browser, outside=outside, recorder=recorder, engine=engine,
        ada=Person(browser, "ada@people.example", password),
        max=Person(browser, "max@people.example", password),
        admin=staff(running, browser, "admin"),
        analyst=staff(running, browser, "analyst"),
        finance=staff(running, browser, "finance"),
    )  # fmt: skip
    try:
        for title, step in (*PREPARATION, PURCHASES[0]):
            with recorder.step(title):
                await step(scene)
    finally:
        await outside.aclose()
        await engine.dispose()
    decided: list[Any] = [decision for step in recorder.steps for decision in step.decisions]
    assert [it["outcome"] for it in decided][:1] == ["approved"]
    assert all(step.milliseconds > 0 for step in recorder.steps)
    # What vendors told came over HTTPS to the public name, and was accepted with its signature.
    told = ask(running, "simulator", "/_sim/deliveries").json()["data"]
    assert {"stripe", "twilio"} <= {it["channel"] for it in told}
    assert all(it["url"].startswith(running.site) for it in told)
    assert {it["status"] for it in told} <= {"delivered", "pending"}


async def test_answers_bind_browsers_to_https_and_name_no_software(browser: httpx.AsyncClient) -> None:
    answer = await browser.get("/healthz")
    assert answer.status_code == 200
    assert answer.headers["strict-transport-security"].startswith("max-age=63072000")
    assert not {"server", "via"} & set(answer.headers)


@pytest.mark.parametrize("path", ["/readyz", "/metrics"])
async def test_what_is_for_operators_is_not_shown_to_the_world(
    running: Composition, browser: httpx.AsyncClient, path: str
) -> None:
    assert (await browser.get(path)).status_code == 404
    assert ask(running, "api", "/readyz").status_code == 200


def test_plain_http_leads_to_https(running: Composition) -> None:
    answer = httpx.get(f"http://localhost:{running.ports['http']}/sign-in", follow_redirects=False)
    assert answer.status_code == 308
    assert answer.headers["location"].startswith("https://localhost")


def negotiated(running: Composition, *arguments: str) -> str:
    openssl = shutil.which("openssl") or do_without("there is no openssl here")
    command = [
        openssl,
        "s_client",
        "-connect",
        f"127.0.0.1:{running.ports['https']}",
        "-servername",
        "localhost",
    ]
    done = subprocess.run(
        [*command, "-CAfile", running.authority, *arguments], input=b"", capture_output=True, check=False
    )
    return (done.stdout + done.stderr).decode(errors="replace")


def test_the_proxy_speaks_http_2_over_tls_1_2_and_1_3_and_nothing_older(running: Composition) -> None:
    newest = negotiated(running, "-alpn", "h2", "-tls1_3")
    assert "ALPN protocol: h2" in newest
    assert "Verify return code: 0 (ok)" in newest
    assert "Protocol  : TLSv1.2" in negotiated(running, "-tls1_2")
    refused = negotiated(running, "-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0")
    assert "Cipher is (NONE)" in refused


async def test_who_asks_is_who_the_proxy_saw_not_who_the_client_says(running: Composition) -> None:
    # From another address of this machine than the proxy's own.
    trusted = ssl.create_default_context(cafile=running.authority)
    transport = httpx.AsyncHTTPTransport(verify=trusted, local_address="127.0.0.2")
    headers = {"X-Forwarded-For": "203.0.113.9", "X-Real-IP": "203.0.113.9", "Forwarded": "for=203.0.113.9"}
    async with httpx.AsyncClient(base_url=running.site, transport=transport, headers=headers) as client:
        admin = staff(running, client, "admin2")
        await admin.sign_in()
        client.cookies.clear()
        sessions = (await admin.get("/v1/auth/sessions"))["data"]
    assert [it["client_address"] for it in sessions] == ["127.0.0.2"]


async def test_the_products_role_cannot_pass_the_walls(running: Composition) -> None:
    connection = await asyncpg.connect(running.database)
    try:
        row = await connection.fetchrow(
            "SELECT rolsuper, rolbypassrls, rolreplication, rolcreatedb"
            " FROM pg_roles WHERE rolname = current_user"
        )
        assert row is not None
        assert dict(row) == dict.fromkeys(row.keys(), False)
    finally:
        await connection.close()
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(running.database.replace("made-up-for-the-simulator", "guessed"))


def test_settings_are_for_their_owner_alone(running: Composition) -> None:
    for path in (running.folder / "settings").iterdir():
        assert path.stat().st_mode & 0o077 == 0, path


def test_processes_were_held_as_containers_are(running: Composition) -> None:
    if not can_hold():
        do_without("user namespaces are not allowed here, or there is no unshare")
    for name in ("api", "worker", "simulator"):
        (child,) = [it for it in running.children.running if it.name == name]
        process = Path("/proc") / str(child.process.pid)
        status = dict(line.split(":\t", 1) for line in (process / "status").read_text().splitlines())
        assert (int(status["CapEff"], 16), status["NoNewPrivs"]) == (0, "1"), name
        assert (process / "uid_map").read_text().split()[0] == USER
        root = [line for line in (process / "mounts").read_text().splitlines() if line.split()[1] == "/"]
        assert "ro" in root[-1].split()[3].split(","), name


def test_nothing_ended_by_itself(running: Composition) -> None:
    assert running.children.find_ended() is None
    logs: Path = running.children.logs
    assert "Traceback" not in (logs / "api.log").read_text()
