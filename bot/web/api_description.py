"""The API description, for programs as OpenAPI and for people as a page."""

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from aiohttp import web

from bot.web.markup import Child, Markup, element
from bot.web.pages import page
from bot.web.refusals import TEXTS

_FILE = Path(__file__).with_name("openapi.yaml")


@cache
def description() -> Mapping[str, Any]:
    """Return the OpenAPI document."""
    content: Mapping[str, Any] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return content


async def show_openapi(request: web.Request) -> web.Response:
    """Answer GET /openapi.yaml."""
    del request
    return web.Response(text=_FILE.read_text(encoding="utf-8"), content_type="application/yaml", charset="utf-8")


async def show_docs(request: web.Request) -> web.Response:
    """Answer GET /docs."""
    del request
    info = description()["info"]
    body = element(
        "article",
        element("h1", info["title"]),
        element("p", info["summary"], class_="lead"),
        element("p", info["description"]),
        [_tag(tag) for tag in description()["tags"]],
        element("h2", "数据"),
        [_schema(name, schema) for name, schema in description()["components"]["schemas"].items()],
        class_="sheet docs",
    )
    navigation = [element("a", "OpenAPI 文件", href="/openapi.yaml"), element("a", "回到对话", href="/")]
    return page(info["title"], body, navigation=navigation)


def _tag(tag: Mapping[str, str]) -> list[Child]:
    operations: list[Child] = [
        _operation(method, path, operation)
        for path, methods in description()["paths"].items()
        for method, operation in methods.items()
        if tag["name"] in operation["tags"]
    ]
    return [element("h2", f"{tag['name']}：{tag['description']}"), *operations]


def _operation(method: str, path: str, operation: Mapping[str, Any]) -> Markup:
    parameters = [(one["name"], one["in"], one.get("description", "")) for one in operation.get("parameters", ())]
    responses = [(code, _meaning(code, answer)) for code, answer in operation["responses"].items()]
    return element(
        "section",
        element("h3", element("span", method.upper(), class_="method"), " ", element("code", path)),
        element("p", operation["summary"]),
        element("pre", operation["description"]) if "description" in operation else None,
        _body(operation),
        _table(("参数", "在哪里", "说明"), parameters),
        _table(("状态码", "含义"), responses),
    )


def _body(operation: Mapping[str, Any]) -> Child:
    content = operation.get("requestBody", {}).get("content", {})
    names = [media["schema"]["$ref"].rpartition("/")[2] for media in content.values()]
    return element("p", "内容（JSON）：", element("code", "、".join(names))) if names else None


def _schema(name: str, schema: Mapping[str, Any]) -> list[Child]:
    rows = [(field, _type(one), one.get("description", "")) for field, one in schema["properties"].items()]
    return [element("h3", element("code", name)), _table(("字段", "类型", "说明"), rows)]


def _type(schema: Mapping[str, Any]) -> str:
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if schema.get("type") == "array":
        return f"{_type(schema['items'])} 的列表"
    kind = schema.get("type", "")
    return " 或 ".join(kind) if isinstance(kind, list) else str(kind)


def _meaning(code: str, answer: Mapping[str, Any]) -> str:
    """Return what a status means; the refusals share one description, so that theirs is the sentence which people get."""
    return TEXTS[int(code)] if "$ref" in answer else str(answer["description"])


def _table(heads: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> Child:
    if not rows:
        return None
    head = element("tr", [element("th", text, scope="col") for text in heads])
    cells = [element("tr", [element("td", str(cell)) for cell in row]) for row in rows]
    return element("div", element("table", element("thead", head), element("tbody", cells)), class_="scroll-x")
