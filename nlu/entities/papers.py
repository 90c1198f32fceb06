"""Find the numbers of papers: identity numbers, credit codes, plates, work orders; a wrong one too, with what is wrong."""

import re
from collections.abc import Iterator
from datetime import date, datetime

from nlu.entities.identifiers import check_id_number, credit_code_problem, date_of, plain_credit_code
from nlu.interpretation import Entity

PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
_EDGE, _END = r"(?<![0-9a-z])", r"(?![0-9a-z])"
_ID = re.compile(
    rf"{_EDGE}[0-9](?:[ -]?[0-9]){{16}}[ -]?[0-9x叉]{_END}|{_EDGE}(?!00|1[3-9])[0-9]{{6}}[ -]?[0-9]{{6}}[ -]?[0-9]{{3}}{_END}"
    rf"|{_EDGE}[hm][0-9]{{8}}(?:[0-9]{{2}})?{_END}"
)
_TAIWAN = re.compile(rf"台胞证(?:号码?)?[是为: ]{{0,2}}(?P<number>[0-9]{{8}}){_END}")
# A figure too few or too many, but with a birth where identity numbers have it.
_ID_MISCOUNTED = re.compile(
    rf"{_EDGE}[1-8][0-9]{{5}}(?:19|20)[0-9]{{2}}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{{2,5}}[x叉]?{_END}"
)
_ID_ATTEMPT = re.compile(rf"{_EDGE}[0-9](?:[ -]?[0-9]){{12,19}}[x叉]?{_END}")
_CREDIT_LETTER = "[0-9a-hj-npqrtuwxy]"
_CREDIT = re.compile(rf"{_EDGE}{_CREDIT_LETTER}{{2}}[0-9]{{6}}{_CREDIT_LETTER}{{9}}[0-9a-z]{_END}")
# Behind its name a code is found with blanks inside, wrong letters, or too short.
_CREDIT_NAMED = re.compile(r"(?:信用代码|信用码|税号|纳税人识别号)(?:证号|号码?)?[是为: ]{0,3}")
_CREDIT_ATTEMPT = re.compile(rf"{_EDGE}[0-9a-z](?:[ -]?[0-9a-z]){{14,20}}{_END}")
_PLATE = re.compile(
    rf"[{PROVINCES}] ?[a-hj-np-z][ ·.-]?(?P<rest>[0-9a-hj-np-z]{{5,6}}(?![0-9a-z])|[0-9a-hj-np-z]{{4}}[挂学警港澳])"
)
_NEW_ENERGY = re.compile(r"[A-HJK][0-9A-HJ-NP-Z][0-9]{4}|[0-9]{5}[A-HJK]")
_WORK_ORDER = re.compile(rf"{_EDGE}my ?-? ?(?P<day>20[0-9]{{2}}[01][0-9][0-3][0-9]) ?-? ?(?P<number>[0-9]{{6}}){_END}")


def find_papers(folded: str, text: str, at: datetime, expected: frozenset[str]) -> Iterator[Entity]:
    """Yield the numbers of papers in a text that has figures."""
    yield from _find_id_numbers(folded, text, at.date(), expected)
    yield from _find_credit_codes(folded, text, expected)
    for match in _PLATE.finditer(folded):
        rest = match["rest"].upper()
        if any(character.isdigit() for character in rest):
            place = match.group().replace(" ", "")[:2].upper()
            value: dict[str, object] = {"number": f"{place}{rest}", "new_energy": bool(_NEW_ENERGY.fullmatch(rest))}
            yield _entity("plate", match, text, value)
    for match in _WORK_ORDER.finditer(folded):
        if date_of(match["day"]):
            yield _entity("work_order", match, text, {"number": f"MY-{match['day']}-{match['number']}"})


def _find_id_numbers(folded: str, text: str, on: date, expected: frozenset[str]) -> Iterator[Entity]:
    for match in _ID.finditer(folded):
        if not _is_credit_code(match.group().upper(), needs_check=True):
            yield _entity("id_number", match, text, id_value(match.group(), on))
    for match in _TAIWAN.finditer(folded):
        yield _entity("id_number", match, text, id_value(match["number"], on), "number")
    for match in (_ID_ATTEMPT if "id_number" in expected else _ID_MISCOUNTED).finditer(folded):
        if not _ID.fullmatch(match.group()) and not _holds_a_right_one(match.group(), on):
            yield _entity("id_number", match, text, id_value(match.group(), on))


def _holds_a_right_one(attempt: str, on: date) -> bool:
    """Tell whether a number in which every figure is right stands among others: 最后是6 5107…."""
    return any(check_id_number(match.group(), on).is_valid for match in _ID.finditer(attempt))


def id_value(number: str, on: date) -> dict[str, object]:
    """Return the value of an identity number, with what is wrong with it."""
    found = check_id_number(number, on)
    return {"number": found.number, "kind": found.kind, "valid": found.is_valid, "problem": found.problem}


def _find_credit_codes(folded: str, text: str, expected: frozenset[str]) -> Iterator[Entity]:
    for match in _CREDIT.finditer(folded):
        if _is_credit_code(match.group().upper()):
            yield _entity("credit_code", match, text, _credit_value(match.group()))
    starts = [match.end() for match in _CREDIT_NAMED.finditer(folded)]
    named = [attempt for start in starts if (attempt := _CREDIT_ATTEMPT.match(folded, start))]
    if "credit_code" in expected and not named:
        named = list(_CREDIT_ATTEMPT.finditer(folded))
    yield from (_entity("credit_code", match, text, _credit_value(match.group())) for match in named)


def _credit_value(code: str) -> dict[str, object]:
    problem = credit_code_problem(code)
    return {"number": plain_credit_code(code), "valid": problem is None, "problem": problem}


def _is_credit_code(code: str, *, needs_check: bool = False) -> bool:
    """Tell a credit code from an identity number: by its letters, or, of figures alone, by its check character."""
    if len(code) != 18 or code[0] not in "123456789AY":
        return False
    looks_like_id = re.fullmatch(r"[0-9]{17}[0-9X]", code) is not None
    return code[0] == "9" and credit_code_problem(code) is None if looks_like_id or needs_check else True


def _entity(kind: str, match: re.Match[str], text: str, value: dict[str, object], group: str | int = 0) -> Entity:
    start, end = match.span(group)
    return Entity(kind, text[start:end], start, end, value)
