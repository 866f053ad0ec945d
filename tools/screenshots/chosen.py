"""Turn a few of the pictures into what the README shows: files of moderate size, phones side by side.

PYTHONPATH=tests:tools python -m screenshots.chosen FOLDER docs
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Final

import typer
from PIL import Image

WIDE: Final = {
    "web-home": "home-1600-light",
    "web-rule": "console-rule-1600-light", "web-case": "console-case-1600-dark",
}  # fmt: skip
PHONES: Final = {"web-phone": ("card-everyday", "payment-declined", "approvals", "newcomer-home")}
WIDTH, QUALITY = 1280, 80
SCREEN: Final = (1600, 1000)
PHONE: Final = (390, 844)
GAP: Final = 24
BETWEEN: Final = "#d9dbd4"


def main(
    pictures: Annotated[Path, typer.Argument(help="Where `screenshots` put them.")],
    into: Annotated[Path, typer.Argument(help="Where they go, as WebP.")],
) -> None:
    """Write each chosen picture."""
    for name, source in WIDE.items():
        with Image.open(pictures / f"{source}.png") as picture:
            _keep(_first_screen(picture, *SCREEN), WIDTH, into / f"{name}.webp")
    for name, sources in PHONES.items():
        files = [pictures / f"{source}-390-light.png" for source in sources]
        strip = _side_by_side(files)
        _keep(strip, strip.width * 2 // 3, into / f"{name}.webp")


def _first_screen(picture: Image.Image, width: int, height: int) -> Image.Image:
    """Cut off what one would have to scroll to; pictures may be sharper than the page they show."""
    sharp = picture.width / width
    return picture.crop((0, 0, picture.width, min(picture.height, int(height * sharp))))


def _side_by_side(files: Sequence[Path]) -> Image.Image:
    screens = []
    for file in files:
        with Image.open(file) as picture:
            screens.append(_first_screen(picture, *PHONE))
    gap = GAP * screens[0].width // PHONE[0]
    width = sum(screen.width for screen in screens) + gap * (len(screens) - 1)
    strip = Image.new("RGB", (width, max(screen.height for screen in screens)), BETWEEN)
    for place, screen in enumerate(screens):
        strip.paste(screen, (place * (screen.width + gap), 0))
    return strip


def _keep(picture: Image.Image, width: int, file: Path) -> None:
    size = (width, picture.height * width // picture.width)
    small = picture.convert("RGB").resize(size, Image.Resampling.LANCZOS)
    small.save(file, "WEBP", quality=QUALITY, method=6)


if __name__ == "__main__":
    typer.run(main)
