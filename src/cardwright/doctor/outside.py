"""Whether what stands beside the database is there: Valkey, folders, the API at its public address."""

import asyncio
import os
import ssl
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from secrets import token_hex
from typing import Any, Final
from urllib.parse import SplitResult, urlsplit

import httpx
from redis.asyncio import Redis
from redis.exceptions import RedisError

from cardwright.doctor.findings import Finding, ok, problem, skipped, warning
from cardwright.settings import Settings

_SECONDS: Final = 3.0
_SOON: Final = timedelta(days=14)
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})


async def examine_valkey(settings: Settings) -> list[Finding]:
    """Write and read a key that ends by itself within a minute."""
    if settings.redis_url is None:
        remedy = "Set REDIS_URL where there are several API processes, or live pages are to be quick."
        return [warning("valkey", "There is none: each process counts attempts for itself.", remedy)]
    client = Redis.from_url(settings.redis_url, socket_timeout=_SECONDS, socket_connect_timeout=_SECONDS)
    key = f"cardwright:doctor:{token_hex(4)}"
    try:
        await client.set(key, "1", ex=60)
        told = await client.info("server")
        version = told.get("valkey_version") or told.get("redis_version", "unknown")
        await client.delete(key)
    except (RedisError, OSError, TimeoutError, ValueError) as error:
        remedy = "Start it, or mend REDIS_URL. Meanwhile payments go on; attempts are counted per process."
        return [problem("valkey", f"It does not take a key ({type(error).__name__}).", remedy)]
    finally:
        await client.aclose()
    said = [ok("valkey", f"It answers (version {version}).")]
    url = urlsplit(settings.redis_url)
    if url.scheme == "redis" and url.hostname not in _LOOPBACK:
        remedy = "Let it speak TLS and write `rediss://…`: who may sign in how often is counted there."
        said.append(warning("valkey", "What is said to it travels in clear.", remedy))
    return said


def examine_folders(settings: Settings) -> list[Finding]:
    """Look whether the folders that processes write to can be written to."""
    wanted: dict[str, Path] = {"The folder of backtests": settings.backtests.folder}
    if settings.documents.store == "folder":
        wanted["The folder of documents"] = settings.documents.folder
    said = [found for name, folder in wanted.items() if (found := _folder(name, folder)) is not None]
    web = settings.web.folder
    if web is not None and not (web / "index.html").is_file():
        remedy = (
            "Build the web app (`make web`) and let CARDWRIGHT_WEB__FOLDER name the folder of its index.html."
        )
        said.append(problem("folders", f"There is no web app in {web}.", remedy))
    return said or [
        ok("folders", f"{' and '.join(wanted).replace(' and The', ' and the')} can be written to.")
    ]


def _folder(name: str, folder: Path) -> Finding | None:
    # A folder that is not there is made at its first use, where the nearest one above it allows that.
    nearest = next(path for path in (folder.absolute(), *folder.absolute().parents) if path.exists())
    if nearest.is_dir() and os.access(nearest, os.W_OK | os.X_OK):
        return None
    return problem(
        "folders", f"{name} ({folder}) cannot be written to.", f"Let the processes write to {nearest}."
    )


async def examine_public_address(settings: Settings, at: datetime) -> list[Finding]:
    """Ask the API, over its public address, whether it is ready, and look at its certificate."""
    url = f"{settings.public_url.rstrip('/')}/readyz"
    try:
        async with httpx.AsyncClient(timeout=_SECONDS) as client:
            answer = await client.get(url)
    except httpx.HTTPError as error:
        if _is_about_certificates(error):
            remedy = "Renew it, or let the proxy send its chain: vendors' webhooks will not come otherwise."
            return [problem("api", f"Nobody trusts the certificate of {settings.public_url}.", remedy)]
        remedy = (
            "Start `cardwright serve` and the proxy; if they run, see whether this machine may reach them."
        )
        return [warning("api", f"Nothing answers at {settings.public_url} ({type(error).__name__}).", remedy)]
    if not answer.is_success:
        remedy = "See the API's log; 503 means that it does not reach its database or is about to stop."
        return [problem("api", f"{url} answers {answer.status_code}.", remedy)]
    return [ok("api", f"It is ready at {settings.public_url}."), *await _certificate(urlsplit(url), at)]


def _is_about_certificates(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return True
        error = error.__cause__ or error.__context__
    return False


async def _certificate(url: SplitResult, at: datetime) -> list[Finding]:
    if url.scheme != "https":
        return []
    try:
        async with asyncio.timeout(_SECONDS):
            _, writer = await asyncio.open_connection(
                url.hostname, url.port or 443, ssl=ssl.create_default_context()
            )
            shown: Mapping[str, Any] = writer.get_extra_info("peercert") or {}
            writer.close()
    except (OSError, TimeoutError) as error:
        return [skipped("certificate", f"Not looked at ({type(error).__name__}).")]
    until = datetime.fromtimestamp(ssl.cert_time_to_seconds(shown["notAfter"]), UTC)
    if until - at < _SOON:
        remedy = "Renew it now, and see why it did not renew itself."
        return [warning("certificate", f"It ends on {until:%Y-%m-%d}.", remedy)]
    return [ok("certificate", f"It is good until {until:%Y-%m-%d}.")]
