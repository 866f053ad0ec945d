"""German: what is said about adding money."""

from typing import Final

WORDS: Final = {
    "home.add": "Aufladen", "add.title": "Geld aufladen", "add.amount": "Betrag",
    "add.invalid": "Geben Sie einen Betrag ein, etwa {example}.", "add.from": "Zahlen mit",
    "add.visa": "Visa mit den Endziffern 4242", "add.visa_text": "Eine Testkarte, die sofort zahlt",
    "add.secure": "Visa mit den Endziffern 3220",
    "add.secure_text": "Eine Testkarte, deren Bank um Bestätigung bittet",
    "add.poor": "Visa mit den Endziffern 9995", "add.poor_text": "Eine Testkarte ohne genug Geld",
    "add.test_only": "Das sind Testkarten der Demo. Es bewegt sich kein echtes Geld.",
    "add.add": "{amount} aufladen", "add.sending": "Wird gesendet …", "add.kept": "Für Sie hinterlegt",
    "add.confirming": "Bestätigen Sie bei Ihrer Bank",
    "add.confirming_text": "Ihre Bank will sicher sein, dass Sie es sind. Ihre Seite öffnet sich im "
    "Browser; kommen Sie danach zurück.",
    "add.open_bank": "Seite der Bank öffnen", "add.waiting": "Ihre Bank überweist",
    "add.succeeded": "{amount} sind auf Ihrem Guthaben",
    "add.succeeded_text": "Sie können das Geld jetzt ausgeben.",
    "add.failed": "Die Aufladung ist gescheitert", "add.review": "Jemand sieht sich diese Aufladung an",
    "add.review_text": "Es dauert etwas länger als sonst. Sie müssen nichts tun.",
    "add.again": "Andere Karte versuchen", "add.home": "Guthaben ansehen",
}  # fmt: skip
