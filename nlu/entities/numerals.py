"""Read numbers written in Arabic, Chinese or mixed numerals."""

import re

DIGITS = {**{str(digit): digit for digit in range(10)}, "零": 0, "〇": 0, "一": 1, "幺": 1, "二": 2, "两": 2, "俩": 2}
DIGITS |= {"三": 3, "仨": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
UNITS = {"十": 10, "百": 100, "千": 1000}
TWENTIES = {"廿": 20, "卅": 30}
MYRIADS = {"万": 10**4, "亿": 10**8}
HAN = "零〇一二两三四五六七八九十百千万亿廿卅"
HAN_DIGIT = "零〇一二三四五六七八九"
LONGEST_NUMBER = 24

_SIDE_BY_SIDE = re.compile(
    "(一(?=[两二])|两(?=三)|二(?=三)|三(?=[四五])|四(?=五)|五(?=六)|六(?=七)|七(?=八)|八(?=九))[两二三四五六七八九](?=[十百千万]|$)"
)
_TOKEN = re.compile(r"[0-9]+(?:\.[0-9]+)?|.", re.DOTALL)
_ARABIC = re.compile(r"[0-9]+(?:\.[0-9]+)?")
_POSITIONAL = re.compile(f"[0-9{HAN_DIGIT}两幺]+")


class _Reader:
    """Add up a number from its tokens, from left to right."""

    def __init__(self) -> None:
        self.total: float = 0
        self.section: float = 0
        self.current: float | None = None
        self.unit = 1

    def take(self, token: str) -> bool:
        """Take one token; return False if the number cannot go on with it."""
        if token in UNITS:
            self._close(1 if self.current is None and self.section % (UNITS[token] * 10) == 0 else 0, UNITS[token])
        elif token in TWENTIES:
            self.section += TWENTIES[token]
            self.unit = 10
        elif token in MYRIADS:
            self._close_myriad(MYRIADS[token])
        elif token in ("零", "〇"):
            self.unit = 1
        elif self.current is None and (token in DIGITS or token[0] in DIGITS):
            self.current = DIGITS[token] if token in DIGITS else float(token)
        else:
            return False
        return True

    def _close(self, absent: int, unit: int) -> None:
        """Put the digit read before a 十, 百 or 千 in its place."""
        self.section += (absent if self.current is None else self.current) * unit
        self.current, self.unit = None, unit

    def _close_myriad(self, myriad: int) -> None:
        """Multiply what was read before a 万 or 亿."""
        amount = self.section + (self.current or 0)
        self.total = (
            (self.total + amount) * myriad if myriad > self.unit == MYRIADS["万"] else self.total + amount * myriad
        )
        self.section, self.current, self.unit = 0, None, myriad

    def result(self) -> float:
        """Return the number; a last digit without a unit is one unit lower (三万五 is 35000)."""
        place = self.unit // 10 if self.unit >= 100 else 1
        return self.total + self.section + (self.current or 0) * place


def read_number(text: str) -> int | float | None:
    """Return the number written (一百二十, 二〇二六, 3千5, 1.2万, 1,200), an int where whole; None if it is not one."""
    text = text.replace(",", "").replace(" ", "")
    if not text or len(text) > LONGEST_NUMBER or text[0] in MYRIADS:
        return None
    if _ARABIC.fullmatch(text):
        return _whole(float(text)) if "." in text else int(text)
    if _POSITIONAL.fullmatch(text):
        return int("".join(str(DIGITS[character]) for character in text))
    reader = _Reader()
    if all(reader.take(token) for token in _TOKEN.findall(text)):
        return _whole(reader.result())
    return None


def read_integer(text: str) -> int | None:
    """Return the whole number written, or None."""
    number = read_number(text)
    return number if isinstance(number, int) else None


def _whole(number: float) -> int | float:
    """Return an int where nothing is behind the point, else the number to six places."""
    return int(number) if number == int(number) else round(number, 6)


def read_about(text: str) -> tuple[int | float | None, bool]:
    """Return the number written and whether it is only about right: 三四百 and 十七八 are read as the lower of the two."""
    exact = _SIDE_BY_SIDE.sub(r"\1", text)
    return read_number(exact), exact != text
