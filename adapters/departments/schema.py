"""Check JSON values against the schemas of a department's contract (the part of JSON Schema that ours use)."""

import re
from collections.abc import Callable, Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import yaml

_TYPES: dict[str, Callable[[Any], bool]] = {
    "string": lambda value: isinstance(value, str),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "boolean": lambda value: isinstance(value, bool),
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "null": lambda value: value is None,
}
_KNOWN = {"type", "required", "properties", "items", "enum", "const", "pattern", "format", "minLength", "maxLength"} | {
    "minimum",
    "maximum",
    "additionalProperties",
    "$ref",
    "description",
    "default",
}


class Contract:
    """An OpenAPI document."""

    def __init__(self, path: Path) -> None:
        self.document: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))

    def operations(self) -> list[tuple[str, str]]:
        """Return (METHOD, path) of every operation."""
        return [(method.upper(), path) for path, item in self.document["paths"].items() for method in item]

    def response_mistakes(self, method: str, path: str, status: int, content_type: str, value: Any) -> list[str]:
        """Return what is wrong with an answer to an operation, in words; empty: nothing."""
        responses = self.document["paths"][path][method.lower()]["responses"]
        response = responses.get(str(status), responses.get("default") if status >= 400 else None)
        if response is None:
            return [f"status {status} is not in the contract"]
        content = self._follow(response)["content"]
        if content_type not in content:
            return [f"content type {content_type!r}, not {', '.join(content)}"]
        return list(self._mistakes(content[content_type]["schema"], value, "body"))

    def mistakes(self, schema_name: str, value: Any) -> list[str]:
        """Return what is wrong with a value of a named schema; empty: nothing."""
        return list(self._mistakes(self.document["components"]["schemas"][schema_name], value, schema_name))

    def _follow(self, node: dict[str, Any]) -> dict[str, Any]:
        while "$ref" in node:
            place: Any = self.document
            for step in node["$ref"].removeprefix("#/").split("/"):
                place = place[step]
            node = place
        return node

    def _mistakes(self, schema: dict[str, Any], value: Any, place: str) -> Iterator[str]:
        schema = self._follow(schema)
        unknown = schema.keys() - _KNOWN
        if unknown:
            raise ValueError(f"{place}: the checker does not know {sorted(unknown)}")
        types = schema.get("type", [])
        if types and not any(_TYPES[name](value) for name in ([types] if isinstance(types, str) else types)):
            yield f"{place}: {type(value).__name__}, not {types}"
            return
        yield from _scalar_mistakes(schema, value, place)
        if isinstance(value, dict):
            yield from self._object_mistakes(schema, value, place)
        if isinstance(value, list) and "items" in schema:
            for index, item in enumerate(value):
                yield from self._mistakes(schema["items"], item, f"{place}[{index}]")

    def _object_mistakes(self, schema: dict[str, Any], value: dict[str, Any], place: str) -> Iterator[str]:
        properties = schema.get("properties", {})
        for name in schema.get("required", []):
            if name not in value:
                yield f"{place}.{name}: missing"
        for name, item in value.items():
            if name in properties:
                yield from self._mistakes(properties[name], item, f"{place}.{name}")
            elif schema.get("additionalProperties") is False:
                yield f"{place}.{name}: not in the contract"


def _scalar_mistakes(schema: dict[str, Any], value: Any, place: str) -> Iterator[str]:
    if "enum" in schema and value not in schema["enum"]:
        yield f"{place}: {value!r} is none of {schema['enum']}"
    if "const" in schema and value != schema["const"]:
        yield f"{place}: {value!r} is not {schema['const']!r}"
    if isinstance(value, str):
        yield from _text_mistakes(schema, value, place)
    elif isinstance(value, int) and not schema.get("minimum", value) <= value <= schema.get("maximum", value):
        yield f"{place}: {value} is out of range"


def _text_mistakes(schema: dict[str, Any], value: str, place: str) -> Iterator[str]:
    if not schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", len(value)):
        yield f"{place}: {len(value)} characters"
    if "pattern" in schema and re.search(schema["pattern"], value) is None:
        yield f"{place}: does not match {schema['pattern']}"
    if not _FORMATS[schema.get("format", "")](value):
        yield f"{place}: is no {schema['format']}"


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _is_instant(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False


_FORMATS: dict[str, Callable[[str], bool]] = {"": lambda _: True, "date": _is_date, "date-time": _is_instant}
