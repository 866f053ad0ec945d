"""The client for URLs of strangers, against servers that answer anything."""

import asyncio
import gzip
import os
import ssl
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

import ssrf
from cardwright.adapters.guarded_http import AnswerTooLarge, OutboundPolicy, OutboundRefused, guarded_client
from cardwright.adapters.outbound_policy import IpAddress
from cardwright.core.clock import SystemClock

LOCAL = OutboundPolicy.of(("127.0.0.1/32",), is_http_allowed=True)


@asynccontextmanager
async def answering(*parts: bytes, pause: float = 0.0) -> AsyncIterator[tuple[str, list[str]]]:
    seen: list[str] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        seen.append(head.decode())
        try:
            for part in parts:
                writer.write(part)
                await writer.drain()
                await asyncio.sleep(pause)
            writer.close()
        except ConnectionError:
            pass

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}/", seen
    finally:
        server.close()


def ok(body: bytes, *headers: str) -> bytes:
    head = "".join(f"{header}\r\n" for header in headers)
    return f"HTTP/1.1 200 OK\r\n{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


def test_the_corpus_sends_no_packet_off_the_allowed_set() -> None:
    assert sum(not trick.is_allowed for trick in ssrf.CORPUS) >= 40
    # In a network namespace where one can be made; elsewhere the process's audit hook is asked.
    ran = subprocess.run(
        [sys.executable, ssrf.__file__], capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": str(ssrf.TESTS)},
    )  # fmt: skip
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert ran.stdout.endswith("leaks: 0\n")


async def test_a_name_that_turns_inward_is_refused_at_the_next_connection() -> None:
    answers = iter([["127.0.0.1"], ["127.0.0.2"]])

    async def resolver(host: str, port: int) -> Sequence[IpAddress]:
        return [ip_address(text) for text in next(answers)]

    async with (
        answering(ok(b"yes", "Connection: close")) as (url, seen),
        guarded_client(LOCAL, resolver) as http,
    ):
        named = url.replace("127.0.0.1", "hooks.example.com")
        assert (await http.post(named)).status_code == 200
        with pytest.raises(OutboundRefused):
            await http.post(named)
    assert len(seen) == 1
    assert "Host: hooks.example.com" in seen[0]


async def test_a_redirect_is_an_answer_and_is_not_followed() -> None:
    moved = b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"
    async with answering(moved) as (url, seen), guarded_client(LOCAL) as http:
        assert (await http.post(url)).status_code == 302
    assert len(seen) == 1


async def test_neither_proxies_of_the_environment_nor_cookies_are_used(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    async with answering(ok(b"", "Set-Cookie: a=b")) as (url, seen), guarded_client(LOCAL) as http:
        await http.post(url)
        await http.post(url)
    assert len(seen) == 2
    assert "cookie" not in "".join(seen).lower()


async def test_an_answer_that_never_ends_is_given_up() -> None:
    endless = b"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n"
    async with answering(endless, *[b"x" * 65_536] * 20) as (url, _), guarded_client(LOCAL) as http:
        with pytest.raises(AnswerTooLarge):
            await http.post(url)


async def test_a_small_answer_that_unpacks_to_much_is_left_packed() -> None:
    bomb = gzip.compress(b"0" * 10_000_000)
    async with answering(ok(bomb, "Content-Encoding: gzip")) as (url, _), guarded_client(LOCAL) as http:
        assert (await http.post(url)).content == bomb


@pytest.mark.parametrize("first", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"])
async def test_an_answer_that_drips_is_cut_off_by_the_clock(first: bytes) -> None:
    policy = OutboundPolicy.of(("127.0.0.1/32",), is_http_allowed=True)
    policy = replace(policy, whole_seconds=0.3)
    drops = [b"H", b"T", b"T", b"P"] * 5
    begun = time.monotonic()
    async with answering(first, *drops, pause=0.1) as (url, _), guarded_client(policy) as http:
        with pytest.raises(httpx.ReadTimeout):
            await http.post(url)
    assert time.monotonic() - begun < 1


async def test_what_is_no_http_is_an_error_of_httpx() -> None:
    async with answering(b"\x00\x01garbage\r\n\r\n") as (url, _), guarded_client(LOCAL) as http:
        with pytest.raises(httpx.RemoteProtocolError):
            await http.post(url)


async def test_tls_is_spoken_to_the_name_and_the_certificate_must_be_good(tmp_path: Path) -> None:
    names: list[str | None] = []
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*_self_signed(tmp_path))
    context.sni_callback = lambda _socket, name, _context: names.append(name)
    server = await asyncio.start_server(lambda _reader, writer: writer.close(), "127.0.0.1", 0, ssl=context)
    port = server.sockets[0].getsockname()[1]

    async def resolver(host: str, port: int) -> Sequence[IpAddress]:
        return [ip_address("127.0.0.1")]

    async with server, guarded_client(LOCAL, resolver) as http:
        with pytest.raises(httpx.ConnectError, match="certificate"):
            await http.post(f"https://hooks.example.com:{port}/")
    assert names == ["hooks.example.com"]


def _self_signed(folder: Path) -> tuple[Path, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "hooks.example.com")])
    at = SystemClock().now()
    certificate = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(at - timedelta(days=1)).not_valid_after(at + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("hooks.example.com")]), critical=False)
        .sign(key, SHA256())
    )  # fmt: skip
    files = folder / "certificate.pem", folder / "key.pem"
    files[0].write_bytes(certificate.public_bytes(Encoding.PEM))
    files[1].write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return files
