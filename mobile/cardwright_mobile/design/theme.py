"""The look of the web app, for Flutter: its colours by its tokens, its type by its fonts."""

import json
from pathlib import Path
from typing import Any, Final

import flet as ft

_TOKENS: Final[Any] = json.loads((Path(__file__).parent / "tokens.json").read_text())
TEXT: Final = "Geist"
STRONG: Final = "GeistSemiBold"
_ARABIC: Final = "NotoSansArabic"
_ARABIC_STRONG: Final = "NotoSansArabicSemiBold"
FONTS: Final = {
    TEXT: "fonts/Geist-Regular.ttf",
    STRONG: "fonts/Geist-SemiBold.ttf",
    _ARABIC: "fonts/NotoSansArabic-Regular.ttf",
    _ARABIC_STRONG: "fonts/NotoSansArabic-SemiBold.ttf",
}
"""One family for each weight: a family of one file is thickened by the engine, and looks it."""
RADIUS: Final = 18
WHITE: Final = "#ffffff"
INK: Final = "#0b100e"


def theme(mode: str, language: str = "en") -> ft.Theme:
    """Return the theme of `light` or `dark`."""
    it = _TOKENS["colour"][mode]
    plain = _ARABIC if language == "ar" else TEXT
    return ft.Theme(
        font_family=plain,
        scaffold_bgcolor=it["page"],
        color_scheme=ft.ColorScheme(
            primary=it["accent"], on_primary=it["on-accent"], primary_container=it["accent-soft"],
            on_primary_container=it["accent-strong"], secondary=it["positive"], on_secondary=it["on-accent"],
            secondary_container=it["accent-soft"], on_secondary_container=it["accent-strong"],
            tertiary=it["warning"], on_tertiary=it["surface"], tertiary_container=it["warning-soft"],
            on_tertiary_container=it["warning"], error=it["negative"], on_error=it["surface"],
            error_container=it["negative-soft"], on_error_container=it["negative"], surface=it["page"],
            on_surface=it["text"], on_surface_variant=it["dim"], outline=it["line-strong"],
            outline_variant=it["line"], surface_container=it["surface"], surface_container_low=it["surface"],
            surface_container_high=it["sunken"], surface_container_highest=it["sunken"],
            surface_tint=it["surface"], inverse_surface=it["text"], on_inverse_surface=it["page"],
            inverse_primary=it["accent-soft"],
        ),
    )  # fmt: skip


def letters(*, is_strong: bool = False) -> tuple[str, list[str]]:
    """Return the family of one of the two weights, and those that have the letters which it has not."""
    return (STRONG, [_ARABIC_STRONG]) if is_strong else (TEXT, [_ARABIC])


def face(colour: str | None, card_id: str) -> tuple[str, str]:
    """Return the two colours of a card's face; without a known one the id chooses, always the same."""
    faces = _TOKENS["face"]
    names = list(faces)
    name = colour if colour in faces else names[sum(card_id.encode()) % len(names)]
    first, second = faces[name]
    return first, second


def faces() -> tuple[str, ...]:
    """Return the names of the faces that there are."""
    return tuple(_TOKENS["face"])


def hue(name: str) -> str:
    """Return the colour that a merchant's letter stands on, under white."""
    return str(_TOKENS["hue"].get(name, _TOKENS["hue"]["gray"])[0])
