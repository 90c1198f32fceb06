"""Masking: what is a personal number goes, what is none stays, and no text takes long."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import redaction
from bot.redaction import mask, mask_all, mask_identity, mask_name, mask_phone


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("我的身份证510703199001019992", "我的身份证5***************92"),
        ("11010519491231002x", "1***************2x"),
        ("５１０７０３１９９００１０１９９９２", "5***************92"),
        ("510703 19900101 9992号", "5*****************92号"),
        ("510703900101999", "5************99"),
        ("电话13800138000。", "电话138****8000。"),
        ("138-0013-8000", "138****8000"),
        ("138 0013 8000", "138****8000"),
        ("卡号6222021234567890123", "卡号****0123"),
        ("6222 0212 3456 7890", "****7890"),
        ("微信12345678901234", "微信****34"),
        ("电话幺三八零零幺三八零零零", "电话****"),
        ("幺三八，零零幺三，八零零零嘛", "****嘛"),
        ("身份证五幺零七零三幺九九零零幺零幺九九九叉", "身份证****"),
        ("二零二六年十一月二十三日", "二零二六年十一月二十三日"),
        ("没有号码", "没有号码"),
        ("拨打12345或120", "拨打12345或120"),
        ("工单MY-20261123-000231", "工单MY-20261123-000231"),
        ("2026年11月23日9点", "2026年11月23日9点"),
        ("0816-2227111", "0816-2227111"),
    ],
)
def test_personal_numbers_are_masked_and_others_stay(text: str, masked: str) -> None:
    assert mask(text) == masked


def test_single_values() -> None:
    assert mask_identity("510703199001019992") == "5***************92"
    assert mask_phone("+86 138 0013 8000"[4:]) == "138****8000"
    assert mask_name("张桂芳") == "张**"
    assert mask_name("李") == "李*"


def test_data_of_any_depth_is_masked() -> None:
    data = {"13800138000": ["510703199001019992", {"n": 13800138000, "b": True, "x": None, "f": 1.5}], "t": (1, "好")}
    assert mask_all(data) == {
        "138****8000": ["5***************92", {"n": "138****8000", "b": True, "x": None, "f": 1.5}],
        "t": [1, "好"],
    }


@given(st.text(alphabet="0123456789 -xX１２我", max_size=60))
def test_no_identity_number_survives(noise: str) -> None:
    assert "510703199001019992" not in mask(f"{noise} 510703199001019992 {noise}")


PATTERNS = [value for value in vars(redaction).values() if isinstance(value, re.Pattern)]


@pytest.mark.parametrize("pattern", PATTERNS, ids=lambda pattern: pattern.pattern[:20])
def test_no_pattern_repeats_without_bound(pattern: re.Pattern[str]) -> None:
    """Bounded repeats read each character a bounded number of times: the cost is the text's length."""
    assert PATTERNS
    assert re.search(r"(?<!\\)[*+]|\{\d*,\}", pattern.pattern) is None


@pytest.mark.parametrize("piece", ["1", "1 ", "1-", "19900101", "13", "6222 ", "１"])
def test_hostile_text_comes_through(piece: str) -> None:
    assert isinstance(mask(piece * 20_000), str)
