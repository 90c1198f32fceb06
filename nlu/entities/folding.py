"""Fold characters to one form, one for one, so that an offset into the folded text is an offset into the original."""

from collections.abc import Mapping
from functools import lru_cache
from importlib import resources

DASHES = "‐‑‒–—―─－〜～﹣﹘"
OTHER_FORMS = {
    "○": "〇",
    "◯": "〇",
    "　": " ",
    "\t": " ",
    "\u00a0": " ",
    "﹕": ":",
    "∶": ":",
    "•": "·",
    "・": "·",
    "‧": "·",
    "×": "x",
    "Х": "x",
    "х": "x",
}


@lru_cache(maxsize=1)
def _table() -> Mapping[int, str]:
    """Return code point -> folded character: half width, lower case, simplified script, one kind of dash."""
    table = {code: chr(code - 0xFEE0).lower() for code in range(0xFF01, 0xFF5F)}
    table |= {code: chr(code).lower() for code in range(ord("A"), ord("Z") + 1)}
    dictionary = resources.files("opencc") / "dictionary" / "TSCharacters.txt"
    for line in dictionary.read_text(encoding="utf-8").splitlines():
        traditional, _, simplified = line.strip().partition("\t")
        if len(traditional) == 1 and simplified:
            table[ord(traditional)] = simplified[0]
    table |= {ord(dash): "-" for dash in DASHES}
    return table | {ord(form): usual for form, usual in OTHER_FORMS.items()}


def fold(text: str) -> str:
    """Return the text in folded characters; its length never changes."""
    return text.translate(_table())
