"""No sentence that we are measured with is in the training data, not even a near copy of one.

The check sets are not part of the project: `MIANBAN_CHECK_SETS` names them (TSV or JSON lines, a column `text`), and without it
`../shared/data/utterances.tsv` is taken where it lies beside the project. That the comparison finds copies is proved on sentences of its own.
"""

import csv
import json
import os
from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path

import pytest

from nlu.classifiers.features import PUNCTUATION
from nlu.normalizer import Normalizer, fold
from nlu.training_data import gather

ROOT = Path(__file__).parents[2]
BESIDE = ROOT.parent / "shared" / "data" / "utterances.tsv"
SIMILAR = 0.8
ANYBODYS = 5
"""A text with fewer characters (要得, 投诉) is anybody's: it is compared as written, not by its standard words."""

NORMALIZER = Normalizer()


def check_sets() -> list[Path]:
    named = os.environ.get("MIANBAN_CHECK_SETS")
    return [Path(name) for name in named.split(os.pathsep)] if named else [BESIDE] if BESIDE.exists() else []


def texts_of(path: Path) -> list[str]:
    with path.open(encoding="utf-8", newline="") as lines:
        if path.suffix == ".jsonl":
            return [json.loads(line)["text"] for line in lines]
        return [row["text"] for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)]


def written(text: str) -> str:
    """Return the text without blanks, marks, width and case."""
    return PUNCTUATION.sub("", "".join(map(fold, text))).replace(" ", "")


def standard(text: str) -> str:
    """Return the text in standard words, as the classifier sees it."""
    return PUNCTUATION.sub("", NORMALIZER.normalize(text).text).replace(" ", "")


def trigrams(text: str) -> frozenset[str]:
    bounded = f"^{text}$"
    return frozenset(bounded[start : start + 3] for start in range(len(text)))


class KnownSentences:
    """The training sentences, to be asked for a copy of another sentence."""

    def __init__(self, sentences: Iterable[str]) -> None:
        self._written: dict[str, str] = {}
        self._standard: dict[str, str] = {}
        self._holders: defaultdict[str, list[str]] = defaultdict(list)
        for sentence in sentences:
            self._written.setdefault(written(sentence), sentence)
            plain = standard(sentence)
            if plain not in self._standard:
                self._standard[plain] = sentence
                for trigram in trigrams(plain):
                    self._holders[trigram].append(plain)

    def copy_of(self, sentence: str) -> str | None:
        """Return the training sentence that is the same or nearly the same, or None."""
        plain = standard(sentence)
        if written(sentence) in self._written or len(plain) < ANYBODYS:
            return self._written.get(written(sentence))
        mine = trigrams(plain)
        shared = Counter(holder for trigram in mine for holder in self._holders.get(trigram, ()))
        for other, count in shared.items():
            if count / (len(mine) + len(trigrams(other)) - count) >= SIMILAR:
                return self._standard[other]
        return None


@pytest.fixture(scope="module")
def trained_on() -> KnownSentences:
    return KnownSentences(example.text for example in gather(ROOT / "skills").examples)


@pytest.mark.parametrize(
    ("checked", "learnt"),
    [
        ("示例路口的红绿灯坏了三天没人修", "示例路口的红绿灯坏了三天没人修"),
        ("示例路口的红绿灯坏了三天,没人修!", "示例路口的红绿灯 坏了三天没人修。"),
        ("示例路口的紅綠燈壞了三天沒人修", "示例路口的红绿灯坏了三天没人修"),
        ("示例路口的红绿灯咋个没得人修", "示例路口的红绿灯怎么没有人修"),
        (
            "示例路口那个红绿灯坏了三天了到现在都还没有人过来修一下",
            "示例路口那个红绿灯坏了三天了到现在都没有人过来修一下",
        ),
        ("示例", "示例。"),
    ],
    ids=["same", "marks", "script", "dialect", "one word more", "short"],
)
def test_a_copy_is_found(checked: str, learnt: str) -> None:
    assert KnownSentences(["别的话", learnt]).copy_of(checked) == learnt


@pytest.mark.parametrize(
    ("checked", "learnt"),
    [
        ("示例路口的红绿灯坏了三天没人修", "示例小区的电梯坏了一个月物业不管"),
        ("示例社保卡在哪里补办", "示例身份证在哪里补办要几天"),
        ("要得", "好的"),
    ],
    ids=["another matter", "another object", "anybody's word"],
)
def test_another_sentence_is_not_a_copy(checked: str, learnt: str) -> None:
    assert KnownSentences([learnt]).copy_of(checked) is None


@pytest.mark.parametrize(
    ("name", "content"), [("set.tsv", 'text\tgroup\n"怪话\tx\n'), ("set.jsonl", '{"text": "\\"怪话"}\n')]
)
def test_check_sets_are_read(tmp_path: Path, name: str, content: str) -> None:
    (tmp_path / name).write_text(content, encoding="utf-8")
    assert texts_of(tmp_path / name) == ['"怪话']


def test_training_and_check_sets_are_disjoint(trained_on: KnownSentences) -> None:
    found = check_sets()
    if not found:
        pytest.skip("no check set: MIANBAN_CHECK_SETS names none and ../shared is not there")
    copies = {text: trained_on.copy_of(text) for path in found for text in texts_of(path)}
    assert {text: learnt for text, learnt in copies.items() if learnt} == {}
