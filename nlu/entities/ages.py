"""Find ages: 七十二了, 三岁半, 七个月大, 刚满月, 十七八岁, 七旬."""

import re
from collections.abc import Iterator

from nlu.entities.choices import bare_span
from nlu.entities.numerals import HAN, HAN_DIGIT, read_about, read_integer
from nlu.interpretation import Entity

OLDEST = 120
_EDGE = rf"(?<![0-9a-z第.{HAN}之几])"
_COUNT = rf"[{HAN_DIGIT}两十]{{1,3}}"
_YEARS = re.compile(
    rf"{_EDGE}(?P<number>[0-9]{{1,3}}|[{HAN_DIGIT}两十百]{{1,5}})(?P<about>多|来|几)?(?P<half1>半)? ?周?岁(?P<about2>多)?(?P<half>半)?(?![月数])"
)
_HALF_A_YEAR = re.compile(rf"(?<![0-9{HAN}岁])半周?岁")
_DECADE = re.compile(r"(?<![一二三四五六七八九十中上下])(?P<number>[六七八九])旬")
_MONTHS = re.compile(
    rf"{_EDGE}(?P<number>[0-9]{{1,2}}|{_COUNT})(?P<half1>半)? ?个?(?P<half>半)?(?P<about>多)?月"
    r"(?P<tail>大|龄|(?=的?(?:娃|宝|婴|幼儿|崽|孩子|毛毛)))"
)
_CHILDS_MONTHS = re.compile(
    rf"(?<![怀孕])(?:娃儿?|宝宝|孩子|崽崽|毛毛|幺儿|婴儿)(?:才|刚|都|已经|有|快|满){{0,2}} ?(?P<age>(?P<number>[0-9]{{1,2}}|{_COUNT}) ?个?(?P<half>半)?(?P<about>多)?月)(?=了|$|[ ,。!?;])"
)
_FULL_MONTH = re.compile(r"(?P<not>(?:不|没有?|还没|未))?(?:到|足)?(?<![圆美饱充丰])满月(?![租份薪度酒])")
_BORN_DAYS = re.compile(rf"(?:出生|生下来|落地)(?:才|刚|了|有)?(?P<number>[0-9]{{1,2}}|{_COUNT})天")
_CHILDS_DAYS = re.compile(
    rf"(?:(?:小的|娃儿?|宝宝|毛毛|幺儿|婴儿|孩子|崽崽)(?:才|刚|满|有){{1,2}} ?(?P<number>[0-9]{{1,2}}|{_COUNT})天(?=大|[ ,，。])"
    rf"|(?:才|刚) ?(?P<before>[0-9]{{1,2}}|{_COUNT})天(?=大|的?(?:娃|宝|婴|毛毛|崽)))"
)
_PERSON = "他|她|我|妈|爸|老汉儿?|爷爷|奶奶|婆婆|公公|外公|外婆|老人家?|老伴|母亲|父亲"
_BARE_AGE = re.compile(
    rf"(?:今年|都|快|已经|满|有|{_PERSON}) ?(?P<number>[1-9][0-9]|[{HAN_DIGIT}十]{{2,3}})了(?=$|[ ,。.!?;嘛哦噻哈的也还要能可想得去坐走])"
)
_THIS_YEAR = re.compile(
    rf"(?:今年|虚岁|周岁|年龄|岁数|年纪)(?:都|满|刚|已经|就|有|是|:)?(?P<number>[1-9][0-9]|[{HAN_DIGIT}十]{{2,3}})(?=$|[ ,。.!?;])"
)
_WHOLE = re.compile(r"(?:都|快|已经|满)?(?P<number>[2-9][0-9]|[二三四五六七八九]十[一二三四五六七八九]?)了")
_OUT_OF = re.compile(rf"{_EDGE}(?P<number>[1-9]0|[二三四五六七八九]十)(?:岁)?出头")


def find_ages(folded: str, text: str) -> Iterator[Entity]:
    """Yield ages."""
    if "岁" in folded:
        for match in _YEARS.finditer(folded):
            yield from _in_years(match, text, *match.span())
        for match in _HALF_A_YEAR.finditer(folded):
            yield _entity(text, *match.span(), {"months": 6})
    if "月" in folded:
        yield from _find_months(folded, text)
    yield from _find_rough_and_bare(folded, text)


def _find_rough_and_bare(folded: str, text: str) -> Iterator[Entity]:
    """Yield ages that are said without 岁 or 月."""
    if "旬" in folded or "出头" in folded:
        for match in _DECADE.finditer(folded):
            yield _entity(
                text, *match.span(), {"years": 10 * (read_integer(match["number"]) or 0), "approximate": True}
            )
        for match in _OUT_OF.finditer(folded):
            yield _entity(text, *match.span(), {"years": read_integer(match["number"]), "approximate": True})
    for match in _CHILDS_DAYS.finditer(folded):
        days = read_integer(match["number"] or match["before"])
        yield _entity(text, *match.span(), {"days": days})
    for match in _BORN_DAYS.finditer(folded):
        yield _entity(text, *match.span(), {"days": read_integer(match["number"])})
    whole = _WHOLE.fullmatch(folded, *bare_span(folded))
    for match in (*_BARE_AGE.finditer(folded), *_THIS_YEAR.finditer(folded), *([whole] if whole else [])):
        years = read_integer(match["number"])
        if years is not None and 10 <= years <= OLDEST:
            yield _entity(text, *match.span("number"), {"years": years})


def _in_years(match: re.Match[str], text: str, start: int, end: int) -> Iterator[Entity]:
    """Yield an age in years; 十七八岁 is read as the lower of the two."""
    years, is_about = read_about(match["number"])
    if years is None or years > OLDEST:
        return
    value: dict[str, object] = {"years": years + 0.5 if match["half"] or match["half1"] else years}
    if is_about or match["about"] or match["about2"]:
        value["approximate"] = True
    yield _entity(text, start, end, value)


def _find_months(folded: str, text: str) -> Iterator[Entity]:
    for match in _MONTHS.finditer(folded):
        yield from _in_months(match, text, *match.span())
    for match in _CHILDS_MONTHS.finditer(folded):
        yield from _in_months(match, text, *match.span("age"))
    for match in _FULL_MONTH.finditer(folded):
        yield _entity(text, *match.span(), {"months": 0, "approximate": True} if match["not"] else {"months": 1})


def _in_months(match: re.Match[str], text: str, start: int, end: int) -> Iterator[Entity]:
    months = read_integer(match["number"])
    if months is None:
        return
    half = 0.5 if match["half"] or match.groupdict().get("half1") else 0
    value: dict[str, object] = {"months": months + half if half else months}
    if match["about"]:
        value["approximate"] = True
    yield _entity(text, start, end, value)


def _entity(text: str, start: int, end: int, value: dict[str, object]) -> Entity:
    return Entity("age", text[start:end], start, end, value)
