"""The words of statements in each language; numbers and dates come from Babel."""

from collections.abc import Mapping
from typing import Final

from babel import Locale
from babel.core import UnknownLocaleError

_ENGLISH: Final = {
    "title": "Account statement",
    "provisional": "Provisional: the period is not over",
    "period": "Period",
    "opening": "Opening balance",
    "closing": "Closing balance",
    "in": "Money in",
    "out": "Money out",
    "date": "Date",
    "description": "Description",
    "amount": "Amount",
    "balance": "Balance",
    "none": "Nothing was posted in this period.",
    "card": "Card ending in {last4}",
    "charged": "charged {amount}",
    "holds": "Held at the end of the period",
    "holds_note": (
        "Set aside for purchases that merchants have not taken yet. Held money is part of the closing "
        "balance and cannot be spent otherwise."
    ),
    "held": "Held",
    "available": "Available balance",
    "owed_note": (
        "A balance below zero is what purchases cost beyond what was in the wallet; the next top-up pays it."
    ),
    "page": "Page {page} of {pages}",
    "made": "Made on {instant}. All times: {zone}.",
    "clearing": "Card purchase",
    "force_post": "Card purchase",
    "refund": "Refund",
    "top_up": "Top-up",
    "top_up_dispute": "Top-up taken back by your bank",
    "top_up_dispute_reversed": "Top-up given back by your bank",
    "withdrawal": "Withdrawal",
    "withdrawal_returned": "Withdrawal returned",
    "dispute_credit": "Provisional credit for a dispute",
    "dispute_credit_reversal": "Provisional credit taken back",
    "fee": "Fee",
    "manual": "Correction",
    "other": "Other movement",
}
_GERMAN: Final = {
    "title": "Kontoauszug",
    "provisional": "Vorläufig: der Zeitraum ist noch nicht zu Ende",
    "period": "Zeitraum",
    "opening": "Anfangssaldo",
    "closing": "Endsaldo",
    "in": "Eingänge",
    "out": "Ausgänge",
    "date": "Datum",
    "description": "Beschreibung",
    "amount": "Betrag",
    "balance": "Saldo",
    "none": "In diesem Zeitraum wurde nichts gebucht.",
    "card": "Karte *{last4}",
    "charged": "berechnet: {amount}",
    "holds": "Am Ende des Zeitraums vorgemerkt",
    "holds_note": (
        "Zurückgelegt für Einkäufe, die Händler noch nicht abgerechnet haben. Vorgemerktes Geld ist Teil des "
        "Endsaldos und kann nicht anders ausgegeben werden."
    ),
    "held": "Vorgemerkt",
    "available": "Verfügbarer Betrag",
    "owed_note": (
        "Ein Saldo unter null ist, was Einkäufe über das Guthaben hinaus gekostet haben; die nächste "
        "Aufladung gleicht ihn aus."
    ),
    "page": "Seite {page} von {pages}",
    "made": "Erstellt am {instant}. Alle Zeiten: {zone}.",
    "clearing": "Kartenzahlung",
    "force_post": "Kartenzahlung",
    "refund": "Erstattung",
    "top_up": "Aufladung",
    "top_up_dispute": "Aufladung, von Ihrer Bank zurückgeholt",
    "top_up_dispute_reversed": "Aufladung, von Ihrer Bank zurückgegeben",
    "withdrawal": "Auszahlung",
    "withdrawal_returned": "Auszahlung, zurückgekommen",
    "dispute_credit": "Vorläufige Gutschrift zu einer Reklamation",
    "dispute_credit_reversal": "Vorläufige Gutschrift, zurückgenommen",
    "fee": "Gebühr",
    "manual": "Korrektur",
    "other": "Sonstige Buchung",
}
_FRENCH: Final = {
    "title": "Relevé de compte",
    "provisional": "Provisoire : la période n\u2019est pas terminée",
    "period": "Période",
    "opening": "Solde initial",
    "closing": "Solde final",
    "in": "Entrées",
    "out": "Sorties",
    "date": "Date",
    "description": "Description",
    "amount": "Montant",
    "balance": "Solde",
    "none": "Aucune opération pendant cette période.",
    "card": "Carte *{last4}",
    "charged": "facturé {amount}",
    "holds": "Montants bloqués à la fin de la période",
    "holds_note": (
        "Réservés pour des achats que les commerçants n\u2019ont pas encore encaissés. Ces montants font "
        "partie du solde final et ne peuvent pas être dépensés autrement."
    ),
    "held": "Bloqué",
    "available": "Solde disponible",
    "owed_note": (
        "Un solde négatif correspond à ce que des achats ont coûté au-delà de l\u2019avoir ; le prochain "
        "rechargement le comble."
    ),
    "page": "Page {page} sur {pages}",
    "made": "Établi le {instant}. Toutes les heures : {zone}.",
    "clearing": "Achat par carte",
    "force_post": "Achat par carte",
    "refund": "Remboursement",
    "top_up": "Rechargement",
    "top_up_dispute": "Rechargement repris par votre banque",
    "top_up_dispute_reversed": "Rechargement rendu par votre banque",
    "withdrawal": "Retrait",
    "withdrawal_returned": "Retrait retourné",
    "dispute_credit": "Crédit provisoire pour une contestation",
    "dispute_credit_reversal": "Crédit provisoire repris",
    "fee": "Frais",
    "manual": "Correction",
    "other": "Autre opération",
}
LANGUAGES: Final[Mapping[str, Mapping[str, str]]] = {"en": _ENGLISH, "de": _GERMAN, "fr": _FRENCH}


def locale_of(tag: str) -> Locale:
    """Return the locale of a BCP 47 tag, as exactly as Babel knows it; English for languages we do not write.

    >>> str(locale_of("de-AT")), str(locale_of("fr-XX")), str(locale_of("ja")), str(locale_of("en-US"))
    ('de_AT', 'fr', 'en', 'en_US')
    """
    language = tag.partition("-")[0]
    if language not in LANGUAGES:
        return Locale("en")
    try:
        return Locale.parse(tag, sep="-")
    except (UnknownLocaleError, ValueError):
        return Locale(language)


def words_of(locale: Locale) -> Mapping[str, str]:
    """Return the words of a locale's language."""
    return LANGUAGES[locale.language]
