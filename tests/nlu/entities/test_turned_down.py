from datetime import datetime

import pytest

from adapters.clock import CITY_TIMEZONE
from nlu.entities.extractor import EntityExtractor
from nlu.interpretation import Utterance

AT = datetime(2026, 11, 23, 9, 0, tzinfo=CITY_TIMEZONE)


def names(extractor: EntityExtractor, text: str, *, negated: bool) -> list[str]:
    found = extractor.extract(Utterance(text, AT))
    kinds = {"hospital", "department", "doctor", "time"}
    return [each.text for each in found if each.type in kinds and bool(each.value.get("negated")) is negated]


@pytest.mark.parametrize(
    ("text", "turned_down", "kept"),
    [
        ("三医院太远了，换成404看得行不", ["三医院"], ["404"]),
        ("三医院太远了", ["三医院"], []),
        ("中心医院人太多了嘛", ["中心医院"], []),
        ("中心医院的人多得很，去三医院嘛", ["中心医院"], ["三医院"]),
        ("骨科不看了，看疼痛科", ["骨科"], ["疼痛科"]),
        ("明天不得空，后天嘛", ["明天"], ["后天"]),
        ("下午没得号，上午呢", ["下午"], ["上午"]),
        ("不要三医院，要404", ["三医院"], ["404"]),
        ("莫挂骨科", ["骨科"], []),
        ("我要404，不是三医院", ["三医院"], ["404"]),
        ("三医院离我有点远，中医院有没得骨科", ["三医院"], ["中医院", "骨科"]),
    ],
)
def test_what_is_turned_down(extractor: EntityExtractor, text: str, turned_down: list[str], kept: list[str]) -> None:
    assert names(extractor, text, negated=True) == turned_down
    assert names(extractor, text, negated=False) == kept


@pytest.mark.parametrize(
    "text",
    [
        "三医院远不远",
        "三医院有好远",
        "404太好了",
        "中心医院人多不多",
        "中心医院是不是人太多了不",
        "明天不去了，把号退了",
        "骨科算了",
        "骨科有没得号",
        "三医院骨科不行就看外科得不得行",
        "中心医院去得不",
        "我想看骨科",
    ],
)
def test_what_is_not(extractor: EntityExtractor, text: str) -> None:
    assert names(extractor, text, negated=True) == []
