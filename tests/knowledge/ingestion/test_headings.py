import pytest

from knowledge.ingestion.headings import find_headings


def labels(text: str) -> list[str]:
    return [f"{heading.label}{heading.title and ' ' + heading.title}" for heading in find_headings(text)]


def test_finds_chapters_sections_and_articles_with_their_titles() -> None:
    text = "某某条例\n第一章 总 则\n第一条 为了便民，制定本条例。\n第二章　办理\n第一节 申请\n第二条　申请人应当实名。"
    assert labels(text) == ["第一章 总 则", "第一条", "第二章 办理", "第一节 申请", "第二条"]


def test_a_reference_at_the_start_of_a_line_opens_nothing() -> None:
    text = (
        "第一条 按下列规定办理。\n第二条 违反本条例\n第一条、第二条规定的，责令改正。\n第三条第二款所列情形除外。\n"
        "第一章规定的事项适用本章。\n第三条 本条例自公布之日起施行。"
    )
    assert labels(text) == ["第一条", "第二条", "第三条"]


def test_an_article_needs_no_gap_when_its_number_comes_next() -> None:
    assert labels("第一条为了便民。\n第二条本市适用。\n第九条的规定除外。") == ["第一条", "第二条"]


def test_an_inserted_article_keeps_its_sub_number() -> None:
    assert labels("第九条 甲。\n第十条 乙。\n第十条之一 丙。\n第十一条 丁。") == [
        "第九条",
        "第十条",
        "第十条之一",
        "第十一条",
    ]


def test_large_numerals() -> None:
    text = "\n".join(f"第{numeral}条 内容。" for numeral in ("一百零七", "一百零八", "一百零九"))
    assert labels(text) == ["第一百零七条", "第一百零八条", "第一百零九条"]


@pytest.mark.parametrize("leader", ["", "……3", "\t12", " ... 7"])
def test_a_table_of_contents_is_read_over(leader: str) -> None:
    text = f"目录\n第一章 总则{leader}\n第二章 附则{leader}\n第一章 总则\n第一条 甲。\n第二章 附则\n第二条 乙。"
    found = find_headings(text)
    assert [heading.label for heading in found] == ["第一章", "第一条", "第二章", "第二条"]
    assert found[0].offset == text.rindex("第一章")


def test_articles_quoted_in_an_amending_decision_are_not_its_own() -> None:
    text = "一、将第五条修改为：\n“第五条 申请人应当实名。\n第九条 另有规定的除外。”\n第一条 本决定自公布之日起施行。"
    assert labels(text) == ["第一条"]


def test_a_sentence_that_begins_like_a_chapter_is_none() -> None:
    assert labels("第二章的规定适用于本市。\n第三节课开始了。") == []
