"""German: what is said about one card."""

from typing import Final

WORDS: Final = {
    "number.show": "Nummer zeigen", "number.hide": "Verbergen",
    "number.hides_in": "Verschwindet in {seconds} s", "number.number": "Kartennummer",
    "number.expiry": "Gültig bis", "number.code": "Prüfziffer", "number.copy": "Kartennummer kopieren",
    "number.copied": "Kopiert. Mit der nächsten Kopie ist sie aus der Zwischenablage verschwunden.",
    "number.elsewhere": "Diese Nummer liegt beim Kartendienst",
    "number.elsewhere_text": "Wir haben sie nie, daher kann die App sie nicht zeigen. In der Demo zeigt die "
    "Außenwelt die Karte unter „Cards“.",
    "number.prove": "Die Nummer erscheint, nachdem Sie bestätigt haben, dass Sie es sind.",
    "manage.title": "Verwalten", "manage.limits": "Limits ändern",
    "manage.limits_text": "Was sie am Tag, in der Woche, im Monat ausgeben darf",
    "manage.where": "Wo sie zahlen darf", "manage.where_text": "Ein Händler, alle, oder einer für eine Weile",
    "limits.title": "Limits",
    "limits.text": "Lassen Sie ein Feld leer für kein eigenes Limit. Mehr als jetzt braucht Ihren zweiten "
    "Faktor.",
    "limits.save": "Speichern", "limits.saving": "Wird gespeichert …",
    "limits.invalid": "Geben Sie einen Betrag ein, etwa {example}.",
    "limits.kept": "Limits anderer Art bleiben, wie sie sind.", "done.limits": "Die Limits sind gesetzt.",
    "where.title": "Wo sie zahlen darf", "where.anywhere": "Bei jedem Händler.",
    "where.first": "Sie bleibt beim ersten Händler, der sie belastet.",
    "where.only": "Nur bei diesem Händler", "where.through": "Vorübergehend zugelassen",
    "where.end": "Jetzt beenden", "where.unlock": "Lösen", "where.name": "Händler",
    "where.search": "Händler suchen", "where.hint": "Drei Buchstaben des Namens",
    "where.nothing": "So heißt kein Händler.", "where.lock": "An {merchant} binden",
    "where.allow": "{minutes} Minuten zulassen", "where.merchant": "Ein Händler",
    "where.other": "Anderer Händler", "done.lock": "Die Karte ist an diesen Händler gebunden.",
    "done.unlock": "Die Karte darf wieder überall zahlen.",
    "done.allow": "Der Händler ist für eine Viertelstunde zugelassen.",
    "done.end_exception": "Er ist nicht mehr zugelassen.",
}  # fmt: skip
