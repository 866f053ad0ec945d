"""Clients that send half of what they promise keep nobody else waiting."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack
from urllib.parse import urlsplit

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from concurrency.crowd import Crowd, a_stranger, approved, purchases

MORE_THAN_THE_POOL = 60


@pytest.fixture
def half_sent(served: str) -> Iterator[None]:
    """More requests than there are database connections, each with its body still to come."""
    address = urlsplit(served)
    assert address.hostname is not None
    assert address.port is not None
    with ExitStack() as open_sockets:
        for number in range(MORE_THAN_THE_POOL):
            path = ("/webhooks/stripe", "/webhooks/stripe/authorizations", "/v1/auth/sign-in")[number % 3]
            head = f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n"
            opened = open_sockets.enter_context(socket.create_connection((address.hostname, address.port)))
            opened.sendall(head.encode())
        yield


async def test_half_sent_requests_hold_no_connection_to_the_database(
    crowd: Crowd, engine: AsyncEngine, half_sent: None
) -> None:
    holding = await a_stranger(engine, [], balance=100_00)
    assert approved(await crowd.ask(purchases(holding, 5, 10_00))) == 5
    assert (await crowd.client.get("/readyz")).status_code == 200
