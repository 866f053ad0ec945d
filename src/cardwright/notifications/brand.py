"""Whose message it is, and where it leads. Pure."""

from dataclasses import dataclass
from typing import Final

_DEFAULT: Final = "#1f4fd8"
_WHITE: Final = "#ffffff"
_INK: Final = "#111827"
_LINEAR_BELOW: Final = 0.04045


@dataclass(frozen=True, slots=True)
class Brand:
    """The program's name, and its colour as #rrggbb where it has one."""

    name: str
    color: str | None = None

    @property
    def shown_color(self) -> str:
        """The colour of what can be pressed."""
        return self.color or _DEFAULT

    @property
    def text_color(self) -> str:
        """White or nearly black, whichever can be read better on the colour.

        >>> Brand("A", "#1f4fd8").text_color, Brand("B", "#ffd400").text_color
        ('#ffffff', '#111827')
        """
        return max((_WHITE, _INK), key=lambda text: contrast(text, self.shown_color))


@dataclass(frozen=True, slots=True)
class Links:
    """Where a message leads, each an absolute address: what to do about it, and what to get in future.

    Raises ValueError for whatever is no web address.
    """

    action: str | None = None
    unsubscribe: str | None = None
    preferences: str | None = None

    def __post_init__(self) -> None:
        for link in (self.action, self.unsubscribe, self.preferences):
            if link is not None and not link.startswith(("https://", "http://")):
                raise ValueError("A link of a message is an absolute web address.")


def contrast(one: str, other: str) -> float:
    """Return the contrast of two #rrggbb colours as WCAG counts it, from 1 to 21."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _luminance(color: str) -> float:
    red, green, blue = (_linear(int(color[at : at + 2], 16) / 255) for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= _LINEAR_BELOW else float(((part + 0.055) / 1.055) ** 2.4)
