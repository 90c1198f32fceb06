"""Find names of people: doctors by their title, others only where a name was asked for or is introduced."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import yaml

from nlu.entities.choices import bare_span
from nlu.interpretation import Entity

PEOPLE = Path(__file__).with_name("people.yml")
LONGEST_RUN = 6
_HAN = "一-鿿"
_INTRODUCED = re.compile(
    r"(?:我叫|他叫|她叫|名叫|叫做|名字(?:是|叫|:)|姓名(?:是|为|叫|:)?|(?:患者|病人|就诊人|联系人|监护人|申请人)(?:姓名)?(?:是|叫|为|:)|(?<![呼喊])叫) ?"
)
_SURNAME_AND_GIVEN = re.compile(
    rf"姓 ?(?P<surname>[{_HAN}]{{1,2}}?) ?[,。、 ]? ?(?:名字?|叫) ?(?:叫|是)? ?(?P<given>[{_HAN}]{{1,2}})(?![{_HAN}]{{3}})"
)
_RUN = re.compile(rf"[{_HAN}]{{1,{LONGEST_RUN}}}")
_MINORITY = re.compile(rf"[{_HAN}]{{1,8}}(?:·[{_HAN}]{{1,10}}){{1,3}}")
# 班主任, 骨科医生 and 街道主任 name a post.
_NOT_GIVEN = frozenset("主和科班副院长室村居街道社任部县市区镇乡楼病门的是")
_TITLES = "副?主任医师|医生|大夫|副?主任|教授|医师"
_LEADING = re.compile(r"(?:我的?名字是|我的?名字叫|我是|名字是|就是|是|叫|写)")


class People:
    """Names of people; `is_known_word` tells the words that mean something else."""

    def __init__(self, is_known_word: Callable[[str], bool], path: Path = PEOPLE) -> None:
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
        self._compound = tuple(content["compound_surnames"])
        self._surnames = frozenset(content["surnames"])
        self._not_names = frozenset(content["not_names"])
        self._is_known_word = is_known_word
        self._stop = re.compile("|".join(map(re.escape, sorted(content["stop_words"], key=len, reverse=True))))
        doctors = "".join(sorted(self._surnames - set(content["rare_in_doctors"])))
        self._doctor = re.compile(
            rf"(?<![任如主社过医])(?P<name>(?:{'|'.join(self._compound)}|[{doctors}])(?:(?![哪啥谁几])[{_HAN}]){{0,2}}?)(?P<title>{_TITLES})"
        )

    def find(self, folded: str, text: str, expected: frozenset[str]) -> Iterator[Entity]:
        """Yield doctors and names."""
        yield from self._find_doctors(folded, text)
        for match in _INTRODUCED.finditer(folded):
            yield from self._name_at(folded, text, match.end())
        for match in _SURNAME_AND_GIVEN.finditer(folded):
            if match["surname"] in self._surnames or match["surname"] in self._compound:
                name = match["surname"] + match["given"]
                yield Entity(
                    "person_name", text[match.start() : match.end()], match.start(), match.end(), {"name": name}
                )
        if "person_name" in expected:
            yield from self._find_bare_name(folded, text)
        if "doctor" in expected:
            yield from (
                Entity("doctor", found.text, found.start, found.end, found.value)
                for found in self._find_bare_name(folded, text)
            )

    def _find_doctors(self, folded: str, text: str) -> Iterator[Entity]:
        for match in self._doctor.finditer(folded):
            name = match["name"]
            is_post = not _NOT_GIVEN.isdisjoint(name[1:])
            if is_post or self._is_word(name) or any(self._is_word(name[:length]) for length in (2, 3)):
                continue
            start, end = match.span()
            yield Entity("doctor", text[start:end], start, end, {"name": text[start : match.end("name")]})

    def _name_at(self, folded: str, text: str, start: int) -> Iterator[Entity]:
        """Yield the name that begins at a place, if one does."""
        minority = _MINORITY.match(folded, start)
        end = minority.end() if minority else self._end_of_name(folded, start)
        if end:
            yield Entity(
                "person_name", text[start:end], start, end, {"name": folded[start:end] if minority else text[start:end]}
            )

    def _end_of_name(self, folded: str, start: int) -> int | None:
        """Return where the name at a place ends: at the end of the words, or before one that is no name."""
        run = _RUN.match(folded, start)
        if run is None:
            return None
        surname = 2 if folded.startswith(self._compound, start) else 1
        stop = self._stop.search(folded, start + surname + 1, run.end())
        end = stop.start() if stop else run.end()
        return end if self._is_name(folded[start:end], surname) else None

    def _is_name(self, word: str, surname: int) -> bool:
        """Tell whether a word can be a name: a surname and one or two characters, and no known word."""
        has_surname = surname == 2 or word[:1] in self._surnames
        return has_surname and surname + 1 <= len(word) <= surname + 2 and not self._begins_word(word)

    def _find_bare_name(self, folded: str, text: str) -> Iterator[Entity]:
        """Yield the whole message as a name."""
        start, end = bare_span(folded)
        leading = _LEADING.match(folded, start)
        start = leading.end() if leading else start
        word = folded[start:end]
        surname = 2 if word.startswith(self._compound) else 1
        if _MINORITY.fullmatch(word) or (
            _RUN.fullmatch(word) and (self._is_name(word, surname) or self._is_double(word))
        ):
            yield Entity("person_name", text[start:end], start, end, {"name": word if "·" in word else text[start:end]})

    def _is_double(self, word: str) -> bool:
        """Tell whether four characters begin with two surnames (张王小明)."""
        return len(word) == 4 and set(word[:2]) <= self._surnames and not self._begins_word(word)

    def _begins_word(self, word: str) -> bool:
        """Tell whether a word is, or begins or goes on with, one that is no name."""
        return (
            self._is_word(word)
            or any(self._is_word(word[:length]) for length in (2, 3, 4))
            or bool(self._stop.search(word))
        )

    def _is_word(self, word: str) -> bool:
        return word in self._not_names or self._is_known_word(word)
