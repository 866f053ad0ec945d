"""English: what is said about adding money."""

from typing import Final

WORDS: Final = {
    "home.add": "Add money", "add.title": "Add money", "add.amount": "Amount",
    "add.invalid": "Enter an amount such as {example}.", "add.from": "Pay with",
    "add.visa": "Visa ending 4242", "add.visa_text": "A test card that pays at once",
    "add.secure": "Visa ending 3220", "add.secure_text": "A test card whose bank asks you to confirm",
    "add.poor": "Visa ending 9995", "add.poor_text": "A test card without enough money",
    "add.test_only": "These are test cards of the demo. No real money moves.", "add.add": "Add {amount}",
    "add.sending": "Sending …", "add.kept": "Kept for you", "add.confirming": "Confirm with your bank",
    "add.confirming_text": "Your bank wants to be sure that it is you. Its page opens in the browser; come "
    "back afterwards.",
    "add.open_bank": "Open your bank's page", "add.waiting": "Your bank is moving the money",
    "add.succeeded": "{amount} is in your balance", "add.succeeded_text": "You can spend it now.",
    "add.failed": "The top-up failed", "add.review": "Somebody looks at this top-up",
    "add.review_text": "It takes a little longer than usual. You need to do nothing.",
    "add.again": "Try another card", "add.home": "See your balance",
}  # fmt: skip
