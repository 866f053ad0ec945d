"""When a delivery that failed is tried again, and when an endpoint is given up."""

from datetime import timedelta
from typing import Final

PAUSES: Final = (
    timedelta(seconds=5),
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=18),
    timedelta(hours=22, minutes=23, seconds=55),
)
"""After the first try, the second, and so on: eleven tries over three days."""
GIVEN_UP_AFTER: Final = timedelta(days=5)
"""An endpoint that answered nothing well for so long is disabled."""
LONGEST_RETRY_AFTER: Final = timedelta(days=1)
JITTER: Final = 0.1


def next_pause(tries: int, chance: float, retry_after: timedelta | None = None) -> timedelta | None:
    """Return how long to wait after so many failed tries; None when that was the last.

    `chance` between 0 and 1 spreads the pause by JITTER to either side, so that what failed together does not
    come back together. What the receiver asked for is the least, up to LONGEST_RETRY_AFTER.

    >>> next_pause(1, 0.5), next_pause(11, 0.5)
    (datetime.timedelta(seconds=5), None)
    """
    if tries > len(PAUSES):
        return None
    spread = PAUSES[tries - 1] * (1 - JITTER + 2 * JITTER * chance)
    return max(spread, min(retry_after or timedelta(0), LONGEST_RETRY_AFTER))
