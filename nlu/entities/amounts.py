"""Find sums of money, ages, and which of several things is meant."""

import re
from collections.abc import Iterator

from nlu.entities.numerals import HAN, HAN_DIGIT, read_integer, read_number
from nlu.interpretation import Entity

LONGEST_CHOICE = 20
OLDEST = 120
LONGEST_ANSWER = 16
_NUMBER = rf"(?:[0-9]{{1,3}}(?:,[0-9]{{3}}){{1,4}}|[0-9]{{1,10}})(?:\.[0-9]{{1,4}})?|[{HAN}]{{1,12}}"
_EDGE = rf"(?<![0-9a-z第.{HAN}之几])"

_YUAN = re.compile(
    rf"{_EDGE}(?P<number>{_NUMBER})(?P<scale>[千万百亿]{{0,2}})(?P<tail>[{HAN_DIGIT}两1-9](?![0-9]))?(?P<about>多|来|几|余)?"
    r"(?P<scale2>[千万百]?)(?P<unit>块|元|圆)"
    rf"(?:(?P<half>半)|(?<=块)(?P<jiao>[{HAN_DIGIT}两1-9])(?![0-9{HAN}天个月年日号点岁家口人毛角])"
    rf"|(?P<mao>[{HAN_DIGIT}两1-9])(?:毛|角))?钱?"
)
_NOT_MONEY = re.compile(r"[车地牌表砖石布肉板屏田玉骨儿去来起旦宵月素件宝凶首老帅块]")
_JIAO = re.compile(rf"{_EDGE}(?P<number>[{HAN_DIGIT}两1-9])(?:毛钱?|角钱)")
_WAN = re.compile(
    rf"{_EDGE}(?P<number>[0-9]{{1,6}}(?:\.[0-9]{{1,4}})?|[{HAN_DIGIT}两十百]{{1,6}}) ?(?P<scale>万)(?P<tail>[{HAN_DIGIT}1-9](?:千|百)?)?(?P<about>多|来|余)?"
    r"(?=$|[ ,。.!?;、)的了吧嘛左哈噢])"
)
_AGE = re.compile(
    rf"{_EDGE}(?P<number>[0-9]{{1,3}}|[{HAN_DIGIT}两十百]{{1,5}})(?P<about>多|来|几)?(?P<half1>半)? ?周?岁(?P<half>半)?(?![月数])"
)
_MONTHS = re.compile(
    rf"{_EDGE}(?P<number>[0-9]{{1,2}}|[{HAN_DIGIT}两十]{{1,3}})(?P<half1>半)? ?个?(?P<half>半)?月(?:大|龄|的?(?:娃|宝|婴|幼儿|崽|孩子|毛毛))"
)
_BARE_AGE = re.compile(
    rf"(?:今年|都|快|已经|满|有|他|她|我|妈|爸|老汉儿?|爷爷|奶奶|婆婆|公公|外公|外婆|老人家?|老伴) ?"
    rf"(?P<number>[1-9][0-9]|[{HAN_DIGIT}十]{{2,3}})了(?=$|[ ,。.!?;嘛哦噻哈的])"
)
_ORDINAL = re.compile(
    rf"第(?P<number>[0-9]{{1,2}}|[{HAN_DIGIT}十]{{1,3}}) ?(?:个|家|位|种|项)(?!月|星期|周|礼拜|季|工作|小时|年|小?孩|娃|宝|子女|问|阶)"
)
_BARE_ORDINAL = re.compile(rf"第(?P<number>[0-9]{{1,2}}|[{HAN_DIGIT}十]{{1,3}})(?=$|[ ,。!嘛吧哈噻])")
_FIRST = re.compile(
    r"(?<![针里外上下前后枕])(?:头一?(?=[个位种项])|头一(?=家)|首(?=[个家位项]))(?:个|家|位|种|项)(?!月|星期|周|礼拜|季|小时)"
)
_LAST = re.compile(
    r"(?P<from>最后(?:头)?|末尾)(?:的?那)?一?(?:个|家|位|种|条|项)(?!月|星期|周|礼拜|季|工作|小时|问)|倒数第(?P<number>[一二三四五1-5])个?"
)
_CHOSEN = re.compile(
    rf"(?:选|要|就|选择|那就)?(?:第)?(?P<number>[0-9]{{1,2}}|[{HAN_DIGIT}两十]{{1,3}})(?:个|号|项|吧|嘛|哈|噻|那个)?"
)
_ANY = re.compile(
    r"(?:都行|随便|都可以|哪个都行|哪个都可以|哪家都行|哪家都可以|无所谓|随你|你看着办|都要得|都得行|都好|任意|不挑|随便哪个|随便哪家)[吧嘛哈噻都行,。!的]{0,3}"
)


def find_amounts(folded: str, text: str, expected: frozenset[str]) -> Iterator[Entity]:
    """Yield sums of money, ages, and choices."""
    yield from _find_money(folded, text, expected)
    yield from _find_ages(folded, text)
    yield from _find_choices(folded, text, expected)


def _find_money(folded: str, text: str, expected: frozenset[str]) -> Iterator[Entity]:
    for match in _YUAN.finditer(folded):
        has_word = match["unit"] != "块" or match.group()[-1] in "半钱毛角" or match["jiao"]
        is_one = match["number"] == "一" and not match["scale"]
        if (has_word or not (is_one or _NOT_MONEY.match(folded, match.end()))) and not folded.startswith(
            "素", match.end()
        ):
            yield from _money(match, text, _yuan(match), is_about=bool(match["about"]))
    for match in _JIAO.finditer(folded):
        number = read_number(match["number"])
        yield from _money(match, text, None if number is None else number / 10, is_about=False)
    for match in _WAN.finditer(folded):
        if "amount" in expected or match["tail"] or match["about"] or len(match.group()) > 2:
            written = f"{match['number']}{match['scale']}{match['tail'] or ''}"
            yield from _money(match, text, read_number(written), is_about=bool(match["about"]))


def _yuan(match: re.Match[str]) -> float | None:
    """Return the sum that was said: 五百来块, 1.2万元, 3千5块, 两块五."""
    number = read_number(f"{match['number']}{match['scale']}{match['tail'] or ''}{match['scale2']}")
    if number is None:
        return None
    if match["half"]:
        return number + 0.5
    jiao = match["jiao"] or match["mao"]
    return number + (read_number(jiao) or 0) / 10 if jiao else number


def _money(match: re.Match[str], text: str, yuan: float | None, *, is_about: bool) -> Iterator[Entity]:
    if yuan is None:
        return
    value: dict[str, object] = {"yuan": int(yuan) if yuan == int(yuan) else round(yuan, 2)}
    if is_about:
        value["approximate"] = True
    yield _entity("amount", match, text, value)


def _find_ages(folded: str, text: str) -> Iterator[Entity]:
    for match in _AGE.finditer(folded):
        years = _years(match["number"])
        if years is not None and years <= OLDEST:
            half = 0.5 if match["half"] or match["half1"] else 0
            yield _entity("age", match, text, {"years": years + half} if half else {"years": years})
    for match in _MONTHS.finditer(folded):
        months = read_integer(match["number"])
        if months is not None:
            start, end = match.start(), match.end()
            end = folded.index("月", start) + (
                2 if folded[folded.index("月", start) + 1 : end][:1] in ("大", "龄") else 1
            )
            half = 0.5 if match["half"] or match["half1"] else 0
            yield Entity("age", text[start:end], start, end, {"months": months + half} if half else {"months": months})
    for match in _BARE_AGE.finditer(folded):
        years = read_integer(match["number"])
        if years is not None and 10 <= years <= OLDEST:
            start, end = match.span("number")
            yield Entity("age", text[start:end], start, end, {"years": years})


def _years(written: str) -> int | None:
    """Return the age; 六七岁 is read as the lower of the two."""
    if re.fullmatch(r"[一二三四五六七八九两]{2}", written):
        return read_integer(written[0])
    return read_integer(written)


def _find_choices(folded: str, text: str, expected: frozenset[str]) -> Iterator[Entity]:
    for pattern in (_ORDINAL, _BARE_ORDINAL):
        for match in pattern.finditer(folded):
            number = read_integer(match["number"])
            if number:
                yield _entity("ordinal", match, text, {"index": number - 1})
    for match in _FIRST.finditer(folded):
        yield _entity("ordinal", match, text, {"index": 0})
    for match in _LAST.finditer(folded):
        number = read_integer(match["number"]) if match["number"] else 1
        yield _entity("ordinal", match, text, {"index": -(number or 1)})
    start, end = bare_span(folded)
    whole = _ANY.fullmatch(folded, start, end) if end - start <= LONGEST_ANSWER else None
    if whole:
        yield _entity("any", whole, text, {})
    chosen = _CHOSEN.fullmatch(folded, start, end) if "ordinal" in expected else None
    number = read_integer(chosen["number"]) if chosen else None
    if chosen and number and number <= LONGEST_CHOICE:
        yield _entity("ordinal", chosen, text, {"index": number - 1})


def bare_span(folded: str) -> tuple[int, int]:
    """Return where the message begins and ends without blanks and punctuation around it."""
    stripped = folded.strip(" \n\t,。.!?~、;:")
    start = folded.find(stripped) if stripped else len(folded)
    return start, start + len(stripped)


def _entity(kind: str, match: re.Match[str], text: str, value: dict[str, object]) -> Entity:
    return Entity(kind, text[match.start() : match.end()], match.start(), match.end(), value)
