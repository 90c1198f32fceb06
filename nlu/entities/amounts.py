"""Find sums of money: 五百来块, 1.2万元, 三万五, 块八毛, 百把块, 工资两千八."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from nlu.entities.choices import bare_span
from nlu.entities.numerals import HAN, HAN_DIGIT, read_about, read_number
from nlu.interpretation import Entity

MONEY = "块元圆毛角万wk¥￥"
_NUMBER = rf"(?:[0-9]{{1,3}}(?:,[0-9]{{3}}){{1,4}}|[0-9]{{1,10}})(?:\.[0-9]{{1,4}})?|[{HAN}]{{1,12}}"
_EDGE = rf"(?<![0-9a-z第.{HAN}之几])"
_DIGIT = f"[{HAN_DIGIT}两1-9]"

_YUAN = re.compile(
    rf"{_EDGE}[¥￥]?(?P<number>{_NUMBER})(?P<scale>[千万百亿wk]{{0,2}})(?P<tail>{_DIGIT}(?![0-9]))?(?P<about>多|来|几|余|把)?"
    r"(?P<scale2>[千万百]?)(?P<unit>块|元|圆)"
    rf"(?:(?P<half>半)|(?<=块)(?P<jiao>{_DIGIT})(?![0-9{HAN}天个月年日号点岁家口人毛角])"
    rf"|零?(?P<mao>{_DIGIT})(?:毛|角)(?P<fen>{_DIGIT})?分?)?钱?"
)
_NOT_MONEY = re.compile(r"[车地牌表砖石布肉板屏田玉骨儿去来起旦宵月素件宝凶首老帅块]")
_SIGNED = re.compile(rf"[¥￥] ?(?P<number>{_NUMBER})(?P<scale>[千万]?)(?![0-9{HAN}])")
_JIAO = re.compile(rf"{_EDGE}(?P<number>{_DIGIT})(?:毛钱?|角钱)")
# 块八毛 and 块把钱 are about one yuan, 百把块 about a hundred.
_ABOUT_ONE = re.compile(
    rf"(?<![0-9{HAN}几一-鿿])块(?:把|来)钱|(?<![0-9{HAN}几])(?P<unit>[百千万])把(?:块钱?|元)|(?<![0-9{HAN}几])块[八二]毛钱?"
)
_WAN = re.compile(
    rf"{_EDGE}(?P<number>[0-9]{{1,6}}(?:\.[0-9]{{1,4}})?|[{HAN_DIGIT}两十百]{{1,6}}) ?(?P<scale>万|w)(?P<tail>[{HAN_DIGIT}1-9](?:千|百)?)?(?P<about>多|来|余)?"
    r"(?=$|[ ,。.!?;、)的了吧嘛左哈噢/])"
)
# 两千八, 一百二, 5k: without a unit they are money only where money is spoken of.
_BARE = re.compile(
    rf"{_EDGE}(?!二百五(?:$|[^十0-9]))(?P<number>[一二两三四五六七八九](?:千[一二三四五六七八九零]?(?:[一二三四五六七八九]?百[一二三四五六七八九]?)?|百[一二三四五六七八九]?十?[一二三四五六七八九]?)"
    r"|[0-9]{3,6}|[0-9]{1,3}(?:\.[0-9])?(?=k))(?P<scale>k?)(?P<about>多|来)?(?=$|[ ,。.!?;、)的了吧嘛左哈噢/到]|一个?月|每月)"
)
_SPOKEN_OF = re.compile(
    r"(?:工资|[月年]薪|一个月|每个?月|一年|钱|花|交|罚|收|付|补|缴|租|费|金额?|基数|价|卖|买|存|取|借|贷|赔|报销?|余额|低保|养老金?|领|拿|发[了放]|挣|扣|欠|(?<!发)给)[了是过我你他的到有才只一共每个月大概就要得]{0,5}$"
)
_NEAR = 12


@dataclass(frozen=True, slots=True)
class _Sum:
    """How much, and whether that is only about right."""

    yuan: float
    is_about: bool


def find_amounts(folded: str, text: str, expected: frozenset[str]) -> Iterator[Entity]:
    """Yield sums of money."""
    if any(sign in folded for sign in MONEY):
        yield from _find_written(folded, text, expected)
    for match in _BARE.finditer(folded):
        if _is_money(match, folded, expected):
            yield from _entity(match, text, _read(f"{match['number']}{match['scale']}", about=match["about"]))


def _find_written(folded: str, text: str, expected: frozenset[str]) -> Iterator[Entity]:
    """Yield the sums that a word or a sign marks as money."""
    for match in _YUAN.finditer(folded):
        has_word = match["unit"] != "块" or match.group()[-1] in "半钱毛角分" or match["jiao"]
        is_one = match["number"] == "一" and not match["scale"]
        if (has_word or not (is_one or _NOT_MONEY.match(folded, match.end()))) and not folded.startswith(
            "素", match.end()
        ):
            yield from _entity(match, text, _yuan(match))
    for match in _SIGNED.finditer(folded):
        yield from _entity(match, text, _read(f"{match['number']}{match['scale']}"))
    for match in _JIAO.finditer(folded):
        number = read_number(match["number"])
        yield from _entity(match, text, None if number is None else _Sum(number / 10, is_about=False))
    for match in _ABOUT_ONE.finditer(folded):
        yield from _entity(match, text, _Sum({"百": 100, "千": 1000, "万": 10000}.get(match["unit"], 1), is_about=True))
    for match in _WAN.finditer(folded):
        if match["tail"] or match["about"] or len(match.group()) > 2 or _is_money(match, folded, expected):
            written = f"{match['number']}万{match['tail'] or ''}"
            yield from _entity(match, text, _read(written, about=match["about"]))


def _is_money(match: re.Match[str], folded: str, expected: frozenset[str]) -> bool:
    """Tell whether a number without a unit is money: it was asked for, it is spoken of, or the message is only that (两千八)."""
    is_spoken_of = _SPOKEN_OF.search(folded, max(0, match.start() - _NEAR), match.start()) is not None
    is_all = match.span() == bare_span(folded) and not folded[match.start()].isdigit()
    return "amount" in expected or is_spoken_of or is_all


def _yuan(match: re.Match[str]) -> _Sum | None:
    """Return the sum that was said: 五百来块, 1.2万元, 3千5块, 两块五, 三块二毛五."""
    scale = match["scale"].replace("w", "万")
    found = _read(f"{match['number']}{scale}{match['tail'] or ''}{match['scale2']}", about=match["about"])
    if found is None:
        return None
    jiao = 5 if match["half"] else read_number(match["jiao"] or match["mao"] or "零") or 0
    fen = read_number(match["fen"] or "零") or 0
    return _Sum(round(found.yuan + jiao / 10 + fen / 100, 2), found.is_about)


def _read(written: str, *, about: str | None = None) -> _Sum | None:
    """Return the number written; 5k is five thousand."""
    number, is_about = read_about(written.removesuffix("k"))
    if number is None:
        return None
    return _Sum(number * 1000 if written.endswith("k") else number, is_about or about is not None)


def _entity(match: re.Match[str], text: str, found: _Sum | None) -> Iterator[Entity]:
    if found is None:
        return
    yuan = int(found.yuan) if found.yuan == int(found.yuan) else round(found.yuan, 2)
    value: dict[str, object] = {"yuan": yuan, "approximate": True} if found.is_about else {"yuan": yuan}
    start, end = match.span()
    yield Entity("amount", text[start:end], start, end, value)
