"""The townships of the city (`places.yml`), and when a word that has another meaning too stands for one."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

PLACES = Path(__file__).with_name("places.yml")
# 大兴回族乡 is also 大兴乡 and 大兴.
_PEOPLE = re.compile("(?:回|藏|羌)族(?=乡$)")
_KIND = re.compile("(?:街道|镇|乡)$")
_LIVES_IN = re.compile("(?:住在?|家在|户[口籍]在?|老家在?|籍贯是?|地址是?在?|来自|人在)$")
_BOUNDARY = re.compile("$|[ ,。!?;、的这那有想要咋怎哪能办没人]")
_OF_A_PLACE = re.compile(
    "的?(?:场镇|街上|场上|乡下|镇上|乡上|中心卫生院|卫生院|派出所|小学|中学|初中|幼儿园|便民|政府|社区|这边|那边|片区|赶场|[一-鿿]{1,3}村)"
)


@dataclass(frozen=True, slots=True)
class Town:
    """A township: its district and code; the names that mean it alone, and those that are also other words."""

    name: str
    district: str
    code: str
    names: tuple[str, ...]
    common_names: tuple[str, ...]


@lru_cache(maxsize=1)
def load_towns(path: Path = PLACES) -> tuple[Town, ...]:
    """Read the townships; raises OSError, yaml.YAMLError or KeyError if they cannot be used."""
    content = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    return tuple(_towns(content["districts"]))


def _towns(districts: list[dict[str, Any]]) -> Iterator[Town]:
    for district in districts:
        for row in district["towns"]:
            name, is_common = row["name"], row.get("common", False)
            plain = _PEOPLE.sub("", name)
            short = _KIND.sub("", plain)
            names = {name, plain, *row.get("spellings", ())} | (set() if is_common else {short})
            common = (short,) if is_common else ()
            yield Town(name, district["name"], district["code"], tuple(sorted(names)), common)


def is_place_here(folded: str, start: int, end: int) -> bool:
    """Tell whether the words around a name speak of a place: 住在太平, 太平卫生院; but not 太平日子."""
    if _OF_A_PLACE.match(folded, end):
        return True
    return bool(_LIVES_IN.search(folded, max(0, start - 4), start) and _BOUNDARY.match(folded, end))
