"""What the Bot API makes of parse_mode=HTML: the visible text, or the error that it answers."""

import re
from dataclasses import dataclass
from html import unescape

# core.telegram.org/bots/api#html-style
_TAGS = frozenset(["a", "b", "blockquote", "code", "del", "em", "i", "ins", "pre", "s", "span", "strike", "strong"])
_TAGS |= {"tg-emoji", "tg-spoiler", "u"}
_TAG = re.compile(r"<(/?)([A-Za-z0-9-]*)([^<>]*)>")
_HREF = re.compile(r'href="([^"]*)"')


class BadEntities(ValueError):
    """The text is no HTML that Telegram takes; the message says why in Telegram's manner."""


@dataclass(frozen=True)
class Rendered:
    """The text as people see it, and the addresses that it links to."""

    text: str
    links: tuple[str, ...]


def render_html(source: str) -> Rendered:
    """Return the text without its tags, or raise `BadEntities`."""
    visible: list[str] = []
    links: list[str] = []
    open_tags: list[str] = []
    position = 0
    while (start := source.find("<", position)) >= 0:
        visible.append(unescape(source[position:start]))
        tag = _TAG.match(source, start)
        if tag is None:
            raise BadEntities(f"Unclosed start tag at byte offset {_offset(source, start)}")
        _follow(tag, open_tags, _offset(source, start))
        links += _HREF.findall(tag[3]) if tag[2].lower() == "a" else []
        position = tag.end()
    if open_tags:
        raise BadEntities(f'Can\'t find end tag corresponding to start tag "{open_tags[-1]}"')
    visible.append(unescape(source[position:]))
    return Rendered("".join(visible), tuple(map(unescape, links)))


def _follow(tag: re.Match[str], open_tags: list[str], offset: int) -> None:
    name = tag[2].lower()
    if not tag[1]:
        if name not in _TAGS:
            raise BadEntities(f'Unsupported start tag "{name}" at byte offset {offset}')
        open_tags.append(name)
    elif not open_tags:
        raise BadEntities(f"Unexpected end tag at byte offset {offset}")
    elif name and open_tags[-1] != name:
        raise BadEntities(
            f'Unmatched end tag at byte offset {offset}, expected "</{open_tags[-1]}>", found "</{name}>"'
        )
    else:
        open_tags.pop()


def _offset(source: str, position: int) -> int:
    return len(source[:position].encode())
