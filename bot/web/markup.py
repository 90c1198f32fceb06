"""HTML built from elements: all text is escaped on its way in, so that no data can become markup."""

from collections.abc import Sequence
from html import escape

_VOID = frozenset({"br", "hr", "img", "input", "link", "meta"})


class Markup(str):
    """Text that is HTML already; only this module makes it, and `pages` from our own template files."""

    __slots__ = ()


Child = str | None | Sequence["Child"]


def element(tag: str, *children: Child, **attributes: str | bool | None) -> Markup:
    """Return an element; `class_` and `data_x` are written class and data-x, and None or False leaves an attribute out."""
    written = "".join(_attribute(name, value) for name, value in attributes.items())
    if tag in _VOID:
        return Markup(f"<{tag}{written}>")
    return Markup(f"<{tag}{written}>{fragment(*children)}</{tag}>")


def fragment(*children: Child) -> Markup:
    """Return children one after the other, text escaped."""
    return Markup("".join(_child(child) for child in children))


def _child(child: Child) -> str:
    if child is None:
        return ""
    if isinstance(child, Markup):
        return child
    if isinstance(child, str):
        return escape(child)
    return "".join(_child(inner) for inner in child)


def _attribute(name: str, value: str | bool | None) -> str:
    if value is None or value is False:
        return ""
    written = name.rstrip("_").replace("_", "-")
    return f" {written}" if value is True else f' {written}="{escape(value, quote=True)}"'
