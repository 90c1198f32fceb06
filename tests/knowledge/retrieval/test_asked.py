"""Questions written down beside a section: a new one in nearly the same words finds the section."""

from knowledge.model import Chunk, PolicyDocument
from knowledge.retrieval.asked import AskedQuestions
from knowledge.retrieval.query import prepare_query

DOG = PolicyDocument(
    "dog",
    "养狗",
    "养狗",
    asked={"系绳": ("牵狗出门没拴得不得行", "狗儿不拴链链要遭罚不"), "打针": ("狗儿要不要打预防针",)},
)
CHUNKS = {
    "dog#0": Chunk("dog#0", "dog", 0, 1, "养", ("系绳",)),
    "dog#1": Chunk("dog#1", "dog", 0, 1, "养", ("打针",)),
    "dog#2": Chunk("dog#2", "dog", 0, 1, "养", ()),
}


def likeness(question: str, document: PolicyDocument = DOG) -> dict[str, float]:
    near = AskedQuestions({"dog": document}, CHUNKS).likeness(prepare_query(question, is_loose=True))
    return {chunk_id: near(chunk_id) for chunk_id in CHUNKS if near(chunk_id)}


def test_the_nearest_question_counts() -> None:
    near = likeness("遛狗没拴要遭罚不")
    assert max(near, key=near.__getitem__) == "dog#0"
    assert 0.0 < near["dog#0"] < 1.0


def test_each_of_a_sections_questions_leads_to_it() -> None:
    near = likeness("狗儿要不要打预防针")
    assert max(near, key=near.__getitem__) == "dog#1"


def test_what_has_nothing_in_common_is_not_near() -> None:
    assert likeness("护照几天") == {}
    assert likeness("") == {}


def test_a_release_without_such_questions_has_none_that_are_near() -> None:
    assert likeness("狗儿要不要打预防针", PolicyDocument("dog", "养狗", "养狗")) == {}
