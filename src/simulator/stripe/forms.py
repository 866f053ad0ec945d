"""Forms: `a[b][0][c]=v` becomes nested dictionaries of strings; multipart forms carry files besides."""

import hashlib
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode

from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from simulator.stripe.errors import StripeError

_NAME = re.compile(r"^([^\[\]]+)((?:\[[^\[\]]*\])*)$")
_PART = re.compile(r"\[([^\[\]]*)\]")


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as a form carries it."""

    filename: str
    content: bytes


async def read_multipart(request: Request) -> tuple[str, dict[str, Upload]]:
    """Return a multipart form as its plain fields, encoded, and its files by name.

    In the encoded form a digest stands for each file: two requests are the same when it is the same,
    whatever delimits their parts.
    """
    try:
        form = await MultiPartParser(request.headers, request.stream()).parse()
    except MultiPartException:
        return "", {}
    fields: list[tuple[str, str]] = []
    uploads: dict[str, Upload] = {}
    for name, value in form.multi_items():
        if isinstance(value, UploadFile):
            uploads[name] = upload = Upload(value.filename or "blob", await value.read())
            fields.append((name, hashlib.sha256(upload.content).hexdigest()))
        else:
            fields.append((name, value))
    return urlencode(fields), uploads


def parse_form(encoded: str) -> dict[str, Any]:
    """Parse a form body or a query; list members stay keyed by their index, `a[]` gets the next one."""
    root: dict[str, Any] = {}
    for name, value in parse_qsl(encoded, keep_blank_values=True):
        _set(root, _split(name), value, name)
    return root


def _split(name: str) -> list[str]:
    match = _NAME.match(name)
    if match is None:
        raise StripeError(f"Invalid parameter name: {name}", param=name)
    return [match.group(1), *_PART.findall(match.group(2))]


def _set(root: dict[str, Any], parts: list[str], value: str, name: str) -> None:
    node = root
    for part in parts[:-1]:
        child = node.setdefault(part or str(len(node)), {})
        if not isinstance(child, dict):
            raise StripeError(f"Parameter given both as a value and as an object: {name}", param=name)
        node = child
    node[parts[-1] or str(len(node))] = value
