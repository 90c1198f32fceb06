"""Chinese numerals as official documents write them: 一百零八, 二十, 〇, 第十条之一 (without the 第 and 条)."""

_DIGITS = {
    "零": 0,
    "〇": 0,
    "○": 0,
    "一": 1,
    "二": 2,
    "两": 2,
    "三": 3,
    "四": 4,
    "五": 5,
    "六": 6,
    "七": 7,
    "八": 8,
    "九": 9,
}
_UNITS = {"十": 10, "百": 100, "千": 1000}
NUMERAL_CHARACTERS = "".join(_DIGITS) + "".join(_UNITS) + "0123456789"


def parse_numeral(numeral: str) -> int | None:
    """Return the value of a Chinese or Arabic numeral below 10,000, None for anything else."""
    if numeral.isascii():
        return int(numeral) if numeral.isdigit() and len(numeral) <= 4 else None
    if all(character in _DIGITS for character in numeral) and len(numeral) > 1:
        return int("".join(str(_DIGITS[character]) for character in numeral[:4]))
    total, digit = 0, 0
    for character in numeral:
        if character in _UNITS:
            total += (digit or 1) * _UNITS[character]
            digit = 0
        elif character in _DIGITS:
            digit = _DIGITS[character]
        else:
            return None
    return total + digit
