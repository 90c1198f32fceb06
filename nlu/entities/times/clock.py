"""Half-days and hours: 明早, 下午, 晚上八点半, 14:30, 差一刻九点."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from nlu.entities.numerals import HAN_DIGIT
from nlu.entities.times.model import DAY, Frame, Period
from nlu.entities.times.patterns import number

HOUR = timedelta(hours=1)
OPENS, CLOSES = 7, 21
NIGHT_ENDS = 4


@dataclass(frozen=True, slots=True)
class HalfDay:
    """A part of the day, in hours from midnight (beyond 24: the night that follows), and the hours that go to its p.m."""

    start: int
    end: int
    afternoon_from: int = 13
    afternoon_to: int = 12
    midnight_is_24: bool = False

    def hour(self, hour: int) -> int:
        """Return the hour of the day that an hour said with this half-day means."""
        if hour == 12 and self.midnight_is_24:
            return 24
        if self.afternoon_from <= hour <= self.afternoon_to:
            return hour + 12
        if self.midnight_is_24 and hour <= NIGHT_ENDS:
            return hour + 24
        return 0 if hour == 12 and self.end <= 9 else hour

    def on(self, day: datetime) -> Period:
        """Return this part of a day (given as its midnight)."""
        return Period(day + self.start * HOUR, day + self.end * HOUR, "half_day")


DAWN = HalfDay(0, 6)
EARLY = HalfDay(6, 9)
MORNING = HalfDay(8, 12)
NOON = HalfDay(11, 13, 1, 3)
AFTERNOON = HalfDay(12, 18, 1, 11)
DUSK = HalfDay(17, 19, 4, 8)
EVENING = HalfDay(18, 24, 5, 11, midnight_is_24=True)
NIGHT = HalfDay(22, 29, 9, 11, midnight_is_24=True)

HALF_DAYS = {
    "凌晨": DAWN,
    **dict.fromkeys(("清晨", "清早", "大清早", "一大早", "大早上", "清早八早"), EARLY),
    **dict.fromkeys(("早上", "早晨", "早间", "上午些", "上午", "早", "晨", "上半天", "朝早"), MORNING),
    **dict.fromkeys(("中午", "正午", "晌午", "午间"), NOON),
    **dict.fromkeys(("下午些", "下午", "午后", "下半天", "后晌"), AFTERNOON),
    **dict.fromkeys(("傍晚", "擦黑", "黄昏"), DUSK),
    **dict.fromkeys(("晚上些", "晚黑", "晚上", "晚间", "夜里", "夜间", "夜晚", "晚", "夜"), EVENING),
    **dict.fromkeys(("半夜三更", "大半夜", "半夜", "深夜", "午夜", "下半夜"), NIGHT),
}
ONLY_AFTER_A_DAY = frozenset({"早", "晨", "晚", "夜"})


@dataclass(frozen=True, slots=True)
class Clock:
    """An hour and minute as said; `is_literal` if it can be only one hour of the 24 (14点, 08:30, 8:00 a.m.)."""

    hour: int
    minute: int
    grain: str
    is_literal: bool
    hours: int = 1


@dataclass(frozen=True, slots=True)
class Said:
    """A half-day or a clock reading that ends at `end`."""

    end: int
    half: HalfDay | None = None
    clock: Clock | None = None


_HALF = re.compile("|".join(sorted(HALF_DAYS, key=len, reverse=True)))
_NOT_HALF_BEFORE = re.compile(r"(?:每[天日晚个]?|天天|整|当)$")
_NOT_HALF_AFTER = re.compile(r"[期婚报年辈饭餐宴市场会自点些了]|一点|一些|一哈|上好|安")
_HOUR = f"(?:[01]?[0-9]|2[0-4]|二?十[一二三四五六七八九]?|[{HAN_DIGIT}两])"
_MINUTE = "(?:[0-5]?[0-9]|[二三四五]?十[一二三四五六七八九]?|[零〇][一二三四五六七八九]|[一二三四五六七八九])"
_POINT = re.compile(
    rf"(?P<hour>{_HOUR}) ?点(?:过|多)?(?:(?P<half>半)|(?P<quarter>[一三1-3])刻|(?P<minute>{_MINUTE}) ?分(?!之)"
    rf"|(?P<bare>[0-5][0-9]|[二三四五]?十[一二三四五六七八九]?|[零〇][一二三四五六七八九])(?![0-9个万千元块号岁])|(?:钟|整)|(?![0-9{HAN_DIGIT}]))钟?"
)
_COLON = re.compile(
    r"(?P<hour>[01]?[0-9]|2[0-4]):(?P<minute>[0-5][0-9])(?::[0-5][0-9])?(?![0-9:])(?: ?(?P<half>[ap])\.?m\b\.?)?"
)
_TO = re.compile(rf"差 ?(?:(?P<quarter>一)刻|(?P<minute>{_MINUTE}) ?分钟?) ?(?:到|就|不到)?(?P<hour>{_HOUR}) ?点钟?")
_HOURS = re.compile(
    rf"(?P<hour>[01]?[0-9]|2[0-4]|二?十[一二三四五六七八九]|二十) ?时(?![候间段装代期尚辰常刻差至节速机限])(?:(?P<half>半)|(?P<minute>{_MINUTE}) ?分(?!之))?"
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


def read_half_day(text: str, position: int, *, follows_day: bool) -> Said | None:
    """Return the half-day at a position; the short forms (早, 晚) only behind a day or before an hour."""
    match = _HALF.match(text, position)
    if match is None:
        return None
    word = match.group()
    if not follows_day and _NOT_HALF_BEFORE.search(text, max(0, position - 3), position):
        return None
    if word in ONLY_AFTER_A_DAY:
        has_hour = _read_hour(text, match.end()) is not None and not text.startswith("一点", match.end())
        if not has_hour and (not follows_day or _NOT_HALF_AFTER.match(text, match.end())):
            return None
    return Said(match.end(), half=HALF_DAYS[word])


def read_clock(text: str, position: int, *, follows_day: bool) -> Said | None:
    """Return the hour at a position; 一点 by itself is "a little" unless a day or half-day stands before it."""
    if not follows_day and _LEFT.match(text, position) is None:
        return None
    said = _read_hour(text, position)
    if said is None or said.clock is None:
        return None
    if _NOT_AN_HOUR.match(text, position):
        return None
    if not follows_day and text[position : said.end] in ("一点", "几点", "1点"):
        return None
    return said


def _read_hour(text: str, position: int) -> Said | None:
    """Return the hour and minute at a position in whichever way they are written."""
    about = _ABOUT.match(text, position)
    if about and number(about["next"]) == number(about["hour"]) + 1:
        return Said(about.end(), clock=Clock(number(about["hour"]), 0, "hour", is_literal=False, hours=2))
    for pattern in (_COLON, _SHORT_OF, _POINT, _TO, _HOURS, _MERIDIEM):
        match = pattern.match(text, position)
        if match:
            return _clock(match)
    return None


def _clock(match: re.Match[str]) -> Said | None:
    """Return what a match says, or None if there is no such time of day."""
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
    return Said(match.end(), clock=Clock(hour, minute, "minute" if has_minute else "hour", is_literal))


def _minutes(said: dict[str, str | None]) -> int:
    """Return the minutes of 半, 一刻, 十五分 or 零五."""
    if said.get("half") == "半":
        return 30
    quarter = said.get("quarter")
    if quarter:
        return 15 * number(quarter)
    minute = said.get("minute") or said.get("bare")
    return number(minute.lstrip("零〇") or "零") if minute else 0


def place(clock: Clock | None, half: HalfDay | None, day: Period | None, frame: Frame) -> Period | None:
    """Return the period that an hour and/or a half-day mean, on a day or on the next one that is right."""
    if day is not None:
        start = max(day.start, frame.today) if day.end > frame.today else day.start
        return _at(clock, half, start)
    if frame.day is not None:
        return _after_first(clock, half, frame)
    return _undated(clock, half, frame)


def _at(clock: Clock | None, half: HalfDay | None, day: datetime) -> Period | None:
    """Return the hour or half-day on a day (given as its midnight)."""
    if clock is None:
        return None if half is None else half.on(day)
    hour = _hour_of_day(clock, half)
    start = day + hour * HOUR + timedelta(minutes=clock.minute)
    length = clock.hours * HOUR if clock.grain == "hour" else timedelta(minutes=1)
    return Period(
        start, start + length, clock.grain, is_ambiguous=half is None and not clock.is_literal and hour in (7, 18)
    )


def _hour_of_day(clock: Clock, half: HalfDay | None) -> int:
    """Return the hour of the 24 that was meant; without a half-day, the one at which the city's counters are open."""
    if half is not None:
        return half.hour(clock.hour) if clock.hour <= 12 else clock.hour
    return clock.hour if clock.is_literal or clock.hour >= OPENS else clock.hour + 12


def _undated(clock: Clock | None, half: HalfDay | None, frame: Frame) -> Period | None:
    """Return the next (or, looking back, the last) time that an hour or half-day comes round."""
    today = _at(clock, half, frame.today)
    if today is None:
        return None
    if frame.prefers_past:
        found = today if today.start <= frame.now else _at(clock, half, frame.today - DAY)
    else:
        found = today if today.end > frame.earliest else _at(clock, half, frame.today + DAY)
    if found is None:
        return None
    has_rolled = clock is not None and half is None and found.start.date() != today.start.date()
    is_ambiguous = found.is_ambiguous or (has_rolled and not (clock is not None and clock.is_literal))
    return Period(found.start, found.end, found.grain, is_ambiguous, has_implied_date=True)


def _after_first(clock: Clock | None, half: HalfDay | None, frame: Frame) -> Period | None:
    """Return the end of a range: the first time after its beginning that the hour comes round."""
    if frame.day is None:
        return None
    day = datetime.combine(frame.day, datetime.min.time())
    found = _at(clock, half, day)
    for hours in (12, 24):
        if found is None or found.start > frame.earliest or (clock is None and found.end > frame.earliest):
            break
        if hours == 12 and (half is not None or clock is None or clock.is_literal):
            continue
        again = _at(clock, half, day)
        found = again and Period(again.start + hours * HOUR, again.end + hours * HOUR, again.grain)
    return found
