"""Find what hurts, whom it is about, and which doctor is meant."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import yaml

from nlu.entities.folding import fold
from nlu.entities.terms import Term, TermTree
from nlu.interpretation import Entity

SYMPTOMS = Path(__file__).with_name("symptoms.yml")
FEVER_FROM, FEVER_TO = 37.3, 43.0
FARTHEST, TOGETHER = 60, 10  # signs between a part of the body and what is wrong with it; what is quoted as one
_NEGATED = re.compile(r"(?:不|没|没有|没得|莫得|无|未|不是)(?:怎么|咋个|啥子|再|又)?$")
_TEMPERATURE = re.compile(
    r"(?:烧到|烧|体温|温度)(?:了|是|有|快|都|量起|到)?(?P<whole>3[5-9]|4[0-3]|三十[五六七八九]|四十[一二三]?)(?:度)?(?:[.点](?P<tenth>[0-9一二三四五六七八九]))?(?:度|℃)?"
    r"|(?P<whole2>3[7-9]|4[0-2])(?:\.(?P<tenth2>[0-9]))?(?:度|℃)[0-9半]?"
)
_HAN_DIGITS = {character: index for index, character in enumerate("零一二三四五六七八九")}
# 姑娘 in 新姑娘, 公公 in 公公婆婆 still mean somebody; 孩子 in 孩子气 does not.
_NOT_A_PERSON_AFTER = {"娃": "娃哈", "家公": "司里", "公公": "司开", "孩子": "气", "自己": "动", "本人": "身"}
_OTHER_NAMES_AFTER = {"妈妈": "的", "朋友": "圈", "爷爷": "", "兄弟": "姐"}
_SURELY_NOT = re.compile(r"^(?:儿科|儿看病|儿科室)")


class Symptoms:
    """Complaints of the body, in the words of the street, and the people they are about."""

    def __init__(self, path: Path = SYMPTOMS) -> None:
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
        self.tree = TermTree()
        for kind in ("symptom", "relation"):
            for row in content[kind]:
                self._add(kind, row)
        self._fever = next(row for row in content["symptom"] if row["name"] == "发热")
        self._body = {fold(word): row for row in content["body"] for word in row["words"]}
        self._somewhere = [_in_pieces(row, content["complaints"]) for row in content["body"]]

    def _add(self, kind: str, row: dict[str, Any]) -> None:
        term = Term(kind, {key: value for key, value in row.items() if key != "words"})
        for word in row["words"]:
            self.tree.add(fold(word), term)

    def find(self, folded: str, text: str) -> Iterator[Entity]:
        """Yield symptoms (with `negated` where they are denied) and relations."""
        is_named = False
        for start, end, term in self.tree.find(folded):
            value = dict(term.value)
            is_named = is_named or term.type == "symptom"
            if term.type == "symptom" and _NEGATED.search(folded, max(0, start - 5), start):
                value["negated"] = True
            if term.type == "symptom" or _is_somebody(folded, start, end):
                yield Entity(term.type, text[start:end], start, end, value)
        yield from self._find_temperatures(folded, text)
        if not is_named:
            yield from self._find_in_pieces(folded, text)

    def _find_in_pieces(self, folded: str, text: str) -> Iterator[Entity]:
        """Yield the first part of the body that something is said to be wrong with, in other words than any of the list."""
        found = (match for pattern in self._somewhere for match in pattern.finditer(folded))
        for match in sorted(found, key=lambda match: match.start()):
            if not _NEGATED.search(folded, max(0, match.start("complaint") - 5), match.start("complaint")):
                start, end = match.span() if match.end() - match.start() <= TOGETHER else match.span("part")
                row = self._body[match["part"]]
                value = {key: row[key] for key in ("name", "departments", "urgent") if key in row}
                yield Entity("symptom", text[start:end], start, end, value)
                return

    def _find_temperatures(self, folded: str, text: str) -> Iterator[Entity]:
        """Yield 烧到39度 as a fever."""
        for match in _TEMPERATURE.finditer(folded):
            celsius = _celsius(match)
            if FEVER_FROM <= celsius <= FEVER_TO:
                value = {"name": "发热", "departments": self._fever["departments"], "celsius": celsius}
                yield Entity("symptom", text[match.start() : match.end()], match.start(), match.end(), value)


def _in_pieces(row: dict[str, Any], usual: list[str]) -> re.Pattern[str]:
    """Return the pattern of a part of the body with what is wrong with it, which a row may list for itself."""
    farthest = TOGETHER if "complaints" in row else FARTHEST
    parts, complaints = _any_of(map(fold, row["words"])), _any_of(map(fold, row.get("complaints", usual)))
    return re.compile(rf"(?P<part>{parts})[^。！？!?\n]{{0,{farthest}}}?(?P<complaint>{complaints})")


def _any_of(words: Iterable[str]) -> str:
    return "|".join(map(re.escape, sorted(words, key=len, reverse=True)))


def _celsius(match: re.Match[str]) -> float:
    """Return the temperature read: 39, 三十八点五."""
    whole = match["whole"] or match["whole2"]
    tenth = match["tenth"] or match["tenth2"]
    if not whole.isdigit():
        whole = str(10 * _HAN_DIGITS[whole[0]] + (_HAN_DIGITS[whole[2]] if len(whole) > 2 else 0))
    return int(whole) + (int(tenth) if tenth.isdigit() else _HAN_DIGITS[tenth]) / 10 if tenth else float(whole)


def _is_somebody(folded: str, start: int, end: int) -> bool:
    """Tell whether a word for a relative stands for one here (娃儿看病 names the department too, and still somebody)."""
    word, after = folded[start:end], folded[end : end + 1]
    return not (after and after in _NOT_A_PERSON_AFTER.get(word, "") + _OTHER_NAMES_AFTER.get(word, ""))
