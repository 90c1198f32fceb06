"""Rules for a message that holds more than one thing: two requests, a question beside a form, one clear clause."""

import re
from collections.abc import Collection
from dataclasses import replace

from bot.dialogue.matching import is_question, slot_answers
from bot.dialogue.rules.following import names_no_subject
from bot.dialogue.rules.requests import request_step
from bot.dialogue.situation import LIKELY, SURE, VERY_SURE, Situation
from bot.dialogue.steps import AskKnowledge, Several, Step
from bot.dialogue.tracker import TrackerState
from nlu.interpretation import Entity, Interpretation
from skills.registry import Catalogue

_ASKED_BESIDE = 0.5
_MOST_AT_ONCE = 4
_ALSO = re.compile(r"另外|还[有想要得]|顺便|顺带|再(?!说)|然后|二是|第二[，,、个是]|其次|两[个件]事|也")
_TELL_ME = re.compile(r"先[说讲问]|[说讲]一?[下哈]|[说讲问]说|说清楚")
_FOR_TWO = re.compile(
    r"我(?:和|跟|同|与|还有)(?P<who>[^，。,.\s]{1,4}?)(?:都|各|两个|一起|一路)"
    r"|(?:给|帮|替)[^，。,.\s]{1,4}?(?:和|跟|同|与|还有)(?P<self>我)(?:自己|本人)?(?:都|各|一起|一路)"
)


_EACH = re.compile(r"各|一人[挂约]?一|都[要想]?(?:挂|约|看)|[两俩]个?[人都]")


def several(s: Situation) -> Step | None:
    """Two requests in one message are done one after the other."""
    if s.form is not None:
        return None
    owner = s.catalogue.intents.get(s.whole.intent)
    is_form = owner is not None and owner.entry.handling == "form" and s.whole.confidence >= SURE
    if (
        owner is not None
        and is_form
        and (two := _FOR_TWO.search(s.whole.text)) is not None
        and s.whole.entities_of("relation")
    ):
        return _for_two(s.whole, two["who"] or two["self"], owner.entry.hinted_by)
    if owner is not None and is_form and (each := _for_each(s.whole, owner.entry.hinted_by)) is not None:
        return each
    if len(s.heard.parts) < 2:
        return None
    wanted, has_bare = _wanted(s)
    if is_form and len(wanted) < 2 and (question := _question_within(s)) is not None:
        return Several(s.whole, (question.text,))
    if not is_form and (several_of_one := _several_of_one(s, wanted)):
        return several_of_one
    if len(wanted) > 1 and not is_form and len({part.intent for part in wanted}) == 1:
        return _one_by_one(s.whole, wanted)
    is_one = not has_bare and _ALSO.search(s.whole.text) is None and _is_one_request(s, wanted)
    if len(wanted) < 2 or is_one:
        return None
    return Several(wanted[0], tuple(part.text for part in wanted[1:_MOST_AT_ONCE]))


def _several_of_one(s: Situation, wanted: list[Interpretation]) -> Several | None:
    """Return the bare questions at the end of a story, each by itself: 护照到期了想换一本，多少钱，几天能拿到."""
    owner = s.catalogue.intents.get(s.whole.intent)
    is_of_knowledge = owner is not None and owner.entry.handling == "knowledge" and s.whole.confidence >= SURE
    bare = [part for part in s.heard.parts if is_question(part) and names_no_subject(part.text)]
    others = [part for part in wanted if part not in bare]
    is_one = all(part.intent == s.whole.intent for part in others)
    questions = [part for part in s.heard.parts if part in bare or (part in others and is_question(part))]
    return _one_by_one(s.whole, questions) if is_of_knowledge and is_one and len(bare) > 1 else None


def _one_by_one(whole: Interpretation, questions: list[Interpretation]) -> Several:
    """Ask the first question with the story that leads to it, and the others after it."""
    first, *others = questions
    end = whole.text.find(first.text) + len(first.text)
    story = replace(whole, text=whole.text[:end], normalized_text=whole.text[:end]) if end >= len(first.text) else whole
    return Several(story, tuple(part.text for part in others[:_MOST_AT_ONCE]))


def _wanted(s: Situation) -> tuple[list[Interpretation], bool]:
    """Return the parts that ask for something, in order, and whether some only ask more of the one before."""
    wanted: list[Interpretation] = []
    has_bare = False
    for part in s.heard.parts:
        owner = s.catalogue.intents.get(part.intent)
        if wanted and _asks_also(part, wanted[-1], s.catalogue):
            wanted.append(part)
            has_bare = True
            continue
        needed = SURE if is_question(part) else VERY_SURE
        if owner is None or owner.entry.handling in {"control", "text"} or part.confidence < needed:
            continue
        is_asking = owner.entry.handling in {"form", "handoff"} or is_question(part)
        is_more = owner.entry.handling == "knowledge" and bool(wanted) and wanted[-1].intent == part.intent
        if is_asking and (is_more or all(part.intent != other.intent for other in wanted)):
            wanted.append(part)
    return wanted, has_bare


def _asks_also(part: Interpretation, before: Interpretation, catalogue: Catalogue) -> bool:
    """Tell whether a clause asks more of what the one before it asked about: 身份证丢了怎么补办，要多少钱，好久能拿到."""
    owner = catalogue.intents.get(before.intent)
    is_of_knowledge = owner is not None and owner.entry.handling == "knowledge" and is_question(before)
    return is_of_knowledge and is_question(part) and (names_no_subject(part.text) or part.confidence < LIKELY)


def asked_also(state: TrackerState, heard: Interpretation, catalogue: Catalogue) -> Step | None:
    """Return the step for what waited behind the first of several: a bare question is about the one before it."""
    last = state.last_request
    owner = catalogue.intents.get(last.intent) if last else None
    is_of_knowledge = owner is not None and owner.entry.handling == "knowledge"
    is_of_it = names_no_subject(heard.text) or heard.confidence < LIKELY
    if is_of_knowledge and is_question(heard) and is_of_it:
        return AskKnowledge(heard, follows=True, is_also=True)
    step = request_step(state, heard, catalogue)
    return replace(step, is_also=True) if isinstance(step, AskKnowledge) else step


def _for_two(whole: Interpretation, who: str, kinds: Collection[str]) -> Several:
    """Part what the writer wants from what is for somebody else: 我跟我妈都要看，我挂骨科，我妈挂眼科."""
    named = [(m.start(), m.group() != "我") for m in re.finditer(f"{re.escape(who)}|[他她我]", whole.text)]
    of_who = [e for e in whole.entities_of(*kinds) if max((n for n in named if n[0] < e.start), default=(0, False))[1]]
    others = [e for e in whole.entities_of(*kinds) if e not in of_who]
    if len(of_who) != 1 or len(others) != 1:
        return Several(whole, (f"也帮{who}约一个",))
    shared = [e.text for e in whole.entities if e.type not in {*kinds, "relation"}]
    mine = tuple(e for e in whole.entities if e is not of_who[0] and e.type != "relation")
    return Several(replace(whole, entities=mine), (f"帮{who}挂{'，'.join((of_who[0].text, *shared))}",))


def _for_each(whole: Interpretation, kinds: Collection[str]) -> Several | None:
    """Part what is for one person from what is for another: 帮我妈挂内分泌科，还有我老汉儿挂骨科; 给婆婆和爷爷各挂一个."""
    persons = {e.value.get("relation"): e for e in reversed(whole.entities_of("relation"))}
    if len(persons) < 2:
        return None
    first, *others = sorted(persons.values(), key=lambda e: e.start)

    def owner(entity: Entity) -> Entity:
        return max((e for e in (first, *others) if e.start <= entity.start), key=lambda e: e.start, default=first)

    rest = [e for e in whole.entities if e.type != "relation"]
    own_types = {t for t in (e.type for e in rest) if len({owner(e).start for e in rest if e.type == t}) > 1}
    if not own_types.intersection(kinds) and _EACH.search(whole.text) is None:
        return None
    mine = tuple(e for e in rest if e.type not in own_types or owner(e) is first)

    def wishes(person: Entity) -> str:
        theirs = [e.text for e in rest if (e.type in own_types) <= (owner(e) is person)]
        return f"帮{person.text.removeprefix('我')}挂号{''.join(f'，{text}' for text in theirs)}"

    return Several(replace(whole, entities=(first, *mine)), tuple(map(wishes, others)))


def _question_within(s: Situation) -> Interpretation | None:
    """Return the clause that asks how something is, beside a request: 挂儿科用哪个的身份证."""
    for part in s.heard.parts:
        owner = s.catalogue.intents.get(part.intent)
        is_knowledge = owner is not None and owner.entry.handling == "knowledge"
        if is_knowledge and is_question(part) and part.confidence >= _ASKED_BESIDE:
            return part
    return None


def _is_one_request(s: Situation, wanted: list[Interpretation]) -> bool:
    """Tell whether parts are one request after all: all of one skill (404医院，眼科，有号没), or a story and its question."""
    skills = {s.catalogue.intents[part.intent].manifest.name for part in wanted}
    is_asked = s.whole.confidence >= VERY_SURE and is_question(s.whole)
    asked = [part for part in wanted if is_question(part)]
    return len(skills) == 1 or (is_asked and len(asked) == 1 and asked[0].intent == s.whole.intent)


def asking_beside(s: Situation) -> Step | None:
    """Take a clause that asks about something else while the rest only puts the form off: 号等哈再说，先讲失业金."""
    form = s.form
    if form is None or len(s.heard.parts) < 2 or slot_answers(s.whole, s.slots, form):
        return None
    if s.whole.group not in {"dialog_control", "out_of_scope"} and s.whole.confidence >= SURE:
        return None
    for part in s.heard.parts:
        owner = s.catalogue.intents.get(part.intent)
        is_other = owner is not None and owner.manifest.name != form.skill and owner.entry.handling == "knowledge"
        is_asked = is_question(part) or _TELL_ME.search(part.text) is not None
        if is_other and is_asked and part.confidence >= VERY_SURE:
            return AskKnowledge(part)
    return None


def by_a_clause(s: Situation) -> Step | None:
    """Take the one clause that is clear where the whole is not: 号退了哈，明天走不脱."""
    if s.form is not None or s.whole.confidence >= LIKELY or len(s.heard.parts) < 2:
        return None
    for part in s.heard.parts:
        owner = s.catalogue.intents.get(part.intent)
        if owner is None or part.confidence < VERY_SURE or owner.entry.handling not in {"form", "inquiry", "knowledge"}:
            continue
        if owner.entry.handling == "form" or is_question(part):
            return request_step(s.state, part, s.catalogue)
    return None
