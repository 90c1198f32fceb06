"""Read what is typed in pinyin, for want of another way: "xiang gua erke" is 想挂儿科.

Only a text without any Chinese is read, and only if all of its letters spell syllables; English stays English.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from pypinyin import Style, lazy_pinyin

from nlu.classifiers.pinyin import LONGEST_SYLLABLE, sound_table, syllable_of
from nlu.interpretation import Entity

LONGEST_INPUT = 200
LONGEST_WORD = 12
FEWEST_SYLLABLES = 2
POLYPHONES = frozenset("行长重乐还都得地了着数角调降传藏曾朝单弹更还会卡落识什石宿系校应种")
_LATIN = re.compile(r"[a-z]+")
_CHINESE = re.compile(r"[\u3400-\u9fff]")
# What a request is made of beside the names and the services' words.
COMMON = [
    "我",
    "我要",
    "我想",
    "想",
    "要",
    "不要",
    "帮我",
    "给我",
    "请",
    "请问",
    "怎么",
    "怎么办",
    "怎么样",
    "什么",
    "哪里",
    "多少",
    "多少钱",
    "几点",
    "有没有",
    "可以",
    "可以吗",
    "好",
    "好的",
    "行",
    "是",
    "不是",
    "对",
    "不",
    "没有",
    "你好",
    "谢谢",
    "再见",
    "转人工",
    "人工",
    "确认",
    "取消",
    "修改",
    "今天",
    "明天",
    "后天",
    "大后天",
    "昨天",
    "上午",
    "下午",
    "早上",
    "晚上",
    "中午",
    "周一",
    "周二",
    "周三",
    "周四",
    "周五",
    "周六",
    "周日",
    "星期一",
    "星期二",
    "星期三",
    "星期四",
    "星期五",
    "星期六",
    "星期天",
    "这周",
    "下周",
    "本周",
    "挂号",
    "挂",
    "预约",
    "约",
    "看病",
    "看",
    "医生",
    "专家",
    "号",
    "医院",
    "科室",
    "查",
    "查询",
    "办",
    "办理",
    "交",
    "缴费",
    "报销",
    "退休",
    "办事",
    "投诉",
    "地址",
    "电话",
    "时间",
    "妈妈",
    "爸爸",
    "孩子",
    "老婆",
    "老公",
    "老人",
    "头痛",
    "发烧",
    "咳嗽",
    "肚子痛",
    "牙痛",
]


@dataclass(frozen=True, slots=True)
class ReadText:
    """A text in characters; character `i` was typed from `starts[i]` to `ends[i]` of the original."""

    text: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]

    def original(self, entity: Entity, text: str) -> Entity:
        """Return an entity of the read text where it stands in the original one."""
        start, end = self.starts[entity.start], self.ends[entity.end - 1]
        return replace(entity, text=text[start:end], start=start, end=end)


class PinyinReader:
    """Read pinyin as the words that it may stand for, the longest first; a syllable of no word is one of its characters."""

    def __init__(self, words: Iterable[str]) -> None:
        self._syllables = sound_table().of_syllable
        self._words: dict[tuple[str, ...], str] = {}
        for word in (*COMMON, *words):
            if len(word) <= LONGEST_WORD and all(_CHINESE.match(character) for character in word):
                self._words.setdefault(_spelling(word), word)

    def read(self, text: str) -> ReadText | None:
        """Return the text in characters, or None for one that is not in pinyin."""
        if len(text) > LONGEST_INPUT or _CHINESE.search(text):
            return None
        lowered = text.lower() if len(text.lower()) == len(text) else text
        pieces: list[tuple[str, int, int]] = []  # a syllable, or another sign as it stands
        position = count = 0
        for run in _LATIN.finditer(lowered):
            pieces += ((lowered[i], i, i + 1) for i in range(position, run.start()) if not lowered[i].isspace())
            spelt = self._split(run.group(), run.start())
            if spelt is None:
                return None
            pieces += spelt
            count += len(spelt)
            position = run.end()
        pieces += ((lowered[i], i, i + 1) for i in range(position, len(lowered)) if not lowered[i].isspace())
        return self._in_words(pieces) if count >= FEWEST_SYLLABLES else None

    def _split(self, letters: str, offset: int) -> list[tuple[str, int, int]] | None:
        """Return the syllables of a run of letters, the longest that leaves a whole rest first, or None if there are none."""
        end_of = {
            len(letters): len(letters)
        }  # where the syllable ends that begins at a place from which all can be split
        for start in range(len(letters) - 1, -1, -1):
            ends = range(min(len(letters), start + LONGEST_SYLLABLE), start, -1)
            end = next((end for end in ends if end in end_of and letters[start:end] in self._syllables), None)
            if end is not None:
                end_of[start] = end
        if 0 not in end_of:
            return None
        found: list[tuple[str, int, int]] = []
        position = 0
        while position < len(letters):
            end = end_of[position]
            found.append((letters[position:end], offset + position, offset + end))
            position = end
        return found

    def _in_words(self, pieces: Sequence[tuple[str, int, int]]) -> ReadText:
        characters: list[str] = []
        starts: list[int] = []
        ends: list[int] = []
        position = 0
        while position < len(pieces):
            lengths = range(min(LONGEST_WORD, len(pieces) - position), 0, -1)
            spelt = (tuple(syllable for syllable, _, _ in pieces[position : position + n]) for n in lengths)
            word = next((self._words[syllables] for syllables in spelt if syllables in self._words), None)
            sign = pieces[position][0]
            word = word or self._syllables.get(sign, sign)
            for character, (_, start, end) in zip(word, pieces[position : position + len(word)], strict=True):
                characters.append(character)
                starts.append(start)
                ends.append(end)
            position += len(word)
        return ReadText("".join(characters), tuple(starts), tuple(ends))


def _spelling(word: str) -> tuple[str, ...]:
    """Return the syllables of a word; its characters are looked up together only where one has several readings in use."""
    if POLYPHONES.isdisjoint(word):
        return tuple(map(syllable_of, word))
    return tuple(lazy_pinyin(word, style=Style.NORMAL))
