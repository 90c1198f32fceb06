"""Masks personal numbers wherever text is logged, kept in a transcript, or shown to staff. Every pattern is linear."""

import re
from typing import Any

_DIGIT = re.compile(r"\d")
_SEPARATORS = r"[ \-\u3000]?"
_IDENTITY = re.compile(
    r"(?<!\d)[1-9]\d{5}" + _SEPARATORS + r"(?:19|20)\d{6}" + _SEPARATORS + r"\d{3}[\dXx](?![\dA-Za-z])"
)
_OLD_IDENTITY = re.compile(r"(?<!\d)[1-9]\d{14}(?!\d)")
_BANK_CARD = re.compile(
    r"(?<!\d)\d{4}"
    + _SEPARATORS
    + r"\d{4}"
    + _SEPARATORS
    + r"\d{4}"
    + _SEPARATORS
    + r"\d{4}(?:"
    + _SEPARATORS
    + r"\d{1,3})?(?!\d)"
)
_MOBILE = re.compile(r"(?<!\d)1[3-9]\d" + _SEPARATORS + r"\d{4}" + _SEPARATORS + r"\d{4}(?!\d)")
_LONG_NUMBER = re.compile(r"(?<![\d-])\d{11,20}[Xx]?(?![\dA-Za-z])")
# As speech recognition writes a number that was read out: 幺三八零零….
_SPELT = re.compile(
    r"[零〇一二三四五六七八九幺](?:[ ,，\-]?[零〇一二三四五六七八九幺\d]){9,17}[零〇一二三四五六七八九幺\dXx叉]"
)
_FULL_WIDTH = {ord("０") + n: str(n) for n in range(10)} | {ord("Ｘ"): "X", ord("ｘ"): "x", ord("－"): "-"}


def mask(text: str) -> str:
    """Return the text with identity-card, bank-card, phone and other long numbers masked; its length may change."""
    text = _SPELT.sub("****", text)
    if _DIGIT.search(text) is None:
        return text
    text = text.translate(_FULL_WIDTH)
    text = _IDENTITY.sub(lambda m: mask_identity(m.group()), text)
    text = _BANK_CARD.sub(lambda m: "****" + m.group()[-4:], text)
    text = _OLD_IDENTITY.sub(lambda m: mask_identity(m.group()), text)
    text = _MOBILE.sub(lambda m: mask_phone(m.group()), text)
    return _LONG_NUMBER.sub(lambda m: "****" + m.group()[-2:], text)


def mask_identity(number: str) -> str:
    """Return an identity number with its first and its last two characters alone: 5***************92."""
    return number[0] + "*" * (len(number) - 3) + number[-2:]


def mask_phone(number: str) -> str:
    """Return a mobile number as 138****5678."""
    digits = "".join(character for character in number if character.isdigit())
    return f"{digits[:3]}****{digits[-4:]}"


def mask_name(name: str) -> str:
    """Return a person's name as 李*."""
    return name[:1] + "*" * max(1, len(name) - 1)


def mask_all(value: Any) -> Any:
    """Return JSON-like data with every text in it masked."""
    if isinstance(value, str):
        return mask(value)
    if isinstance(value, dict):
        return {mask_all(key): mask_all(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [mask_all(item) for item in value]
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 10**10:
        return mask(str(value))
    return value
