"""In which language a browser would like to be answered."""

import re
from typing import Annotated, Final

from fastapi import Depends, Header

_LONGEST: Final = 400
_RANGE: Final = re.compile(
    r"(?P<tag>[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8}){0,4})(?:\s*;\s*q=(?P<weight>[01](?:\.\d{0,3})?))?"
)


def favourite(header: str | None) -> str | None:
    """Return the tag that an Accept-Language header likes best; None where it names none.

    >>> favourite("de;q=0.5, fr-CH, en;q=0.8"), favourite("*"), favourite("<script>"), favourite(None)
    ('fr-CH', None, None, None)
    """
    parts = (header or "")[:_LONGEST].split(",")
    found = [match for part in parts if (match := _RANGE.fullmatch(part.strip()))]
    # Of equals the first one wins, as `max` keeps it.
    best = max(found, key=lambda match: float(match["weight"] or 1), default=None)
    return best["tag"] if best and float(best["weight"] or 1) > 0 else None


def _liked(
    accept_language: Annotated[
        str | None,
        Header(
            description="The languages to be written to in while there is no profile, as browsers send it.",
            examples=["fr-CH, fr;q=0.9, en;q=0.5"],
        ),
    ] = None,
) -> str | None:
    return favourite(accept_language)


FavouriteDep = Annotated[str | None, Depends(_liked)]
