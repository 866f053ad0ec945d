"""A list of invented people, and names held against it of which it is known who they are: for tests and timing.

Every name is put together from parts by a seeded generator, in six ways of naming people and five scripts. Nothing
here uses the code under test: other spellings come from tables of this file.
"""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

_CYRILLIC: Final = dict(zip("абвгдежзийклмнопрстуфхцчшщъыьэюя", ["a", "b", "v", "g", "d", "e", "zh", "z", "i", "y", "k", "l", "m", "n", "o", "p", "r", "s", "t", "u", "f", "kh", "ts", "ch", "sh", "shch", ".", "y", ".", "e", "yu", "ya"], strict=True)) | {"ё": "e"}  # fmt: skip
_OTHER_CYRILLIC: Final = _CYRILLIC | dict(
    zip("вйхцшщюя", ["w", "j", "h", "c", "sch", "schtsch", "ju", "ja"], strict=True)
)
_SLAVIC_GIVEN: Final = [
    "иван",
    "сергей",
    "дмитрий",
    "алексей",
    "андрей",
    "михаил",
    "николай",
    "владимир",
    "павел",
    "пётр",
    "юрий",
    "виктор",
    "олег",
    "игорь",
    "антон",
    "роман",
    "максим",
    "артём",
    "кирилл",
    "денис",
    "евгений",
    "вячеслав",
    "ярослав",
    "святослав",
    "тимофей",
    "григорий",
    "фёдор",
    "степан",
    "захар",
    "матвей",
]
_SLAVIC_FATHERS: Final = [
    "иванович",
    "сергеевич",
    "дмитриевич",
    "алексеевич",
    "андреевич",
    "михайлович",
    "николаевич",
    "владимирович",
    "павлович",
    "петрович",
    "юрьевич",
    "викторович",
    "олегович",
    "игоревич",
    "антонович",
    "романович",
    "максимович",
    "денисович",
    "евгеньевич",
    "григорьевич",
]
_SLAVIC_STEMS: Final = [
    "кузн",
    "барс",
    "ворон",
    "голуб",
    "дорон",
    "ежев",
    "жарк",
    "зимин",
    "калин",
    "лаптев",
    "морж",
    "носк",
    "орл",
    "пахом",
    "рыбак",
    "сорок",
    "тарак",
    "ушак",
    "филат",
    "хохл",
    "черн",
    "шестак",
    "щерб",
    "юрк",
    "яшк",
    "бел",
    "гром",
    "дуб",
    "корол",
    "медв",
    "степан",
    "тихон",
]
_SLAVIC_ENDS: Final = ["ов", "ев", "ин", "енко", "овский", "ёв", "ский", "ихин", "ушкин", "ачёв"]
_ARABIC: Final = tuple(
    (native, tuple(latin.split("/"))) for native, latin in (it.split("=") for it in ["محمد=Muhammad/Mohammed/Mohamed", "أحمد=Ahmad/Ahmed", "علي=Ali/Aly", "حسن=Hasan/Hassan", "حسين=Husayn/Hussein/Hussain", "خالد=Khalid/Khaled", "سعيد=Said/Saeed/Saeid", "يوسف=Yusuf/Youssef/Yousef", "إبراهيم=Ibrahim/Ebrahim", "محمود=Mahmud/Mahmoud", "مصطفى=Mustafa/Moustafa", "عثمان=Uthman/Othman/Osman", "سليمان=Sulayman/Suleiman/Soliman", "طارق=Tariq/Tarek", "رشيد=Rashid/Rasheed", "نصر=Nasr/Nasser", "جمال=Jamal/Gamal", "كريم=Karim/Kareem", "فيصل=Faysal/Faisal", "بلال=Bilal/Belal", "ياسر=Yasir/Yasser", "زكريا=Zakariya/Zakaria", "حمزة=Hamza/Hamzah", "منصور=Mansur/Mansour", "فريد=Farid/Fareed", "صالح=Salih/Saleh", "قاسم=Qasim/Kassem/Qassem", "هشام=Hisham/Hesham", "نبيل=Nabil/Nabeel", "مروان=Marwan/Marouane", "لطيف=Latif/Lateef", "عماد=Imad/Emad", "وليد=Walid/Waleed", "شريف=Sharif/Cherif"])
)  # fmt: skip
_ARABIC_HOUSES: Final = tuple(
    (native, tuple(latin.split("/"))) for native, latin in (it.split("=") for it in ["الأسدي=al-Asadi/el-Assadi", "البغدادي=al-Baghdadi/el-Baghdady", "الدوري=al-Duri/al-Douri", "الحكيم=al-Hakim/al-Hakeem", "الجبوري=al-Jaburi/al-Jabouri", "الكربولي=al-Karbuli/al-Karbouli", "المصري=al-Masri/el-Masry", "النجار=al-Najjar/el-Naggar", "القرشي=al-Qurashi/al-Kurashi", "الرفاعي=al-Rifai/al-Refai", "الصباغ=al-Sabbagh/el-Sabagh", "الشمري=al-Shammari/al-Shamari", "التكريتي=al-Tikriti/al-Takriti", "العبيدي=al-Ubaydi/al-Obeidi", "الزبيدي=al-Zubaydi/al-Zobeidi", "الحداد=al-Haddad/el-Hadad", "الخطيب=al-Khatib/el-Khateeb", "السعدي=al-Sadi/al-Saadi", "العطار=al-Attar/el-Atar", "الفارسي=al-Farisi/al-Farsi", "البناء=al-Banna/el-Bana", "الدباغ=al-Dabbagh/al-Dabagh", "الهاشمي=al-Hashimi/al-Hashemi", "الجنابي=al-Janabi/al-Ganabi", "الكناني=al-Kinani/al-Kenani", "اللامي=al-Lami/el-Lamy", "المالكي=al-Maliki/al-Malky", "النعيمي=al-Nuaymi/al-Nuaimi"])
)  # fmt: skip
_HAN_HOUSES: Final = tuple(
    it.split("=") for it in ["王=Wang", "李=Li", "张=Zhang", "刘=Liu", "陈=Chen", "杨=Yang", "赵=Zhao", "黄=Huang", "周=Zhou", "吴=Wu", "徐=Xu", "孙=Sun", "胡=Hu", "朱=Zhu", "高=Gao", "林=Lin", "何=He", "郭=Guo", "马=Ma", "罗=Luo", "梁=Liang", "宋=Song", "郑=Zheng", "谢=Xie", "韩=Han", "唐=Tang", "冯=Feng", "董=Dong", "程=Cheng", "曹=Cao"]
)  # fmt: skip
_HAN_GIVEN: Final = tuple(
    it.split("=") for it in ["伟=wei", "芳=fang", "娜=na", "敏=min", "静=jing", "强=qiang", "磊=lei", "军=jun", "洋=yang", "勇=yong", "杰=jie", "涛=tao", "明=ming", "超=chao", "霞=xia", "平=ping", "刚=gang", "桂=gui", "文=wen", "辉=hui", "建=jian", "国=guo", "华=hua", "春=chun", "红=hong", "玉=yu", "龙=long", "海=hai", "山=shan", "波=bo", "宁=ning", "欣=xin", "鑫=xin", "凯=kai", "浩=hao", "峰=feng", "云=yun", "天=tian", "德=de", "志=zhi"]
)  # fmt: skip
_NORTHERN_GIVEN: Final = [
    "Björn",
    "Jürgen",
    "Søren",
    "Łukasz",
    "Günther",
    "Håkan",
    "Åke",
    "René",
    "François",
    "Zdeněk",
    "Jiří",
    "Ondřej",
    "Matěj",
    "Grzegorz",
    "Paweł",
    "Miloš",
    "Želimir",
    "Božidar",
    "Müslüm",
    "Çağlar",
    "Özgür",
    "Şükrü",
    "André",
    "Jérôme",
    "Benoît",
    "Gaël",
    "Loïc",
    "Mårten",
    "Jørgen",
    "Kåre",
    "Tõnu",
    "Jānis",
    "Kęstutis",
]
_NORTHERN_STEMS: Final = [
    "Müll",
    "Schäf",
    "Köhl",
    "Brück",
    "Höff",
    "Grün",
    "Löw",
    "Jäg",
    "Krüg",
    "Schröd",
    "Båt",
    "Söd",
    "Älv",
    "Østerg",
    "Bjørk",
    "Dvořáč",
    "Růžič",
    "Wiśniew",
    "Kołodz",
    "Żuraw",
]
_NORTHERN_ENDS: Final = [
    "ermann",
    "berg",
    "stein",
    "feldt",
    "sen",
    "gaard",
    "strøm",
    "ský",
    "owski",
    "inger",
    "er",
    "mayer",
    "bäck",
]
_ENGLISH_GIVEN: Final = [
    "William",
    "Robert",
    "James",
    "Margaret",
    "Elizabeth",
    "Thomas",
    "Charles",
    "Richard",
    "Edward",
    "Henry",
    "Anthony",
    "Daniel",
    "Joseph",
    "Katherine",
    "Michael",
    "David",
    "Alexander",
    "Harold",
    "Walter",
    "Gerald",
    "Philip",
    "Douglas",
    "Raymond",
    "Patricia",
    "Deborah",
    "Gordon",
    "Leonard",
    "Oswald",
]
_ENGLISH_STEMS: Final = [
    "Ash",
    "Brad",
    "Cal",
    "Dun",
    "Ever",
    "Farn",
    "Gar",
    "Hart",
    "Irm",
    "Kirk",
    "Lang",
    "Mel",
    "Nor",
    "Oak",
    "Pem",
    "Quar",
    "Rad",
    "Shel",
    "Thorn",
    "Under",
    "Wake",
    "Yar",
    "Hol",
    "Stan",
]
_ENGLISH_ENDS: Final = [
    "ton",
    "ley",
    "field",
    "ford",
    "worth",
    "wick",
    "ham",
    "stead",
    "combe",
    "bury",
    "more",
    "well",
]
_SPANISH_GIVEN: Final = [
    "José",
    "Juan",
    "Carlos",
    "María",
    "Alejandro",
    "Francisco",
    "Miguel",
    "Ángel",
    "Jesús",
    "Raúl",
    "Héctor",
    "Andrés",
    "Sebastián",
    "Ramón",
    "Íñigo",
    "Joaquín",
    "Nicolás",
    "Tomás",
    "Martín",
    "Rubén",
    "Germán",
    "Julián",
    "Inés",
    "Lucía",
    "Sofía",
    "Belén",
    "Óscar",
    "Iván",
    "Adrián",
    "Agustín",
]
_SPANISH_STEMS: Final = [
    "Mart",
    "Rodrígu",
    "Gonzál",
    "Hernánd",
    "Domíngu",
    "Velázqu",
    "Benít",
    "Jimén",
    "Álvar",
    "Narvá",
    "Ordóñ",
    "Yáñ",
    "Peláy",
    "Menénd",
    "Galíd",
    "Zubir",
    "Echevarr",
]
_SPANISH_ENDS: Final = ["ez", "eza", "ero", "al", "anda", "ía", "ano", "eda", "uela", "ares"]
_SHORT: Final[Mapping[str, str]] = {
    "William": "Bill", "Robert": "Bob", "James": "Jim", "Margaret": "Peggy", "Elizabeth": "Liz", "Thomas": "Tom",
    "Richard": "Dick", "Edward": "Ted", "Henry": "Harry", "Anthony": "Tony", "Michael": "Mike", "Alexander": "Alex",
    "Katherine": "Kate", "Joseph": "Joe", "Daniel": "Dan", "José": "Pepe", "Francisco": "Paco",
}  # fmt: skip
_BARE: Final = str.maketrans(
    "áàâäåãçčéèêëěęēíìîïīğģñňńņóòôöøõőřśšşťúùûüůūýźžżłđāąÁÅÄÇÍÖØŠŞÓŘŁŻŽ",
    "aaaaaacceeeeeeeiiiiiggnnnnooooooorssstuuuuuuyzzzldaaAAACIOOSSORLZZ",
)
_KEYBOARD: Final = "abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True, slots=True)
class Invented:
    """Somebody who does not exist: parts of the name in Latin letters, as first published, and natively."""

    culture: str
    given: str
    middle: str | None
    house: str
    born: date
    native: str | None = None
    respelled: str | None = None

    @property
    def name(self) -> str:
        """The whole name, given name first."""
        return " ".join(part for part in (self.given, self.middle, self.house) if part)


@dataclass(frozen=True, slots=True)
class Asked:
    """A name held against the list: `entry` is the place of who it is, None for somebody innocent."""

    kind: str
    name: str
    born: date
    entry: int | None


def invent(count: int, seed: int = 1) -> Sequence[Invented]:
    """Return so many people of different names."""
    draw = random.Random(seed)  # noqa: S311 - reproducible, nothing secret
    makers = (_slavic, _arabic, _chinese, _northern, _english, _spanish)
    found: dict[str, Invented] = {}
    while len(found) < count:
        made = draw.choice(makers)(draw)
        found.setdefault(made.name, made)
    return list(found.values())


def ask(people: Sequence[Invented], count: int, seed: int = 2) -> Sequence[Asked]:
    """Return so many names to hold against a list of these people: a tenth of them is on it, in a known variant.

    Nine in ten of the innocent share a word or two with somebody listed: given and middle names of one, the
    surname of another.
    """
    draw = random.Random(seed)  # noqa: S311
    kinds = list(VARIANTS)
    asked = [_variant(draw, people, kinds[n % len(kinds)]) for n in range(count // 10)]
    known = {person.name for person in people}
    while len(asked) < count:
        name = _stranger(draw, people) if len(asked) % 10 else draw.choice(list(_FOREIGN))(draw).name
        if name not in known:
            asked.append(Asked("innocent", name, _birth(draw), None))
    return asked


def listed_births(people: Sequence[Invented], seed: int = 3) -> Sequence[str]:
    """Return what a list knows of when they were born: the day of six in ten, the year of two, else nothing."""
    draw = random.Random(seed)  # noqa: S311
    known = draw.choices(("day", "year", "none", "near"), (60, 20, 15, 5), k=len(people))
    return [
        {
            "day": person.born.isoformat(), "year": str(person.born.year), "none": "",
            "near": str(person.born.year + 1),
        }[how]
        for person, how in zip(people, known, strict=True)
    ]  # fmt: skip


def _stranger(draw: random.Random, people: Sequence[Invented]) -> str:
    while True:
        one, other = draw.choice(people), draw.choice(people)
        if one.culture == other.culture and one.given != other.given and one.house != other.house:
            return " ".join(part for part in (one.given, one.middle, other.house) if part)


def _variant(draw: random.Random, people: Sequence[Invented], kind: str) -> Asked:
    while True:
        entry = draw.randrange(len(people))
        written = VARIANTS[kind](draw, people[entry])
        if written is not None:
            return Asked(kind, written, people[entry].born, entry)


def _typo(draw: random.Random, person: Invented) -> str:
    name = person.name
    place = draw.randrange(len(name) - 1)
    match draw.randrange(4):
        case 0:
            return name[:place] + name[place + 1] + name[place] + name[place + 2 :]
        case 1:
            return name[:place] + name[place + 1 :]
        case 2:
            return name[:place] + draw.choice(_KEYBOARD) + name[place:]
        case _:
            return name[:place] + draw.choice(_KEYBOARD) + name[place + 1 :]


def _swapped(draw: random.Random, person: Invented) -> str:
    comma = draw.choice((",", ""))
    return f"{person.house}{comma} {person.given}{' ' + person.middle if person.middle else ''}"


def _without_middle(draw: random.Random, person: Invented) -> str | None:
    return f"{person.given} {person.house}" if person.middle else None


def _initial(draw: random.Random, person: Invented) -> str | None:
    if person.middle is None:
        return None
    return f"{person.given} {person.middle[0]}. {person.house}"


def _without_marks(draw: random.Random, person: Invented) -> str | None:
    bare = person.name.translate(_BARE)
    return bare if bare != person.name else None


def _umlauts_written_out(draw: random.Random, person: Invented) -> str | None:
    written = person.name
    for mark, letters in (("ü", "ue"), ("ö", "oe"), ("ä", "ae"), ("ø", "oe"), ("å", "aa")):
        written = written.replace(mark, letters)
    return written if written != person.name else None


def _native(draw: random.Random, person: Invented) -> str | None:
    return person.native


def _respelled(draw: random.Random, person: Invented) -> str | None:
    return person.respelled if person.respelled != person.name else None


def _short_form(draw: random.Random, person: Invented) -> str | None:
    short = _SHORT.get(person.given)
    return f"{short} {person.middle + ' ' if person.middle else ''}{person.house}" if short else None


def _two_at_once(draw: random.Random, person: Invented) -> str | None:
    if person.middle is None:
        return None
    bare = Invented(person.culture, person.given, None, person.house, person.born)
    return _typo(draw, bare)


def _exact(draw: random.Random, person: Invented) -> str:
    return person.name.upper() if draw.randrange(2) else person.name


VARIANTS: Final[Mapping[str, Callable[[random.Random, Invented], str | None]]] = {
    "as listed": _exact,
    "one typing error": _typo,
    "other order": _swapped,
    "no middle name": _without_middle,
    "middle initial": _initial,
    "no diacritics": _without_marks,
    "umlauts as two letters": _umlauts_written_out,
    "another script": _native,
    "other transliteration": _respelled,
    "short given name": _short_form,
    "no middle name, typing error": _two_at_once,
}


def _birth(draw: random.Random) -> date:
    return date(1940, 1, 1) + timedelta(days=draw.randrange(24_000))


def _slavic(draw: random.Random) -> Invented:
    parts = [
        draw.choice(_SLAVIC_GIVEN), draw.choice(_SLAVIC_FATHERS),
        draw.choice(_SLAVIC_STEMS) + draw.choice(_SLAVIC_ENDS),
    ]  # fmt: skip
    latin, other = [
        ["".join(table[letter] for letter in part).replace(".", "").capitalize() for part in parts]
        for table in (_CYRILLIC, _OTHER_CYRILLIC)
    ]
    native = " ".join(part.capitalize() for part in parts)
    return Invented("slavic", *latin, _birth(draw), native, " ".join(other))


def _arabic(draw: random.Random) -> Invented:
    parts = [draw.choice(_ARABIC), draw.choice(_ARABIC), draw.choice(_ARABIC), draw.choice(_ARABIC_HOUSES)]
    native = " ".join(part[0] for part in parts)
    given, father, grandfather, house = [part[1][0] for part in parts]
    respelled = " ".join(draw.choice(part[1]) for part in parts)
    return Invented("arabic", given, f"{father} {grandfather}", house, _birth(draw), native, respelled)


def _chinese(draw: random.Random) -> Invented:
    house, one, two = draw.choice(_HAN_HOUSES), draw.choice(_HAN_GIVEN), draw.choice(_HAN_GIVEN)
    given = (one[1] + two[1]).capitalize()
    respelled = f"{house[1]} {one[1].capitalize()}-{two[1].capitalize()}"
    return Invented("chinese", given, None, house[1], _birth(draw), house[0] + one[0] + two[0], respelled)


def _northern(draw: random.Random) -> Invented:
    middle = draw.choice((None, draw.choice(_NORTHERN_GIVEN)))
    house = draw.choice(_NORTHERN_STEMS) + draw.choice(_NORTHERN_ENDS)
    return Invented("northern", draw.choice(_NORTHERN_GIVEN), middle, house, _birth(draw))


def _english(draw: random.Random) -> Invented:
    middle = draw.choice((None, draw.choice(_ENGLISH_GIVEN)))
    house = draw.choice(_ENGLISH_STEMS) + draw.choice(_ENGLISH_ENDS)
    return Invented("english", draw.choice(_ENGLISH_GIVEN), middle, house, _birth(draw))


def _spanish(draw: random.Random) -> Invented:
    houses = [draw.choice(_SPANISH_STEMS) + draw.choice(_SPANISH_ENDS) for _ in range(2)]
    middle = draw.choice((None, draw.choice(_SPANISH_GIVEN)))
    return Invented("spanish", draw.choice(_SPANISH_GIVEN), middle, " ".join(houses), _birth(draw))


_FOREIGN: Final = (_northern, _english, _spanish, _slavic)
