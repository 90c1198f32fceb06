"""Rules for the names and numbers that a form wants: kept back, the same as before, put right at their end."""

import re
from collections.abc import Mapping

from bot.dialogue.matching import gives_particulars, is_question, named_slot
from bot.dialogue.situation import Situation
from bot.dialogue.steps import FillSlots, RefuseSlot, Step
from bot.dialogue.tracker import FormState
from skills.contract import Slot, SlotAnswer

KEEPS = re.compile(r"(?:不|莫|不得|不想|不愿|不肯)(?:给|提供|交|说|告诉|填)")
_SAME = re.compile(
    r"(?:刚才|刚刚|上面|前面|先前|原来|之前|头先)(?:的|那|留的|给的|发的|说的){1,2}|(?:跟|和|同|与).{1,6}一样|同一个|一样的$|没变"
)
_LONGEST_SAME = 24
_AT_ITS_END = re.compile(
    r"(?:最后|末尾|后面|[后末尾])(?:那|的)?(?P<count>[一两二三四1-4])?个?(?:位数?|数字?|号码?|字母)?(?P<told>[^，。]{0,6}[，,]?.{1,12})$"
)
_FIGURES = re.compile(
    r"(?P<wrong>(?:不是|写成|打成|发成|错成|成了)\s?)?(?P<figures>[0-9XxＸ叉〇零一二三四五六七八九]{1,6})"
)
_AS_FIGURES = str.maketrans("〇零一二三四五六七八九两xＸ叉", "00123456789" + "2XXX")
_A_NUMBER = re.compile(r"[0-9]{7,17}[0-9Xx]")


def keeping_a_number(s: Situation) -> Step | None:
    """Take 身份证号我不想给你们 for a refusal of that number, whatever is asked just now."""
    if s.form is None or s.asked is None or is_question(s.whole) or KEEPS.search(s.whole.text) is None:
        return None
    name = named_in_full(s.whole.text, s.slots)
    is_kept = name is not None and s.slots[name].is_sensitive and name not in s.form.slots
    return RefuseSlot(name) if is_kept and name is not None and not s.slots[name].is_optional else None


def same_as_before(s: Situation) -> Step | None:
    """Take 电话还是刚才那个 for an answer to the number that is asked for, not for a wish to go back."""
    text, asked = s.whole.text, s.asked
    if asked is None or not asked[1].is_sensitive or is_question(s.whole) or _SAME.search(text) is None:
        return None
    is_other = gives_particulars(s.whole, s.slots, s.form) or len(text) > _LONGEST_SAME
    return None if is_other else FillSlots(((asked[0], SlotAnswer(text, is_as_before=True)),))


def mending_the_end(s: Situation) -> Step | None:
    """Put the end of a number right that was given, or turned down, before: 最后一位打错了，是2."""
    form, found = s.form, _AT_ITS_END.search(s.whole.text.strip())
    if form is None or found is None or is_question(s.whole) or s.whole.entities_of("id_number", "phone"):
        return None
    told = [each["figures"] for each in _FIGURES.finditer(found["told"]) if not each["wrong"]]
    name = _number_meant(s, form)
    if not told or name is None:
        return None
    end = told[-1].translate(_AS_FIGURES)
    if found["count"] and len(end) != int(found["count"].translate(_AS_FIGURES)):
        return None
    before = _given(form, name)
    mended = f"{before[: -len(end)]}{end}"
    return FillSlots(((name, SlotAnswer(mended, value=mended)),), heard=s.whole)


def _number_meant(s: Situation, form: FormState) -> str | None:
    """Return the slot whose number is spoken of: the one that is named, that was turned down, or that was given last."""
    named = named_in_full(s.whole.text, s.slots)
    given = [name for name in (*form.slots, *form.turned_down) if _given(form, name)]
    return named if named in given else given[-1] if given else None


def _given(form: FormState, name: str) -> str:
    """Return the number that a slot was given, also one that would not do; an empty text if it is none."""
    value = str(form.slots[name].value) if name in form.slots else form.turned_down.get(name, "")
    return value if _A_NUMBER.fullmatch(value) else ""


def named_in_full(text: str, slots: Mapping[str, Slot]) -> str | None:
    """Return the slot that a question is about: 要电话干啥 is about the phone, whatever is asked just now."""
    name = named_slot(text, slots)
    return name if name and any(len(word) > 1 and word in text for word in slots[name].names) else None
