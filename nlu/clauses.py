"""Split a message into its clauses, each of which may be a request of its own: at marks, at blanks, and before words that begin another matter."""

import re

_ENDS = re.compile(r"[，。！？；、,.!?;\n]+|\s{1,8}")
_ANOTHER_MATTER = re.compile(
    r"(?<=\w{3})(?=顺便|顺带|另外(?![的一两几找收加有])|再一个就?是|还有就是|还想[问查办请约挂]|还要[问查]|同时[我还想也再])"
)
_MOST_CLAUSES = 6


def clauses_of(text: str) -> list[str]:
    """Return the clauses in order; none for a text of one clause, or of so many that it is a story."""
    found = _split(text)
    return found if 1 < len(found) <= _MOST_CLAUSES else []


def last_clause(text: str) -> str | None:
    """Return the clause that a text ends with, of a story too; None for a text of one clause."""
    found = _split(text)
    return found[-1] if len(found) > 1 else None


def _split(text: str) -> list[str]:
    return [part for clause in _ENDS.split(text) for part in _ANOTHER_MATTER.split(clause) if len(part) > 1]
