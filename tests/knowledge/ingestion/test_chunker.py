from itertools import pairwise
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from knowledge.ingestion.chunker import LONGEST_CHUNK, LONGEST_LIST, cut_chunks
from knowledge.ingestion.markdown_loader import load_markdown
from knowledge.ingestion.structure import LoadedDocument
from knowledge.ingestion.text_loader import load_text

HEAD = "---\ndocument_id: guide-card\ntitle: 办卡指南\n---\n# 办卡指南\n\n"


def markdown(body: str) -> LoadedDocument:
    return load_markdown(Path("guide-card.md"), HEAD + body)


def test_a_section_is_a_chunk_with_its_heading_path() -> None:
    chunks = cut_chunks(markdown("先看条件。\n\n## 材料\n\n- 身份证\n\n## 常见问题\n\n### 能代办吗\n\n可以。\n"))
    assert [(chunk.text, chunk.heading_path) for chunk in chunks] == [
        ("先看条件。", ()),
        ("• 身份证", ("材料",)),
        ("可以。", ("常见问题", "能代办吗")),
    ]


def test_an_article_is_a_chunk_and_none_crosses_two() -> None:
    law = "条例\n第一章 总则\n第一条 甲。\n乙。\n第二条 丙：\n（一）丁；\n（二）戊。\n"
    chunks = cut_chunks(load_text(Path("law.txt"), law))
    assert [chunk.text for chunk in chunks[1:]] == ["第一条 甲。\n乙。", "第二条 丙：\n（一）丁；\n（二）戊。"]
    assert chunks[1].heading_path == ("第一章 总则", "第一条")


def test_a_long_section_is_split_between_sentences() -> None:
    chunks = cut_chunks(markdown("## 说明\n\n" + "这是一句不短也不长的话。" * 120))
    assert len(chunks) > 1
    assert all(len(chunk.text) <= LONGEST_CHUNK and chunk.text.endswith("。") for chunk in chunks)


def test_a_list_is_not_cut_in_half() -> None:
    items = "\n".join(f"- 第{number}份材料，原件和复印件各带一份，复印件要清楚完整。" for number in range(1, 31))
    chunks = cut_chunks(markdown("## 材料\n\n" + items))
    assert len(chunks) == 1
    assert LONGEST_CHUNK < len(chunks[0].text) <= LONGEST_LIST


@given(st.text(alphabet="第一二三条章（）、1.甲乙丙。；，\n \t#-", max_size=1500))
def test_chunks_are_the_text_itself_in_order_and_lose_nothing_but_headings(text: str) -> None:
    if not text.strip():
        return
    loaded = load_text(Path("any.txt"), text)
    chunks = cut_chunks(loaded)
    assert all(chunk.text == loaded.document.text[chunk.start : chunk.end] for chunk in chunks)
    assert all(before.end <= after.start for before, after in pairwise(chunks))
    assert len({chunk.chunk_id for chunk in chunks}) == len(chunks)
    kept = {index for chunk in chunks for index in range(chunk.start, chunk.end)}
    headings = {index for node in loaded.nodes for index in range(node.start, node.end)}
    lost = {index for index, mark in enumerate(text) if not mark.isspace()} - kept - headings
    assert all(index < len(text.partition("\n")[0]) for index in lost)
