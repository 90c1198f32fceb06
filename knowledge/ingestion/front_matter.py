"""The facts that stand above a Markdown document, checked: an error names file, key, value and what is allowed."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from knowledge.errors import UnreadableDocument
from knowledge.model import DocumentStatus

_FENCE = "---"
_ALLOWED = {
    "document_id": "小写字母、数字和连字符",
    "kind": "guide, digest, law_digest",
    "rank": "national, provincial, municipal, county",
    "status": ", ".join(DocumentStatus),
    "asked": "正文里的标题，下面是一列问法",
    "district": "六位行政区划代码，例如 510700",
    "issued_date": "YYYY-MM-DD 或 null",
    "effective_date": "YYYY-MM-DD 或 null",
    "expires_date": "YYYY-MM-DD 或 null",
    "repealed_date": "YYYY-MM-DD 或 null",
}


def _as_text(value: object) -> object:
    """Keep a code written without quotes (510700) what it is: text."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _as_list(value: object) -> object:
    """Take nothing as no entries, and an unquoted 12345 as the text that was meant."""
    if value is None:
        return ()
    return tuple(_as_text(entry) for entry in value) if isinstance(value, list) else value


Texts = Annotated[tuple[str, ...], BeforeValidator(_as_list)]


class FrontMatter(BaseModel):
    """The keys that a document may carry."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    document_id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{1,79}$")
    title: str = Field(min_length=2, max_length=120)
    kind: Literal["guide", "digest", "law_digest"] = "digest"
    document_number: str | None = None
    issuer: str | None = None
    issued_date: date | None = None
    effective_date: date | None = None
    expires_date: date | None = None
    repealed_date: date | None = None
    district: Annotated[str, BeforeValidator(_as_text), Field(pattern=r"^\d{6}$")] = "510700"
    rank: Literal["national", "provincial", "municipal", "county"] = "municipal"
    status: DocumentStatus = DocumentStatus.IN_FORCE
    legal_basis: Texts = ()
    questions: Texts = ()
    asked: dict[str, Texts] = Field(default_factory=dict)
    topics: Texts = ()
    source_url: str | None = None
    source: str | None = None
    reviewed_date: date | None = None


def split_front_matter(raw: str) -> tuple[str | None, str]:
    """Return (YAML, body); the YAML is None when the text does not begin with a `---` block."""
    lines = raw.split("\n")
    if not lines or lines[0].strip() != _FENCE:
        return None, raw
    for index, line in enumerate(lines[1:], start=1):
        if line.strip() == _FENCE:
            return "\n".join(lines[1:index]), "\n".join(lines[index + 1 :])
    return None, raw


def parse_front_matter(block: str, file: Path) -> FrontMatter:
    """Check the YAML block; raises `UnreadableDocument` with every fault in it."""
    try:
        values = yaml.safe_load(block)
    except (yaml.YAMLError, ValueError) as error:
        raise UnreadableDocument(file, f"front matter is not YAML: {error}") from error
    if not isinstance(values, dict):
        raise UnreadableDocument(file, "front matter must be keys and values")
    try:
        return FrontMatter.model_validate(values)
    except ValidationError as error:
        faults = "; ".join(_describe(fault, values) for fault in error.errors())
        raise UnreadableDocument(file, faults) from error


def _describe(fault: Mapping[str, Any], values: Mapping[Any, Any]) -> str:
    key = str(fault["loc"][0]) if fault["loc"] else "?"
    if fault["type"] == "extra_forbidden":
        return f"key {key!r}: unknown; allowed keys: {', '.join(FrontMatter.model_fields)}"
    if fault["type"] == "missing":
        return f"key {key!r}: missing"
    allowed = _ALLOWED.get(key, "see the other documents")
    return f"key {key!r}: value {values.get(key)!r}: {fault['msg']}; allowed: {allowed}"
