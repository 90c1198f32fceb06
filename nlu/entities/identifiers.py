"""Find and check numbers that stand for somebody or something: identity numbers, credit codes, phones, plates, work orders.

GB 11643-1999 (citizen identity number), GB 32100-2015 (unified social credit code). Numbers are read with full-width figures,
lower case and blanks inside; county codes are never refused, because people keep those of counties long abolished.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from nlu.entities.folding import fold
from nlu.interpretation import Entity

ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
ID_CHECKS = "10X98765432"
CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
CREDIT_WEIGHTS = tuple(3**index % 31 for index in range(17))
PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
EARLIEST_BIRTH = date(1850, 1, 1)


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
    text = re.sub(r"[\s\-·.]", "", fold(number[:64])).upper()
    if re.fullmatch(r"[0-9]{17}[0-9X]", text):
        return _check_18(text, on)
    if re.fullmatch(r"[0-9]{15}", text):
        birth = _date(f"19{text[6:12]}")
        return _judged(text, "resident_15", birth, "date" if birth is None else None, text[14])
    if re.fullmatch(r"[HM][0-9]{8}(?:[0-9]{2})?", text):
        return IdNumber(text, "hk_macao_permit", True, None, None, None)
    if re.fullmatch(r"[0-9]{8}", text):
        return IdNumber(text, "taiwan_permit", True, None, None, None)
    problem = "length" if re.fullmatch(r"[0-9]+X?", text) else "format"
    return IdNumber(text, "unknown", False, problem, None, None)


def _check_18(text: str, on: date) -> IdNumber:
    """Check an identity number of eighteen characters."""
    birth = _date(text[6:14])
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


def _date(text: str) -> date | None:
    """Return the date of YYYYMMDD, or None if there is no such day."""
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:8]))
    except ValueError:
        return None


def check_credit_code(code: str) -> bool:
    """Tell whether a unified social credit code has its right check character; some codes really issued have not."""
    text = re.sub(r"\s", "", fold(code[:64])).upper()
    if len(text) != 18 or any(character not in CREDIT_ALPHABET for character in text):
        return False
    total = sum(CREDIT_ALPHABET.index(text[index]) * weight for index, weight in enumerate(CREDIT_WEIGHTS))
    return CREDIT_ALPHABET[-total % 31] == text[17]


_EDGE, _END = r"(?<![0-9a-z])", r"(?![0-9a-z])"
_ID = re.compile(
    rf"{_EDGE}[0-9](?:[ -]?[0-9]){{16}}[ -]?[0-9x]{_END}|{_EDGE}(?!00|1[3-9])[0-9]{{15}}{_END}|{_EDGE}[hm][0-9]{{8}}(?:[0-9]{{2}})?{_END}"
)
_TAIWAN = re.compile(rf"台胞证(?:号码?)?[是为: ]{{0,2}}(?P<number>[0-9]{{8}}){_END}")
_ID_ATTEMPT = re.compile(rf"{_EDGE}[0-9](?:[ -]?[0-9]){{12,19}}x?{_END}")
_CREDIT = re.compile(rf"{_EDGE}[0-9a-hj-npqrtuwxy]{{2}}[0-9]{{6}}[0-9a-hj-npqrtuwxy]{{9}}[0-9a-z]{_END}")
_MOBILE = re.compile(rf"(?<![0-9a-z])(?:\+?86|0086)?[ -]?(?P<number>1[3-9][0-9](?:[ -]?[0-9]{{4}}){{2}}){_END}")
_LANDLINE = re.compile(r"(?<![0-9a-z])\(?(?P<area>0[1-9][0-9]{1,2})\)?[ -]?(?P<local>[2-9][0-9]{6,7})(?![0-9])")
_LOCAL = re.compile(r"(?<![0-9a-z-])(?P<local>[2-9][0-9]{6})(?![0-9])")
_PLATE = re.compile(rf"[{PROVINCES}][a-hj-np-z][ ·]?(?P<rest>[0-9a-hj-np-z]{{5,6}})(?![0-9a-z])")
_NEW_ENERGY = re.compile(r"[A-HJK][0-9A-HJ-NP-Z][0-9]{4}|[0-9]{5}[A-HJK]")
_WORK_ORDER = re.compile(rf"{_EDGE}my ?-? ?(?P<day>20[0-9]{{2}}[01][0-9][0-3][0-9]) ?-? ?(?P<number>[0-9]{{6}}){_END}")


def find_identifiers(folded: str, text: str, at: datetime, expected: frozenset[str]) -> Iterator[Entity]:
    """Yield the identifiers in a text; a wrong number is found too, with what is wrong with it."""
    yield from _find_id_numbers(folded, text, at.date(), expected)
    for match in _CREDIT.finditer(folded):
        code = match.group().upper()
        if _is_credit_code(code):
            yield _entity("credit_code", match, text, {"number": code, "valid": check_credit_code(code)})
    yield from _find_phones(folded, text, expected)
    for match in _PLATE.finditer(folded):
        rest = match["rest"].upper()
        if any(character.isdigit() for character in rest):
            number = f"{match.group()[:2].upper()}{rest}"
            yield _entity("plate", match, text, {"number": number, "new_energy": bool(_NEW_ENERGY.fullmatch(rest))})
    for match in _WORK_ORDER.finditer(folded):
        if _date(match["day"]):
            yield _entity("work_order", match, text, {"number": f"MY-{match['day']}-{match['number']}"})


def _find_id_numbers(folded: str, text: str, on: date, expected: frozenset[str]) -> Iterator[Entity]:
    for match in _ID.finditer(folded):
        if not _is_credit_code(match.group().upper(), needs_check=True):
            yield _entity("id_number", match, text, _id_value(match.group(), on))
    for match in _TAIWAN.finditer(folded):
        yield _entity("id_number", match, text, _id_value(match["number"], on), "number")
    if "id_number" in expected:
        for match in _ID_ATTEMPT.finditer(folded):
            if not _ID.fullmatch(match.group()):
                yield _entity("id_number", match, text, _id_value(match.group(), on))


def _id_value(number: str, on: date) -> dict[str, object]:
    found = check_id_number(number, on)
    return {"number": found.number, "kind": found.kind, "valid": found.is_valid, "problem": found.problem}


def _is_credit_code(code: str, *, needs_check: bool = False) -> bool:
    """Tell a credit code from an identity number: by its letters, or, of figures alone, by its check character."""
    if len(code) != 18 or code[0] not in "123456789AY":
        return False
    looks_like_id = re.fullmatch(r"[0-9]{17}[0-9X]", code) is not None
    return code[0] == "9" and check_credit_code(code) if looks_like_id or needs_check else True


def _find_phones(folded: str, text: str, expected: frozenset[str]) -> Iterator[Entity]:
    for match in _MOBILE.finditer(folded):
        number = re.sub(r"[ -]", "", match["number"])
        yield _entity("phone", match, text, {"number": number, "kind": "mobile"})
    for match in _LANDLINE.finditer(folded):
        yield _entity("phone", match, text, {"number": f"{match['area']}-{match['local']}", "kind": "landline"})
    if "phone" in expected:
        for match in _LOCAL.finditer(folded):
            yield _entity("phone", match, text, {"number": f"0816-{match['local']}", "kind": "landline"})


def _entity(kind: str, match: re.Match[str], text: str, value: dict[str, object], group: str | int = 0) -> Entity:
    start, end = match.span(group)
    return Entity(kind, text[start:end], start, end, value)
