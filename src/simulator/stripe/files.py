"""Files that are uploaded as multipart forms: here nothing but evidence for disputes."""

import base64
from typing import Final, Literal

from pydantic import InstanceOf

from simulator.objects import JsonObject
from simulator.stripe.account import StripeAccount
from simulator.stripe.errors import StripeError
from simulator.stripe.forms import Upload
from simulator.stripe.operations import Call, Operation, Operations
from simulator.stripe.params import RequestParams

KIND: Final = "file"
CONTENT_KIND: Final = "stripe.file_content"
MOST_BYTES: Final = 5 * 1024 * 1024
_SIGNATURES: Final = {b"%PDF-": "pdf", b"\x89PNG\r\n\x1a\n": "png", b"\xff\xd8\xff": "jpg"}


class CreateFile(RequestParams):
    """The parts of the form."""

    file: InstanceOf[Upload]
    purpose: Literal["dispute_evidence"]


def create(call: Call, params: CreateFile) -> JsonObject:
    """Keep a file, unless it is too large or of a kind that no network reads."""
    content = params.file.content
    if len(content) > MOST_BYTES:
        raise StripeError("This file is too large: evidence has at most 5 MB.", param="file")
    kind = next((name for start, name in _SIGNATURES.items() if content.startswith(start)), None)
    if kind is None:
        raise StripeError("Evidence is a PDF, a JPEG or a PNG.", param="file")
    account = call.account
    file_id = account.objects.new_id("file")
    kept = {
        "id": file_id,
        "object": KIND,
        "created": account.clock.timestamp(),
        "expires_at": None,
        "filename": params.file.filename,
        "links": {"object": "list", "data": [], "has_more": False, "url": f"/v1/file_links?file={file_id}"},
        "purpose": params.purpose,
        "size": len(content),
        "title": None,
        "type": kind,
        "url": None,
    }
    account.objects.put(KIND, kept)
    account.objects.put(CONTENT_KIND, {"id": file_id, "base64": base64.b64encode(content).decode()})
    return kept


def retrieve(call: Call, params: RequestParams) -> JsonObject:  # noqa: ARG001 - an operation's shape
    """Show what is known of a file."""
    return call.account.get(KIND, call.ids["file"], noun="file upload")


def render(account: StripeAccount, file: JsonObject) -> JsonObject:  # noqa: ARG001 - a Render's shape
    """Show a file, which is kept as it is shown."""
    return file


OPERATIONS: Operations = (
    Operation("POST", "/v1/files", CreateFile, create),
    Operation("GET", "/v1/files/{file}", RequestParams, retrieve),
)
