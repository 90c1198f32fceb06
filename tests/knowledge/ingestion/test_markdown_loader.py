from datetime import date
from pathlib import Path

import pytest

from knowledge.errors import UnreadableDocument
from knowledge.ingestion.markdown_loader import load_markdown
from knowledge.model import DocumentStatus

FILE = Path("guide-card.md")
HEAD = "---\ndocument_id: guide-card\ntitle: 办卡指南\n{extra}---\n"
BODY = "# 办卡指南\n\n先看**条件**。\n\n\n\n## 所需材料\n\n- 身份证\n- [申请表](http://localhost/form)\n\n### 代办\n\n可以代办。\n"


def load(extra: str = "", body: str = BODY):
    return load_markdown(FILE, HEAD.format(extra=extra) + body)


def test_the_text_is_what_a_reader_sees() -> None:
    assert load().document.text == "办卡指南\n\n先看条件。\n\n所需材料\n\n• 身份证\n• 申请表\n\n代办\n\n可以代办。"


def test_headings_become_nodes_with_offsets_into_that_text() -> None:
    loaded = load()
    text = loaded.document.text
    assert [(node.title, node.path) for node in loaded.nodes] == [("所需材料", ()), ("代办", ("所需材料",))]
    assert [text[node.start :][: len(node.title)] for node in loaded.nodes] == ["所需材料", "代办"]
    assert loaded.nodes[0].end == loaded.nodes[1].end == len(text)


def test_facts_come_from_the_front_matter() -> None:
    extra = (
        "district: 510703\neffective_date: 2025-01-01\nstatus: expired\nquestions: [咋个办卡, 12345]\nlegal_basis:\n"
    )
    document = load(extra).document
    assert (document.district, document.effective_date) == ("510703", date(2025, 1, 1))
    assert (document.status, document.questions, document.legal_basis) == (
        DocumentStatus.EXPIRED,
        ("咋个办卡", "12345"),
        (),
    )


@pytest.mark.parametrize(
    ("extra", "told"),
    [
        ("status: gone\n", ["'status'", "'gone'", "in_force, repealed"]),
        ("effective_date: 明年\n", ["'effective_date'", "明年", "YYYY-MM-DD"]),
        ("district: 绵阳\n", ["'district'", "绵阳", "510700"]),
        ("author: 某某\n", ["'author'", "unknown", "legal_basis"]),
        ("kind: [\n", ["not YAML"]),
    ],
)
def test_a_wrong_key_is_named_with_its_value_and_what_is_allowed(extra: str, told: list[str]) -> None:
    with pytest.raises(UnreadableDocument) as caught:
        load(extra)
    assert all(words in str(caught.value) for words in [*told, "guide-card.md"])


def test_every_fault_is_told_at_once() -> None:
    with pytest.raises(UnreadableDocument, match=r"'document_id'.*'rank'"):
        load_markdown(FILE, "---\ntitle: 办卡指南\nrank: top\n---\n正文。")


def test_a_document_needs_front_matter_and_a_text() -> None:
    with pytest.raises(UnreadableDocument, match="no front matter"):
        load_markdown(FILE, "# 办卡指南\n")
    with pytest.raises(UnreadableDocument, match="nothing stands below"):
        load(body="\n\n")
