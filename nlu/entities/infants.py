"""A baby with a fever: it belongs to the emergency room before any booking."""

from collections.abc import Sequence

from nlu.interpretation import Entity

_MONTHS = 3
_DAYS_OF_A_MONTH = 30
_NO_AGE = 99.0


def is_infant_with_fever(entities: Sequence[Entity]) -> bool:
    """Tell whether a baby of up to three months is said to have a fever."""
    is_fever = any(e.type == "symptom" and e.value.get("name") == "发热" for e in entities)
    return is_fever and any(_months(e) <= _MONTHS for e in entities if e.type == "age")


def _months(age: Entity) -> float:
    """Return an age in months."""
    value = age.value
    if "days" in value:
        return float(value["days"]) / _DAYS_OF_A_MONTH
    return float(value.get("months", 12 * float(value.get("years", _NO_AGE))))
