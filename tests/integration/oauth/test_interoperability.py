"""An independent, certified client (npm openid-client) drives the server over a real socket."""

import asyncio
import json
import os
import socket
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from joserfc.jwk import ECKey
from sqlalchemy.ext.asyncio import AsyncEngine

from browsers import COOKIE, opened_for
from builders import provided_for_tests
from cardwright.core.clock import SystemClock
from cardwright.main import build_app
from cardwright.oauth import AuthMethod
from integration.kyc.people import a_person
from integration.oauth.scene import CALLBACK, PHONE, SCOPES, a_machine, a_phone_client, registered
from optional import node_script

NATIVE_CALLBACK = "http://127.0.0.1/signed-in"
CLOCK = SystemClock()


@pytest.fixture(scope="session")
def node_folder() -> Iterator[Path]:
    """The client's script beside its installed packages."""
    with node_script("oauth") as folder:
        yield folder


@pytest.fixture
async def issuer(engine: AsyncEngine) -> AsyncIterator[str]:
    """The address of the server, which listens in this process."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        app = build_app(engine, await provided_for_tests(engine, CLOCK, issuer=address))
        config = uvicorn.Config(app, log_level="warning", lifespan="off", timeout_graceful_shutdown=1)
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        while not server.started:  # noqa: ASYNC110 - uvicorn has no event to wait for
            await asyncio.sleep(0.01)
        yield address
        server.should_exit = True
        await serving


async def the_scene(engine: AsyncEngine, issuer: str) -> tuple[str, dict[str, Any]]:
    user_id = await a_person(engine, CLOCK)
    opened = await opened_for(engine, CLOCK, user_id)
    await a_phone_client(engine, CLOCK, (NATIVE_CALLBACK,))
    key = ECKey.generate_key("P-256")
    public = {**key.as_dict(private=False), "kid": key.thumbprint(), "alg": "ES256"}
    partner = await registered(
        engine, CLOCK, auth_method=AuthMethod.PRIVATE_KEY, key_set={"keys": [public]}, requires_push=True
    )
    machine = await a_machine(engine, CLOCK)
    scope = " ".join(SCOPES)
    return user_id, {
        "issuer": issuer,
        "cookie": f"{COOKIE}={opened.secret.reveal()}",
        "phone": {"id": PHONE, "redirectUri": NATIVE_CALLBACK.replace("1/", "1:51004/"), "scope": scope},
        "partner": {"id": partner.client.id, "redirectUri": CALLBACK, "scope": scope},
        "machine": {"id": machine.client.id, "secret": machine.secret, "scope": "users.read"},
        "assertionKey": {**key.as_dict(private=True), "kid": key.thumbprint()},
    }


async def test_a_certified_client_gets_through_every_flow(
    engine: AsyncEngine, issuer: str, node_folder: Path
) -> None:
    user_id, scene = await the_scene(engine, issuer)
    process = await asyncio.create_subprocess_exec(
        "node", "interoperate.mjs",
        cwd=node_folder,
        env={**os.environ, "SCENE": json.dumps(scene)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )  # fmt: skip
    told, complaint = await process.communicate()
    assert process.returncode == 0, complaint.decode()
    seen = json.loads(told)

    assert seen["metadata"] == {"oauth2": issuer, "pkce": True}

    phone = seen["phone"]
    assert (phone["issuerInAnswer"], phone["tokenType"].lower()) == (issuer, "dpop")
    assert phone["claims"]["sub"] == phone["userinfo"]["sub"] == user_id
    assert (phone["claims"]["acr"], phone["claims"]["amr"]) == ("aal1", ["pwd"])
    assert phone["userinfo"]["name"] == "Robin Sample"
    assert phone["userinfo"]["address"]["country"] == "US"
    assert (phone["idTokenHeader"]["typ"], phone["accessTokenHeader"]["typ"]) == ("JWT", "at+jwt")
    assert (phone["me"], phone["stolen"]) == (200, 401)
    assert phone["rotated"]
    assert phone["afterwards"] == "invalid_grant"
    assert "<script" not in seen["consentPage"]

    partner = seen["partner"]
    assert partner["unpushed"] == "invalid_request"
    assert partner["pushedTwice"] is True
    assert partner["verified"]["client_id"] == scene["partner"]["id"]
    assert (partner["alive"]["active"], partner["alive"]["sub"]) == (True, user_id)
    assert partner["rotated"] is False
    assert partner["replayed"] == "invalid_grant"
    assert partner["dead"] == {"active": False}

    machine = seen["machine"]
    assert (machine["resource"], machine["after"]) == (200, 401)
    assert machine["subject"] == scene["machine"]["id"]
    assert machine["scope"] == "users.read"
    assert machine["wrongSecret"] == 401
