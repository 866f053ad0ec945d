"""The list of messages: Twilio's filters and its pages."""

from collections.abc import Mapping
from datetime import date, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlencode

from simulator.twilio.errors import TwilioError

_PAGE_SIZE_DEFAULT = 50
_PAGE_SIZE_MOST = 1000
_PAGE_MOST = 1_000_000
_PAGING = frozenset({"Page", "PageSize", "PageToken"})


def matching(messages: list[dict[str, Any]], query: Mapping[str, str]) -> list[dict[str, Any]]:
    """Keep what the query asks for; `DateSent<` and `DateSent>` include the day they name, as Twilio's do."""
    for name, field in (("To", "to"), ("From", "from")):
        if name in query:
            messages = [message for message in messages if message[field] == query[name]]
    for name in ("DateSent", "DateSent<", "DateSent>"):
        if name in query:
            day = _day(name, query[name])
            messages = [message for message in messages if _is_sent(message, name, day)]
    return messages


def page_of(messages: list[dict[str, Any]], query: Mapping[str, str], path: str) -> dict[str, Any]:
    """Return one page and the addresses of its neighbours; the token names the last message already seen."""
    size = _integer(query, "PageSize", _PAGE_SIZE_DEFAULT, 1, _PAGE_SIZE_MOST)
    number = _integer(query, "Page", 0, 0, _PAGE_MOST)
    start = _position_after(messages, query.get("PageToken"))
    shown = messages[start : start + size]
    filters = {name: value for name, value in query.items() if name not in _PAGING}

    def uri(page: int, **token: str) -> str:
        return f"{path}?{urlencode({**filters, 'PageSize': size, 'Page': page, **token})}"

    has_more = start + size < len(messages)
    return {
        "messages": shown,
        "page": number,
        "page_size": size,
        "start": start,
        "end": max(start, start + len(shown) - 1),
        "uri": uri(number),
        "first_page_uri": uri(0),
        "next_page_uri": uri(number + 1, PageToken=f"PA{shown[-1]['sid']}") if has_more else None,
        "previous_page_uri": None,
    }


def _is_sent(message: dict[str, Any], comparison: str, day: date) -> bool:
    if message["date_sent"] is None:
        return False
    sent = parsedate_to_datetime(message["date_sent"]).date()
    if comparison == "DateSent":
        return sent == day
    return sent <= day if comparison == "DateSent<" else sent >= day


def _day(name: str, value: str) -> date:
    try:
        return datetime.fromisoformat(value).date()
    except ValueError:
        raise TwilioError(20001, f"{name}={value}") from None


def _integer(query: Mapping[str, str], name: str, default: int, least: int, most: int) -> int:
    value = query.get(name, str(default))
    if not (value.isascii() and value.isdigit() and least <= int(value) <= most):
        raise TwilioError(20001, f"{name}={value}")
    return int(value)


def _position_after(messages: list[dict[str, Any]], token: str | None) -> int:
    if token is None:
        return 0
    for position, message in enumerate(messages):
        if token == f"PA{message['sid']}":
            return position + 1
    raise TwilioError(20001, f"PageToken={token}")
