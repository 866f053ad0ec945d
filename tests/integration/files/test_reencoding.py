"""Strangers' files through the real child process: hostile ones, good ones, and how much each takes."""

import asyncio
import io
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from PIL import Image

import cardwright.files
from cardwright.core.errors import Invalid, Unavailable
from cardwright.files import FileType, Reencoder
from cardwright.kyc.documents.domain import ensure_acceptable
from hostile_files import MARK, REFUSED, TAKEN, Hostile, encoded, exif, hostile_files, pdf, photo
from jpeg_segments import PLAIN, segments

CORPUS = hostile_files()
CHILD = str(Path(cardwright.files.__file__).with_name("isolated.py"))
MEASURED = str(Path(__file__).parents[2] / "measured_child.py")
MOST_KIB = 256 * 1024
MOST_SECONDS = 5.0
LONGEST_EDGE = 2400


async def intake(content: bytes, reencoder: Reencoder | None = None) -> Sequence[bytes]:
    """What an upload goes through before anything of it is kept."""
    return await (reencoder or Reencoder()).pictures_of(ensure_acceptable(content), content)


async def _outcome(content: bytes, reencoder: Reencoder) -> tuple[Sequence[bytes], Invalid | None]:
    try:
        return await intake(content, reencoder), None
    except Invalid as refusal:
        return (), refusal


def opened(picture: bytes) -> Image.Image:
    return Image.open(io.BytesIO(picture)).convert("RGB")


def is_red(picture: Image.Image, x: float, y: float) -> bool:
    red, green, blue = picture.getpixel((int(x * picture.width), int(y * picture.height)))
    return bool(red > 150 and green < 90 and blue < 90)


@pytest.mark.parametrize("hostile", CORPUS, ids=lambda hostile: hostile.name)
async def test_a_hostile_file_leaves_nothing_but_pixels_and_takes_little(
    hostile: Hostile, tmp_path: Path
) -> None:
    notes = tmp_path / "kib"
    # The launcher sees the environment that the child does: none.
    measured = (sys.executable, "-I", MEASURED, str(notes), sys.executable, "-I", CHILD)
    started = time.monotonic()
    pictures, refusal = await _outcome(hostile.content, Reencoder(command=measured))
    if refusal is None:
        assert hostile.ends != REFUSED
    else:
        assert hostile.ends != TAKEN, refusal.code
        assert hostile.code in {None, refusal.code}
        assert refusal.message
    for picture in pictures:
        assert MARK not in picture
        assert set(segments(picture)) <= PLAIN
        assert max(opened(picture).size) <= LONGEST_EDGE
    assert time.monotonic() - started < MOST_SECONDS
    if notes.exists() and sys.platform == "linux":
        assert int(notes.read_text()) < MOST_KIB


def test_the_corpus_is_as_large_as_it_is_said_to_be() -> None:
    assert len({hostile.content for hostile in CORPUS}) == len({it.name for it in CORPUS}) >= 100


@pytest.mark.parametrize("kind", ["JPEG", "WEBP", "PNG"])
@pytest.mark.parametrize("orientation", range(1, 9))
async def test_a_photo_comes_out_upright_whatever_its_exif_says(kind: str, orientation: int) -> None:
    upright = photo((80, 40))
    undone = {
        2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_90, 7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }.get(orientation)  # fmt: skip
    held = upright if undone is None else upright.transpose(undone)
    (picture,) = await intake(encoded(held, kind, exif=exif(orientation)))
    shown = opened(picture)
    assert shown.size == (80, 40)
    assert is_red(shown, 0.2, 0.2)
    assert not any(is_red(shown, *corner) for corner in ((0.8, 0.2), (0.2, 0.8), (0.8, 0.8)))
    assert MARK not in picture


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16"])
async def test_every_kind_of_png_is_read(mode: str) -> None:
    made = Image.new("I;16", (50, 50), 65_535) if mode == "I;16" else photo((50, 50)).convert(mode)
    (picture,) = await intake(encoded(made, "PNG"))
    assert opened(picture).size == (50, 50)


async def test_what_is_transparent_becomes_white() -> None:
    (picture,) = await intake(encoded(Image.new("RGBA", (60, 600), (0, 0, 0, 0)), "PNG"))
    assert opened(picture).getpixel((30, 599)) == (255, 255, 255)


async def test_a_photo_of_64_megapixels_is_made_small() -> None:
    (picture,) = await intake(encoded(Image.new("RGB", (8_000, 8_000), (9, 9, 9)), "JPEG"))
    assert opened(picture).size == (2400, 2400)


async def test_the_pages_of_a_pdf_become_pictures() -> None:
    pictures = await intake(pdf(pages=3))
    assert [opened(picture).size for picture in pictures] == [(2000, 1334)] * 3
    assert min(opened(pictures[0]).convert("L").tobytes()) < 60, "its text is drawn"


async def test_a_pdf_that_is_locked_says_so() -> None:
    locked = pdf(
        b"<< /Filter /Standard /V 1 /R 2 /P -4 /O <" + b"11" * 32 + b"> /U <" + b"22" * 32 + b"> >>"
    ).replace(b"/Root 1 0 R", b"/Encrypt 10 0 R /ID [<00><00>] /Root 1 0 R")
    with pytest.raises(Invalid) as refusal:
        await intake(locked)
    assert refusal.value.code == "file_encrypted"


async def test_a_watermark_is_all_over_a_picture() -> None:
    plain = encoded(Image.new("RGB", (1200, 800), (128, 128, 128)), "JPEG")
    marked = opened(await Reencoder().watermarked(plain, ["user_1", "2026-11-23 12:00:00 UTC"]))
    for left in range(0, 1200, 400):
        for top in range(0, 800, 400):
            low, high = marked.crop((left, top, left + 400, top + 400)).convert("L").getextrema()
            assert (low < 100, high > 160) == (True, True), (left, top)


@pytest.mark.skipif(sys.platform != "linux", reason="other systems keep fewer limits")
@pytest.mark.parametrize(
    "attempt",
    [
        "open('/etc/passwd')", "__import__('socket').socket()", "__import__('os').fork()",
        "bytearray(300 * 1024**2)", "__import__('subprocess').run(['true'])",
    ],
)  # fmt: skip
async def test_a_taken_over_child_has_no_means(attempt: str) -> None:
    script = (
        "import importlib.util, os, sys, socket, subprocess\n"
        f"spec = importlib.util.spec_from_file_location('isolated', {CHILD!r})\n"
        "child = importlib.util.module_from_spec(spec); spec.loader.exec_module(child); child.confine()\n"
        f"try:\n    {attempt}\nexcept (OSError, MemoryError) as error: print(type(error).__name__)\n"
    )
    if os.geteuid() == 0 and "fork" in attempt:
        pytest.skip("the superuser may have as many processes as there is room for")
    ran = await asyncio.create_subprocess_exec(
        sys.executable, "-I", "-c", script, stdout=asyncio.subprocess.PIPE
    )
    said, _ = await ran.communicate()
    assert said.strip() in {b"OSError", b"MemoryError", b"BlockingIOError"}


async def test_a_child_that_hangs_is_ended_in_time() -> None:
    hanging = Reencoder(seconds=0.5, command=(sys.executable, "-c", "import time; time.sleep(60)"))
    started = time.monotonic()
    with pytest.raises(Invalid) as refusal:
        await hanging.pictures_of(FileType.PDF, pdf())
    assert refusal.value.code == "file_too_complex"
    assert time.monotonic() - started < 2


async def test_a_child_that_answers_without_end_is_believed_nothing() -> None:
    endless = Reencoder(command=(sys.executable, "-c", "while True: print('x' * 65536)"))
    with pytest.raises(Invalid, match="too much to read"):
        await endless.pictures_of(FileType.PDF, pdf())


async def test_nobody_waits_for_a_turn_for_longer_than_they_have_patience() -> None:
    hanging = (sys.executable, "-c", "import time; time.sleep(60)")
    slow = Reencoder(at_once=1, seconds=1.5, patience=0.2, command=hanging)
    came = await asyncio.gather(
        *(slow.pictures_of(FileType.PDF, pdf()) for _ in range(3)), return_exceptions=True
    )
    assert [it.code for it in came if isinstance(it, Unavailable)] == ["files_busy"] * 2
    assert [it.code for it in came if isinstance(it, Invalid)] == ["file_too_complex"]


async def test_whoever_comes_when_all_are_busy_is_told_to_come_back() -> None:
    busy = Reencoder(at_once=1, waiting=1)
    came = await asyncio.gather(
        *(busy.pictures_of(FileType.PDF, pdf()) for _ in range(4)), return_exceptions=True
    )
    assert [isinstance(it, Unavailable) and it.code == "files_busy" for it in came].count(True) == 2
