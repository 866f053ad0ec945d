"""The child process that reads strangers' files: a script of its own, which imports nothing of ours.

It is told one task on its standard input and answers on its standard output: a line of JSON, then bytes.
Before it reads anything it gives up what a taken-over decoder would want: memory, processor time, new file
descriptors (so no files and no sockets) and new processes. Where the system does not know such a limit (macOS
keeps none on memory) the caps on pixels and pages and the parent's clock remain.

At most _MOST_DECODED pixels are decoded: of 4 bytes each, so that two such pictures fit into MEMORY_BYTES.
"""

import io
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, BinaryIO, Final

import pypdfium2
from PIL import (
    Image,
    ImageDraw,
    ImageFont,
    JpegImagePlugin,
    MpoImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)

MEMORY_BYTES: Final = 256 * 1024**2
CPU_SECONDS: Final = 4
_MOST_PIXELS: Final = {"JPEG": 64_000_000, "PNG": 20_000_000, "WEBP": 12_000_000}
_MOST_DECODED: Final = 20_000_000
MOST_PAGES: Final = 8
LONGEST_EDGE: Final = 2400
LONGEST_EDGE_OF_PAGE: Final = 2000
_QUALITY: Final = 85
_BAND: Final = 256
_WHITE: Final = (255, 255, 255)
_LIGHT: Final = (255, 255, 255, 150)
_DARK: Final = (0, 0, 0, 130)
_ORIENTATION: Final = 0x0112
_TURNS: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""How what a camera held askew is put upright, by EXIF's orientation."""
_FORMATS: Final = {"image/png": "PNG", "image/jpeg": "JPEG", "image/webp": "WEBP"}
_LOADED: Final = (JpegImagePlugin, MpoImagePlugin, PngImagePlugin, TiffImagePlugin, WebPImagePlugin)
# Pillow loads the rest when it first opens something, which is too late once no file can be opened.
Image.preinit()


class Refused(Exception):
    """Why a file is not taken; the parent knows the words for it."""


def confine() -> None:
    """Give up what reading a file does not need; what the system does not limit stays as it is."""
    if sys.platform == "win32":
        return
    import resource  # noqa: PLC0415 - not on every system

    limits = {
        resource.RLIMIT_AS: MEMORY_BYTES,
        resource.RLIMIT_CPU: CPU_SECONDS,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_NPROC: 0,
        # No number is left for another descriptor.
        resource.RLIMIT_NOFILE: 3,
    }
    for limit, most in limits.items():
        try:
            resource.setrlimit(limit, (most, most))
        except (OSError, ValueError):
            continue


def reencode(kind: str, content: bytes) -> Iterator[bytes]:
    """Return a file's pages as JPEG, made of nothing but pixels."""
    if kind == "application/pdf":
        yield from _pages(content)
    else:
        yield _jpeg(_photo(_FORMATS[kind], content))


def watermark(lines: Sequence[str], content: bytes) -> Iterator[bytes]:
    """Return one of our own JPEGs with lines of text all over it, so that no crop goes without them."""
    with Image.open(io.BytesIO(content), formats=["JPEG"]) as opened:
        image = opened.convert("RGB")
    size = max(14, min(image.size) // 28)
    font = ImageFont.load_default(size)
    said = "\n".join(lines)
    left, top, right, bottom = ImageDraw.Draw(image).multiline_textbbox((0, 0), said, font=font)
    stamp = Image.new("RGBA", (int(right - left) + 2 * size, int(bottom - top) + 2 * size))
    draw = ImageDraw.Draw(stamp)
    draw.multiline_text(
        (size, size), said, (255, 255, 255, 150), font, stroke_width=1, stroke_fill=(0, 0, 0, 130)
    )
    stamp = stamp.rotate(24, expand=True)
    for row, y in enumerate(range(-stamp.height // 2, image.height, stamp.height)):
        # Every other row is shifted by half: between the words of one row stand those of the next.
        for x in range(-stamp.width // 2 * (1 + row % 2), image.width, stamp.width):
            image.paste(stamp, (x, y), stamp)
    yield _jpeg(image)


def _photo(name: str, content: bytes) -> Image.Image:
    if name == "WEBP" and _area_of_webp(content) > _MOST_PIXELS[name]:
        # Its decoder takes memory for the whole picture before Pillow tells a size.
        raise Refused("too_many_pixels")
    with Image.open(io.BytesIO(content), formats=[name]) as image:
        if image.width * image.height > _MOST_PIXELS[name]:
            raise Refused("too_many_pixels")
        if name == "JPEG":
            # The decoder halves as it reads: what a good camera makes is never in memory at its full size.
            part = min(1, LONGEST_EDGE / max(image.size))
            image.draft("RGB", (max(1, int(image.width * part)), max(1, int(image.height * part))))
        if image.width * image.height > _MOST_DECODED:
            raise Refused("too_many_pixels")
        turned = image.getexif().get(_ORIENTATION, 1)
        image.load()
        return _upright(_shrunk(image), turned)


def _area_of_webp(content: bytes) -> int:
    def number(start: int, size: int) -> int:
        return int.from_bytes(content[start : start + size], "little")

    match content[12:16]:
        case b"VP8X":
            return (number(24, 3) + 1) * (number(27, 3) + 1)
        case b"VP8L":
            bits = number(21, 4)
            return ((bits & 0x3FFF) + 1) * ((bits >> 14 & 0x3FFF) + 1)
        case _:
            return (number(26, 2) & 0x3FFF) * (number(28, 2) & 0x3FFF)


def _shrunk(image: Image.Image) -> Image.Image:
    if image.mode.startswith(("I", "F")):
        image = image.point(lambda value: value / 256).convert("L")
    elif image.has_transparency_data:
        image = _on_white(image)
    elif image.mode not in {"RGB", "L"}:
        image = image.convert("RGB")
    image.thumbnail((LONGEST_EDGE, LONGEST_EDGE), Image.Resampling.LANCZOS, reducing_gap=2.0)
    return image


def _on_white(image: Image.Image) -> Image.Image:
    # By bands: two pictures of full size fit into the memory, and three do not.
    flat = Image.new("RGB", image.size, _WHITE)
    for top in range(0, image.height, _BAND):
        band = image.crop((0, top, image.width, min(top + _BAND, image.height))).convert("RGBA")
        flat.paste(band, (0, top), band)
    return flat


def _upright(image: Image.Image, turned: int) -> Image.Image:
    way = _TURNS.get(turned)
    return image if way is None else image.transpose(way)


def _pages(content: bytes) -> Iterator[bytes]:
    try:
        document = pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as error:
        raise Refused("encrypted" if "assword" in str(error) else "unreadable") from None
    if not 1 <= len(document) <= MOST_PAGES:
        raise Refused("too_many_pages" if len(document) else "unreadable")
    for page in document:
        longest = max(page.get_size())
        if not longest > 0:
            raise Refused("unreadable")
        bitmap = page.render(scale=LONGEST_EDGE_OF_PAGE / longest, may_draw_forms=False)
        yield _jpeg(bitmap.to_pil())
        bitmap.close()
        page.close()


def _jpeg(image: Image.Image) -> bytes:
    # A new image has no metadata that an encoder could carry over.
    clean = Image.new("RGB", image.size)
    clean.paste(image)
    written = io.BytesIO()
    clean.save(written, "JPEG", quality=_QUALITY)
    return written.getvalue()


def _done(task: Mapping[str, Any], content: bytes) -> tuple[Mapping[str, Any], Sequence[bytes]]:
    try:
        if "type" in task:
            pages = list(reencode(task["type"], content))
        else:
            pages = list(watermark(task["lines"], content))
    except Refused as refused:
        return {"problem": str(refused)}, ()
    except MemoryError:
        return {"problem": "too_complex"}, ()
    except Image.DecompressionBombError:
        return {"problem": "too_many_pixels"}, ()
    except Exception:  # noqa: BLE001 - whatever a decoder says of a broken file, it is broken
        return {"problem": "unreadable"}, ()
    return {"sizes": [len(page) for page in pages]}, pages


def main(told: BinaryIO, answer: BinaryIO) -> None:
    """Do the one task that stands on `told`."""
    Image.MAX_IMAGE_PIXELS = _MOST_PIXELS["JPEG"]
    task = json.loads(told.readline())
    header, pages = _done(task, told.read())
    answer.write(json.dumps(header).encode() + b"\n")
    answer.writelines(pages)
    answer.flush()


if __name__ == "__main__":
    confine()
    main(sys.stdin.buffer, sys.stdout.buffer)
