"""The built web app beside the API: what is kept how long, under which policy, whose each address is."""

import base64
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from starlette.responses import JSONResponse

from cardwright.http.web_app import WebApp, WebAppMissing, policy_of

START = "import('/assets/index-BNHUvcWw.js')"
PAGE = f"<!doctype html><title>Cardwright</title><script>{START}</script>"
SCRIPT = "console.log('built')"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text(PAGE)
    (tmp_path / "favicon.svg").write_text("<svg/>")
    script = tmp_path / "assets" / "index-BNHUvcWw.js"
    script.write_text(SCRIPT)
    script.with_name(script.name + ".br").write_bytes(b"brotli")
    script.with_name(script.name + ".gz").write_bytes(b"gzip")
    (tmp_path.parent / "secret.txt").write_text("not served")
    return tmp_path


@pytest.fixture
def client(folder: Path) -> httpx.AsyncClient:
    api = FastAPI(docs_url="/docs")

    @api.get("/")
    async def root() -> JSONResponse:
        return JSONResponse({"is": "the API"})

    @api.get("/v1/wallet")
    async def wallet() -> JSONResponse:
        return JSONResponse({"available_balance": 1})

    app = WebApp(api, folder=folder, routes=api.routes)
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="https://cards.example")


async def visit(client: httpx.AsyncClient, path: str, **headers: str) -> httpx.Response:
    asked: Mapping[str, str] = {"accept": "text/html,*/*", "accept-encoding": "identity"}
    return await client.get(path, headers={**asked, **headers})


@pytest.mark.parametrize("path", ["/", "/cards", "/cards/card_1", "/reset-password", "/index.html"])
async def test_whatever_a_person_opens_is_the_page_which_is_never_kept(
    client: httpx.AsyncClient, path: str
) -> None:
    answer = await visit(client, path)
    assert (answer.status_code, answer.text) == (200, PAGE)
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"


async def test_files_with_a_hash_are_kept_for_a_year_and_others_asked_for_again(
    client: httpx.AsyncClient,
) -> None:
    hashed = await visit(client, "/assets/index-BNHUvcWw.js")
    assert hashed.text == SCRIPT
    assert hashed.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert (await visit(client, "/favicon.svg")).headers["cache-control"] == "no-cache"


@pytest.mark.parametrize(
    ("accepted", "sent"),
    [
        ("gzip, deflate, br, zstd", "br"),
        ("gzip", "gzip"),
        ("br;q=0, gzip;q=0.5", "gzip"),
        ("br;q=0.0", None),
        ("identity", None),
        ("", None),
    ],
)
async def test_the_best_encoding_that_is_accepted_is_sent(
    client: httpx.AsyncClient, accepted: str, sent: str | None
) -> None:
    async with client.stream(
        "GET", "/assets/index-BNHUvcWw.js", headers={"accept-encoding": accepted}
    ) as answer:
        raw = b"".join([part async for part in answer.aiter_raw()])
    assert answer.headers.get("content-encoding") == sent
    assert answer.headers["vary"] == "accept-encoding"
    assert raw == {"br": b"brotli", "gzip": b"gzip", None: SCRIPT.encode()}[sent]
    assert answer.headers["content-length"] == str(len(raw))


@pytest.mark.parametrize("path", ["/", "/favicon.svg", "/assets/index-BNHUvcWw.js"])
async def test_nothing_runs_but_what_stands_in_the_page_and_what_that_loads(
    client: httpx.AsyncClient, path: str
) -> None:
    headers = (await visit(client, path)).headers
    policy = headers["content-security-policy"]
    directives = dict(part.split(" ", 1) for part in policy.split("; "))
    hashed = base64.b64encode(sha256(START.encode()).digest()).decode()
    assert directives["default-src"] == "'none'"
    assert directives["script-src"] == f"'strict-dynamic' 'sha256-{hashed}'"
    assert directives["style-src"] == directives["worker-src"] == "'self'"
    assert directives["require-trusted-types-for"] == "'script'"
    assert directives["trusted-types"] == "cardwright-worker"
    assert "unsafe" not in policy
    assert headers["cross-origin-opener-policy"] == headers["cross-origin-resource-policy"] == "same-origin"
    assert "geolocation=()" in headers["permissions-policy"]


def test_a_page_without_a_script_lets_none_run() -> None:
    assert "script-src 'strict-dynamic';" in policy_of(b"<!doctype html><title>Empty</title>")


@pytest.mark.parametrize("path", ["/v1/wallet", "/v1/nothing", "/docs", "/openapi.json", "/webhooks/nobody"])
async def test_the_addresses_of_the_api_stay_its_own(client: httpx.AsyncClient, path: str) -> None:
    answer = await visit(client, path)
    assert PAGE not in answer.text
    assert "content-security-policy" not in answer.headers


@pytest.mark.parametrize(
    "path",
    [
        "/assets/gone-BNHUvcWw.js", "/missing.png", "/assets/index-BNHUvcWw.js.br", "/../secret.txt",
        "/%2e%2e/secret.txt", "/assets/..%2f..%2fsecret.txt", "/assets/../../secret.txt",
    ],
)  # fmt: skip
async def test_a_file_that_is_not_there_is_not_there(client: httpx.AsyncClient, path: str) -> None:
    answer = await visit(client, path)
    assert answer.status_code == 404
    assert "not served" not in answer.text


async def test_a_script_that_asks_for_no_page_gets_none(client: httpx.AsyncClient) -> None:
    assert (await visit(client, "/cards", accept="application/json")).status_code == 404


async def test_a_post_is_for_the_api(client: httpx.AsyncClient) -> None:
    assert (await client.post("/cards", headers={"accept": "text/html"})).status_code == 404


async def test_head_tells_the_same_without_the_body(client: httpx.AsyncClient) -> None:
    answer = await client.head("/cards", headers={"accept": "text/html", "accept-encoding": "identity"})
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-length"] == str(len(PAGE))


def test_a_folder_without_the_app_is_refused_at_the_start(tmp_path: Path) -> None:
    with pytest.raises(WebAppMissing, match="make web"):
        WebApp(FastAPI(), folder=tmp_path, routes=())
