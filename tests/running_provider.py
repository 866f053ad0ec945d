"""An independent OpenID provider (the npm package oidc-provider), run by node for the tests."""

import json
import re
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final
from urllib.parse import urljoin

import httpx

from optional import node_script

CLIENT_ID: Final = "cardwright"
CLIENT_SECRET: Final = "a secret of: the tests"
START_SECONDS: Final = 60
_FORM: Final = re.compile(r'action="([^"]+)"')


@contextmanager
def running_provider(redirect_uris: list[str], accounts: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """Run a provider for as long as the context lasts; give its issuer."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = int(found.getsockname()[1])
    command = ["node", "provider.mjs", str(port), ",".join(redirect_uris), json.dumps(accounts)]
    with node_script("provider") as folder:
        process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            _wait_for_start(f"http://127.0.0.1:{port}", process)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(10)


def _wait_for_start(issuer: str, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            httpx.get(f"{issuer}/.well-known/openid-configuration", timeout=1, trust_env=False)
        except httpx.HTTPError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("the provider did not start")


async def consent_at(authorization_url: str, login: str) -> str:
    """Sign in at the provider as a person would; return the address that it sends the browser back to."""
    return await _walk(authorization_url, {"login": login, "password": "anything"})


async def refuse_at(authorization_url: str) -> str:
    """Go to the provider and turn back; return the address that it sends the browser back to."""
    return await _walk(authorization_url, None)


async def _walk(url: str, credentials: Mapping[str, str] | None) -> str:
    async with httpx.AsyncClient(trust_env=False) as browser:
        answer = await browser.get(url)
        for _ in range(12):
            if answer.is_redirect:
                following = urljoin(str(answer.url), answer.headers["location"])
                if not following.startswith(f"{answer.url.scheme}://{answer.url.netloc.decode()}/"):
                    return following
                answer = await browser.get(following)
                continue
            assert answer.status_code == 200, answer.text
            form = _FORM.search(answer.text)
            assert form is not None, answer.text
            action = urljoin(str(answer.url), form[1])
            if credentials is None:
                answer = await browser.get(f"{action}/abort")
            elif 'value="login"' in answer.text:
                answer = await browser.post(action, data={"prompt": "login", **credentials})
            else:
                answer = await browser.post(action, data={"prompt": "consent"})
    raise AssertionError("the provider sends browsers in a circle")
