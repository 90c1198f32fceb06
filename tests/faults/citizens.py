"""Citizens of the fault suite: each books a clinic visit through all turns, and answers what is said, whatever it is.

A citizen knows nothing of the product but its words. Names are made up, numbers are synthetic (示例).
"""

import asyncio
import itertools
import random
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot.messages import InboundMessage
from tests.faults.fleet import Fleet
from tests.faults.street import Street, Told
from tests.faults.worker import CHANNEL

PLACES = (
    ("绵阳市中心医院", "儿科"), ("绵阳市中心医院", "骨科"), ("绵阳市中心医院", "眼科"), ("绵阳市中心医院", "皮肤科"),
    ("绵阳市中医医院", "针灸科"), ("绵阳市中医医院", "推拿科"), ("绵阳市中医医院", "眼科"),
    ("四川绵阳四〇四医院", "妇科"), ("四川绵阳四〇四医院", "骨科"), ("四川绵阳四〇四医院", "口腔科"),
    ("绵阳市第三人民医院", "神经内科"), ("绵阳市第三人民医院", "口腔科"),
)  # fmt: skip
CONTESTED = (
    ("绵阳市中心医院", "泌尿外科"), ("绵阳市中心医院", "肾内科"), ("绵阳市中心医院", "妇科"), ("绵阳市中医医院", "骨科"),
    ("绵阳市中医医院", "肛肠科"), ("四川绵阳四〇四医院", "眼科"), ("四川绵阳四〇四医院", "皮肤科"),
)  # fmt: skip
DAYS = ("明天上午", "明天下午", "后天上午", "后天下午", "星期四上午", "星期五上午")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_SURNAMES, _GIVEN = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗郑", "伟芳娜敏静丽强磊军洋勇艳杰娟涛超霞"
_QUIET_SECONDS = 0.15
_LONGEST_SILENCE_SECONDS = 60.0
_MOST_MESSAGES = 60


def id_number(number: int) -> str:
    """Return a synthetic identity number with a right check digit, another for each `number` up to 999,000."""
    body = f"5107031990{1 + number // 27972 % 12:02d}{1 + number // 999 % 28:02d}{number % 999:03d}"
    return body + "10X98765432"[sum(w * int(d) for w, d in zip(_WEIGHTS, body, strict=True)) % 11]


def phone(number: int) -> str:
    """Return a synthetic mobile number."""
    return f"139{number:08d}"


@dataclass
class Wish:
    """What a citizen wants: a visit, at once cancelled again or not; the hasty say yes twice, and repeat everything."""

    hospital: str
    department: str
    day: str
    cancels: bool = False
    is_hasty: bool = False


@dataclass
class Citizen:
    """One citizen with one session."""

    number: int
    wish: Wish
    fleet: Fleet
    chance: random.Random
    now: Callable[[], datetime]
    heard: list[Told] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    ending: str = ""
    puzzled: list[str] = field(default_factory=list)
    _seen: set[str] = field(default_factory=set)
    _numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))
    _news: asyncio.Event = field(default_factory=asyncio.Event)
    _later: list[asyncio.Task[None]] = field(default_factory=list)

    @property
    def user_id(self) -> str:
        return f"{CHANNEL}:c{self.number:05d}"

    @property
    def session_id(self) -> str:
        return self.user_id

    @property
    def name(self) -> str:
        return _SURNAMES[self.number % 20] + _GIVEN[self.number // 20 % 17] + _GIVEN[self.number // 340 % 17]

    def hear(self, told: Told) -> None:
        """Take in a reply; a second copy is dropped, as a messaging app would not."""
        if told.reply_id not in self._seen:
            self._seen.add(told.reply_id)
            self.heard.append(told)
            self._news.set()

    async def live(self) -> None:
        """Say what is wanted, answer until it has ended; `ending` says how."""
        unanswered = 0
        await self.say(f"我想挂{self.wish.hospital}{self.wish.department}的号，{self.wish.day}")
        while not self.ending:
            fresh = await self._listen(unanswered)
            if not fresh:
                self.ending = "silence"
                break
            unanswered = len(self.heard)
            await self._answer(fresh)
            if len(self.said) > _MOST_MESSAGES:
                self.ending = "endless"
        await asyncio.gather(*self._later)

    async def say(self, text: str) -> None:
        """Send a message until it is accepted; now and then the channel brings it twice, or again much later."""
        message = InboundMessage(
            channel=CHANNEL,
            session_id=self.session_id,
            message_id=f"c{self.number:05d}-{next(self._numbers)}",
            user_id=self.user_id,
            text=text,
            sent_at=self.now(),
        )
        self.said.append(text)
        await self.fleet.bring(message, copies=self.chance.choice((1, 1, 1, 2, 3)))
        if self.chance.random() < 0.1:
            self._later.append(asyncio.create_task(self._bring_again(message)))

    async def _bring_again(self, message: InboundMessage) -> None:
        await asyncio.sleep(self.chance.uniform(0.1, 3.0))
        await self.fleet.bring(message)

    async def _listen(self, since: int) -> list[Told]:
        """Return what was said since, once nothing more comes for a moment."""
        while True:
            self._news.clear()
            count = len(self.heard)
            wait = _QUIET_SECONDS if count > since else _LONGEST_SILENCE_SECONDS
            try:
                await asyncio.wait_for(self._news.wait(), wait)
            except TimeoutError:
                return self.heard[since:]

    async def _answer(self, fresh: list[Told]) -> None:
        for told in reversed(fresh):
            for words, answer in ANSWERS.items():
                if words in told.text:
                    await answer(self, told)
                    return
        self.puzzled += [told.text for told in fresh]  # the hasty get answers to what they said once too often

    async def confirm(self, _: Told) -> None:
        """Say yes; the hasty say it again at once."""
        await self.say("确认")
        if self.wish.is_hasty:
            await self.say("确认")

    async def booked(self, _: Told) -> None:
        """Be content, or cancel."""
        if self.wish.cancels:
            await self.say("取消预约")
        else:
            self.ending = "booked"

    async def choose(self, told: Told) -> None:
        """Take the first of what is offered, or the last where nobody is registered yet."""
        choices = told.choices
        if not choices:
            self.ending = "nothing offered"
            return
        await self.say(choices[0] if self.chance.random() < 0.5 else "1")

    async def wait_and_resume(self, _: Told) -> None:
        """Try again a little later."""
        await asyncio.sleep(self.chance.uniform(0.3, 1.0))
        await self.say("接着办")

    async def wait_for_news(self, _: Told) -> None:
        """Believe that news will come."""

    async def repeat(self, _: Told) -> None:
        """Say the last thing again."""
        await self.say(self.said[-1])

    async def give_name(self, _: Told) -> None:
        await self.say(self.name)

    async def give_id_number(self, _: Told) -> None:
        await self.say(id_number(self.number))

    async def give_phone(self, _: Told) -> None:
        await self.say(phone(self.number))

    async def register_anew(self, _: Told) -> None:
        await self.say("新增就诊人")

    async def conclude(self, told: Told) -> None:
        self.ending = told.text[:4]


ANSWERS: Mapping[str, Callable[[Citizen, Told], Coroutine[None, None, None]]] = {
    "确认预约吗": Citizen.confirm,
    "要取消这个预约吗": Citizen.confirm,
    "您选哪一个": Citizen.choose,
    "最近有号的是": Citizen.choose,
    "没对上是哪个号": Citizen.choose,
    "请选一个号": Citizen.choose,
    "您想哪天去": Citizen.choose,
    "请告诉我哪天去": Citizen.choose,
    "您想去哪家医院": Citizen.choose,
    "您有这些预约": Citizen.choose,
    "给哪位挂": Citizen.register_anew,
    "就诊人的姓名": Citizen.give_name,
    "身份证号": Citizen.give_id_number,
    "联系电话": Citizen.give_phone,
    "11位手机号": Citizen.give_phone,
    "连不上": Citizen.wait_and_resume,
    "正在处理中": Citizen.wait_for_news,
    "这句没有处理好": Citizen.repeat,
    "要接着办吗": Citizen.wait_and_resume,
    "预约成功": Citizen.booked,
    "没有约上": Citizen.conclude,
    "已经取消": Citizen.conclude,
    "没有取消成": Citizen.conclude,
    "已登记工单": Citizen.conclude,
}


async def inhabit(citizens: list[Citizen], street: Street) -> None:
    """Let citizens live side by side until all have ended."""
    for citizen in citizens:
        street.listen(citizen.session_id, citizen.hear)
    await asyncio.gather(*(citizen.live() for citizen in citizens))
