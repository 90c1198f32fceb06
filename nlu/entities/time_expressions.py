"""Find what days and hours an utterance speaks of.

An undated phrase looks forward, because people here book: 周三 said on a Thursday is next week's, 3号 said on the 5th is
next month's. It looks back only where the words around it say that something has happened (已经, 发生了, 就停了).
早上 and 上午 are 08:00 to 12:00, 中午 11:00 to 13:00, 下午 12:00 to 18:00, 晚上 18:00 to 24:00. An hour without a half-day
is the one at which counters are open (3点 is 15:00).
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from itertools import islice

from adapters.clock import local_time
from nlu.entities.times.model import Frame, Period, Reading
from nlu.entities.times.moments import find_start
from nlu.entities.times.phrases import read_phrase
from nlu.interpretation import Entity

TYPE = "time"
MOST_TIMES = 40
_LOOKS_BACK = re.compile(
    r"发生|已经|当时|以来|那时|出生|刚才|就(?:开始|没有?|停|坏|断|漏|堵|吵)|(?:停|坏|断|漏|堵|丢|掉|吵|来|去|交|办|做)过|一直(?:在|没|都)"
    r"|到现在|天天|总是|老是|没(?:扣|交|发|到账|缴)|(?:扣|交|发|断|停|缴|欠)了|多[扣收]|生的|生日|明细|记录|账单|欠费"
)
_LOOKS_FORWARD = re.compile(r"想|约|挂|打算|准备|改[到成]|能不能|有号|号没|有没得|还有|可以|要[去来办取看]|咋个|怎么")
_OR = re.compile(r" ?(?:或者?|还是|和|跟|与|以及|、|,|到?再?不然|要不)? ?")
# What fixes a week or a month fixes it for what is named beside it: 下周一或者周二, 下个月3号和5号.
_FIXES = re.compile(r"[上下]{1,2}(?:一?个)?(?:周|星期|礼拜|月)|月.{0,3}[号日]|[年]")


def find_times(folded: str, text: str, at: datetime) -> Iterator[Entity]:
    """Yield the time expressions of a folded text, in order, not overlapping; `at` may be naive (the city's time)."""
    now = local_time(at).replace(tzinfo=None)
    prefers_past = bool(_LOOKS_BACK.search(folded)) and not _LOOKS_FORWARD.search(folded)
    frame = Frame(now=now, earliest=now, prefers_past=prefers_past)
    return islice(_read_all(folded, text, frame), MOST_TIMES)


def _read_all(folded: str, text: str, frame: Frame) -> Iterator[Entity]:
    """Yield the time expressions; one beside another is read in its light."""
    position = 0
    before: tuple[int, int, Period] | None = None
    while (start := find_start(folded, position)) is not None:
        reading = read_phrase(folded, start)
        position = reading.end if reading else start + 1
        period = _resolve(reading, _in_the_light_of(before, folded, start, frame))
        if reading is not None and period is not None:
            before = (start, reading.end, period)
            yield Entity(TYPE, text[start : reading.end], start, reading.end, period.value())


def _in_the_light_of(before: tuple[int, int, Period] | None, folded: str, start: int, frame: Frame) -> Frame:
    """Return the frame for a phrase that stands beside another: its day holds for an hour, its week or month for a day."""
    if before is None or not _OR.fullmatch(folded, before[1], start):
        return frame
    beside = before[2].start
    if _FIXES.search(folded, before[0], before[1]):
        return replace(frame.following(before[2]), range_from=None, beside=beside)
    return replace(frame, beside=beside)


def _resolve(reading: Reading | None, frame: Frame) -> Period | None:
    """Place a reading in the calendar; None for one that leaves the calendar (9000年后) or is empty (0天内)."""
    if reading is None:
        return None
    try:
        period = reading.resolve(frame)
    except (ValueError, OverflowError):
        return None
    return period if period and period.start < period.end else None
