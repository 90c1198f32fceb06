"""The quick look at the first characters passes over nothing that the rules could read."""

from pathlib import Path

import pytest
import yaml

from nlu.entities.folding import fold
from nlu.entities.times.moments import BOOK, find_start
from nlu.entities.times.phrases import read_phrase

CASES = Path(__file__).parents[1] / "cases"
FILES = sorted(CASES.glob("*.yml"))


def said_in(path: Path) -> list[str]:
    content = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    return [fold(str(case["say"])) for case in content["cases"]]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_whatever_can_be_read_is_looked_at(path: Path) -> None:
    for text in said_in(path):
        for position in range(len(text)):
            is_inside_figures = text[position].isdigit() and position > 0 and text[position - 1].isdigit()
            if not is_inside_figures and find_start(text, position) != position:
                assert read_phrase(text, position) is None, text[position:]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_rule_matches_only_behind_one_of_its_openings(path: Path) -> None:
    rules = {id(rule): rule for rules in BOOK._rules.values() for rule in rules}.values()
    for text in said_in(path):
        for position in range(len(text)):
            openings = {text[position], text[position : position + 2]}
            for rule in rules:
                if openings.isdisjoint(rule.openings):
                    match = rule.pattern.match(text, position)
                    # 百年 is counted in centuries; a number does not begin with 百 or 千 for us.
                    assert match is None or text[position] in "百千万" or rule.build(match) is None, match


def test_ordinary_words_are_passed_over() -> None:
    for text in ("老人在儿科看病", "帮我问一下", "大厅在哪里", "一个人来", "404医院", "13800138000"):
        assert find_start(fold(text), 0) is None, text
