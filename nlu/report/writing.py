"""Write the report of an evaluation into a folder of its own: index.html, the pictures as PNG, figures.json."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nlu.report.charts import Names, Words, bars, histogram, matrix, reliability
from nlu.report.page import page
from nlu.report.pictures import has_chinese_font, to_png
from nlu.report.wording import load_texts

PAGE_NAME = "index.html"


def write_report(folder: Path, result: Mapping[str, Any], titles: Mapping[str, str]) -> Path:
    """Write everything, and return the page's path; `titles` names intents and groups for people."""
    folder.mkdir(parents=True, exist_ok=True)
    first = result["engines"][0]
    for name, svg in pictures_of(first, titles, is_chinese=has_chinese_font()).items():
        (folder / f"{name}.png").write_bytes(to_png(svg))
    (folder / "figures.json").write_text(json.dumps(result, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    path = folder / PAGE_NAME
    drawings = pictures_of(first, titles, is_chinese=True)
    path.write_text(page(result, drawings, lambda key: titles.get(key, key)), encoding="utf-8")
    return path


def pictures_of(engine: Mapping[str, Any], titles: Mapping[str, str], *, is_chinese: bool) -> dict[str, str]:
    """Return the pictures as SVG; without Chinese, intents and groups go by the names that the code has for them."""
    if is_chinese:
        return draw(engine, lambda key: titles.get(key, key), load_texts()["zh"])
    return draw(engine, str, load_texts()["en"])


def draw(engine: Mapping[str, Any], names: Names, words: Words) -> dict[str, str]:
    """Return every picture that the figures allow."""
    groups = engine["group_matrix"]
    drawings = {"matrix": matrix(groups["groups"], groups["counts"], names, words)}
    if engine["calibration"] is not None:
        drawings["reliability"] = reliability(engine["calibration"]["bins"], words)
    if engine["out_of_scope"]["sentences"]:
        drawings["histogram"] = histogram(engine["out_of_scope"]["histogram"], words)
    if engine["per_intent"]:
        drawings["bars"] = bars(engine["per_intent"], names, words)
    return drawings
