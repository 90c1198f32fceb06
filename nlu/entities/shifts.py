"""Find by how much something is moved: 往后挪一天, 推迟两天, 提前一个星期."""

import re
from collections.abc import Iterator

from nlu.entities.numerals import HAN_DIGIT, read_integer
from nlu.interpretation import Entity

_SHIFT = re.compile(
    r"(?:(?P<earlier>往前[挪推提移改]|提前|提早|(?<![今昨明前后当每清大])早)|往后[挪推移延改]|推后|推迟|延后|延迟|延期|挪后|(?<![今昨明前后当每傍夜])晚)(?:个|了)?"
    rf"(?P<number>[0-9]{{1,2}}|[{HAN_DIGIT}两十]{{1,2}})(?:天|个?(?P<week>星期|礼拜|周))(?![内之以后前])"
)


def find_shifts(folded: str, text: str) -> Iterator[Entity]:
    """Yield shifts; `days` is negative for an earlier day."""
    for match in _SHIFT.finditer(folded):
        number = read_integer(match["number"])
        if number:
            days = number * (7 if match["week"] else 1) * (-1 if match["earlier"] else 1)
            yield Entity("shift", text[match.start() : match.end()], match.start(), match.end(), {"days": days})
