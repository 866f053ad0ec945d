"""The web app's built files, served beside the API: held in memory, compressed by the build, confined.

Files whose names carry a hash never change and are kept by browsers for a year; the page that names them is
asked for each time. Any other address that a person opens is a page of the app, which routes by itself.
"""

import base64
import mimetypes
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final

from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from cardwright.http.routes import flattened

INDEX: Final = "/index.html"
_DIRECTIVES: Final = (
    "style-src 'self'", "img-src 'self' data:", "font-src 'self'", "connect-src 'self'",
    "manifest-src 'self'", "worker-src 'self'", "base-uri 'none'", "form-action 'none'",
    "frame-ancestors 'none'", "require-trusted-types-for 'script'",
    "trusted-types cardwright-worker",
)  # fmt: skip
"""No inline style: the build writes the theme's variables into a file of its own.

One policy of Trusted Types: it makes the address of the service worker, and nothing else (ADR 62).
"""
_INLINE: Final = re.compile(rb"<script>(.*?)</script>", re.DOTALL)
_SWITCHED_OFF: Final = ("geolocation", "microphone", "payment", "usb", "display-capture")
_FOR_OURSELVES: Final = (
    "camera", "clipboard-write", "publickey-credentials-create", "publickey-credentials-get",
)  # fmt: skip
"""The camera for photos of identity documents; the browser asks the person in any case."""
_PERMISSIONS: Final = ", ".join(
    (*(f"{name}=()" for name in _SWITCHED_OFF), *(f"{name}=(self)" for name in _FOR_OURSELVES))
)
_ALWAYS: Final = (
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("permissions-policy", _PERMISSIONS),
    ("vary", "accept-encoding"),
)
_FOR_A_YEAR: Final = "public, max-age=31536000, immutable"
_ASK_EACH_TIME: Final = "no-cache"
_NEVER_KEPT: Final = "no-store"
_ENCODINGS: Final = (("br", ".br"), ("gzip", ".gz"))
"""The best first, with the endings of the files that the build writes beside each file."""
_HASHED: Final = re.compile(r"^/assets/.+-[A-Za-z0-9_-]{8}\.[a-z0-9]+$")
_REFUSED: Final = re.compile(r";\s*q=0(\.0*)?\s*$")
_OWN_PREFIXES: Final = frozenset({"webhooks"})
"""First parts of addresses of the API that are no routes of it."""


def policy_of(page: bytes) -> str:
    """Return the content security policy of the built page.

    What runs are the scripts that stand in the page, known by their hashes, and what these load; no other
    file, not even one of our own origin, such as somebody's receipt.
    """
    hashes = (base64.b64encode(sha256(script).digest()).decode() for script in _INLINE.findall(page))
    scripts = " ".join(["'strict-dynamic'", *(f"'sha256-{made}'" for made in hashes)])
    return "; ".join(["default-src 'none'", f"script-src {scripts}", *_DIRECTIVES])


class WebAppMissing(Exception):
    """The folder holds no built web app."""


@dataclass(frozen=True, slots=True)
class _File:
    media_type: str
    caching: str
    bodies: Mapping[str, bytes]
    """By encoding; `identity` is the file itself."""

    def headers(self, encoding: str, policy: str) -> list[tuple[bytes, bytes]]:
        told = [
            ("content-security-policy", policy),
            ("content-type", self.media_type),
            ("content-length", str(len(self.bodies[encoding]))),
            ("cache-control", self.caching),
            *_ALWAYS,
        ]
        if encoding != "identity":
            told.append(("content-encoding", encoding))
        return [(name.encode(), value.encode()) for name, value in told]


class WebApp:
    """Answers for the app's files and pages, and hands every other request to the API."""

    def __init__(self, app: ASGIApp, *, folder: Path, routes: Iterable[BaseRoute]) -> None:
        self._app = app
        self._files = _read(folder)
        self._policy = policy_of(self._files[INDEX].bodies["identity"])
        self._of_the_api = _first_parts(routes) | _OWN_PREFIXES

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection event."""
        found = self._find(scope) if scope["type"] == "http" else None
        if found is None:
            await self._app(scope, receive, send)
            return
        encoding = _best_encoding(found, _header(scope, b"accept-encoding"))
        headers = found.headers(encoding, self._policy)
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        body = b"" if scope["method"] == "HEAD" else found.bodies[encoding]
        await send({"type": "http.response.body", "body": body})

    def _find(self, scope: Scope) -> _File | None:
        path: str = scope["path"]
        if scope["method"] not in ("GET", "HEAD") or path.split("/", 2)[1] in self._of_the_api:
            return None
        if path in self._files:
            return self._files[path]
        # What a person opens is a page; a script that asks for a file that is not there is told so.
        is_page = "." not in path.rsplit("/", 1)[-1] and "text/html" in _header(scope, b"accept")
        return self._files[INDEX] if is_page or path == "/" else None


def _read(folder: Path) -> Mapping[str, _File]:
    if not (folder / INDEX[1:]).is_file():
        raise WebAppMissing(f"{folder} holds no index.html: build the web app with `make web`")
    endings = tuple(ending for _, ending in _ENCODINGS)
    paths = [path for path in sorted(folder.rglob("*")) if path.is_file() and path.suffix not in endings]
    return {f"/{path.relative_to(folder).as_posix()}": _file(path, folder) for path in paths}


def _file(path: Path, folder: Path) -> _File:
    address = f"/{path.relative_to(folder).as_posix()}"
    guessed = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    is_text = guessed.startswith("text/") or guessed in ("application/javascript", "application/json")
    bodies = {"identity": path.read_bytes()}
    for encoding, ending in _ENCODINGS:
        packed = path.with_name(path.name + ending)
        if packed.is_file():
            bodies[encoding] = packed.read_bytes()
    caching = _NEVER_KEPT if address == INDEX else _FOR_A_YEAR if _HASHED.match(address) else _ASK_EACH_TIME
    return _File(f"{guessed}; charset=utf-8" if is_text else guessed, caching, bodies)


def _first_parts(routes: Iterable[BaseRoute]) -> frozenset[str]:
    paths = (getattr(route, "path", "") for route in flattened(routes))
    return frozenset(path.split("/", 2)[1] for path in paths if path.startswith("/")) - {""}


def _best_encoding(file: _File, accepted: str) -> str:
    named = {part.partition(";")[0].strip() for part in accepted.split(",") if not _REFUSED.search(part)}
    fitting = (encoding for encoding, _ in _ENCODINGS if encoding in named and encoding in file.bodies)
    return next(fitting, "identity")


def _header(scope: Scope, name: bytes) -> str:
    found: str = b",".join(value for key, value in scope["headers"] if key == name).decode("latin-1")
    return found
