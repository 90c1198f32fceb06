"""BM25 over pre-cut terms, on disk. The only module that knows the lexical engine (tantivy)."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import tantivy

from knowledge.index.analysis import terms_of

_WRITER_BYTES = 32_000_000
_MOST_TERMS = 400
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
        should = tantivy.Occur.Should
        wanted = [(should, query) for query in self._term_queries(terms)]
        query = tantivy.Query.boolean_query(wanted)
        if owners is not None:
            allowed = tantivy.Query.term_set_query(self._schema, _OWNER, sorted(owners))
            must = tantivy.Occur.Must
            query = tantivy.Query.boolean_query([(must, query), (must, tantivy.Query.const_score_query(allowed, 0.0))])
        found = self._searcher.search(query, limit).hits
        return [IndexHit(self._searcher.doc(address)[_ID][0], float(score)) for score, address in found]

    def _term_queries(self, terms: Mapping[str, float]) -> Iterable[tantivy.Query]:
        for term, weight in list(terms.items())[:_MOST_TERMS]:
            for field, field_weight in self._weights.items():
                single = tantivy.Query.term_query(self._schema, field, term, index_option="freq")
                yield tantivy.Query.boost_query(single, weight * field_weight)


def _schema(fields: Iterable[str]) -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_text_field(_ID, stored=True, tokenizer_name="raw")
    builder.add_text_field(_OWNER, stored=False, tokenizer_name="raw")
    for field in fields:
        builder.add_text_field(field, stored=False, tokenizer_name="whitespace", index_option="freq")
    return builder.build()
