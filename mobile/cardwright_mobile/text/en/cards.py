"""English: what is said about one card."""

from typing import Final

WORDS: Final = {
    "number.show": "Show the number", "number.hide": "Hide", "number.hides_in": "Hides in {seconds} s",
    "number.number": "Card number", "number.expiry": "Valid until", "number.code": "Security code",
    "number.copy": "Copy the card number",
    "number.copied": "Copied. It leaves the clipboard with the next copy.",
    "number.elsewhere": "The issuing processor keeps this number",
    "number.elsewhere_text": "We never hold it, so the app cannot show it. In the demo, the outside world "
    "shows the card under “Cards”.",
    "number.prove": "The number is shown after you confirm that it is you.", "manage.title": "Manage",
    "manage.limits": "Change the limits", "manage.limits_text": "What it may spend in a day, a week, a month",
    "manage.where": "Where it may pay", "manage.where_text": "One merchant, any, or one for a while",
    "limits.title": "Limits",
    "limits.text": "Leave a field empty for no limit of your own. More than now needs your second factor.",
    "limits.save": "Save", "limits.saving": "Saving …",
    "limits.invalid": "Enter an amount such as {example}.",
    "limits.kept": "Limits of other kinds stay as they are.", "done.limits": "The limits are set.",
    "where.title": "Where it may pay", "where.anywhere": "At any merchant.",
    "where.first": "It stays with the first merchant that charges it.", "where.only": "Only at this merchant",
    "where.through": "Let through for now", "where.end": "End now", "where.unlock": "Unlock",
    "where.name": "Merchant", "where.search": "Find a merchant", "where.hint": "Three letters of its name",
    "where.nothing": "No merchant is called that.", "where.lock": "Lock to {merchant}",
    "where.allow": "Allow for {minutes} minutes", "where.merchant": "A merchant",
    "where.other": "Another merchant", "done.lock": "The card is locked to this merchant.",
    "done.unlock": "The card may pay anywhere again.",
    "done.allow": "The merchant is let through for a quarter of an hour.",
    "done.end_exception": "It is not let through any more.",
}  # fmt: skip
