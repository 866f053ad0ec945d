"""Arabic: what is said about one card."""

from typing import Final

WORDS: Final = {
    "number.show": "أظهر الرقم", "number.hide": "أخفِ", "number.hides_in": "يختفي خلال {seconds} ث",
    "number.number": "رقم البطاقة", "number.expiry": "صالحة حتى", "number.code": "رمز الأمان",
    "number.copy": "انسخ رقم البطاقة", "number.copied": "نُسخ. يزول من الحافظة مع النسخة التالية.",
    "number.elsewhere": "هذا الرقم لدى معالج الإصدار",
    "number.elsewhere_text": "لا نحتفظ به أبدًا، فلا يستطيع التطبيق عرضه. في العرض يُظهره العالم الخارجي "
    "تحت «Cards».",
    "number.prove": "يظهر الرقم بعد أن تؤكد أنك أنت.", "manage.title": "إدارة البطاقة",
    "manage.limits": "غيّر الحدود", "manage.limits_text": "ما يمكنها إنفاقه في اليوم والأسبوع والشهر",
    "manage.where": "أين يمكنها الدفع", "manage.where_text": "تاجر واحد، أو أي تاجر، أو تاجر لبعض الوقت",
    "limits.title": "الحدود",
    "limits.text": "اترك الحقل فارغًا لئلا يكون لك حد. ما زاد على الحالي يحتاج عاملك الثاني.",
    "limits.save": "احفظ", "limits.saving": "جارٍ الحفظ …", "limits.invalid": "أدخل مبلغًا مثل {example}.",
    "limits.kept": "تبقى الحدود من الأنواع الأخرى كما هي.", "done.limits": "ضُبطت الحدود.",
    "where.title": "أين يمكنها الدفع", "where.anywhere": "لدى أي تاجر.",
    "where.first": "تبقى مع أول تاجر يخصم منها.", "where.only": "لدى هذا التاجر فقط",
    "where.through": "مسموح له مؤقتًا", "where.end": "أنهِ الآن", "where.unlock": "فك القيد",
    "where.name": "التاجر", "where.search": "ابحث عن تاجر", "where.hint": "ثلاثة أحرف من اسمه",
    "where.nothing": "لا تاجر بهذا الاسم.", "where.lock": "قيّدها بـ {merchant}",
    "where.allow": "اسمح {minutes} دقيقة", "where.merchant": "تاجر", "where.other": "تاجر آخر",
    "done.lock": "البطاقة مقيّدة بهذا التاجر.", "done.unlock": "يمكن للبطاقة أن تدفع في أي مكان ثانيةً.",
    "done.allow": "مسموح للتاجر مدة ربع ساعة.", "done.end_exception": "لم يعد مسموحًا له.",
}  # fmt: skip
