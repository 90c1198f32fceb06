"""BM25 over pre-cut terms, on disk. The only module that knows the lexical engine (tantivy)."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import tantivy

from knowledge.index.analysis import terms_of

_WRITER_BYTES = 32_000_000
_MOST_TERMS = 400
_REMEMBERED_ROWS = 100_000
_REMEMBERED_TERMS = 20_000
_ID, _OWNER = "row_id", "document_id"


@dataclass(frozen=True, slots=True)
class IndexRow:
    """What is found as one: a chunk or a whole document; `fields` holds plain text under the index's field names."""

    row_id: str
    document_id: str
    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class IndexHit:
    """A row that matched, with its raw BM25 score (fields weighted and added)."""

    row_id: str
    score: float


class LexicalIndex:
    """An index of rows with the given fields and weights; immutable once built, safe to share between threads."""

    def __init__(self, index: tantivy.Index, weights: Mapping[str, float]) -> None:
        index.reload()
        self._index = index
        self._schema = index.schema
        self._searcher = index.searcher()
        self._weights = dict(weights)
        self._main_field = next(iter(weights))
        self._row_id = lru_cache(maxsize=_REMEMBERED_ROWS)(self._read_row_id)  # the engine unpacks a block to read it
        self._queries = lru_cache(maxsize=_REMEMBERED_TERMS)(self._queries_for)

    @classmethod
    def build(cls, folder: Path, rows: Iterable[IndexRow], weights: Mapping[str, float]) -> "LexicalIndex":
        """Write an index into the empty `folder` (made when missing); the first field decides how rare a term is."""
        folder.mkdir(parents=True, exist_ok=True)
        index = tantivy.Index(_schema(weights), path=str(folder))
        writer = index.writer(heap_size=_WRITER_BYTES, num_threads=1)
        for row in rows:
            document = tantivy.Document()
            document.add_text(_ID, row.row_id)
            document.add_text(_OWNER, row.document_id)
            for field in weights:
                document.add_text(field, " ".join(terms_of(row.fields.get(field, ""))))
            writer.add_document(document)
        writer.commit()
        writer.wait_merging_threads()
        return cls(index, weights)

    @classmethod
    def open(cls, folder: Path, weights: Mapping[str, float]) -> "LexicalIndex":
        """Open what `build` wrote, with the same fields."""
        return cls(tantivy.Index.open(str(folder)), weights)

    @property
    def size(self) -> int:
        """Return the number of rows."""
        return int(self._searcher.num_docs)

    def frequency(self, term: str) -> int:
        """Return in how many rows the main field holds the term."""
        return int(self._searcher.doc_freq(self._main_field, term))

    def search(
        self, terms: Mapping[str, float], *, limit: int, owners: Collection[str] | None = None
    ) -> list[IndexHit]:
        """Return the best rows for weighted terms, best first; only rows of `owners` (document ids) are scored."""
        if not terms or limit < 1 or (owners is not None and not owners):
            return []
        wanted = [query for pair in list(terms.items())[:_MOST_TERMS] for query in self._queries(*pair)]
        query = tantivy.Query.boolean_query(wanted)
        if owners is not None:
            allowed = tantivy.Query.term_set_query(self._schema, _OWNER, sorted(owners))
            must = tantivy.Occur.Must
            query = tantivy.Query.boolean_query([(must, query), (must, tantivy.Query.const_score_query(allowed, 0.0))])
        found = self._searcher.search(query, limit, count=False).hits
        return [IndexHit(self._row_id(at.segment_ord, at.doc), score) for score, at in found]

    def _queries_for(self, term: str, weight: float) -> tuple[tuple[tantivy.Occur, tantivy.Query], ...]:
        """Return what finds a weighted term in each field."""
        singles = (
            (tantivy.Query.term_query(self._schema, field, term, index_option="freq"), weight * field_weight)
            for field, field_weight in self._weights.items()
        )
        return tuple((tantivy.Occur.Should, tantivy.Query.boost_query(single, boost)) for single, boost in singles)

    def _read_row_id(self, segment: int, document: int) -> str:
        return str(self._searcher.doc(tantivy.DocAddress(segment, document))[_ID][0])


def _schema(fields: Iterable[str]) -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_text_field(_ID, stored=True, tokenizer_name="raw")
    builder.add_text_field(_OWNER, stored=False, tokenizer_name="raw")
    for field in fields:
        builder.add_text_field(field, stored=False, tokenizer_name="whitespace", index_option="freq")
    return builder.build()
