"""What is read of a very long text: its beginning and its end, where people say what they want; so the cost is bounded."""

from collections.abc import Iterator

READ_FROM_START, READ_TO_END = 1500, 500


def stretches(text: str) -> Iterator[tuple[int, str]]:
    """Yield what is read of a text, with its offset: all of it, or its beginning and its end."""
    if len(text) <= READ_FROM_START + READ_TO_END:
        yield 0, text
        return
    yield 0, text[:READ_FROM_START]
    yield len(text) - READ_TO_END, text[-READ_TO_END:]
