"""What vendors and people see from outside: certificates, and whether the API answers with one."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from cardwright.core.clock import SystemClock
from cardwright.doctor.credentials import examine_visa
from cardwright.doctor.findings import Finding, Level
from cardwright.doctor.outside import examine_public_address
from cardwright.setting_groups import VisaSettings
from cardwright.settings import Settings
from running_application import environment_of
from simulator.visa.certificates import Papers, ensure_papers

NOW = SystemClock().now()


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Papers:
    return ensure_papers(tmp_path_factory.mktemp("papers"), "localhost")


def visa(papers: Papers, **changes: Path) -> VisaSettings:
    files = {
        "client_certificate": papers.certificate("client"), "client_key": papers.key("client"),
        "message_certificate": papers.certificate("mle-visa"), "message_key": papers.key("mle-client"),
    }  # fmt: skip
    names = {name: name for name in ("user_id", "message_key_id", "client_id", "buyer_id", "proxy_pool_id")}
    secrets = {name: SecretStr(name) for name in ("password", "api_key", "shared_secret")}
    return VisaSettings.model_validate(
        {"base_url": "https://visa.example", **names, **secrets, **files, **changes}
    )


def only(found: list[Finding], level: Level) -> list[str]:
    return [it.said for it in found if it.level is level]


def test_certificates_of_visa_are_told_before_and_after_they_end(papers: Papers) -> None:
    at = NOW - timedelta(days=5)
    assert len(only(examine_visa(visa(papers), at), Level.OK)) == 2
    assert len(only(examine_visa(visa(papers), NOW + timedelta(days=1)), Level.WARNING)) == 2
    ended = only(examine_visa(visa(papers), NOW + timedelta(days=31)), Level.PROBLEM)
    assert [said.split(" on ")[0] for said in ended] == [
        "visa.client_certificate ended", "visa.message_certificate ended",
    ]  # fmt: skip


def test_a_key_of_another_certificate_and_files_that_are_none_are_told(
    papers: Papers, tmp_path: Path
) -> None:
    other = visa(papers, client_key=papers.key("server"))
    assert only(examine_visa(other, NOW), Level.PROBLEM) == [
        "visa.client_certificate is of another key than the one beside it."
    ]
    (tmp_path / "not.pem").write_text("hunter2")
    spoilt = visa(papers, client_certificate=tmp_path / "not.pem", message_key=tmp_path / "nowhere")
    said = only(examine_visa(spoilt, NOW), Level.PROBLEM)
    assert said[0] == "visa.client_certificate is not a PEM of a certificate with its key."
    assert "cannot be read" in said[1]
    assert "hunter2" not in " ".join(said)


@asynccontextmanager
async def answering(papers: Papers, status: str) -> AsyncIterator[int]:
    """Something that speaks TLS and answers every request with one status."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(f"HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
        await writer.drain()
        writer.close()

    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(papers.certificate("server"), papers.key("server"))
    server = await asyncio.start_server(answer, "localhost", 0, ssl=context)
    yield server.sockets[0].getsockname()[1]
    server.close()


async def public_address(port: int, monkeypatch: pytest.MonkeyPatch, folder: Path) -> list[Finding]:
    for name, value in environment_of("postgresql://nowhere/x", folder).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("CARDWRIGHT_PUBLIC_URL", f"https://localhost:{port}")
    return await examine_public_address(Settings(), SystemClock().now())


async def test_a_certificate_that_nobody_trusts_is_told(
    papers: Papers, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async with answering(papers, "200 OK") as port:
        [said] = only(await public_address(port, monkeypatch, tmp_path), Level.PROBLEM)
    assert said == f"Nobody trusts the certificate of https://localhost:{port}."


async def test_an_api_that_is_not_ready_or_not_there_is_told(
    papers: Papers, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(papers.certificate("authority")))
    # Read anew: the contexts of the tests know the machine's authorities only.
    monkeypatch.setattr(
        "httpx._transports.default.create_ssl_context", lambda **_: ssl.create_default_context()
    )
    async with answering(papers, "200 OK") as port:
        found = await public_address(port, monkeypatch, tmp_path)
        assert only(found, Level.OK) == [f"It is ready at https://localhost:{port}.", found[1].said]
        assert found[1].said.startswith("It is good until ")
    async with answering(papers, "503 Service Unavailable") as port:
        [said] = only(await public_address(port, monkeypatch, tmp_path), Level.PROBLEM)
        assert said.endswith("/readyz answers 503.")
    [said] = only(await public_address(port, monkeypatch, tmp_path), Level.WARNING)
    assert said == f"Nothing answers at https://localhost:{port} (ConnectError)."
