"""The twenty rules that everything about rules is timed with."""

from typing import Final

RULES: Final = (
    'amount > 30000 && merchant.country in ["NG", "GH", "CI"]',
    "card.age_days < 2 && amount > 20000",
    "velocity.approved_count_1h >= 5",
    "velocity.approved_amount_24h + amount > 250000",
    'merchant.mcc in ["7995", "5967", "6051", "4829"] && amount > 10000',
    'merchant.mcc.startsWith("30") && holder.kyc_level < 2',
    "has(holder.country) && holder.country != merchant.country && amount > 15000",
    'merchant.name.matches("(?i)casino|bet(ting)?|poker")',
    'merchant.name.contains("GIFT CARD") && amount % 5000 == 0',
    "velocity.declined_count_1h > 3 && velocity.distinct_merchants_24h > 5",
    'channel == "atm" && amount > 40000',
    '!(channel == "in_person") && holder.age_days < 7 && amount > 25000',
    '(card.age_days < 7 ? 10000 : 100000) < amount && channel == "ecommerce"',
    'kind == "verification" && velocity.approved_count_24h == 0 && card.age_days > 300',
    'card.type == "single_use" && velocity.approved_count_24h > 0',
    'currency != "EUR" && amount > 50000 || currency == "JPY" && amount > 9000',
    "holder.kyc_level == 0 && (amount > 5000 || velocity.approved_count_24h > 10)",
    'merchant.name.startsWith("PAYPAL") && merchant.country != "LU"',
    'has(merchant.city) && merchant.city == "LAGOS" && amount > 1000',
    'amount - velocity.approved_amount_24h > 80000 && merchant.country in ["RU", "BY", "KP", "IR"]',
)
