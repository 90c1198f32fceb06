"""Whatever goes into an element as text comes out as text."""

from hypothesis import given
from hypothesis import strategies as st

from bot.web.markup import element, fragment
from tests.bot.web.small_city import HOSTILE
from tests.bot.web.test_documents import read


@given(st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"])))
def test_text_comes_out_as_it_went_in(text):
    reader = read(element("p", text))
    assert reader.tags == ["p"]
    assert "".join(reader.text) == text


@given(st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"])))
def test_an_attribute_cannot_be_left(text):
    reader = read(element("a", "x", href=text, title=text))
    assert reader.tags == ["a"]
    assert "".join(reader.text) == "x"


def test_elements_nest_and_attributes_are_written_as_html_knows_them():
    html = element("p", "甲", [element("b", HOSTILE), None], class_="x", data_turn="1", hidden=True, title=None)
    assert html.startswith('<p class="x" data-turn="1" hidden>甲<b>&lt;img')
    assert element("br") == "<br>"
    assert fragment("<", element("i")) == "&lt;<i></i>"
