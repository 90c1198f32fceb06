"""Make texts that are as bad as can be for a regular expression, from the expression itself.

An expression that is not linear needs a repeat that can end in many ways. So each repeat is fed: a text that leads up to
it, what it repeats, many times, and a sign that it cannot go on with; and what the whole expression matches, many times.
"""

import re._constants as signs
import re._parser as parser
from collections.abc import Iterator
from typing import Any

LONGEST_SAMPLE = 200
BREAK = "\x00"
MANY = 40


def attacks(pattern: str, flags: int, size: int) -> Iterator[str]:
    """Yield texts of about a size."""
    tree = parser.parse(pattern, flags)
    whole = sample(tree)[:LONGEST_SAMPLE] or "一"
    yield fill(whole, size)
    yield fill(whole[:-1] or whole, size)
    for prefix, pump in repeats(list(tree), ""):
        if pump:
            yield prefix + fill(pump, size) + BREAK
            yield fill(prefix + pump + BREAK, size)


def fill(piece: str, size: int) -> str:
    """Return a piece as often as fits."""
    return piece * max(1, size // len(piece))


def repeats(items: list[Any], prefix: str) -> Iterator[tuple[str, str]]:
    """Yield what leads up to each repeat, and what it repeats."""
    for operator, argument in items:
        if operator in (signs.MAX_REPEAT, signs.MIN_REPEAT, signs.POSSESSIVE_REPEAT):
            _, most, item = argument
            if most > 1:
                yield prefix, sample(item)
            yield from repeats(list(item), prefix)
        elif operator is signs.SUBPATTERN:
            yield from repeats(list(argument[3]), prefix)
        elif operator is signs.BRANCH:
            for branch in argument[1]:
                yield from repeats(list(branch), prefix)
        prefix = (prefix + sample([(operator, argument)]))[-LONGEST_SAMPLE:]


def sample(items: Any) -> str:
    """Return a text that the items match, near enough: assertions are taken as met."""
    return "".join(_sample(operator, argument) for operator, argument in items)


def _sample(operator: Any, argument: Any) -> str:
    if operator is signs.LITERAL:
        return chr(argument)
    if operator is signs.NOT_LITERAL:
        return "一" if argument != ord("一") else "二"
    if operator is signs.ANY:
        return "一"
    if operator is signs.IN:
        return _one_of(argument)
    if operator is signs.BRANCH:
        return sample(max(argument[1], key=len))
    if operator in (signs.SUBPATTERN, signs.ATOMIC_GROUP):
        return sample(argument[3] if operator is signs.SUBPATTERN else argument)
    if operator in (signs.MAX_REPEAT, signs.MIN_REPEAT, signs.POSSESSIVE_REPEAT):
        least, most, item = argument
        return sample(item) * min(most, max(least, 1), MANY)
    return ""


def _one_of(choices: Any) -> str:
    """Return a character of a class."""
    if choices[0][0] is signs.NEGATE:
        refused = {value for kind, value in choices[1:] if kind is signs.LITERAL}
        return next(character for character in "一二三a1 " if ord(character) not in refused)
    kind, value = choices[0]
    if kind is signs.LITERAL:
        return chr(value)
    if kind is signs.RANGE:
        return chr(value[0])
    return "1" if value is signs.CATEGORY_DIGIT else " " if value is signs.CATEGORY_SPACE else "a"
