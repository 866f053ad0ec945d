"""Lists of work for staff: taken by deadline, had by one person at a time, with notes and a history."""

from cardwright.worklists.assigning import ensure_fit
from cardwright.worklists.domain import Activity, Note
from cardwright.worklists.history_store import (
    History,
    activities_of,
    add_activity,
    add_note,
    history_tables,
    notes_of,
)
from cardwright.worklists.queue_queries import (
    count_waiting,
    late_for_update,
    overdue,
    page_by_deadline,
    unresolved,
)
from cardwright.worklists.schemas import ActivityView, NoteInput, NoteView, Version, Words

__all__ = [
    "Activity",
    "ActivityView",
    "History",
    "Note",
    "NoteInput",
    "NoteView",
    "Version",
    "Words",
    "activities_of",
    "add_activity",
    "add_note",
    "count_waiting",
    "ensure_fit",
    "history_tables",
    "late_for_update",
    "notes_of",
    "overdue",
    "page_by_deadline",
    "unresolved",
]
