"""The words of danger: what must fire, and what must not."""

import pytest

from bot.guards import DangerGuard

GUARD = DangerGuard.load()


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("老汉儿心口痛得遭不住，出了一身冷汗", "medical"),
        ("奶奶突然嘴巴歪了，话也说不清楚", "medical"),
        ("娃儿烧起来抽搐了", "medical"),
        ("我妈昏迷了喊不醒", "medical"),
        ("有个娃儿掉到河里头了", "medical"),
        ("屋头煤气中毒了", "medical"),
        ("我 出 不 到 气", "medical"),
        ("媽媽暈過去了", "medical"),
        ("隔壁着火了，烟好大", "fire"),
        ("楼下有人拿刀砍人", "crime"),
        ("救命", "crime"),
        ("我男人家暴我", "crime"),
        ("绵州大道出车祸了，有人流血", "traffic"),
        ("我真的不想活了", "suicide"),
        ("楼顶有人要跳楼", "suicide"),
        ("天然气泄漏了咋办", "disaster"),
        ("电梯坏了，我们困在电梯里头", "disaster"),
    ],
)
def test_danger_is_recognised(text: str, kind: str) -> None:
    assert GUARD.danger_in(text) == kind


@pytest.mark.parametrize(
    "text",
    [
        "我想挂个号",
        "今天笑死我了",
        "消防演练着火了怎么跑",
        "去年车祸的赔偿咋个算",
        "爬楼梯喘不过气想看医生",
        "胸口有点闷，挂哪个科",
        "抽血化验几点开始",
        "火锅店执照咋个办",
        "上火了嘴巴起泡",
        "楼盘跳楼价是不是骗人的",
        "",
    ],
)
def test_what_is_no_danger_passes(text: str) -> None:
    assert GUARD.danger_in(text) is None


def test_a_long_text_is_scanned_only_so_far() -> None:
    assert GUARD.danger_in("好" * 5000 + "救命") is None
