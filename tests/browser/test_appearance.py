"""What the pages look like, as far as it can be measured: widths, sizes, contrast."""

import asyncio

import pytest

from bot.handoff import Packet
from bot.messages import OutboundMessage, TurnStatus

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

LONG_WORD = "MY20261122000001" * 12
CONTRASTS = """() => {
  const channel = (value) => { const c = value / 255; return c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4; };
  const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const numbers = (colour) => colour.match(/[0-9.]+/g).map(Number);
  const ground = (node) => {
    for (let at = node; at; at = at.parentElement) {
      const colour = numbers(getComputedStyle(at).backgroundColor);
      if (colour.length === 3 || colour[3] === 1) return colour;
    }
    return [255, 255, 255];
  };
  const poor = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode.parentElement;
    if (!walker.currentNode.textContent.trim() || !node.checkVisibility() || node.closest(".unseen, .skip, noscript, script")) continue;
    const [a, b] = [light(numbers(getComputedStyle(node).color)), light(ground(node))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) poor.push(`${ratio.toFixed(2)} ${node.className} ${walker.currentNode.textContent.trim().slice(0, 20)}`);
  }
  return poor;
}"""
OVERFLOW = """() => {
  const over = document.documentElement.scrollWidth - window.innerWidth;
  const outside = [...document.querySelectorAll("body *")].filter((node) => node.checkVisibility()
    && !node.closest(".skip, .unseen, .scroll-x") && node.getBoundingClientRect().right > window.innerWidth + 0.5);
  return over > 0 || outside.length ? outside.map((node) => node.className || node.tagName).slice(0, 5).concat(String(over)) : [];
}"""
SMALL_TARGETS = """(least) => [...document.querySelectorAll("button, summary, textarea, .bar a, a.source")]
  .filter((node) => node.checkVisibility() && !node.classList.contains("brand"))
  .map((node) => [node.textContent.trim().slice(0, 10), Math.round(node.getBoundingClientRect().height)])
  .filter(([, height]) => height < least)"""


def views():
    for width, height in ((320, 568), (390, 844), (1280, 900)):
        for scheme in ("light", "dark"):
            yield pytest.param(
                {"viewport": {"width": width, "height": height}, "color_scheme": scheme}, id=f"{width}-{scheme}"
            )


SMALL_PRINT = """(least) => {
  const small = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode.parentElement;
    if (!walker.currentNode.textContent.trim() || !node.checkVisibility() || node.closest(".unseen, .skip, noscript")) continue;
    const size = parseFloat(getComputedStyle(node).fontSize);
    if (size < least) small.push(`${size} ${walker.currentNode.textContent.trim().slice(0, 20)}`);
  }
  return small;
}"""


async def full_conversation(chat, city):
    """Show everything that a conversation can show."""
    long_answer = OutboundMessage(text=f"您的工单 {LONG_WORD} 已登记。", citations=city.cited().citations)
    city.talk.script["依据"] = (TurnStatus.ANSWERED, [long_answer])
    choices = ("上午 张晓琳 主治医师（普通）6元 余25个", "儿科", LONG_WORD[:40])
    city.talk.script["选"] = (TurnStatus.ASKED, [OutboundMessage(text="您选哪一个？", choices=choices)])
    city.talk.script["急"] = (TurnStatus.GUARDED_EMERGENCY, [OutboundMessage(text="请马上拨打 120。")])
    for number, text in enumerate((LONG_WORD, "急", "依据", "选"), start=1):
        await chat.say(text)
        await chat.answered(number)
    await chat.choices.first.wait_for()


@pytest.mark.parametrize("is_elder", [False, True], ids=["usual", "elder"])
@pytest.mark.parametrize("view", list(views()))
async def test_nothing_is_cut_off_and_all_can_be_read(chat, city, door, is_elder):
    page = chat.page
    if is_elder:
        await page.locator("#elder").click()
    least = 60 if is_elder else 44
    assert await page.evaluate(SMALL_TARGETS, least) == []
    await full_conversation(chat, city)
    assert await page.evaluate(OVERFLOW) == []
    assert await page.evaluate(CONTRASTS) == []
    assert await page.evaluate(SMALL_TARGETS, least) == []
    assert await page.evaluate(SMALL_PRINT, 18 if is_elder else 13) == []
    url = city.cited().citations[0].url
    for path in (url, "/documents", "/documents/old-sample", "/docs", "/staff/sign-in", "/nowhere"):
        await page.goto(door.url + path)
        assert await page.evaluate(OVERFLOW) == [], path
        assert await page.evaluate(CONTRASTS) == [], path


@pytest.mark.parametrize("view", list(views()))
async def test_the_desk_is_readable_on_a_phone_too(browser, city, door):
    packet = Packet("complaint", "web:1", "web:1", LONG_WORD, "投诉登记", {"place": LONG_WORD}, ("好的。",), "abc123")
    await city.work_orders.open("one", packet)
    await city.work_orders.open("two", Packet("emergency", "web:1", "web:1", "着火了", "", {}, (), "abc124"))
    name, password = await door.staff.create_first()
    page = await browser.new_page()
    await page.goto(f"{door.url}/staff")
    await page.get_by_label("账号").fill(name)
    await page.get_by_label("密码").fill(password)
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/staff/password")
    await page.get_by_label("现在的密码").fill(password)
    await page.get_by_label("新密码", exact=False).nth(0).fill("涪江边的第一个密码-2026")
    await page.get_by_label("再输一次新密码").fill("涪江边的第一个密码-2026")
    await page.get_by_role("button", name="保存").click()
    await page.wait_for_url("**/staff")
    for _ in range(2):
        assert await page.evaluate(OVERFLOW) == []
        assert await page.evaluate(CONTRASTS) == []
        await page.locator("#elder").click()
    await page.get_by_role("button", name="退出").click()
    await page.wait_for_url("**/staff/sign-in")


async def test_the_large_view_is_large_and_remembered(chat, city):
    page = chat.page
    toggle = page.locator("#elder")
    assert await toggle.text_content() == "长辈版"
    await toggle.click()
    assert await toggle.get_attribute("aria-pressed") == "true"
    await page.reload()
    assert await page.locator("html").get_attribute("data-view") == "elder"
    city.talk.script["选"] = (TurnStatus.ASKED, [OutboundMessage(text="选哪个？", choices=("儿科", "骨科"))])
    await chat.say("选")
    await chat.choices.first.wait_for()
    size = "node => parseFloat(getComputedStyle(node).fontSize)"
    assert await chat.replies.first.evaluate(size) >= 24
    assert await chat.text.evaluate(size) >= 24
    assert (await chat.choices.first.bounding_box())["height"] >= 60
    spacing = await chat.replies.first.evaluate("node => parseFloat(getComputedStyle(node).lineHeight)")
    assert spacing / 24 >= 1.3
    await page.locator("#elder").click()
    await page.reload()
    assert await page.locator("html").get_attribute("data-view") == "usual"


async def test_the_page_never_scrolls_as_a_whole_and_the_input_stays_in_view(chat, city):
    await full_conversation(chat, city)
    await chat.page.mouse.wheel(0, 5000)
    await asyncio.sleep(0.2)
    assert await chat.page.evaluate("() => window.scrollY") == 0
    box = await chat.text.bounding_box()
    assert box["y"] + box["height"] <= 844
    # A keyboard that takes half of the view.
    await chat.page.set_viewport_size({"width": 390, "height": 420})
    box = await chat.text.bounding_box()
    assert box["y"] + box["height"] <= 420
    assert await chat.choices.last.is_visible()


async def test_the_first_view_begins_at_its_beginning(chat):
    await chat.page.set_viewport_size({"width": 320, "height": 480})
    await chat.page.reload()
    await chat.page.locator("#connection").wait_for(state="hidden")
    await asyncio.sleep(0.3)
    assert await chat.page.locator("#scroll").evaluate("node => node.scrollTop") == 0


async def test_a_tall_question_is_shown_from_its_beginning(chat, city):
    choices = tuple(f"第{number}个科室" for number in range(30))
    city.talk.script["选"] = (TurnStatus.ASKED, [OutboundMessage(text="您想挂哪个科？", choices=choices)])
    await chat.page.locator("#elder").click()
    await chat.say("选")
    await chat.answered(1)
    await asyncio.sleep(0.2)
    box, top = await chat.replies.first.bounding_box(), (await chat.page.locator("#scroll").bounding_box())["y"]
    assert box["y"] >= top


@pytest.mark.parametrize("view", [{"viewport": {"width": 390, "height": 844}, "reduced_motion": "reduce"}])
async def test_nothing_moves_for_those_who_asked_for_that(chat, city):
    city.talk.may_go_on.clear()
    await chat.say("慢")
    await chat.page.locator("#typing").wait_for(state="visible")
    assert await chat.page.locator(".dots i").first.evaluate("node => getComputedStyle(node).animationName") == "none"
    city.talk.may_go_on.set()
    await chat.answered(1)


async def test_a_screen_reader_is_told(chat):
    tree = await chat.page.locator("body").aria_snapshot()
    assert 'log "对话内容"' in tree
    assert 'textbox "请输入要办的事"' in tree
    assert 'button "转人工"' in tree
    assert 'heading "绵办' in tree
    assert await chat.page.locator("#log").get_attribute("aria-live") == "polite"
    assert await chat.page.locator("#connection").get_attribute("role") == "status"
    assert await chat.page.locator("html").get_attribute("lang") == "zh-CN"
