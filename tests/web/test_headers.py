"""What the running server says about the app's files: how long they are kept, what may run, who may embed."""

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path

import httpx
import pytest

from cardwright.demo.stack import Addresses
from optional import do_without, find_node

WEB = Path(__file__).parents[2] / "web"
EVALUATOR = WEB / "node_modules/csp_evaluator"
MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8", ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml", ".woff2": "font/woff2",
    ".json": "application/json; charset=utf-8",
}  # fmt: skip
ALWAYS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "vary": "accept-encoding",
}


@pytest.fixture(scope="module")
def client(stack: Addresses) -> httpx.Client:
    return httpx.Client(base_url=stack.api)


def test_googles_evaluator_finds_nothing_in_the_policy(client: httpx.Client) -> None:
    policy = client.get("/").headers["content-security-policy"]
    assert evaluated(policy) == []
    # What it would say, so that the silence means something.
    weaker = evaluated(
        policy.replace("'strict-dynamic'", "'self' 'unsafe-inline'").replace("'sha256-", "'x-")
    )
    assert {finding["severity"] for finding in weaker} >= {"HIGH", "MEDIUM_MAYBE"}


def evaluated(policy: str) -> list[Mapping[str, str]]:
    if not EVALUATOR.is_dir():
        do_without("csp_evaluator is not installed; `make web` installs it")
    command = [find_node(), str(WEB / "build/csp-findings.mjs")]
    told = subprocess.run(command, input=policy, capture_output=True, text=True, check=True).stdout
    found: list[Mapping[str, str]] = json.loads(told)
    return found


def test_every_file_of_the_app_has_its_headers(client: httpx.Client, built: Path) -> None:
    policy = client.get("/").headers["content-security-policy"]
    files = [file for file in built.rglob("*") if file.is_file() and file.suffix not in (".gz", ".br")]
    assert len(files) > 50
    for file in files:
        path = f"/{file.relative_to(built).as_posix()}"
        headers = client.get(path).raise_for_status().headers
        assert {name: headers.get(name) for name in ALWAYS} == ALWAYS, path
        assert headers["content-security-policy"] == policy, path
        assert headers["content-type"] == MEDIA_TYPES[file.suffix], path
        assert headers["cache-control"] == kept(path), path
        assert "server" not in headers, path
        assert "access-control-allow-origin" not in headers, path
        assert "set-cookie" not in headers, path


def kept(path: str) -> str:
    if path == "/index.html":
        return "no-store"
    return "public, max-age=31536000, immutable" if path.startswith("/assets/") else "no-cache"
