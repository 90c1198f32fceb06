"""What a plain text says about itself: document number, issuer, dates (GB/T 9704-2012, and the usual words of laws)."""

import re
from dataclasses import dataclass
from datetime import date

from knowledge.numerals import parse_numeral

_CHINESE = "一二三四五六七八九"
_GAP = r"[ \t　]{0,2}"
_NUMBER = re.compile(
    rf"([\u4e00-\u9fa5]{{1,12}})[〔\[［（(【](\d{{4}})[〕\]］）)】]{_GAP}(?:第{_GAP})?(\d{{1,4}}){_GAP}[号號]"
)
_DATE = re.compile(r"(\d{4})[年.\-/](\d{1,2})[月.\-/](\d{1,2})日?")
_CHINESE_DATE = re.compile(rf"([〇○零{_CHINESE}]{{4}})年([{_CHINESE}十]{{1,2}})月([{_CHINESE}十]{{1,3}})日")
_EFFECTIVE = re.compile(r"自(.{8,14}?)起(?:施行|实施|執行|执行|生效)")
_EXPIRES = re.compile(r"有效期(?:限)?(?:截?至|到)(.{8,14}?)(?:止|[，。；]|$)")
_ISSUERS = re.compile(r"^[\u4e00-\u9fa5]{2,30}(?:人民政府|办公室|办公厅|局|委员会|部|厅|院|中心|人民政府辦公室)$")
_ISSUED_WORDS = ("公布", "发布", "通过", "印发")
_LONGEST_DATE = 14
_HEAD_LINES = 30


@dataclass(frozen=True, slots=True)
class DocumentFacts:
    """The facts found in the text; None where it does not say."""

    title: str
    document_number: str | None
    issuer: str | None
    issued_date: date | None
    effective_date: date | None
    expires_date: date | None


def read_facts(text: str, *, fallback_title: str) -> DocumentFacts:
    """Read the facts from the head and the closing lines of a plain text."""
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    head, tail = lines[:_HEAD_LINES], lines[-5:]
    number = next((match for line in head if (match := _NUMBER.search(line)) and len(line) < 40), None)
    issuer = next((line for line in [*head, *reversed(tail)] if _ISSUERS.match(line)), None)
    effective, expires = _EFFECTIVE.search(text), _EXPIRES.search(text)
    return DocumentFacts(
        title=_title(head) or fallback_title,
        document_number=f"{number[1]}〔{number[2]}〕{number[3]}号" if number else None,
        issuer=issuer,
        issued_date=_issued_date([*head, *tail]),
        effective_date=read_date(effective[1]) if effective else None,
        expires_date=read_date(expires[1]) if expires else None,
    )


def read_date(words: str) -> date | None:
    """Return the first full date in `words` (Arabic or Chinese digits), None when there is none or it is impossible."""
    if match := _DATE.search(words):
        year, month, day = (int(part) for part in match.groups())
    elif match := _CHINESE_DATE.search(words):
        year, month, day = (parse_numeral(part) or 0 for part in match.groups())
    else:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _title(head: list[str]) -> str | None:
    for line in head[:8]:
        is_fact = _NUMBER.search(line) or read_date(line) or _ISSUERS.match(line)
        if not is_fact and 4 <= len(line) <= 80 and not line.endswith(("。", "：", ":")):
            return line
    return None


def _issued_date(lines: list[str]) -> date | None:
    """Return the date that stands on a line of its own, or else the one that a line says it was issued on."""
    alone = (read_date(line) for line in lines if len(line) <= _LONGEST_DATE)
    told = (read_date(line) for line in lines if any(word in line for word in _ISSUED_WORDS))
    return next((found for found in (*alone, *told) if found), None)
