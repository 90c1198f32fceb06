"""Check 公民身份号码 (GB 11643-1999), as the hospital's own register does."""

from datetime import date

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"


def birth_date_of(id_number: str, today: date) -> date | None:
    """Return the birth date of a valid number of 18 characters, or None; abolished region codes are valid."""
    if len(id_number) != 18 or not id_number[:17].isascii() or not id_number[:17].isdigit():
        return None
    if _CHECKS[sum(w * int(d) for w, d in zip(_WEIGHTS, id_number, strict=False)) % 11] != id_number[17]:
        return None
    try:
        born = date(int(id_number[6:10]), int(id_number[10:12]), int(id_number[12:14]))
    except ValueError:
        return None
    return born if date(1900, 1, 1) <= born <= today else None


def masked(id_number: str) -> str:
    """Return the number with only its first and its last two characters."""
    return f"{id_number[0]}{'*' * (len(id_number) - 3)}{id_number[-2:]}"


def age_on(born: date, day: date) -> int:
    """Return the full years of age."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))
