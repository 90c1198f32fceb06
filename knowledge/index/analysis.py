"""Text into search terms: width and script made one (the text itself is never changed), then character pairs and words.

Chinese is written without spaces. Character pairs find any word without a dictionary; whole official terms are added as
words of their own, so that 社会保障卡 weighs more than its pairs.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

import opencc
import yaml

from knowledge.numerals import parse_numeral

ANALYSIS_VERSION = 2
_RUN = re.compile(r"[\u3400-\u9fff〇]+|[a-z]+|[0-9]+(?:\.[0-9]+)?")
_COUNT = re.compile(r"[一二两三四五六七八九十百]{1,5}(?=周岁|岁|年(?!级)|个月|个?小时|天|日|元|次|项|倍|个工作日|胎)")
TERMS_FILE = Path(__file__).with_name("terms.yml")


def normalize(text: str) -> str:
    """Return the text as it is searched: half width, lower case, mainland words, counts in digits (十五年 as 15年)."""
    plain = unicodedata.normalize("NFKC", text).lower()
    if plain.isascii():
        return plain
    if _has_traditional(plain):
        plain = _converter("tw2sp").convert(plain)
    return _COUNT.sub(lambda match: str(parse_numeral(match[0]) or match[0]), plain)


def terms_of(text: str) -> list[str]:
    """Return the search terms of a text, with repeats: character pairs, Latin words, numbers, official terms."""
    return [term for run in runs_of(normalize(text)) for term in run_terms(run)]


def runs_of(normalized: str) -> list[str]:
    """Return the runs of Chinese characters and of Latin letters or digits, in order."""
    return _RUN.findall(normalized)


def run_terms(run: str) -> Iterable[str]:
    """Yield the terms of one run."""
    if not is_chinese(run):
        yield run
        return
    if len(run) == 1:
        yield run
    for index in range(len(run) - 1):
        yield run[index : index + 2]
    if len(run) > 2:
        yield from official_terms(run)


def official_terms(run: str) -> list[str]:
    """Return the official terms (three characters and more) that stand in the run."""
    pattern = _term_pattern()
    return [match[1] for match in pattern.finditer(run) if match[1]]


def is_chinese(run: str) -> bool:
    """Tell whether the run is of Chinese characters."""
    return run[:1] >= "〇"


@lru_cache(maxsize=1)
def _term_pattern() -> re.Pattern[str]:
    listed = yaml.safe_load(TERMS_FILE.read_text(encoding="utf-8"))["terms"]
    longest_first = sorted(listed, key=lambda term: (-len(term), term))
    return re.compile(f"(?=({'|'.join(map(re.escape, longest_first))}))")


@lru_cache(maxsize=2)
def _converter(name: str) -> opencc.OpenCC:
    return opencc.OpenCC(name)


@lru_cache(maxsize=4096)
def _is_traditional(character: str) -> bool:
    return bool(_converter("t2s").convert(character) != character)


def _has_traditional(text: str) -> bool:
    return any(_is_traditional(character) for character in set(text) if character >= "\u3400")
