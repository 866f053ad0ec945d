"""Pictures of documents: by the device's camera where one answers, and by a file everywhere."""

from typing import Any, Final

import flet as ft
import flet_camera as fc

_KINDS: Final = ["jpg", "jpeg", "png", "webp", "pdf"]


async def pick() -> bytes | None:
    """Let somebody choose a picture or a PDF, and return what is in it; None where they do not."""
    found = await ft.FilePicker().pick_files(
        file_type=ft.FilePickerFileType.CUSTOM, allowed_extensions=_KINDS, with_data=True
    )
    return found[0].bytes if found else None


def viewfinder() -> Any:
    """Return the control that shows what the camera sees; `open_camera` has to follow once it is shown."""
    camera: Any = fc.Camera(expand=True)
    return camera


async def open_camera(camera: Any, *, is_for_a_face: bool) -> bool:
    """Open the camera that looks the right way, or else any; answer whether there is one that may be used."""
    wanted = fc.CameraLensDirection.FRONT if is_for_a_face else fc.CameraLensDirection.BACK
    try:
        cameras = await camera.get_available_cameras()
        if not cameras:
            return False
        chosen = next((it for it in cameras if it.lens_direction == wanted), cameras[0])
        await camera.initialize(chosen, fc.ResolutionPreset.VERY_HIGH, enable_audio=False)
    except (RuntimeError, TimeoutError, ft.FletUnsupportedPlatformException):
        return False
    return True


async def shoot(camera: Any) -> bytes | None:
    """Return a picture of what the camera sees; None where it gives none."""
    try:
        taken: bytes | None = await camera.take_picture()
    except (RuntimeError, TimeoutError):
        return None
    return taken or None
