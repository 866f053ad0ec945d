"""From a template and its facts to a page; every fact is escaped."""

from datetime import UTC, datetime
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

from simulator.page.money import written
from simulator.world import World

NAVIGATION = (
    ("/pay", "Pay"),
    ("/inbox", "Inbox"),
    ("/cards", "Cards"),
    ("/disputes", "Disputes"),
    ("/events", "Events"),
    ("/clock", "Clock"),
    ("/faults", "Faults"),
)
_SECURITY_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src data:; "
    "frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_TONES = {
    "active": "good",
    "approved": "good",
    "delivered": "good",
    "closed": "good",
    "won": "good",
    "lost": "bad",
    "submitted": "warn",
    "pending": "warn",
    "inactive": "warn",
    "expired": "warn",
    "timed_out": "warn",
    "refused": "bad",
    "reversed": "warn",
    "declined": "bad",
    "canceled": "bad",
    "blocked": "bad",
    "failed": "bad",
    "dropped": "bad",
}


def moment(value: str | int) -> str:
    """Write a time (ISO 8601 or unix seconds) for a reader, in UTC."""
    at = datetime.fromisoformat(value) if isinstance(value, str) else datetime.fromtimestamp(value, UTC)
    return at.strftime("%d %b, %H:%M:%S")


def tone(status: str) -> str:
    """Return the style of a status badge: good, warn, bad or none."""
    return _TONES.get(status, "")


_environment = Environment(
    loader=PackageLoader("simulator.page"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
)
_environment.globals.update(moment=moment, tone=tone, navigation=NAVIGATION)
_environment.filters["money"] = written


def page(request: Request, template: str, *, status: int = 200, **facts: Any) -> HTMLResponse:
    """Render a page; a query parameter `problem` shows above it as what went wrong."""
    world: World = request.app.state.world
    here = f"/{request.url.path.split('/')[1]}"
    facts = {"problem": request.query_params.get("problem"), "here": here, "now": world.clock.now()} | facts
    return fragment(template, status=status, **facts)


def fragment(template: str, *, status: int = 200, **facts: Any) -> HTMLResponse:
    """Render a template by itself."""
    html = _environment.get_template(template).render(**facts)
    headers = {"Content-Security-Policy": _SECURITY_POLICY, "Cache-Control": "no-store"}
    return HTMLResponse(html, status, headers)
