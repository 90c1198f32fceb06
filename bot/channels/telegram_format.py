"""From a reply to what Telegram can show: HTML parts of at most 4096 characters, rows of buttons, the sources below."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import escape
from urllib.parse import urljoin, urlsplit

from bot.channels.telegram_updates import button_data
from bot.messages import Envelope, QuotedSource, TurnStatus

MESSAGE_UNITS = 4096  # Bot API, sendMessage: after the entities are parsed; counted in UTF-16 units to be safe
MOST_ROWS = 8
READABLE_ON_A_BUTTON = 28
# A keyboard under one of these is a question: it is answered once, and its buttons then say so.
_QUESTIONS = frozenset({TurnStatus.ASKED, TurnStatus.ASKED_CONFIRMATION, TurnStatus.CLARIFICATION})
_SENTENCE_ENDS = "。！？；!?;…"
_PAUSES = "，、,：: "


@dataclass(frozen=True)
class Button:
    """A button: its label is the choice itself, its data (1-64 bytes) finds the label again when it is pressed."""

    label: str
    data: str


@dataclass(frozen=True)
class Part:
    """One sendMessage: the same content as HTML and as plain text, and its rows of buttons."""

    html: str
    plain: str
    rows: tuple[tuple[Button, ...], ...] = ()


@dataclass(frozen=True)
class _Line:
    plain: str
    html: str


def lay_out(envelope: Envelope, web_base_url: str | None = None) -> tuple[Part, ...]:
    """Return the parts of a reply in order, none of them blank; only the last carries buttons.

    Empty when there is nothing to show. Links go only to `web_base_url` or to absolute http(s) addresses.
    """
    message = envelope.message
    choices = [choice for choice in message.choices if choice.strip()]
    rows = _rows(envelope, choices)
    on_buttons = sum(len(row) for row in rows)
    listed = [c for i, c in enumerate(choices) if i >= on_buttons or len(c) > READABLE_ON_A_BUTTON]
    lines = [*_text_lines(message.text), *_listed(listed), *_footnote(message.citations, web_base_url)]
    parts = list(_pack(lines))
    if not parts and rows:
        parts = [Part(html="请选择：", plain="请选择：")]
    if parts and rows:
        parts[-1] = Part(parts[-1].html, parts[-1].plain, rows)
    return tuple(parts)


def telegram_units(text: str) -> int:
    """Return the length of `text` in UTF-16 units, as Telegram counts offsets and lengths."""
    return len(text) + sum(character > "\uffff" for character in text)


def _rows(envelope: Envelope, choices: list[str]) -> tuple[tuple[Button, ...], ...]:
    is_answer = envelope.status in _QUESTIONS
    buttons = tuple(
        Button(choice, button_data(is_answer=is_answer, sequence=envelope.sequence, index=index))
        for index, choice in enumerate(choices)
    )
    longest = max((len(choice) for choice in choices), default=0)
    width = 3 if longest <= 6 else 2 if longest <= 12 else 1
    return tuple(buttons[start : start + width] for start in range(0, len(buttons), width))[:MOST_ROWS]


def _text_lines(text: str) -> Iterator[_Line]:
    for line in text.splitlines():
        for piece in _pieces(line):
            yield _Line(piece, escape(piece, quote=False))


def _listed(choices: list[str]) -> list[_Line]:
    if not choices:
        return []
    return [*_text_lines("\n可以直接回复：\n" + "\n".join(f"· {' '.join(choice.split())}" for choice in choices))]


def _footnote(citations: Iterable[QuotedSource], web_base_url: str | None) -> list[_Line]:
    sources = list(dict.fromkeys(_source(citation, web_base_url) for citation in citations))
    if not sources:
        return []
    if len(sources) == 1:
        return [_Line("", ""), _Line(f"依据：{sources[0].plain}", f"依据：{sources[0].html}")]
    numbered = [_Line(f"{n}. {line.plain}", f"{n}. {line.html}") for n, line in enumerate(sources, start=1)]
    return [_Line("", ""), _Line("依据：", "依据："), *numbered]


def _source(citation: QuotedSource, web_base_url: str | None) -> _Line:
    title = f"《{_shortened(citation.title.strip('《》'))}》"
    rest = f"（{_shortened(citation.document_number)}）" if citation.document_number else ""
    rest += _shortened(" ".join(citation.heading_path))
    url = _link(citation.url, web_base_url)
    shown = escape(title, quote=False)
    linked = f'<a href="{escape(url)}">{shown}</a>' if url else shown
    return _Line(title + rest, linked + escape(rest, quote=False))


def _shortened(text: str, limit: int = 120) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= limit else flat[: limit - 1] + "…"


def _link(url: str, web_base_url: str | None) -> str | None:
    """Return the absolute http(s) address, or None where there is none: a source without a link is still a source."""
    try:
        parts = urlsplit(url)
        if url and web_base_url and not parts.scheme and not parts.netloc:
            url = urljoin(web_base_url.rstrip("/") + "/", url.lstrip("/"))
            parts = urlsplit(url)
    except ValueError:
        return None
    return url if parts.scheme in {"http", "https"} and parts.netloc else None


def _pieces(line: str) -> Iterator[str]:
    rest = line
    while telegram_units(rest) > MESSAGE_UNITS:
        cut = _cut(rest)
        yield rest[:cut]
        rest = rest[cut:]
    yield rest


def _cut(line: str) -> int:
    """Return where to break a line that is too long: after a sentence, else after a pause, else anywhere."""
    room = MESSAGE_UNITS
    end = 0
    while end < len(line) and (room := room - telegram_units(line[end])) >= 0:
        end += 1
    for marks in (_SENTENCE_ENDS, _PAUSES):
        best = max(line.rfind(mark, end // 2, end) for mark in marks)
        if best >= 0:
            return best + 1
    return end


def _pack(lines: Iterable[_Line]) -> Iterator[Part]:
    taken: list[_Line] = []
    used = 0
    for line in lines:
        needed = telegram_units(line.plain) + 1
        if taken and used + needed > MESSAGE_UNITS + 1:
            yield from _part(taken)
            taken, used = [], 0
        taken.append(line)
        used += needed
    yield from _part(taken)


def _part(lines: list[_Line]) -> Iterator[Part]:
    html = "\n".join(line.html for line in lines).strip()
    plain = "\n".join(line.plain for line in lines).strip()
    if plain:
        yield Part(html, plain)
