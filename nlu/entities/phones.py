"""Find phone numbers, and numbers that are spelt out in words as speech recognition writes them (幺三八零零…)."""

import re
from collections.abc import Iterator
from datetime import datetime

from nlu.entities.papers import id_value
from nlu.interpretation import Entity

HOME_AREA = "0816"
_MOBILE = re.compile(
    r"(?<![0-9a-z])(?:\+?86|0086)?[ -]?(?P<number>1[3-9][0-9](?:[ -]?[0-9]{4}){2}|1[3-9][0-9]{2}[ -][0-9]{3}[ -]?[0-9]{4}"
    r"|1[3-9][0-9]{3}[ -][0-9]{3}[ -]?[0-9]{3})(?![0-9a-z])"
)
_LOCAL_NUMBER = "[2-9][0-9]{2}(?:[0-9][ -]?[0-9]{3,4}|[ -]?[0-9]{4})"
_EXTENSION = r"(?: ?(?:转|分机|-) ?(?P<extension>[0-9]{1,5}))?"
_LANDLINE = re.compile(
    rf"(?<![0-9a-z])(?:(?:\+|00)86[ -]?\(?0?(?P<abroad>[1-9][0-9]{{1,2}})|\(?(?P<area>0[1-9][0-9]{{1,2}}))\)?[ -]?"
    rf"(?P<local>{_LOCAL_NUMBER}){_EXTENSION}(?![0-9])"
)
_LOCAL = re.compile(rf"(?<![0-9a-z-])(?P<local>{_LOCAL_NUMBER}){_EXTENSION}(?![0-9])")
# Eleven figures and more, some of them in words; fewer are a count.
_FIGURE = "[零〇一二三四五六七八九幺0-9]"
_SPELT = re.compile(rf"(?<!{_FIGURE}){_FIGURE}(?:[ ,-]?{_FIGURE}){{9,16}}[零〇一二三四五六七八九幺0-9x叉](?!{_FIGURE})")
_FIGURES = str.maketrans("零〇一二三四五六七八九幺", "001234567891", " ,-")


def find_phones(folded: str, text: str, expected: frozenset[str]) -> Iterator[Entity]:
    """Yield the phone numbers in a text that has figures."""
    for match in _MOBILE.finditer(folded):
        number = re.sub(r"[ -]", "", match["number"])
        yield _entity(match, text, {"number": number, "kind": "mobile"})
    for match in _LANDLINE.finditer(folded):
        yield _entity(match, text, _landline(match, match["area"] or f"0{match['abroad']}"))
    if "phone" in expected:
        for match in _LOCAL.finditer(folded):
            yield _entity(match, text, _landline(match, HOME_AREA))


def _landline(match: re.Match[str], area: str) -> dict[str, object]:
    local = re.sub(r"[ -]", "", match["local"])
    value: dict[str, object] = {"number": f"{area}-{local}", "kind": "landline"}
    return value | {"extension": match["extension"]} if match["extension"] else value


def find_spelt(folded: str, text: str, at: datetime) -> Iterator[Entity]:
    """Yield mobile numbers and identity numbers that are spelt out in Chinese numerals."""
    for match in _SPELT.finditer(folded):
        written = match.group()
        if written.isascii():
            continue
        number = written.translate(_FIGURES)
        if len(number) == 11 and re.fullmatch("1[3-9][0-9]{9}", number):
            yield _entity(match, text, {"number": number, "kind": "mobile"})
        elif len(number) == 18:
            yield Entity("id_number", text[match.start() : match.end()], *match.span(), id_value(number, at.date()))


def _entity(match: re.Match[str], text: str, value: dict[str, object]) -> Entity:
    start, end = match.span()
    return Entity("phone", text[start:end], start, end, value)
