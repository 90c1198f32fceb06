"""The report: whole in itself, safe with any sentence, legible without a Chinese font."""

import json
import re
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest

from nlu.engines.base import Reading
from nlu.figures import Judged, report
from nlu.interpretation import OUT_OF_SCOPE
from nlu.report.charts import shorten
from nlu.report.pictures import to_png
from nlu.report.terminal import table, width, worst
from nlu.report.wording import comparison, load_texts
from nlu.report.writing import pictures_of, write_report

CHINESE = re.compile(r"[\u3000-\u9fff\uff00-\uffef]")
TITLES = {"a.one": "挂<号>\x01", "a": "看病", "b": "社保", "b.one": "查社保", OUT_OF_SCOPE: "其他事情"}
HOSTILE = "<script>alert('挂号')</script> & \x0b $body"


def one(intent: str, taken: str, text: str = "挂号", nearest: str = "") -> Judged:
    reading = Reading(taken if taken != OUT_OF_SCOPE else "a.one", taken, 0.7, 0.3, "b.one")
    groups = frozenset({intent.partition(".")[0]})
    return Judged(text, intent, groups, reading, taken.partition(".")[0], seconds=0.001, nearest=nearest)


JUDGED = [
    one("a.one", "a.one"),
    one("a.one", "b.one", HOSTILE, HOSTILE),
    one("b.one", OUT_OF_SCOPE),
    one(OUT_OF_SCOPE, OUT_OF_SCOPE),
]


def result(*engines: dict[str, Any]) -> dict[str, Any]:
    return {"data": "样例", "method": "5 折交叉验证", "measured_at": "2026年11月23日 09:00", "engines": list(engines)}


def engine(title: str = "绵办", judged: list[Judged] = JUDGED) -> dict[str, Any]:
    return {"engine": "embedded", "title": title, "train_seconds": 1.5, **report(judged)}


def test_everything_is_written(tmp_path: Path) -> None:
    path = write_report(tmp_path / "nlu", result(engine(), engine("基线")), TITLES)
    assert {file.name for file in path.parent.iterdir()} == {
        "index.html",
        "figures.json",
        "matrix.png",
        "reliability.png",
        "histogram.png",
        "bars.png",
    }
    assert json.loads((path.parent / "figures.json").read_text())["engines"][0]["sentences"] == 4
    for picture in path.parent.glob("*.png"):
        content = picture.read_bytes()
        assert content.startswith(b"\x89PNG")
        assert int.from_bytes(content[16:20]) == 800  # twice 400 units


def test_the_page_needs_nothing_else_and_runs_nothing(tmp_path: Path) -> None:
    page = write_report(tmp_path, result(engine()), TITLES).read_text(encoding="utf-8")
    assert not re.search(r"(src|href)=|url\(|@import|<script", page)
    assert "&lt;script&gt;" in page
    assert "width=device-width" in page
    assert page.count("<svg") == 4
    for told in ("挂&lt;号&gt;\x01 → 查社保，1 次", "意图准确率", "50.0%", "没有够近的意图"):
        assert told in page


def test_a_table_of_groups_has_a_page_without_intents(tmp_path: Path) -> None:
    row = Judged("挂号", "", frozenset({"a", "b"}), Reading("c", "c", 0.9, 0.1), "c", nearest="投诉")
    page = write_report(tmp_path, result(engine(judged=[row])), TITLES).read_text(encoding="utf-8")
    assert "看病、社保 → c，1 次" in page
    assert "没有标注为范围外的句子" in page
    assert "每个意图" not in page
    assert not (tmp_path / "bars.png").exists()


def test_pictures_without_a_chinese_font_hold_no_chinese() -> None:
    for name, svg in pictures_of(engine(), TITLES, is_chinese=False).items():
        assert not CHINESE.search(svg.replace("font-family", "")), name
        ET.fromstring(svg)  # noqa: S314 - our own drawing
    assert all(CHINESE.search(svg) for svg in pictures_of(engine(), TITLES, is_chinese=True).values())


def test_the_reliability_diagram_stands_where_the_figures_say() -> None:
    svg = pictures_of(engine(), TITLES, is_chinese=False)["reliability"]
    # Two answers at 0.7, one right: the dot lies at 0.7 of 320 units to the right and half of them down.
    assert 'cx="276.0" cy="188.0"' in svg
    assert svg.count("<circle") == 1


def test_both_languages_say_the_same() -> None:
    texts = load_texts()
    assert texts["zh"].keys() == texts["en"].keys()
    assert not CHINESE.search(str(texts["en"]))


def test_the_comparison_is_one_table() -> None:
    lines = list(table([engine(), engine("基线")]))
    assert lines[0].split() == ["指标", "绵办", "基线"]
    assert any(line.split() == ["意图准确率", "50.0%", "50.0%"] for line in lines)
    starts = {width(found.group(1)) for line in lines if (found := re.match(r"(.+? {2,})\S", line))}
    assert len(starts) == 1
    assert all(meaning for _, meaning, _ in comparison([engine()]))


def test_figures_that_no_engine_has_are_left_out() -> None:
    row = Judged("挂号", "", frozenset({"a"}), Reading("a.one", "a.one", 0.9, 0.1), "a")
    names = [name for name, _, _ in comparison([report([row])])]
    assert names == ["领域准确率", "误拒率", "其他句的领域准确率"]


def test_mistakes_in_the_terminal() -> None:
    lines = list(worst(engine(), TITLES))
    assert lines[0] == "\n挂<号>\x01 → 查社保，1 次"
    assert lines[2:4] == ["\n查社保 → 其他事情，1 次", "  挂号  |  （没有样例）"]


@pytest.mark.parametrize(
    ("name", "shown"), [("看病挂号", "看病挂号"), ("a" * 22, "a" * 22), ("长" * 12, "长" * 11 + "…")]
)
def test_names_fit_their_margin(name: str, shown: str) -> None:
    assert shorten(name) == shown


def test_a_picture_is_what_was_drawn() -> None:
    red, blue = (
        to_png(f'<svg xmlns="http://www.w3.org/2000/svg" width="4" height="4"><path d="M0 0h4v4H0z" fill="{c}"/></svg>')
        for c in ("#ff0000", "#0000ff")
    )
    assert red != blue
