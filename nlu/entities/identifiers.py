"""Check numbers that stand for somebody: identity numbers and credit codes. A wrong one is warned of, never blocked.

GB 11643-1999 (citizen identity number), GB 32100-2015 (unified social credit code). Numbers are read with full-width figures,
lower case and blanks inside; county codes are never refused, because people keep those of counties long abolished.
"""

import re
from dataclasses import dataclass
from datetime import date

from nlu.entities.folding import fold

ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
ID_CHECKS = "10X98765432"
CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
CREDIT_WEIGHTS = tuple(3**index % 31 for index in range(17))
CREDIT_LENGTH = 18
EARLIEST_BIRTH = date(1850, 1, 1)
_SEPARATORS = re.compile(r"[\s\-·.]")


@dataclass(frozen=True, slots=True)
class IdNumber:
    """An identity number as checked.

    `kind`: resident, resident_15 (as issued before 2000), hmt_residence (港澳台居民居住证), foreign_permanent, hk_macao_permit,
    taiwan_permit, unknown. `problem`: None, or format, length, date, future, checksum. `sex`: male, female or None.
    """

    number: str
    kind: str
    is_valid: bool
    problem: str | None
    birth_date: date | None
    sex: str | None


def check_id_number(number: str, on: date) -> IdNumber:
    """Check an identity number in any of its usual spellings as of a day; never raises."""
    text = _SEPARATORS.sub("", fold(number[:64])).upper().replace("叉", "X")
    if re.fullmatch(r"[0-9]{17}[0-9X]", text):
        return _check_18(text, on)
    if re.fullmatch(r"[0-9]{15}", text):
        birth = date_of(f"19{text[6:12]}")
        return _judged(text, "resident_15", birth, "date" if birth is None else None, text[14])
    if re.fullmatch(r"[HM][0-9]{8}(?:[0-9]{2})?", text):
        return IdNumber(text, "hk_macao_permit", True, None, None, None)
    if re.fullmatch(r"[0-9]{8}", text):
        return IdNumber(text, "taiwan_permit", True, None, None, None)
    problem = "length" if re.fullmatch(r"[0-9]+X?", text) else "format"
    return IdNumber(text, "unknown", False, problem, None, None)


def _check_18(text: str, on: date) -> IdNumber:
    """Check an identity number of eighteen characters."""
    birth = date_of(text[6:14])
    problem = None
    if birth is None or birth < EARLIEST_BIRTH:
        problem, birth = "date", None
    elif text[17] != ID_CHECKS[sum(int(digit) * weight for digit, weight in zip(text, ID_WEIGHTS, strict=False)) % 11]:
        problem = "checksum"
    elif birth > on:
        problem = "future"
    kind = "hmt_residence" if text[:6] in ("810000", "820000", "830000") else "resident"
    return _judged(text, "foreign_permanent" if text[0] == "9" else kind, birth, problem, text[16])


def _judged(text: str, kind: str, birth: date | None, problem: str | None, sex_digit: str) -> IdNumber:
    sex = "male" if int(sex_digit) % 2 else "female"
    return IdNumber(text, kind, problem is None, problem, birth, sex if problem is None else None)


def date_of(text: str) -> date | None:
    """Return the date of YYYYMMDD, or None if there is no such day."""
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:8]))
    except ValueError:
        return None


def plain_credit_code(code: str) -> str:
    """Return a credit code in capitals, without what people put between its characters."""
    return _SEPARATORS.sub("", fold(code[:64])).upper()


def credit_code_problem(code: str) -> str | None:
    """Return what is wrong with a credit code: length, format, checksum, or None; some codes really issued have no right checksum."""
    text = plain_credit_code(code)
    if len(text) != CREDIT_LENGTH:
        return "length"
    if any(character not in CREDIT_ALPHABET for character in text):
        return "format"
    total = sum(CREDIT_ALPHABET.index(text[index]) * weight for index, weight in enumerate(CREDIT_WEIGHTS))
    return None if CREDIT_ALPHABET[-total % 31] == text[17] else "checksum"


def check_credit_code(code: str) -> bool:
    """Tell whether a unified social credit code has its right check character."""
    return credit_code_problem(code) is None
