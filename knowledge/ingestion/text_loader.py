"""Plain texts (.txt, and .md without front matter), UTF-8 or GB18030: kept as they are, their structure read."""

import hashlib
import re
from pathlib import Path

from knowledge.errors import UnreadableDocument
from knowledge.ingestion.document_facts import read_facts
from knowledge.ingestion.official_document import parse_structure
from knowledge.ingestion.structure import LoadedDocument
from knowledge.model import PolicyDocument

_SLUG = re.compile(r"[^a-z0-9]+")
_BINARY_SHARE = 0.02


def read_text(file: Path) -> str:
    """Return the file's text with plain line ends; raises `UnreadableDocument` for binary or unknown encodings."""
    raw = file.read_bytes()
    for encoding in ("utf-8-sig", "gb18030", "utf-16"):
        if encoding == "utf-16" and not raw.startswith((b"\xff\xfe", b"\xfe\xff")):
            continue
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        controls = sum(character < " " and character not in "\t\n\r\f" for character in text)
        if controls <= len(text) * _BINARY_SHARE:
            return text.replace("\r\n", "\n").replace("\r", "\n").replace("\f", "\n")
    raise UnreadableDocument(file, "not a text: neither UTF-8 nor GB18030 (GBK)")


def load_text(file: Path, text: str, *, district: str = "510700") -> LoadedDocument:
    """Load a plain text; its facts are read from its own head, its id is made from the file's name."""
    if not text.strip():
        raise UnreadableDocument(file, "the file is empty")
    facts = read_facts(text, fallback_title=file.stem)
    document = PolicyDocument(
        document_id=document_id_of(file.stem),
        title=facts.title,
        text=text,
        document_number=facts.document_number,
        issuer=facts.issuer,
        issued_date=facts.issued_date,
        effective_date=facts.effective_date,
        expires_date=facts.expires_date,
        district=district,
    )
    return LoadedDocument(document, parse_structure(text))


def document_id_of(stem: str) -> str:
    """Return an id of lower-case letters, digits and hyphens; a Chinese name gets a short hash of itself."""
    slug = _SLUG.sub("-", stem.lower()).strip("-")[:60]
    if slug and stem.isascii():
        return slug
    digest = hashlib.sha256(stem.encode()).hexdigest()[:8]
    return f"{slug}-{digest}" if slug else f"text-{digest}"
