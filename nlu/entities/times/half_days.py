"""Parts of the day: 上午, 清早八晨, 下午些, 晚黑, 半夜."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from nlu.entities.times.clock import read_hour
from nlu.entities.times.model import Period

HOUR = timedelta(hours=1)
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
MIDDAY = HalfDay(12, 13, 1, 3)
AFTERNOON = HalfDay(12, 18, 1, 11)
DAYTIME = HalfDay(8, 18, 1, 6)
DUSK = HalfDay(17, 19, 4, 8)
EVENING = HalfDay(18, 24, 5, 11, midnight_is_24=True)
NIGHT = HalfDay(22, 29, 9, 11, midnight_is_24=True)

HALF_DAYS = {
    **dict.fromkeys(("凌晨", "黎明", "拂晓"), DAWN),
    **dict.fromkeys(
        ("清晨", "清早", "大清早", "一大清早", "一大早", "大早上", "清早八早", "清早八晨", "大清八早"), EARLY
    ),
    **dict.fromkeys(("晨", "一早", "打早", "赶早"), EARLY),
    **dict.fromkeys(("早上些", "早上", "早晨", "早间", "上午些", "上午", "早", "上半天", "朝早"), MORNING),
    **dict.fromkeys(("中午些", "中午", "晌午", "少午", "午间"), NOON),
    "正午": MIDDAY,
    **dict.fromkeys(("下午些", "下午", "午后", "下半天", "后晌"), AFTERNOON),
    "白天": DAYTIME,
    **dict.fromkeys(("傍晚", "擦黑", "黄昏"), DUSK),
    **dict.fromkeys(("晚上些", "晚黑些", "晚黑", "晚上", "晚间", "夜里", "夜间", "夜晚", "晚", "夜"), EVENING),
    **dict.fromkeys(("半夜三更", "大半夜", "半夜", "深夜", "午夜", "下半夜"), NIGHT),
}
ONLY_AFTER_A_DAY = frozenset({"早", "晨", "晚", "夜", "一早", "打早", "赶早", "白天"})
BY_LENGTH = sorted(HALF_DAYS, key=len, reverse=True)

_HALF = re.compile("|".join(BY_LENGTH))
_NOT_HALF_BEFORE = re.compile(r"(?:每[天日晚个]?|天天|整|当|一)$")
_NOT_HALF_AFTER = re.compile(r"[期婚报年辈饭餐宴市场会自点些了]|一点|一些|一哈|上好|安")


def read_half_day(text: str, position: int, *, follows_day: bool) -> tuple[int, HalfDay] | None:
    """Return where the half-day at a position ends, and it; the short forms (早, 晚) only behind a day or before an hour."""
    match = _HALF.match(text, position)
    if match is None or text.startswith("茶", match.end()):
        return None
    word = match.group()
    if not follows_day and _NOT_HALF_BEFORE.search(text, max(0, position - 3), position):
        return None
    if word in ONLY_AFTER_A_DAY:
        has_hour = read_hour(text, match.end()) is not None and not text.startswith("一点", match.end())
        if not has_hour and (not follows_day or _NOT_HALF_AFTER.match(text, match.end())):
            return None
    return match.end(), HALF_DAYS[word]
