"""Whether people are on lists of those nobody may serve: lists, names, hits, and screening everybody anew."""

from typing import Final

from cardwright import users
from cardwright.db.jobs import Subscription
from cardwright.kyc.screening.comparing import forget_person, screen_person
from cardwright.kyc.screening.domain import (
    ScreeningList,
    ScreeningRules,
    Standing,
)
from cardwright.kyc.screening.hit_store import SEALED_COLUMNS, standing
from cardwright.kyc.screening.importing import import_list
from cardwright.kyc.screening.list_files import ListFile, fictitious_list, read_list
from cardwright.kyc.screening.list_store import active_lists
from cardwright.kyc.screening.rescreening import advance, newest_run, request_run, screen_nightly
from cardwright.kyc.screening.run_store import Run

SUBSCRIPTIONS: Final = (
    Subscription("screening.screen_named", users.NAME_CHANGED, screen_person),
    Subscription("screening.screen_submitted", "kyc.verification_requested", screen_person),
    Subscription("screening.screen_approved", "kyc.approved", screen_person),
    Subscription("screening.forget", users.ERASED, forget_person),
)

__all__ = [
    "SEALED_COLUMNS",
    "SUBSCRIPTIONS",
    "ListFile",
    "Run",
    "ScreeningList",
    "ScreeningRules",
    "Standing",
    "active_lists",
    "advance",
    "fictitious_list",
    "import_list",
    "newest_run",
    "read_list",
    "request_run",
    "screen_nightly",
    "standing",
]
