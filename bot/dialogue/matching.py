"""Which of the offered options, and which slots of a form, an utterance speaks to."""

import re
from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher

from bot.dialogue.events import OfferedOption
from bot.dialogue.tracker import FormState
from nlu.interpretation import Entity, Interpretation
from skills.contract import Slot, SlotAnswer

_NOISE = re.compile(
    r"[\s，。！？、,.!?~～…：:]|^(?:那|那就|就|换成|换到|换|改成|我要|我选|选|要|嗯|额|呃|那个|还是|帮我|给我|我想去|去|到)+|(?:吧|嘛|哈|噻|呀|啊|哦|了|的|喃|嘞|咯){1,12}$"
)
_LONGEST_OPTION_REPLY = 40
_QUESTION = re.compile(
    r"[?？]|吗|么$|咋|怎么|怎样|什么|啥|多少|好多|好久|(?<![十百好])几(?:号|点|天|个|家|块|元|次|年|岁|时)(?!了|来)|哪|谁|为何|[呢喃]$|请问|想问|问一?[下哈]|咨询|打听"
    r"|((?!不)[\u4e00-\u9fff])[不没]\1|可不可以|有没得|有[不没]$|(?<=[\u4e00-\u9fff][\u4e00-\u9fff])(?<![了才偏我都也就还又不哦嗯噢啊])不[哦嘛哟]?$"
)
_NO_QUESTION = re.compile(
    r"那个啥|那啥|写的?啥|啥子的(?=[，。,.…\s]|$)|什么的(?=[，。,.…\s]|$)|啥都|什么都|咋个都|怎么都|不对不对|不是不是"
)
_STALLS = re.compile(r"^等(?:一?[下哈会]儿?|[下哈]子)(?:[\s，,。.、…]|$)")
_JUST_NOW = frozenset({"刚才", "刚刚", "方才", "将才"})
_FOR_ME = re.compile(r"我(?:就|要|想|来|自己|是)?(?:挂|看|约)(?:个|的是|的)?$")
_FOR_ANOTHER = re.compile(r"(?:[他她]|老[公婆汉]|[爸妈爷婆]|媳妇|娃儿?)(?:就|要|想|是)?(?:挂|看|约)(?:个|的是|的)?$")
_WRITER = re.compile(
    r"(?:我是(?:他|她|娃儿?|孩子|小孩)?的?(?:妈妈?|爸爸?|老汉儿?|婆婆|爷爷|奶奶|外婆|外公|监护人|家长)?|我叫|本人|监护人|家长)(?:姓名|名字)?(?:是|叫|[:：])?\s?$"
)
_CHANGED_TO = re.compile(r"[改换挪调](?:成|到|为|在)$")
_CORRECTS = re.compile(r"错|不对|不是|改|换")
_ANY_OF_THEM = re.compile(
    r"(?:哪|谁)[^，。！？,.!?\s]{1,8}?(?:就|挂|选|约|要)[^，。！？,.!?\s]{0,3}(?:哪|谁|它|他)[个位家天]?|(?:哪|什么|啥|谁|几)[^，。！？,.!?\s]{0,8}?[都也](?:行|可以|要得|得行|好|成|没关系|无所谓)"
)
_LEFT_TO_US = (
    r"(?:[都也]?(?:不限|不挑|不讲究|不要求|没[得有]?要求|无所谓|随便|随意|都一样|不[管论]|哪个都)"
    r"|(?:你们?|您)(?:帮我|给我|来|就|帮忙){0,2}(?:看[到着倒起])?(?:安排|选|定|挑|决定|做主|办|排))"
)
_WANTS = re.compile(r"(?:换|改|要|挂|选|想|来)(?!不|没)")
_NOW = frozenset({"现在", "目前", "这会儿", "当前"})
_WHEN = re.compile(r"哪(?:一|几)?天|几号|啥时候|什么时候|多久|好久|最远|最晚|最早")
_TAG = re.compile(
    r"(?:要得不|要不要得|得行不|得不得行|行不行|可不可以|好不好|能不能行|(?:可以|好|行)[吗不么])[嘛哦啊噻哈]?[?？]?$"
)
ENDS_AS_QUESTION = re.compile(r"[呢喃][?？]?$")
_LONGEST_TAGGED = 14
_AND_THAT = re.compile(r"^那?么?[^，。！？,.!?\s]{1,8}[呢喃][?？]?$")


def matching_option(interpretation: Interpretation, options: Sequence[OfferedOption]) -> OfferedOption | None:
    """Return the one option that the utterance picks: by its words, its number, its beginning, or a part of it."""
    if not options or len(interpretation.text) > _LONGEST_OPTION_REPLY:
        return None
    said = _bare(interpretation.text)
    by_label = [option for option in options if _bare(option.label) == said]
    if len(by_label) == 1:
        return by_label[0]
    for entity in interpretation.entities_of("ordinal"):
        index = int(entity.value["index"])
        if -1 <= index < len(options) and _is_whole(entity, interpretation.text):
            return options[index]
    if len(said) < 2 and not any(_bare(option.label) == said for option in options):
        return None
    parts = [option for option in options if said in _bare(option.label)]
    return parts[0] if len(parts) == 1 else None


def _is_whole(entity: Entity, text: str) -> bool:
    """Tell whether a number is the answer itself and not a part of something longer that is said."""
    rest = _bare(text[: entity.start] + text[entity.end :])
    return len(rest) <= 4 and not _CORRECTS.search(rest)  # 最后一位打错了 is no choice of the last


def _bare(text: str) -> str:
    previous = None
    while previous != text:
        previous, text = text, _NOISE.sub("", text)
    return text.casefold()


def is_question(interpretation: Interpretation) -> bool:
    """Tell whether something is asked; "明天要得不", "那儿科呢" and "哪个都行" put an answer into the form of a question."""
    text = interpretation.text.strip()
    told = len(text) - sum(len(entity.text) for entity in interpretation.entities)
    is_tag = _TAG.search(text) is not None and told <= _LONGEST_TAGGED
    if interpretation.entities and (_AND_THAT.match(text) or is_tag):
        return False
    rest = _NO_QUESTION.sub("", _ANY_OF_THEM.sub("", text))
    return _QUESTION.search(rest) is not None or (rest == text and "question" in interpretation.signals)


def asks(text: str) -> bool:
    """Tell whether words have the form of a question, whatever they mean."""
    return _QUESTION.search(_NO_QUESTION.sub("", text.strip())) is not None


def slot_answers(
    interpretation: Interpretation, slots: Mapping[str, Slot], form: FormState | None
) -> tuple[tuple[str, SlotAnswer], ...]:
    """Return the slots that the utterance's entities fill, in the form's order; a negated entity ("不是三医院") fills none.

    When a slot could take several entities, the last that is not negated counts, since people put the correction last. Of two
    persons in one message the one it is for comes before the one who writes (娃儿叫杨乐乐，我是他妈冯秀英).
    """
    asked = form.asked if form else None
    answers = _said_to_be_missing(interpretation, slots)
    used: set[int] = set()
    filled = (
        form.slots if form and answers else {}
    )  # with 用我的嘛，我叫陈刚 the names and numbers are another person's
    for name in sorted(slots, key=lambda n: n != asked):
        slot = slots[name]
        if name in answers or (name in filled and _has_another_taker(name, slots, filled)):
            continue
        if form and name in form.slots and _is_of_who_is_asked_for(name, slots, form, interpretation.text):
            continue
        fitting = [
            entity
            for entity in interpretation.entities_of(*slot.entities)
            if entity.start not in used and not entity.value.get("negated") and not _only_stalls(entity, interpretation)
        ]
        if fitting and form and _changes_nothing(name, fitting[-1], slots, form, interpretation):
            continue
        if fitting:
            changed = [entity for entity in fitting if _CHANGED_TO.search(interpretation.text[: entity.start])]
            best = min(changed or fitting, key=lambda entity: (slot.entities.index(entity.type), -entity.start))
            if _are_of_several_persons(fitting, slot, slots, interpretation.text):
                best = min(fitting, key=lambda entity: (_is_the_writers(entity, interpretation), entity.start))
            elif mine := _for_the_writer(fitting, interpretation.text):
                best = mine
            used.add(best.start)
            answers[name] = SlotAnswer(interpretation.text, entity=best, entities=interpretation.entities)
        elif (said := _in_words(name, slot, interpretation, form)) is not None:
            answers[name] = said
    return tuple((name, answers[name]) for name in slots if name in answers)


def _in_words(name: str, slot: Slot, heard: Interpretation, form: FormState | None) -> SlotAnswer | None:
    """Return what words alone say of an empty slot: as before, any will do, or what is wanted of what is on offer later.

    What was chosen for somebody is changed by such a wish: 换成专家号.
    """
    if form and name in form.slots:
        is_wish = bool(slot.default_notice) and _WANTS.search(heard.text) is not None
        wish = _wish(slot, heard.text) if is_wish else ""
        return SlotAnswer(wish, entities=heard.entities) if wish else None
    if _is_as_before(slot, heard.text):
        return SlotAnswer(heard.text, is_as_before=True, entities=heard.entities)
    if _is_left_to_us(slot, heard.text):
        return SlotAnswer(heard.text, is_any=True, entities=heard.entities)
    wish = _wish(slot, heard.text) if form is None or name != form.asked else ""
    return SlotAnswer(wish, entities=heard.entities) if wish else None


def _only_stalls(entity: Entity, interpretation: Interpretation) -> bool:
    """Tell whether 等哈 opens the message to hold the other up, and says no time: 等哈，她手机是139…; 刚才那个 says none either."""
    if entity.type == "time" and entity.text in _JUST_NOW:
        return True
    if entity.type == "time" and entity.text in _NOW and _WHEN.search(interpretation.text):
        return True  # 现在最远能约到哪天 asks for a day, and says none
    stall = _STALLS.match(interpretation.text) if entity.type == "time" and entity.start == 0 else None
    return stall is not None and len(interpretation.text) > stall.end()


def _said_to_be_missing(interpretation: Interpretation, slots: Mapping[str, Slot]) -> dict[str, SlotAnswer]:
    """Return the slots of which it is said that there is nothing to put in: 没得身份证."""
    if is_question(interpretation):
        return {}
    text = interpretation.text
    said = {entity.type for entity in interpretation.entities}
    named = [
        name
        for name, slot in slots.items()
        if any(word in text for word in slot.none_words)
        and not (said.intersection(slot.entities) and not _has_another_taker(name, slots, {}))
    ]  # 打我的139…，他没得手机 gives a number all the same
    return {name: SlotAnswer(text, is_none=True, entities=interpretation.entities) for name in named}


def _is_of_who_is_asked_for(name: str, slots: Mapping[str, Slot], form: FormState, text: str) -> bool:
    """Tell whether what would correct a filled slot is for the person whose particulars are asked for: the parent of a child."""
    asked = slots.get(form.asked or "")
    if asked is None or not asked.is_sensitive or not slots[name].is_sensitive or _CORRECTS.search(text):
        return False
    takers = [
        other for other, each in slots.items() if other not in form.slots and each.entities == slots[name].entities
    ]
    return any(slots[other].depends_on == asked.depends_on != slots[name].depends_on for other in takers)


def _changes_nothing(
    name: str, said: Entity, slots: Mapping[str, Slot], form: FormState, heard: Interpretation
) -> bool:
    """Tell whether what could correct a filled slot does not: it corrects another, or is only mentioned (眼睛花了打错一位)."""
    if name not in form.slots:
        return False
    is_named_by_itself = said.type in {slots[name].entities[0], "shift"}  # what is moved by a day is not only mentioned
    is_mentioned = not is_named_by_itself and name != form.asked and form.asked is not None
    is_instead = any(entity.value.get("negated") for entity in heard.entities_of(*slots[name].entities))
    is_instead = is_instead or (_CORRECTS.search(heard.text) is not None and not _gives_a_number(heard, slots))
    return (is_mentioned and not is_instead) or _corrects_another(name, said, slots, form)


def _gives_a_number(heard: Interpretation, slots: Mapping[str, Slot]) -> bool:
    """Tell whether there is a name or number in what was said: then that is what is put right."""
    return any(slot.is_sensitive and heard.entities_of(*slot.entities) for slot in slots.values())


def _corrects_another(name: str, said: Entity, slots: Mapping[str, Slot], form: FormState) -> bool:
    """Tell whether a number or name that corrects one of two filled slots is more like the other one's value."""
    if name not in form.slots or not slots[name].is_sensitive:
        return False
    takers = [other for other, each in slots.items() if other in form.slots and each.entities == slots[name].entities]
    nearest = max(takers, key=lambda other: SequenceMatcher(None, str(form.slots[other].value), said.text).ratio())
    return nearest != name


def _has_another_taker(name: str, slots: Mapping[str, Slot], filled: Mapping[str, object]) -> bool:
    """Tell whether an empty slot takes the same personal particulars as this one."""
    slot = slots[name]
    return slot.is_sensitive and any(
        other != name and other not in filled and each.is_sensitive and each.entities == slot.entities
        for other, each in slots.items()
    )


def _is_left_to_us(slot: Slot, text: str) -> bool:
    """Tell whether any value will do for a slot that is named: 哪个医院都行, 越快越好."""
    if slot.is_hint or slot.is_sensitive:
        return False
    names = "|".join(map(re.escape, (name for name in slot.names if len(name) > 1)))
    any_of = rf"(?:哪|随便|任何|任意)[^，。,.\s]{{0,3}}?(?:{names})[^，。,.\s]{{0,2}}(?:[都也](?:行|可以|要得|得行|好|成|一样)|有[号空]就)"
    left = rf"(?:{names})[^。！？!?]{{0,8}}?{_LEFT_TO_US}|不(?:挑|限|选|指定|讲究)(?:{names})|(?:随便|任意|随机)(?:给我|帮我|[挂选约找]|哪?一?[个位]){{0,3}}(?:{names})"
    all_do = rf"(?:{names})[都也](?:可以|行|要得|得行|好|成)(?![不吗么])"
    return any(word in text for word in slot.any_words) or bool(names and re.search(f"{any_of}|{left}|{all_do}", text))


def _is_as_before(slot: Slot, text: str) -> bool:
    """Tell whether a number shall be that of before: 电话还是刚才那个, 电话一样的."""
    names = "|".join(map(re.escape, slot.names)) if slot.is_sensitive else ""
    same = r"(?:一样|同一个|没变|不变|照旧|还是(?:刚才|上面|前面|那个|我那个)|刚才那|上面那|前面那)"
    return bool(names) and re.search(rf"(?<![和跟同与])(?:{names})(?!上)[^，。,.0-9]{{0,6}}?{same}", text) is not None


def _wish(slot: Slot, text: str) -> str:
    """Return the words that say what is wanted of what is on offer later, with a "not" before them: 普通号, 不要专家号."""
    words = "|".join(map(re.escape, slot.wish_words))
    found = re.search(rf"(?:(?:不|莫|别)(?:想|要|挂|得){{0,2}})?(?:{words})", text) if words else None
    return found.group() if found else ""


def _are_of_several_persons(fitting: Sequence[Entity], slot: Slot, slots: Mapping[str, Slot], text: str) -> bool:
    """Tell whether each of several values has a slot of its own, so that none of them corrects another."""
    takers = [other for other in slots.values() if other.is_sensitive and other.entities == slot.entities]
    return slot.is_sensitive and len(takers) > 1 < len(fitting) and _CORRECTS.search(text) is None


def _for_the_writer(fitting: Sequence[Entity], text: str) -> Entity | None:
    """Return what the writer wants for himself beside what another shall have: 我挂泌尿科，她挂妇科."""
    mine = [entity for entity in fitting if _FOR_ME.search(text[: entity.start])]
    others = [entity for entity in fitting if _FOR_ANOTHER.search(text[: entity.start])]
    return mine[-1] if mine and others and len(mine) + len(others) == len(fitting) else None


def _is_the_writers(entity: Entity, interpretation: Interpretation) -> bool:
    """Tell whether a name, or the name before a number, is introduced as that of the one who writes."""
    names = [name for name in interpretation.entities_of("person_name") if name.start <= entity.start]
    start = names[-1].start if names else entity.start
    return _WRITER.search(interpretation.text[:start]) is not None


def gives_particulars(interpretation: Interpretation, slots: Mapping[str, Slot], form: FormState | None) -> bool:
    """Tell whether a name or a number is given that the form wants, whatever its words remind of: 电话留我的138…."""
    if form is None or is_question(interpretation):
        return False
    return any(slots[name].is_sensitive for name, _ in slot_answers(interpretation, slots, form))


def named_slot(text: str, slots: Mapping[str, Slot]) -> str | None:
    """Return the slot whose name stands in the text ("换个医院", "改时间"), the longest name first, then the form's order."""
    named = [(len(word), name) for name, slot in slots.items() for word in slot.names if word in text]
    return max(named, key=lambda pair: pair[0])[1] if named else None
