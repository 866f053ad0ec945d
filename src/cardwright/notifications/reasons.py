"""Sentences for the codes that events bring: why something was refused, and what to do about it."""

from collections.abc import Mapping
from typing import Final

from cardwright.notifications.words import marked

REASONS: Final[Mapping[str, str]] = {
    "card_declined": marked("The bank declined the payment; ask it why, or use another card."),
    "funds_insufficient": marked("There is not enough money on the card."),
    "card_expired": marked("The card has expired."),
    "card_data_incorrect": marked("The card's number, date or code is not correct."),
    "authentication_failed": marked("The bank could not confirm that it is you."),
    "payment_method_invalid": marked("The card cannot be used any more."),
    "processing_error": marked("Something went wrong at the bank; please try again later."),
    "charge_window_passed": marked("It took too long, so nothing was charged."),
    "abandoned": marked("The payment was not finished."),
    "amount_differs": marked("The amount that was paid differs from the one asked for."),
    "charged_twice": marked("The payment was charged twice."),
    "not_refundable": marked("The payment cannot be returned to the card any more."),
    "returned_by_bank": marked("The bank sent the money back."),
    "refund_window_passed": marked("It took too long to return the money."),
    "switched_off": marked("You switched it off."),
    "failed_repeatedly": marked("Several top-ups in a row did not go through."),
    "payment_method_removed": marked("The card that paid for it was removed."),
    "top_up_disputed": marked("A top-up is disputed at your bank."),
    "level_exceeded": marked("It adds more than your verification allows."),
    "not_completed": marked("The verification was left before its last step."),
    "consent_declined": marked("The verification needs your consent, which was declined."),
    "country_not_supported": marked("Documents of this country cannot be checked."),
    "device_not_supported": marked("The device has no camera that can be used; try another one."),
    "document_expired": marked("The document has expired."),
    "document_type_not_supported": marked("This type of document is not accepted."),
    "document_unreadable": marked("The document could not be verified; take a sharp photo."),
    "document_without_photo": marked("The document shows no photo to compare with."),
    "face_mismatch": marked("The face does not match the photo on the document."),
    "selfie_unreadable": marked("The photo of the face could not be verified; try in better light."),
    "selfie_manipulated": marked("The photo of the face was not accepted."),
    "id_number_mismatch": marked("The identity number does not match the name and birth date."),
    "contact_unverified": marked("The phone number or e-mail address could not be verified."),
    "under_age": marked("The person is under the age that is required."),
    "unverified": marked("The identity could not be verified."),
    "amount_correct": marked("The merchant showed that the amount is correct."),
    "amount_too_low": marked("The amount is too low to be disputed."),
    "as_described": marked("The merchant showed that the goods are as described."),
    "authenticated": marked("The purchase was confirmed by you at your bank."),
    "authorized": marked("The merchant showed that the payment was authorized."),
    "delivered": marked("The merchant showed that the goods were delivered."),
    "not_canceled": marked("The merchant showed that nothing was canceled."),
    "not_charged_twice": marked("The merchant showed that nothing was charged twice."),
    "refunded": marked("The merchant has returned the money already."),
    "too_late": marked("The dispute came too late."),
    "too_many_disputes": marked("There were too many disputes of this card."),
    "other": marked("The network gave no reason."),
}
"""By `reason_code` and `loss_reason`."""

CLOSINGS: Final[Mapping[str, str]] = {
    "holder": marked("It was closed by you."),
    "lost": marked("It was reported lost."),
    "stolen": marked("It was reported stolen."),
    "compromised": marked("Its number may have been known to others."),
    "replaced": marked("Another card has taken its place."),
    "used_up": marked("It was used as often as it may be."),
    "validity_over": marked("Its validity has ended."),
    "expired": marked("It has expired."),
    "processor": marked("The company that issues it has closed it."),
    "gone": marked("It answered that it is gone for good."),
    "failing": marked("It has not answered well for five days."),
}
"""Why a card was closed or a webhook endpoint disabled, by `reason`."""

DECLINES: Final[Mapping[str, str]] = {
    "funds_insufficient": marked("There is not enough money in your wallet."),
    "limit_exceeded": marked("It would exceed a limit of the card."),
    "count_exceeded": marked("The card has made as many payments as its limit allows."),
    "category_not_allowed": marked("The card is not allowed for this kind of merchant."),
    "merchant_not_allowed": marked("The card is not allowed for this merchant."),
    "country_not_allowed": marked("The card is not allowed in this country."),
    "channel_not_allowed": marked("The card is not allowed for this way to pay."),
    "hour_not_allowed": marked("The card is not allowed at this time of day."),
    "card_unknown": marked("We do not know this card."),
    "card_frozen": marked("The card is frozen."),
    "card_locked": marked("The card is locked by us."),
    "card_inactive": marked("The card is not active yet."),
    "card_canceled": marked("The card is closed."),
    "kyc_required": marked("The holder's identity is not verified."),
    "currency_mismatch": marked("The card pays in another currency."),
    "card_not_yet_valid": marked("The card is not valid yet."),
    "card_no_longer_valid": marked("The card is not valid any more."),
    "uses_exhausted": marked("The card was used as often as it may be."),
    "amount_not_exact": marked("The card is for exactly one amount."),
    "merchant_locked": marked("The card is meant for another merchant."),
    "challenge_required": marked("Please confirm first that it is you."),
    "network_declined": marked("The card network declined the payment."),
    "processor_behind": marked("The card network declined the payment."),
}
"""Why a payment was declined, where the decision's own words are in another language; by `reason_code`."""

OTHER_DECLINE: Final = marked("The rules of your card do not allow this payment.")

HINTS: Final[Mapping[str, str]] = {
    "funds_insufficient": marked("Top up your wallet, then pay again."),
    "limit_exceeded": marked("Raise the limit in the app, or pay less."),
    "count_exceeded": marked("Raise the limit in the app, or use another card."),
    "category_not_allowed": marked("Change what the card allows in the app, then pay again."),
    "merchant_not_allowed": marked("Change what the card allows in the app, then pay again."),
    "country_not_allowed": marked("Change what the card allows in the app, then pay again."),
    "channel_not_allowed": marked("Change what the card allows in the app, then pay again."),
    "hour_not_allowed": marked("Change what the card allows in the app, then pay again."),
    "card_frozen": marked("Unfreeze the card in the app, then pay again."),
    "kyc_required": marked("Verify your identity in the app."),
    "merchant_locked": marked("Allow this merchant for a while, or use another card."),
    "challenge_required": marked("If this is you: allow this merchant for a while, then pay again."),
}
"""What would let a declined payment pass, told the same way."""

REPLIES: Final[Mapping[str, str]] = {
    "confirmed": marked("Thank you: the payment was yours. There is nothing more to do."),
    "denied": marked("Thank you: we look into the payment, and this card pays nothing meanwhile."),
    "answered_before": marked("We have your answer already."),
    "closed": marked("We looked into this payment already. No answer is needed."),
    "too_late": marked("The time to answer is over. If the payment was not yours, sign in and report it."),
    "nothing_asked": marked("We have no question to you now. Sign in to see your payments."),
    "wrong_code": marked("This is not the code of our question. Reply YES or NO and the code we sent."),
    "too_many_tries": marked("Too many wrong codes. Sign in to answer."),
    "unclear": marked("We did not understand this. Reply YES or NO and the code we sent, or sign in."),
}
"""What a reply by text message came to, by `outcome`."""

PROPOSALS: Final[Mapping[str, str]] = {
    "role.grant": marked("giving somebody a role"),
    "role.revoke": marked("taking a role from somebody"),
    "client_role.grant": marked("giving an application a role"),
    "ledger.manual_entry": marked("an entry in the ledger"),
    "ledger.period_closed": marked("closing a month"),
    "ledger.period_reopened": marked("opening a month again"),
    "rulebook.publish": marked("publishing rules"),
    "guardrail.drop": marked("dropping a guardrail"),
    "identity.override": marked("turning a decision about an identity around"),
    "identity_level.raise": marked("raising what people of a level may do"),
    "user.reveal": marked("seeing somebody's personal data"),
}
"""What was proposed, by the `kind` of the approval."""
