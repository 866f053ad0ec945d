"""Where traces begin: at requests and jobs. Without a collector none is kept, and its library not loaded."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from sqlalchemy.ext.asyncio import AsyncEngine


@contextmanager
def sending_spans(
    service: str, endpoint: str | None, share: float, engines: Sequence[AsyncEngine]
) -> Iterator[None]:
    """Send a share of all traces to an OTLP endpoint while the block runs; without an endpoint none.

    ValueError where the extra `tracing` is not installed.
    """
    if endpoint is None:
        yield
        return
    try:
        # Only those who have a collector need its libraries: the extra `tracing`.
        from cardwright.observability.tracing import tracing  # noqa: PLC0415
    except ImportError as error:
        raise ValueError("tracing.endpoint needs the extra: pip install 'cardwright[tracing]'") from error
    with tracing(service, endpoint, share, engines):
        yield
