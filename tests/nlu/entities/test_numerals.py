"""Numbers in every spelling."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu.entities.numerals import read_integer, read_number

DIGITS = "零一二三四五六七八九"
UNITS = ("", "十", "百", "千")


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0", 0),
        ("12", 12),
        ("1,200", 1200),
        ("1.5", 1.5),
        ("1.2万", 12000),
        ("3千5", 3500),
        ("12万5", 125000),
        ("零", 0),
        ("两", 2),
        ("十", 10),
        ("十五", 15),
        ("二十", 20),
        ("廿三", 23),
        ("一百", 100),
        ("一百零五", 105),
        ("一百一十", 110),
        ("一百五", 150),
        ("两百五十", 250),
        ("三千", 3000),
        ("三千五", 3500),
        ("三千零五十", 3050),
        ("三万五", 35000),
        ("三万零五", 30005),
        ("十二万", 120000),
        ("三万五千", 35000),
        ("一亿三千万", 130000000),
        ("二〇二六", 2026),
        ("二零二六", 2026),
        ("幺二三四五", 12345),
    ],
)
def test_a_number_is_read(text: str, number: float) -> None:
    assert read_number(text) == number


@pytest.mark.parametrize("text", ["", "半", "三五百", "号", "1.2.3", "一" * 30, "万", "万元", "三天"])
def test_what_is_no_number_is_none(text: str) -> None:
    assert read_number(text) is None


def test_a_fraction_is_no_integer() -> None:
    assert read_integer("1.5") is None


@given(st.integers(1, 9999))
def test_a_number_written_in_chinese_is_read_back(number: int) -> None:
    assert read_number(in_chinese(number)) == number


def in_chinese(number: int) -> str:
    """Write a number below ten thousand as it is spoken in full."""
    written, has_zero = "", False
    for place in (3, 2, 1, 0):
        digit = number // 10**place % 10
        if digit:
            written += ("零" if has_zero else "") + DIGITS[digit] + UNITS[place]
        has_zero = bool(written) and digit == 0
    return written
