"""The map of the pages."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from simulator.page import cards, clock, confirming, disputes, events, faults, inbox, overview, pay
from simulator.page.desk import RefusedError
from simulator.page.rendering import page


def routes() -> list[BaseRoute]:
    """Every page, the addresses its forms post to, and the stylesheet."""
    return [
        Route("/", overview.show, methods=["GET"]),
        Route("/inbox", inbox.show, methods=["GET"]),
        Route("/inbox/reply", inbox.reply, methods=["POST"]),
        Route("/inbox/fragment", inbox.show_fragment, methods=["GET"]),
        Route("/inbox/{message}/html", inbox.show_html_part, methods=["GET"]),
        Route("/cards", cards.show_all, methods=["GET"]),
        Route("/cards", cards.make_one, methods=["POST"]),
        Route("/cards/{card}", cards.show_one, methods=["GET"]),
        Route("/pay", pay.choose, methods=["GET"]),
        Route("/pay", pay.pay, methods=["POST"]),
        Route("/pay/force", pay.force_post, methods=["POST"]),
        Route("/pay/refund", pay.refund, methods=["POST"]),
        Route("/pay/confirm", confirming.begin, methods=["POST"]),
        Route("/pay/confirm/{challenge}", confirming.show, methods=["GET"]),
        Route("/pay/confirm/{challenge}", confirming.finish, methods=["POST"]),
        Route("/pay/confirm/{challenge}/leave", confirming.leave, methods=["POST"]),
        Route("/pay/{authorization}", pay.show_outcome, methods=["GET"]),
        Route("/pay/{authorization}/{action}", pay.act, methods=["POST"]),
        Route("/disputes", disputes.show, methods=["GET"]),
        Route("/disputes/{dispute}", disputes.answer, methods=["POST"]),
        Route("/events", events.show, methods=["GET"]),
        Route("/clock", clock.show, methods=["GET"]),
        Route("/clock", clock.advance, methods=["POST"]),
        Route("/faults", faults.show, methods=["GET"]),
        Route("/faults", faults.add, methods=["POST"]),
        Route("/faults/lift", faults.lift, methods=["POST"]),
        Mount("/_static", StaticFiles(packages=[("simulator.page", "static")]), name="static"),
    ]


def render_refusal(request: Request, error: Exception) -> Response:
    """Show that the API refused what a page needs, and why."""
    if not isinstance(error, RefusedError):
        raise error
    return page(request, "nothing.html", status=error.status, problem=str(error))
