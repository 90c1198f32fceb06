"""Every regular expression of the rooms that read citizens' words and documents costs no more than the text is long.

The patterns are collected by importing every module with a `re.compile` that keeps a list (in a process of its own, because
here they may have been imported before), and by reading the sources for those that are given in a call. Each is fed texts
made from itself (`regex_attacks.py`) and some that are hostile to all. Time is compared, not judged: eight times the text
may not cost 24 times the work. Only what takes long enough to be measured is looked at twice.
"""

import ast
import json
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from time import process_time

import pytest

from tests.regex_attacks import attacks, fill

ROOT = Path(__file__).parent.parent
PACKAGES = ("nlu", "knowledge", "bot", "skills")
COLLECT = """
import json, pkgutil, re, sys
compile_ = re.compile
kept = {}
def keep(pattern, flags=0):
    caller = sys._getframe(1).f_code.co_filename
    if isinstance(pattern, str) and caller.startswith(sys.argv[1]) and "/.venv" not in caller:
        kept[pattern, int(flags)] = caller[len(sys.argv[1]) + 1:]
    return compile_(pattern, flags)
re.compile = keep
for package in sys.argv[2:]:
    for module in pkgutil.walk_packages([f"{sys.argv[1]}/{package}"], f"{package}."):
        if not module.name.endswith("__main__"):
            __import__(module.name)
from nlu.entities.extractor import EntityExtractor
from nlu.normalizer import Normalizer
from nlu.training_data import gather
from skills.registry import SKILLS_FOLDER
from knowledge.retrieval.filters import without_our_places
from knowledge.retrieval.places import places_in
from knowledge.retrieval.query import prepare_query
EntityExtractor(gather(SKILLS_FOLDER).words), Normalizer(), places_in("成都"), without_our_places("涪城")
prepare_query("医保怎么办"), prepare_query("医保怎么办", is_loose=True)
print(json.dumps([[pattern, flags, file] for (pattern, flags), file in kept.items()]))
"""
IN_CALLS = {"fullmatch", "match", "search", "sub", "subn", "split", "findall", "finditer"}
HOSTILE = (
    "1",
    "一",
    " ",
    "a",
    "1 ",
    "一1",
    "。",
    "\n",
    "\u200b",
    "月日",
    "1-",
    "(",
    "〔",
    "第",
    "王",
    "·",
    "😀",
    "13800138000 ",
    "2026-12-03 ",
)
TINY = (16, 20, 24, 28, 32, 36)
SHORT, LONG = 500, 4_000
MOST_GROWTH = 24
NOTICEABLE = 0.003


def compiled_patterns() -> list[tuple[str, int, str]]:
    """Return the patterns that are compiled when the modules are imported and their readers built."""
    done = subprocess.run(
        [sys.executable, "-c", COLLECT, str(ROOT), *PACKAGES], capture_output=True, text=True, check=True, cwd=ROOT
    )
    return [(pattern, flags, file) for pattern, flags, file in json.loads(done.stdout)]


def patterns_in_calls() -> Iterator[tuple[str, int, str]]:
    """Yield the patterns that are written where they are used: re.sub(r"…", …)."""
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                is_call = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
                if is_call and node.func.attr in IN_CALLS and getattr(node.func.value, "id", "") == "re":
                    first = node.args[0]
                    if isinstance(first, ast.Constant) and isinstance(first.value, str):
                        yield first.value, 0, str(path.relative_to(ROOT))


def seconds(pattern: re.Pattern[str], text: str) -> float:
    """Return the least processor time of three readings of the whole text."""
    durations = []
    for _ in range(3):
        began = process_time()
        for _ in pattern.finditer(text):
            pass
        durations.append(process_time() - began)
    return min(durations)


def grows_too_fast(pattern: re.Pattern[str], tiny: Sequence[str], short: str, long: str) -> bool:
    """Tell whether the work grows faster than the text; one that is exponential shows in a few characters more."""
    if any(seconds(pattern, text) > NOTICEABLE for text in tiny):
        return True
    began = process_time()
    for _ in pattern.finditer(long):
        pass
    if process_time() - began < NOTICEABLE:
        return False
    return seconds(pattern, long) > MOST_GROWTH * seconds(pattern, short)


def texts(pattern: str, flags: int, size: int) -> list[str]:
    return [*attacks(pattern, flags, size), *(fill(piece, size) for piece in HOSTILE)]


def worst_text(pattern: str, flags: int) -> str | None:
    """Return a text on which the pattern costs too much, or None."""
    compiled = re.compile(pattern, flags)
    tiny = zip(*(texts(pattern, flags, size) for size in TINY), strict=True)
    sized = zip(tiny, texts(pattern, flags, SHORT), texts(pattern, flags, LONG), strict=True)
    return next((long for least, short, long in sized if grows_too_fast(compiled, least, short, long)), None)


@pytest.fixture(scope="module")
def patterns() -> list[tuple[str, int, str]]:
    return list(dict.fromkeys([*compiled_patterns(), *patterns_in_calls()]))


@pytest.mark.timeout(600)
def test_no_pattern_costs_more_than_the_text_is_long(patterns: list[tuple[str, int, str]]) -> None:
    found = []
    for pattern, flags, file in patterns:
        bad = worst_text(pattern, flags)
        if bad is not None:
            found.append(f"{file}: {pattern[:80]!r} on {bad[:40]!r}…")
    assert not found, "\n".join(found)


def test_the_patterns_are_all_there(patterns: list[tuple[str, int, str]]) -> None:
    """Every module that compiles a pattern has given at least one."""
    files = {file for _, _, file in patterns}
    for package in ("nlu", "knowledge", "bot"):
        for path in (ROOT / package).rglob("*.py"):
            if "re.compile(" in path.read_text(encoding="utf-8"):
                assert str(path.relative_to(ROOT)) in files


@pytest.mark.parametrize("bad", [r"(?:aa?)+b", r"(?:一|一一)*二", r"\s+$", r"\d+月", r"(?P<name>[一-鿿]+)医生"])
def test_a_pattern_that_is_not_linear_is_noticed(bad: str) -> None:
    assert worst_text(bad, 0) is not None


@pytest.mark.parametrize("good", [r"\d{1,8}月", r"[一-鿿]{1,6}医生", r"(?:周|星期|礼拜)[一二三四五六日天]", r"\s"])
def test_a_pattern_that_is_linear_is_not_blamed(good: str) -> None:
    assert worst_text(good, 0) is None
