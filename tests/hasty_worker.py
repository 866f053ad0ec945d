"""`cardwright worker` that takes others for dead after seconds, so that tests of crashes need not wait."""

from datetime import timedelta

from cardwright import worker
from cardwright.__main__ import run
from cardwright.notifications import domain

worker._LOST_AFTER = timedelta(seconds=2)  # type: ignore[misc]
worker._FIRST_RETRY_SECONDS = 0.1  # type: ignore[misc]
domain.ATTEMPT_LEASE = timedelta(seconds=2)  # type: ignore[misc]

if __name__ == "__main__":
    run()
