"""Short forms of given names: few, and only those that do not look like what they are short for."""

from typing import Final

_FAMILIES: Final = """
william bill billy will willy liam
robert bob bobby rob
richard dick rick richie
margaret peggy maggie meg greta
elizabeth betty liz lizzy beth lisa elisabeth
james jim jimmy jamie
john jack johnny
joseph joe jo yosef yusuf youssef iosif
michael mike mikhail misha miguel michel
alexander alex sasha sascha aleksandr alejandro iskander
alexandra sasha aleksandra
anthony tony antonio anton
edward ted eddie ed
thomas tom tommy
charles charlie chuck carlos karl
daniel dan danny
david dave dawud daoud
francis frank francisco paco
henry harry hank
katherine kate kathy catherine ekaterina katya
vladimir vova volodya volodymyr
dmitri dima dmitry dmitriy dmytro
sergei seryozha serhiy sergey
nikolai kolya nicholas nick mykola nikolay
ivan vanya
maria masha mariya mary
anastasia nastya
evgeny zhenya yevgeny yevhen evgeniy
yuri yura yuriy
natalia natasha nataliya
muhammad mohammed mohamed mohammad mohamad muhammed mehmet
abdullah abdallah abdulla
hussein husain husayn huseyin
yusuf youssef yousef yosef
ibrahim abraham ebrahim
jose pepe
giuseppe beppe
johannes hans jan
""".strip()
_OF: Final = {form: line.split()[0] for line in reversed(_FAMILIES.splitlines()) for form in line.split()}


def find_family(word: str) -> str | None:
    """Return the given name that a word is a form of; None for one that has no other forms here.

    >>> find_family("peggy"), find_family("smith")
    ('margaret', None)
    """
    return _OF.get(word)
