"""Counted stretches: 三天, 两个半小时, 一年半, 两三周, 十来天; and how far they lead from an instant."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from nlu.entities.numerals import HAN, read_number
from nlu.entities.times.model import DAY, midnight, shift_months
from nlu.entities.times.workdays import add_workdays

A_FEW = 3
ABOUT = "来多余几"
CLOCK_UNITS = {"秒钟": 1 / 60, "秒": 1 / 60, "分钟": 1, "分": 1, "刻钟": 15, "小时": 60, "钟头": 60, "时辰": 120}
DAY_UNITS = {"天": 1, "日": 1, "周": 7, "星期": 7, "礼拜": 7}
MONTH_UNITS = {"月": 1, "季度": 3, "年": 12}


@dataclass(frozen=True, slots=True)
class Count:
    """How many of a unit: `least` to `most` (两三天), and whether that is only about right (几天, 十来天)."""

    least: float
    most: float
    unit: str
    is_about: bool

    @property
    def is_of_clock(self) -> bool:
        """Tell whether the unit is shorter than a day."""
        return self.unit in CLOCK_UNITS

    @property
    def grain(self) -> str:
        """Return the grain of an instant that is so far away."""
        if not self.is_of_clock:
            return "day"
        return "hour" if CLOCK_UNITS[self.unit] >= 60 else "minute"

    def step(self, instant: datetime, count: float) -> datetime:
        """Return the instant so many units on (or back, if negative); days and more are counted from midnight."""
        if self.is_of_clock:
            return instant + timedelta(minutes=count * CLOCK_UNITS[self.unit])
        if self.unit in DAY_UNITS:
            return midnight(instant) + int(count * DAY_UNITS[self.unit]) * DAY
        if self.unit == "工作日":
            return add_workdays(midnight(instant), int(count))
        sign = -1 if count < 0 else 1
        months, rest = divmod(abs(count) * MONTH_UNITS[self.unit], 1)
        return shift_months(midnight(instant), sign * int(months)) + sign * int(rest * 30) * DAY


def read_count(match: re.Match[str]) -> Count | None:
    """Return what a match of AMOUNT counts, or None if it is no number; 三月后 is behind March, not three months on."""
    written, unit = match["count"], match["unit"]
    if unit == "月" and "个" not in match.group() and written not in ("半", "几", "俩", "仨"):
        return None
    half = 0.5 if match["half"] or match["half_behind"] else 0.0
    if written in ("半", "几"):
        least = most = 0.5 if written == "半" else A_FEW
        return Count(least, most, unit, is_about=written == "几")
    if _BETWEEN.fullmatch(written):
        least, most = (read_number(figure) or 0 for figure in written)
        return Count(least, most, unit, is_about=True)
    number = read_number(written.rstrip(ABOUT))
    is_about = written[-1] in ABOUT or match["about"] is not None
    return None if number is None else Count(number + half, number + half, unit, is_about)


_BETWEEN = re.compile("一两|两三|三四|三五|四五|五六|六七|七八|八九")
COUNT = rf"(?P<count>[0-9]{{1,3}}(?:\.[0-9])?[{ABOUT}]?|[{HAN.replace('亿', '')}俩仨]{{1,5}}[{ABOUT}]?|半|几)"
UNIT = r"(?P<unit>工作日|分钟|分(?!之)|秒钟?|刻钟|小时|钟头|时辰|天|日|周|星期|礼拜|月|季度|年)"
AMOUNT = rf"{COUNT} ?个?(?P<half>半)?(?P<about>多)? ?{UNIT}(?P<half_behind>(?<=[年天月])半(?![年天月夜]))?"
