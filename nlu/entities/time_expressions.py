"""Find what days and hours an utterance speaks of.

An undated phrase looks forward, because people here book: 周三 said on a Thursday is next week's, 3号 said on the 5th is
next month's. It looks back only where the words around it say that something has happened (已经, 发生了, 就停了).
早上 and 上午 are 08:00 to 12:00, 中午 11:00 to 13:00, 下午 12:00 to 18:00, 晚上 18:00 to 24:00. An hour without a half-day
is the one at which counters are open (3点 is 15:00).
"""

import re
from collections.abc import Iterator
from datetime import datetime

from adapters.clock import local_time
from nlu.entities.times.model import Frame, Period, Reading
from nlu.entities.times.moments import START
from nlu.entities.times.phrases import read_phrase
from nlu.interpretation import Entity

TYPE = "time"
_LOOKS_BACK = re.compile(
    r"发生|已经|当时|以来|那时|出生|刚才|就(?:开始|没有?|停|坏|断|漏|堵|吵)|(?:停|坏|断|漏|堵|丢|掉|吵|来|去|交|办|做)过|一直(?:在|没|都)|到现在|天天|总是|老是"
)
_LOOKS_FORWARD = re.compile(r"想|约|挂|打算|准备|改[到成]|能不能|有号|号没|有没得|还有|可以|要[去来办取看]")


def find_times(folded: str, text: str, at: datetime) -> Iterator[Entity]:
    """Yield the time expressions of a folded text, in order, not overlapping; `at` may be naive (the city's time)."""
    now = local_time(at).replace(tzinfo=None)
    prefers_past = bool(_LOOKS_BACK.search(folded)) and not _LOOKS_FORWARD.search(folded)
    frame = Frame(now=now, earliest=now, prefers_past=prefers_past)
    position = 0
    while start := START.search(folded, position):
        reading = read_phrase(folded, start.start())
        position = reading.end if reading else start.start() + 1
        period = _resolve(reading, frame)
        if reading is not None and period is not None:
            yield Entity(TYPE, text[start.start() : reading.end], start.start(), reading.end, period.value())


def _resolve(reading: Reading | None, frame: Frame) -> Period | None:
    """Place a reading in the calendar; None for one that leaves the calendar (三百年前的9999年)."""
    if reading is None:
        return None
    try:
        return reading.resolve(frame)
    except (ValueError, OverflowError):
        return None
