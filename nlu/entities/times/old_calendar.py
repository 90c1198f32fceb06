"""The old calendar (农历) by table: which day its months begin (`lunar.yml`)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path

import yaml

LUNAR = Path(__file__).with_name("lunar.yml")
LONG, SHORT = 30, 29


@dataclass(frozen=True, slots=True)
class OldMonth:
    """A month of the old calendar: when it begins, and how many days it has."""

    start: datetime
    length: int

    @property
    def end(self) -> datetime:
        """Return the first instant after the month."""
        return self.start + timedelta(days=self.length)


@lru_cache(maxsize=1)
def load_months(path: Path = LUNAR) -> dict[tuple[int, int, bool], OldMonth]:
    """Read the table: months by year, number, and whether it is a leap month; raises OSError or ValueError."""
    months: dict[tuple[int, int, bool], OldMonth] = {}
    for row in yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)["years"]:
        year, first, leap, lengths = row.split()
        start = datetime.fromisoformat(f"{year}-{first}")
        for index, length in enumerate(lengths, start=1):
            is_leap = index == int(leap) + 1 > 1
            number = index - (index > int(leap) > 0)
            month = OldMonth(start, LONG if length == "1" else SHORT)
            months[int(year), number, is_leap] = month
            start = month.end
    return months


def old_month(year: int, month: int, *, is_leap: bool = False) -> OldMonth | None:
    """Return a month of the old calendar, or None if the year has none such or is not in the table."""
    return load_months().get((year, month, is_leap))


def old_day(year: int, month: int, day: int, *, is_leap: bool = False) -> datetime | None:
    """Return a day of the old calendar (-1: the month's last), or None if there is no such day."""
    found = old_month(year, month, is_leap=is_leap)
    if found is None or day > found.length:
        return None
    return found.start + timedelta(days=(found.length if day == -1 else day) - 1)
