"""Gathering examples: what is read, and what is refused with its place."""

import json
from datetime import datetime
from pathlib import Path

import pytest

from adapters.clock import CITY_TIMEZONE
from nlu.entities.extractor import EntityExtractor
from nlu.entities.words import EntityWords
from nlu.interpretation import Entity, Utterance
from nlu.training_data import Annotation, TrainingDataError, TrainingSet, gather, parse_example

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=CITY_TIMEZONE)
MANIFEST = "group: culture\nintents:\n  - name: culture.hours\n  - name: culture.greet\n    group: chitchat\n"
EXAMPLES = """version: "3.1"
nlu:
  - intent: culture.hours
    examples: |
      - 几点开门
      - 周末开不开
  - intent: culture.greet
    examples: |
      - 你好
"""


def write(folder: Path, skill: str, manifest: str | None = MANIFEST, examples: str | None = EXAMPLES) -> Path:
    (folder / skill).mkdir(parents=True)
    if manifest is not None:
        (folder / skill / "manifest.yaml").write_text(manifest, encoding="utf-8")
    if examples is not None:
        (folder / skill / "nlu.yml").write_text(examples, encoding="utf-8")
    return folder


def problems_of(folder: Path) -> list[str]:
    with pytest.raises(TrainingDataError) as caught:
        gather(folder)
    return caught.value.problems


def test_examples_come_with_intent_group_and_place(tmp_path: Path) -> None:
    got = gather(write(tmp_path / "skills", "culture"))
    assert [(one.text, one.intent, one.source) for one in got.examples] == [
        ("几点开门", "culture.hours", "skills/culture/nlu.yml:5"),
        ("周末开不开", "culture.hours", "skills/culture/nlu.yml:6"),
        ("你好", "culture.greet", "skills/culture/nlu.yml:9"),
    ]
    assert got.groups == {"culture.hours": "culture", "culture.greet": "chitchat"}


def test_the_small_city_is_whole(training_set: TrainingSet) -> None:
    assert len(training_set.examples) == 72
    assert set(training_set.groups.values()) == {"health_appointment", "social_insurance", "chitchat", "out_of_scope"}


def test_annotations_become_offsets() -> None:
    text, annotations = parse_example('挂[明天](time)[中心医院]{"entity": "hospital", "value": "x"}的号[')
    assert text == "挂明天中心医院的号["
    assert annotations == (Annotation("time", 1, 3), Annotation("hospital", 3, 7))


def test_a_sentence_under_two_intents_is_refused_with_both_places(tmp_path: Path) -> None:
    folder = write(tmp_path / "skills", "culture", examples=EXAMPLES.replace("你好", "几点开门"))
    assert problems_of(folder) == [
        (
            "skills/culture/nlu.yml:9: '几点开门' of 'culture.greet' is also an example of 'culture.hours' "
            "at skills/culture/nlu.yml:5; keep one"
        ),
        "skills/culture/manifest.yaml: intent 'culture.greet' has no example in any nlu.yml",
    ]


def test_the_same_sentence_twice_under_one_intent_counts_once(tmp_path: Path) -> None:
    folder = write(tmp_path / "skills", "culture", examples=EXAMPLES.replace("周末开不开", "几点开门"))
    assert len(gather(folder).examples) == 2


@pytest.mark.parametrize(
    ("manifest", "examples", "problem"),
    [
        (MANIFEST, EXAMPLES.replace("culture.greet", "culture.bye"), "intent 'culture.bye' is in no manifest.yaml"),
        (MANIFEST, EXAMPLES.replace("- 你好", "-"), "nlu.yml:9: empty example of 'culture.greet'"),
        (MANIFEST, EXAMPLES.replace("- 你好", "你好"), "nlu.yml:9: an example must begin with '- '"),
        (MANIFEST, EXAMPLES.replace("nlu:", "data:"), "not Rasa training data"),
        (MANIFEST, "nlu: [", "not Rasa training data"),
        (MANIFEST, "- a\n- b\n", "not Rasa training data"),
        (MANIFEST.replace("chitchat", "gossip"), EXAMPLES, "intent 'culture.greet' has the unknown group 'gossip'"),
        (MANIFEST.replace("culture.greet", "culture.hours"), EXAMPLES, "intent 'culture.hours' is declared already"),
        ("intents: [{title: 无名}]", EXAMPLES, "manifest.yaml: not a manifest"),
        (MANIFEST, None, "intent 'culture.hours' has no example"),
        (None, EXAMPLES, "no skill with a manifest.yaml"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, manifest: str | None, examples: str | None, problem: str) -> None:
    problems = problems_of(write(tmp_path / "skills", "culture", manifest, examples))
    assert any(problem in one for one in problems), problems


def test_the_fingerprint_follows_content_and_not_order(tmp_path: Path) -> None:
    one = gather(write(tmp_path / "one", "culture"))
    same = gather(write(tmp_path / "two", "other"))
    changed = gather(write(tmp_path / "three", "culture", examples=EXAMPLES.replace("几点开门", "几点关门")))
    assert one.fingerprint() == same.fingerprint() == TrainingSet(one.examples[::-1], one.groups).fingerprint()
    assert one.fingerprint() != changed.fingerprint()


WORDS = (
    EXAMPLES
    + """  - lookup: library_card
    examples: |
      - 读者证
      - 借阅证
  - synonym: 读者证
    examples: |
      - 借书证
      - 图书卡
  - synonym: 绵阳市中心医院
    examples: |
      - 老中心
  - regex: locker
    examples: |
      - 柜子[0-9]{1,3}号
"""
)


def test_skills_say_what_things_are_called(tmp_path: Path) -> None:
    got = gather(write(tmp_path / "skills", "culture", examples=WORDS))
    assert len(got.examples) == 3
    assert got.words.names == {
        "library_card": {"读者证": ("借书证", "图书卡"), "借阅证": ()},
        "hospital": {"绵阳市中心医院": ("老中心",)},
    }
    assert got.words.patterns == {"locker": ("柜子[0-9]{1,3}号",)}
    assert EntityWords.restore(json.loads(json.dumps(got.words.document()))) == got.words
    assert got.fingerprint() != gather(write(tmp_path / "plain", "culture")).fingerprint()


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("老中心", Entity("hospital", "老中心", 2, 5, {"name": "绵阳市中心医院"})),
        ("图书卡", Entity("library_card", "图书卡", 2, 5, {"name": "读者证"})),
        ("柜子１２号", Entity("locker", "柜子１２号", 2, 7, {"text": "柜子１２号"})),
    ],
)
def test_what_skills_name_is_found(tmp_path: Path, name: str, line: Entity) -> None:
    extractor = EntityExtractor(gather(write(tmp_path / "skills", "culture", examples=WORDS)).words)
    assert line in extractor.extract(Utterance(f"我的{name}", NOW))


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        (WORDS.replace("synonym: 读者证", "synonym: 读书证"), "nlu.yml:16: '读书证', of which '借书证' is a synonym"),
        (WORDS.replace("柜子[0-9]", "柜子[0-9"), "nlu.yml:23: '柜子[0-9{1,3}号' is no regular expression"),
        (WORDS.replace("柜子[0-9]{1,3}号", "[0-9]*"), "nlu.yml:23: the pattern '[0-9]*' also fits where nothing"),
        (WORDS.replace("regex: locker", "regex: Locker 1"), "an entity type is up to 40 of a-z and _"),
        (
            WORDS.replace("lookup: library_card", "table: library_card"),
            "one of intent, lookup, synonym, regex at line 10",
        ),
    ],
)
def test_words_that_cannot_be_used_are_named(tmp_path: Path, wrong: str, problem: str) -> None:
    problems = problems_of(write(tmp_path / "skills", "culture", examples=wrong))
    assert any(problem in one for one in problems), problems
