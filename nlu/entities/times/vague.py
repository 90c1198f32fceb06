"""Times without a number: 等哈儿, 刚才, 现在, 过两天, 最近."""

import re
from datetime import datetime, timedelta

from nlu.entities.numerals import HAN
from nlu.entities.times.model import DAY, Frame, Period, Resolver, Rule
from nlu.entities.times.patterns import ARABIC, openings

SHORT_WHILE = timedelta(hours=2)
FEW_DAYS = (2, 7)


def _in_a_few_days(_match: re.Match[str]) -> Resolver:
    first, last = FEW_DAYS
    return lambda frame: Period(frame.today + first * DAY, frame.today + last * DAY, "day", is_ambiguous=True)


def _a_few_days_ago(_match: re.Match[str]) -> Resolver:
    first, last = FEW_DAYS
    return lambda frame: Period(frame.today - last * DAY, frame.today - (first - 1) * DAY, "day", is_ambiguous=True)


def _soon(_match: re.Match[str]) -> Resolver:
    return lambda frame: Period(_minute(frame.now), _minute(frame.now) + SHORT_WHILE, "hour")


def _just_now(_match: re.Match[str]) -> Resolver:
    return lambda frame: Period(_minute(frame.now) - SHORT_WHILE, _minute(frame.now), "hour")


def _now(_match: re.Match[str]) -> Resolver:
    return lambda frame: Period(_minute(frame.now), _minute(frame.now) + timedelta(minutes=1), "minute")


def _lately(_match: re.Match[str]) -> Resolver:
    def resolve(frame: Frame) -> Period:
        if frame.prefers_past:
            return Period(frame.today - 7 * DAY, frame.today + DAY, "week", is_ambiguous=True)
        return Period(frame.today, frame.today + 7 * DAY, "week", is_ambiguous=True)

    return resolve


def _minute(instant: datetime) -> datetime:
    return instant.replace(second=0, microsecond=0)


# 玩一会儿 is how long, 一会儿来 is when.
_WHEN_BEFORE = r"(?:(?<=[ ,。!?;我他她那就要等过们嘛])|(?<![^\n]))"

RULES = (
    Rule(
        ("再过", "再等", *openings("过隔", "几两些")),
        re.compile(r"(?:(?:再过|(?<![通超经路度难])过|再等)(?:几|两|些)天(?!了)|隔(?:几|两)天(?=再|来))"),
        _in_a_few_days,
    ),
    Rule(openings("前", "些阵一"), re.compile(r"(?<![目以之])前(?:些天|些日子|阵子|一?阵儿?(?!子))"), _a_few_days_ago),
    Rule(
        (*openings("一等待过", "会哈"), "等一", "稍后", "稍晚"),
        re.compile(
            rf"(?:{_WHEN_BEFORE}(?:等?一会儿?|(?<!等)一哈儿?|等哈儿?|等会儿?|待会儿?|过会儿?|过哈儿?)|稍后|稍晚(?:些|点))(?![费议])"
        ),
        _soon,
    ),
    Rule(("刚才", "刚刚", "将才", "才将"), re.compile(r"刚才|刚刚|将才|才将"), _just_now),
    Rule(
        ("现在", *openings("这", "会阵哈"), "此刻", "当下"),
        re.compile(r"现在(?!的)|这会儿|这阵儿?(?!子)|这哈儿?|此刻|当下(?!的)"),
        _now,
    ),
    Rule(("最近",), re.compile(rf"(?<![离距是家个])最近(?![的那这哪{ARABIC}{HAN}])"), _lately),
    Rule(("近期",), re.compile(rf"近期(?![{HAN}])"), _lately),
)
