"""Arabic: what is said about adding money."""

from typing import Final

WORDS: Final = {
    "home.add": "إضافة مال", "add.title": "إضافة مال", "add.amount": "المبلغ",
    "add.invalid": "أدخل مبلغًا مثل {example}.", "add.from": "ادفع بـ", "add.visa": "فيزا تنتهي بـ 4242",
    "add.visa_text": "بطاقة اختبار تدفع فورًا", "add.secure": "فيزا تنتهي بـ 3220",
    "add.secure_text": "بطاقة اختبار يطلب بنكها التأكيد", "add.poor": "فيزا تنتهي بـ 9995",
    "add.poor_text": "بطاقة اختبار بلا مال كافٍ",
    "add.test_only": "هذه بطاقات اختبار للعرض. لا يتحرك مال حقيقي.", "add.add": "أضف {amount}",
    "add.sending": "جارٍ الإرسال …", "add.kept": "محفوظة لك", "add.confirming": "أكّد لدى بنكك",
    "add.confirming_text": "يريد بنكك التأكد أنك أنت. تُفتح صفحته في المتصفح؛ عُد بعدها.",
    "add.open_bank": "افتح صفحة البنك", "add.waiting": "بنكك يحوّل المال",
    "add.succeeded": "{amount} في رصيدك", "add.succeeded_text": "يمكنك إنفاقه الآن.",
    "add.failed": "فشلت الإضافة", "add.review": "ينظر أحدهم في هذه الإضافة",
    "add.review_text": "تستغرق أكثر من المعتاد. لا يلزمك شيء.", "add.again": "جرّب بطاقة أخرى",
    "add.home": "اعرض رصيدك",
}  # fmt: skip
