"""The staff's pages: who gets in, what they see, and that no other site can act in their name."""

import re
from datetime import timedelta

import aiohttp
import pytest

from bot.dialogue.tracker_store import TURNS
from bot.handoff import Packet
from bot.messages import DeliveryFailed
from bot.web.staff_desk import REASONS
from tests.bot.web.small_city import HOSTILE

NEW_PASSWORD = "涪江边的第一个密码-2026"


class Clerk:
    """A clerk's browser: it follows no redirect, and posts forms the way a browser does."""

    def __init__(self, page):
        self.http, self.base = page.http, page.base

    async def get(self, path):
        async with self.http.get(self.base + path, allow_redirects=False) as response:
            return response.status, response.headers.get("Location", ""), await response.text()

    async def post(self, path, fields, **headers):
        headers = {"Origin": self.base, **headers}
        async with self.http.post(self.base + path, data=fields, headers=headers, allow_redirects=False) as response:
            return response.status, response.headers.get("Location", ""), await response.text()

    async def token(self, path="/staff"):
        _, _, html = await self.get(path)
        found = re.search(r'name="form_token" value="([^"]+)"', html)
        assert found, html
        return found[1]

    @property
    def cookie(self):
        return next(c for c in self.http.cookie_jar if c.key == "mianban_staff").value

    async def sign_in(self, name, password):
        return await self.post("/staff/sign-in", {"name": name, "password": password})


@pytest.fixture
async def first(staff):
    created = await staff.create_first()
    assert created
    return created


@pytest.fixture
async def clerk(page):
    return Clerk(page)


@pytest.fixture
async def at_desk(clerk, first):
    """A clerk who has signed in and chosen a password."""
    name, password = first
    await clerk.sign_in(name, password)
    token = await clerk.token("/staff/password")
    fields = {"form_token": token, "old": password, "new": NEW_PASSWORD, "again": NEW_PASSWORD}
    assert (await clerk.post("/staff/password", fields))[:2] == (303, "/staff")
    return clerk


async def test_nobody_sees_the_desk_without_signing_in(clerk):
    for path in ("/staff", "/staff/password"):
        assert (await clerk.get(path))[:2] == (303, "/staff/sign-in")
    for path in ("/staff/retry", "/staff/sign-out", "/staff/password"):
        assert (await clerk.post(path, {}))[:2] == (303, "/staff/sign-in")


async def test_the_first_password_opens_only_the_page_that_changes_it(clerk, first):
    name, password = first
    assert (await clerk.sign_in(name, password))[:2] == (303, "/staff/password")
    assert (await clerk.get("/staff"))[:2] == (303, "/staff/password")
    token = await clerk.token("/staff/password")
    for new, again in (("short", "short"), (password, password), (NEW_PASSWORD, "其他"), ("a" * 20, "a" * 20)):
        fields = {"form_token": token, "old": password, "new": new, "again": again}
        status, _, html = await clerk.post("/staff/password", fields)
        assert status == 400
        assert 'role="alert"' in html
    wrong = {"form_token": token, "old": "不对", "new": NEW_PASSWORD, "again": NEW_PASSWORD}
    assert (await clerk.post("/staff/password", wrong))[0] == 403
    assert (await clerk.get("/staff"))[1] == "/staff/password"


async def test_after_the_change_the_desk_opens_and_the_first_password_is_dead(at_desk, first, open_page):
    status, _, html = await at_desk.get("/staff")
    assert status == 200
    assert "工作台" in html
    other = Clerk(open_page())
    assert (await other.sign_in(*first))[0] == 403
    assert (await other.sign_in(" ADMIN ", NEW_PASSWORD))[:2] == (303, "/staff")


async def test_the_token_is_new_at_every_sign_in_and_the_old_one_is_dead(at_desk, clerk):
    before = at_desk.cookie
    await at_desk.sign_in("admin", NEW_PASSWORD)
    assert at_desk.cookie != before
    async with aiohttp.ClientSession() as http:
        headers = {"Cookie": f"mianban_staff={before}"}
        async with http.get(f"{clerk.base}/staff", headers=headers, allow_redirects=False) as response:
            assert response.status == 303


async def test_the_cookie_is_strict_and_out_of_reach_of_scripts(clerk, first):
    fields = {"name": first[0], "password": first[1]}
    async with clerk.http.post(
        f"{clerk.base}/staff/sign-in", data=fields, headers={"Origin": clerk.base}, allow_redirects=False
    ) as response:
        cookie = response.headers["Set-Cookie"]
    assert "SameSite=Strict" in cookie
    assert "HttpOnly" in cookie
    assert "Path=/staff" in cookie
    assert "Max-Age" not in cookie


async def test_signing_out_ends_the_session_on_the_server(at_desk, clerk):
    cookie, token = at_desk.cookie, await at_desk.token()
    assert (await at_desk.post("/staff/sign-out", {"form_token": token}))[:2] == (303, "/staff/sign-in")
    async with aiohttp.ClientSession() as http:
        headers = {"Cookie": f"mianban_staff={cookie}"}
        async with http.get(f"{clerk.base}/staff", headers=headers, allow_redirects=False) as response:
            assert response.headers["Location"] == "/staff/sign-in"


@pytest.mark.parametrize(
    ("headers", "token"),
    [
        ({"Origin": "http://evil.example"}, "right"),
        ({"Origin": "null"}, "right"),
        ({}, "wrong"),
        ({}, ""),
    ],
)
async def test_another_site_cannot_act_in_a_clerks_name(at_desk, headers, token):
    right = await at_desk.token()
    fields = {"form_token": right if token == "right" else token}
    for path in ("/staff/retry", "/staff/sign-out", "/staff/password"):
        assert (await at_desk.post(path, fields, **headers))[0] == 403
    assert (await at_desk.get("/staff"))[0] == 200


async def test_signing_in_from_another_sites_form_is_refused(clerk, first):
    fields = {"name": first[0], "password": first[1]}
    assert (await clerk.post("/staff/sign-in", fields, Origin="http://evil.example"))[0] == 403
    async with clerk.http.post(f"{clerk.base}/staff/sign-in", data=fields, allow_redirects=False) as response:
        assert response.status == 403


async def test_guessing_takes_longer_and_longer_and_waiting_helps(clerk, first, clock):
    for _ in range(5):
        status, _, html = await clerk.sign_in(first[0], "错误的密码")
        assert status == 403
        assert "账号或密码不对" in html
    status, _, html = await clerk.sign_in(*first)
    assert status == 429
    assert "请等" in html
    clock.advance(seconds=11)
    assert (await clerk.sign_in(*first))[0] == 303


async def test_an_idle_or_old_session_is_over(at_desk, clock):
    clock.advance(minutes=14)
    assert (await at_desk.get("/staff"))[0] == 200
    clock.advance(minutes=14)
    assert (await at_desk.get("/staff"))[0] == 200
    clock.advance(minutes=16)
    assert (await at_desk.get("/staff"))[0] == 303


async def test_the_empty_desk_says_so(at_desk):
    _, _, html = await at_desk.get("/staff")
    assert "现在没有工单" in html
    assert "没有发不出去的答复" in html


async def test_work_orders_show_what_a_clerk_needs_and_no_more(at_desk, city, clock):
    packet = Packet(
        reason="complaint",
        session_id="web:0123",
        user_id="web:0123",
        text=f"噪声扰民，电话13800138000，身份证51070219900101123X {HOSTILE}",
        form_title="投诉登记",
        slots={"place": "示例小区", "phone": "13800138000"},
        recent_replies=("请问在哪里？",),
        trace_id="abc123",
    )
    order = await city.work_orders.open("one", packet)
    await city.work_orders.add_note(order.number, "note-1", "今晚又吵了，打13900139000")
    _, _, html = await at_desk.get("/staff")
    for shown in (order.number, "投诉反映", "待受理", "投诉登记", "示例小区", "今晚又吵了", "abc123"):
        assert shown in html
    for hidden in ("13800138000", "13900139000", "51070219900101123X", "<img src=x"):
        assert hidden not in html
    assert "&lt;img src=x" in html
    assert "已过期限</dt><dd>0" in html
    clock.advance(days=60)
    await at_desk.sign_in("admin", NEW_PASSWORD)
    _, _, html = await at_desk.get("/staff")
    assert "，已过" in html
    assert "已过期限</dt><dd>1" in html


async def test_the_most_urgent_order_stands_first(at_desk, city):
    def packet(reason):
        return Packet(reason, "web:0123", "web:0123", "示例", "", {}, (), "abc123")

    numbers = {reason: (await city.work_orders.open(reason, packet(reason))).number for reason in REASONS}
    _, _, html = await at_desk.get("/staff")
    shown = sorted(numbers, key=lambda reason: html.index(numbers[reason]))
    assert shown == ["emergency", "asked", "misses", "error", "refused", "complaint"]
    assert all(words in html for words in REASONS.values())


async def test_a_dead_letter_is_shown_and_sent_again(at_desk, city, page):
    async def fail(envelope):
        raise DeliveryFailed(HOSTILE, is_permanent=True)

    send, city.channel.send = city.channel.send, fail
    await page.session()
    await page.post("m-0000001", "发不出")
    await city.worker.idle()
    assert await city.outbox.counts() == {"pending": 0, "dead": 1}
    city.channel.send = send
    turn = (await city.store.find(TURNS.name))[0]
    _, _, html = await at_desk.get("/staff")
    assert "试过 1 次" in html
    assert "<img src=x" not in html
    token = await at_desk.token()
    status, location, _ = await at_desk.post("/staff/retry", {"form_token": token, "turn": turn.key})
    assert (status, location) == (303, "/staff?retried=1")
    await city.worker.catch_up()
    assert (await city.outbox.counts()) == {"pending": 0, "dead": 0}
    assert (await at_desk.post("/staff/retry", {"form_token": token, "turn": turn.key}))[1] == "/staff?retried=0"
    assert (await at_desk.post("/staff/retry", {"form_token": token, "turn": "没有#1"}))[1] == "/staff?retried=0"


async def test_a_session_ends_after_eight_hours_however_busy(at_desk, clock):
    left = timedelta(hours=8)
    while left > timedelta(minutes=10):
        clock.advance(minutes=10)
        left -= timedelta(minutes=10)
        assert (await at_desk.get("/staff"))[0] == 200
    clock.advance(minutes=11)
    assert (await at_desk.get("/staff"))[0] == 303
