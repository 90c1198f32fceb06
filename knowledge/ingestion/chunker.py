"""Cut a document into pieces that can be found and quoted: an article, a （一）, a section; never across two."""

from collections.abc import Iterator

from knowledge.ingestion.structure import DEPTH, Level, LoadedDocument, StructureNode
from knowledge.model import Chunk, PolicyDocument
from knowledge.sentences import piece_spans

LONGEST_CHUNK = 600
LONGEST_LIST = 1500
_DIVIDING = {level for level in Level if DEPTH[level] <= DEPTH[Level.HEADING_4]}


def cut_chunks(loaded: LoadedDocument) -> tuple[Chunk, ...]:
    """Return the chunks in reading order; `chunk.text == document.text[start:end]` holds for each."""
    document = loaded.document
    chunks: list[Chunk] = []
    for start, end, path in _extents(document, [node for node in loaded.nodes if node.level in _DIVIDING]):
        for begin, stop in _fit(document.text, start, end):
            chunk_id = f"{document.document_id}#{len(chunks):04d}"
            chunks.append(Chunk(chunk_id, document.document_id, begin, stop, document.text[begin:stop], path))
    return tuple(chunks)


def _extents(document: PolicyDocument, nodes: list[StructureNode]) -> Iterator[tuple[int, int, tuple[str, ...]]]:
    """Yield (start, end, heading path) of the text that belongs to each heading itself, not to one below it."""
    text = document.text
    yield _skip_title(document), nodes[0].start if nodes else len(text), ()
    for index, node in enumerate(nodes):
        end = nodes[index + 1].start if index + 1 < len(nodes) else len(text)
        end = min(end, node.end)
        path = (*node.path, node.heading)
        start = node.start
        if not _speaks_for_itself(text, node, end):
            start = min(end, text.find("\n", node.start, end) + 1 or end)
        yield start, end, path


def _speaks_for_itself(text: str, node: StructureNode, end: int) -> bool:
    """Tell whether the heading's line is text too: 第五条 … and （一）…。 are; 第三章 总则 and Markdown's are not."""
    if node.level is Level.ARTICLE:
        return True
    line_end = text.find("\n", node.start, end)
    line = text[node.start : end if line_end < 0 else line_end].strip()
    return line not in {node.heading, f"{node.label}{node.title}"} and DEPTH[node.level] > DEPTH[Level.ARTICLE]


def _skip_title(document: PolicyDocument) -> int:
    """Return where the text begins after its own title line."""
    first_line, _, _ = document.text.partition("\n")
    return len(first_line) if "".join(first_line.split()) == "".join(document.title.split()) else 0


def _fit(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield the extent itself, or its pieces when it is too long; a list is kept whole as long as that is bearable."""
    piece = text[start:end]
    longest = LONGEST_LIST if _is_list(piece) else LONGEST_CHUNK
    stripped = piece.strip()
    if stripped and len(stripped) <= longest:
        begin = start + piece.index(stripped)
        yield begin, begin + len(stripped)
    else:
        yield from piece_spans(text, start, end, longest)


def _is_list(piece: str) -> bool:
    lines = [line for line in piece.split("\n") if line.strip()]
    marked = sum(line.lstrip().startswith(("• ", "（", "(")) or line.lstrip()[:1].isdigit() for line in lines)
    return len(lines) > 2 and marked * 2 >= len(lines)
