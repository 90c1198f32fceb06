"""Hours and minutes: 八点半, 14:30, 差一刻九点, 三四点, 20时30分."""

import re
from dataclasses import dataclass

from nlu.entities.numerals import HAN_DIGIT
from nlu.entities.times.patterns import number


@dataclass(frozen=True, slots=True)
class Clock:
    """An hour and minute as said; `is_literal` if it can be only one hour of the 24 (14点, 08:30, 8:00 a.m.)."""

    hour: int
    minute: int
    grain: str
    is_literal: bool
    hours: int = 1


_HOUR = f"(?:[01]?[0-9]|2[0-4]|二?十[一二三四五六七八九]?|[{HAN_DIGIT}两])"
_MINUTE = "(?:[0-5]?[0-9]|[二三四五]?十[一二三四五六七八九]?|[零〇][一二三四五六七八九]|[一二三四五六七八九])"
_SECONDS = f"(?: ?{_MINUTE} ?秒)?"
_POINT = re.compile(
    rf"(?P<hour>{_HOUR})(?:(?<=十)[来多几])? ?点(?:过|多|来)?"
    rf"(?:(?P<half>半)|(?P<quarter>[一三1-3])刻|(?P<minute>{_MINUTE}) ?分(?!之){_SECONDS}"
    rf"|(?P<bare>[0-5][0-9]|[二三四五]?十[一二三四五六七八九]?|[零〇][一二三四五六七八九])(?![0-9个万千元块号岁])|(?:钟|整)|(?![0-9{HAN_DIGIT}]))钟?"
)
_COLON = re.compile(
    r"(?P<hour>[01]?[0-9]|2[0-4]):(?P<minute>[0-5][0-9])(?::[0-5][0-9])?(?![0-9:])(?: ?(?P<half>[ap])\.?m\b\.?)?"
)
# 晚上8.30: people write a point for the colon; without a half-day before it, it may be a price.
_DOTTED = re.compile(r"(?P<hour>[01]?[0-9]|2[0-3])\.(?P<minute>[0-5][0-9])(?![0-9.%])(?! ?[元块万千米公斤度倍折])分?")
_TO = re.compile(rf"差 ?(?:(?P<quarter>一)刻|(?P<minute>{_MINUTE}) ?分钟?) ?(?:到|就|不到)?(?P<hour>{_HOUR}) ?点钟?")
_HOURS = re.compile(
    rf"(?P<hour>[01]?[0-9]|2[0-4]|二?十[一二三四五六七八九]|二十|十(?=时[0-9零〇一二三四五半整]|时$)|[零〇]|(?<=[天日号午上晚晨早黑夜里])[一二三四五六七八九]|[一二三四五六七八九](?=时(?:半(?!会)|整|[0-9零〇一二三四五十]{{1,3}}分)))"
    rf" ?时(?![候间段装代期尚辰常刻差至节速机限工])(?:(?P<half>半(?!会))|整|(?P<minute>{_MINUTE}) ?分(?!之){_SECONDS})?"
)
_SHORT_OF = re.compile(rf"(?P<hour>{_HOUR}) ?点差 ?(?:(?P<quarter>一)刻|(?P<minute>{_MINUTE}) ?分)钟?")
_MERIDIEM = re.compile(r"(?P<hour>1[0-2]|[1-9]) ?(?P<half>[ap])\.?m\b\.?")
# 三四点 and 8、9点 are two hours long.
_ABOUT = re.compile(
    r"(?P<hour>1[01]|[1-9](?=、)|[一二两三四五六七八九])、?(?P<next>(?<=、)1[0-2]|(?<=、)[1-9]|十|[二三四五六七八九]) ?点(?![0-9半])钟?"
)
_LEFT = re.compile(rf"(?<![第0-9a-z{HAN_DIGIT}十百千万.分每])(?<![0-9]:)")
# 一点都不, 好一点, 两点建议, 三点要求: not hours.
_NOT_AN_HOUR = re.compile(
    r"[一二两三四五六七八九1-9] ?点(?:儿|点|建议|要求|意见|原因|问题|希望|疑问|想法|体会|反应|理由|说明|诉求|关系)"
)


def read_clock(
    text: str, position: int, *, follows_day: bool, follows_half_day: bool = False
) -> tuple[int, Clock] | None:
    """Return where the hour at a position ends, and it; 一点 by itself is "a little" unless a day stands before it."""
    if not follows_day and _LEFT.match(text, position) is None:
        return None
    said = read_hour(text, position)
    if said is None and follows_half_day:
        said = _clock(_DOTTED.match(text, position))
    if said is None or _NOT_AN_HOUR.match(text, position):
        return None
    if not follows_day and text[position : said[0]] in ("一点", "几点", "1点"):
        return None
    return said


def read_hour(text: str, position: int) -> tuple[int, Clock] | None:
    """Return the hour and minute at a position in whichever way they are written, and where they end."""
    about = _ABOUT.match(text, position)
    if about and number(about["next"]) == number(about["hour"]) + 1:
        return about.end(), Clock(number(about["hour"]), 0, "hour", is_literal=False, hours=2)
    for pattern in (_COLON, _SHORT_OF, _POINT, _TO, _HOURS, _MERIDIEM):
        match = pattern.match(text, position)
        if match:
            return _clock(match)
    return None


def _clock(match: re.Match[str] | None) -> tuple[int, Clock] | None:
    """Return what a match says and where it ends, or None if there is no such time of day."""
    if match is None:
        return None
    said = match.groupdict()
    hour, minute = number(said["hour"]), _minutes(said)
    if "差" in match.group():
        hour, minute = hour - 1, 60 - minute
    is_literal = hour > 12 or hour == 0 or (":" in match.group() and said["hour"].startswith("0"))
    if said.get("half") in ("a", "p"):
        hour, is_literal = hour % 12 + 12 * (said["half"] == "p"), True
    if not 0 <= hour <= 24 or (hour == 24 and minute):
        return None
    has_minute = bool(minute) or ":" in match.group()
    return match.end(), Clock(hour, minute, "minute" if has_minute else "hour", is_literal)


def _minutes(said: dict[str, str | None]) -> int:
    """Return the minutes of 半, 一刻, 十五分 or 零五."""
    if said.get("half") == "半":
        return 30
    quarter = said.get("quarter")
    if quarter:
        return 15 * number(quarter)
    minute = said.get("minute") or said.get("bare")
    return number(minute.lstrip("零〇") or "零") if minute else 0
