"""The staff's page: work orders that wait for a person, replies that could not be delivered, and what is in the queues."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import structlog
from aiohttp import web

from adapters.clock import local_time
from adapters.staff_sessions import StaffSession
from bot.delivery.outbox import DeadLetter
from bot.redaction import mask
from bot.web.doors import DOORS
from bot.web.markup import Child, Markup, element
from bot.web.pages import page
from bot.web.staff_door import DESK, PASSWORD, form_token, require_staff

REASONS = {
    "asked": "市民要求人工",
    "misses": "几次没听懂",
    "refused": "不便填写资料",
    "error": "系统出错",
    "complaint": "投诉反映",
    "emergency": "紧急情况",
}
_RETRIED = {"1": "已重新排队，马上再发一次。", "0": "这一条已经不在清单里，可能刚刚发出去了。"}
_NO_ORDERS = "现在没有工单。市民要求人工、投诉反映的，会出现在这里。"
_NO_LETTERS = "没有发不出去的答复。"

log = structlog.get_logger(__name__)


async def show_desk(request: web.Request) -> web.Response:
    """Answer GET /staff."""
    doors = request.app[DOORS]
    at_door = await require_staff(request)
    orders = sorted(await doors.product.work_orders.latest(), key=_urgency)
    letters = await doors.product.outbox.dead_letters()
    counts = await doors.product.outbox.counts()
    waiting = len(await doors.product.inbox.sessions_waiting())
    today = doors.product.clock.now().date()
    said = _RETRIED.get(request.query.get("retried", ""))
    body = [
        element("p", said, class_="done", role="status") if said else None,
        element(
            "section",
            element("h1", "工作台"),
            _figures(orders, counts, waiting, today),
            class_="sheet",
        ),
        _section("工单", [_order(order, today) for order in orders], _NO_ORDERS),
        _section("没有发出去的答复", [_letter(letter, at_door.session) for letter in letters], _NO_LETTERS),
    ]
    return page("工作台", *body, navigation=_navigation(at_door.session), is_wide=True)


async def retry(request: web.Request) -> web.Response:
    """Answer POST /staff/retry: put a reply that was given up back in line."""
    at_door = await require_staff(request)
    turn_key = at_door.fields.get("turn", "")
    is_back = await request.app[DOORS].product.outbox.retry(turn_key)
    log.info("staff_retried_delivery", name=at_door.session.name, turn=turn_key, is_back=is_back)
    return web.Response(status=303, headers={"Location": f"{DESK}?retried={int(is_back)}"})


def _navigation(session: StaffSession) -> Child:
    sign_out = element(
        "form",
        form_token(session),
        element("button", "退出", class_="plain", type="submit"),
        method="post",
        action="/staff/sign-out",
    )
    return [element("span", session.name), element("a", "改密码", href=PASSWORD), sign_out]


def _figures(orders: list[Mapping[str, Any]], counts: Mapping[str, int], waiting: int, today: date) -> Markup:
    late = sum(_days_left(order, today) < 0 for order in orders)
    figures = (
        ("工单", len(orders), False),
        ("已过期限", late, late > 0),
        ("会话待处理", waiting, False),
        ("答复待发送", counts.get("pending", 0), False),
        ("发送失败", counts.get("dead", 0), counts.get("dead", 0) > 0),
    )
    return element(
        "dl",
        [
            element("div", element("dt", name), element("dd", str(count)), class_="figure over" if is_bad else "figure")
            for name, count, is_bad in figures
        ],
        class_="figures",
    )


def _section(title: str, entries: list[Markup], empty: str) -> Markup:
    shown = element("ul", entries, class_="orders") if entries else element("p", empty, class_="empty")
    return element("section", element("h2", title), shown, class_="sheet")


def _order(order: Mapping[str, Any], today: date) -> Markup:
    left = _days_left(order, today)
    filled = "；".join(mask(str(value)) for value in order.get("slots", {}).values())
    notes = [mask(str(note)) for note in order.get("notes", {}).values()]
    replies = [mask(str(reply)) for reply in order.get("recent_replies", ())]
    return element(
        "li",
        element(
            "div",
            element("span", str(order["number"]), class_="order-number"),
            element("span", REASONS.get(order["reason"], str(order["reason"])), class_=_reason_class(order)),
            element("span", str(order["status"]), class_="badge"),
            element("span", _due(order, left), class_="badge over" if left <= 0 else "badge good"),
            class_="order-head",
        ),
        element("p", mask(str(order["text"])) or "（没有文字）", class_="order-text"),
        [element("p", f"补充：{note}", class_="order-text") for note in notes],
        _facts(order, filled),
        element("details", element("summary", "之前的答复"), [element("p", reply) for reply in replies])
        if replies
        else None,
        class_="order over" if left <= 0 else "order",
    )


def _facts(order: Mapping[str, Any], filled: str) -> Markup:
    opened = local_time(datetime.fromisoformat(order["opened_at"]))
    parts = (
        f"登记时间：{opened.month}月{opened.day}日 {opened:%H:%M}",
        f"事项：{order['form_title']}" if order.get("form_title") else "",
        f"已填：{filled}" if filled else "",
        f"来源：{str(order['session_id']).partition(':')[0]}",
        f"编号：{order['trace_id']}",
    )
    return element("p", "　".join(part for part in parts if part), class_="order-facts")


def _urgency(order: Mapping[str, Any]) -> tuple[bool, str, str]:
    """Emergencies first, then what is due first; of the same day what came first."""
    return order["reason"] != "emergency", order["due_date"], order["number"]


def _reason_class(order: Mapping[str, Any]) -> str:
    return "badge over" if order["reason"] == "emergency" else "badge"


def _days_left(order: Mapping[str, Any], today: date) -> int:
    return (date.fromisoformat(order["due_date"]) - today).days


def _due(order: Mapping[str, Any], left: int) -> str:
    due = date.fromisoformat(order["due_date"])
    when = f"{due.month}月{due.day}日前"
    return f"{when}，已过 {-left} 天" if left < 0 else f"{when}，今天到期" if left == 0 else when


def _letter(letter: DeadLetter, session: StaffSession) -> Markup:
    failed = local_time(letter.failed_at)
    return element(
        "li",
        element(
            "div",
            element("span", f"{failed.month}月{failed.day}日 {failed:%H:%M}", class_="order-number"),
            element("span", f"试过 {letter.attempts} 次", class_="badge over"),
            class_="order-head",
        ),
        element("p", f"原因：{mask(letter.error) or '不明'}", class_="order-text"),
        element("p", f"会话：{mask(letter.session_id)}", class_="order-facts"),
        element(
            "form",
            form_token(session),
            element("input", type="hidden", name="turn", value=letter.turn_key),
            element("button", "再发一次", class_="button", type="submit"),
            method="post",
            action="/staff/retry",
        ),
        class_="order over",
    )
