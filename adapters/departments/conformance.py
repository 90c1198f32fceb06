"""Check that a hospital's server keeps the contract's promises: `python -m adapters.departments.conformance URL`.

It books and cancels for synthetic people: run it against a test environment only. An access token is read from
HOSPITAL_API_TOKEN. The report is in Chinese, for the city's engineers; the exit status is 1 if a promise is broken.
"""

import asyncio
import contextlib
import os
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import aiohttp

from adapters.departments.examiner import Breach, Examiner, expect, synthetic_id_number

_CONTENDERS = 20
_PATIENTS = "/accounts/{account_id}/patients"
_RESCHEDULING = "/appointments/{appointment_id}/rescheduling"
Check = Callable[[Examiner], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What came of one check: `title` and `detail` are Chinese; `detail` is empty when it passed."""

    name: str
    title: str
    passed: bool
    detail: str = ""


async def run(url: str, token: str | None = None) -> list[CheckResult]:
    """Run all checks against the server at `url`, one after the other, and give back what they booked."""
    timeout = aiohttp.ClientTimeout(total=30)
    async with aiohttp.ClientSession(timeout=timeout, cookie_jar=aiohttp.DummyCookieJar()) as web:
        examiner = Examiner(web, url, token)
        results = [await _run_one(examiner, name, title, check) for name, (title, check) in CHECKS.items()]
        with contextlib.suppress(Breach, aiohttp.ClientError, TimeoutError):
            await examiner.give_back()
        return results


async def _run_one(examiner: Examiner, name: str, title: str, check: Check) -> CheckResult:
    try:
        await check(examiner)
        await examiner.give_back()
    except Breach as breach:
        return CheckResult(name, title, False, str(breach))
    except (aiohttp.ClientError, TimeoutError, OSError) as lost:
        return CheckResult(name, title, False, f"没有收到完整的答复（{type(lost).__name__}）")
    except (KeyError, IndexError, TypeError, ValueError, AttributeError) as broken:
        return CheckResult(name, title, False, f"答复里缺少需要的内容（{type(broken).__name__}: {broken}）")
    return CheckResult(name, title, True)


async def _reads_follow_the_contract(examiner: Examiner) -> None:
    await examiner.get("/health")
    session = (await examiner.bookable())[0]
    one = await examiner.get("/clinic-sessions/{session_id}", session_id=session["id"])
    expect(one.value["id"] == session["id"], "按编号查到的不是同一个门诊")
    await examiner.get("/notices", {"after": "0"})
    nobody = await examiner.get("/appointments", {"account_id": examiner.account()})
    expect(nobody.value["items"] == [], "没有用过的账号下不应有预约")


async def _unknown_things_are_not_found(examiner: Examiner) -> None:
    for path, parts in [
        ("/clinic-sessions/{session_id}", {"session_id": "no-such-session"}),
        ("/appointments/{appointment_id}", {"appointment_id": "no-such-appointment"}),
        ("/hospitals/{hospital_id}/departments", {"hospital_id": "no-such-hospital"}),
        ("/effects/{idempotency_key}", {"idempotency_key": examiner.key()}),
    ]:
        reply = await examiner.get(path, None, **parts)
        expect((reply.status, reply.code) == (404, "not_found"), f"GET {path} 应为 404 not_found，实际 {reply.status}")


async def _patients_are_masked_and_kept_once(examiner: Examiner) -> None:
    number, account_id = synthetic_id_number(), examiner.account()
    body = {"name": "测试示例", "phone": "13800000000", "id_number": number}
    first = await examiner.post(_PATIENTS, body, key=examiner.key(), account_id=account_id)
    again = await examiner.post(_PATIENTS, body, key=examiner.key(), account_id=account_id)
    listed = await examiner.get(_PATIENTS, account_id=account_id)
    expect(first.value["id"] == again.value["id"], "同一个人登记两次，得到了两个就诊人")
    expect(len(listed.value["items"]) == 1, "同一个人登记两次，列表里不止一个")
    expect(first.value["masked_id_number"] == f"{number[0]}{'*' * 15}{number[-2:]}", "掩码应只留第一位和最后两位")
    is_leaked = any(number in reply.text or number[6:14] in reply.text for reply in (first, again, listed))
    expect(not is_leaked, "答复里出现了完整的身份证号或其中的出生日期段")


async def _a_phone_is_shared_within_an_account(examiner: Examiner) -> None:
    account_id, other = examiner.account(), examiner.account()
    body = {"name": "测试示例", "phone": "13800000000", "id_number": synthetic_id_number()}
    first = await examiner.post(_PATIENTS, body, key=examiner.key(), account_id=account_id)
    shared = {"name": "家人示例", "phone_of": first.value["id"], "id_number": synthetic_id_number()}
    second = await examiner.post(_PATIENTS, shared, key=examiner.key(), account_id=account_id)
    expect(
        second.value.get("masked_phone") == "138****0000", f"phone_of 没有沿用电话，实际 {second.status} {second.code}"
    )
    foreign = await examiner.post(_PATIENTS, shared, key=examiner.key(), account_id=other)
    expect(foreign.code == "not_yours", f"别的账号的就诊人应为 not_yours，实际 {foreign.status} {foreign.code}")


async def _bad_patients_are_refused(examiner: Examiner) -> None:
    number = synthetic_id_number()
    wrong = number[:17] + ("1" if number[17] != "1" else "2")
    for body, code in [
        ({"name": "测试示例", "phone": "13800000000", "id_number": wrong}, "invalid_id_number"),
        ({"name": "测试示例", "phone": "13800000000"}, "guardian_required"),
        ({"name": "测试示例", "phone": "123", "id_number": number}, "invalid_phone"),
        ({"name": "测试示例", "id_number": number}, "invalid_phone"),
        ({"name": "测试示例", "phone": "13800000000", "phone_of": "p", "id_number": number}, "invalid_phone"),
    ]:
        reply = await examiner.post(_PATIENTS, body, key=examiner.key(), account_id=examiner.account())
        expect(reply.code == code, f"应拒绝为 {code}，实际 {reply.status} {reply.code}")


async def _a_key_is_required(examiner: Examiner) -> None:
    patient, session = await examiner.patient(), (await examiner.bookable())[-1]
    body = {"account_id": patient["account_id"], "patient_id": patient["id"], "session_id": session["id"]}
    reply = await examiner.post("/appointments", body, key=None)
    expect((reply.status, reply.code) == (400, "key_required"), f"没有键应为 400 key_required，实际 {reply.status}")
    mine = await examiner.get("/appointments", {"account_id": patient["account_id"]})
    expect(mine.value["items"] == [], "没有键的请求也办理了")


async def _a_key_books_once(examiner: Examiner) -> None:
    patient, session = await examiner.patient(), (await examiner.bookable(least=3))[-1]
    before, key = await examiner.left(session["id"]), examiner.key()
    replies = await asyncio.gather(*(examiner.book(patient, session["id"], key) for _ in range(10)))
    replies.append(await examiner.book(patient, session["id"], key))
    expect({reply.status for reply in replies} == {201}, f"同一个键应都返回 201，实际 {_statuses(replies)}")
    expect(len({reply.value["id"] for reply in replies}) == 1, "同一个键约到了几个不同的预约")
    expect(await examiner.left(session["id"]) == before - 1, "同一个键减了不止一个号，或者没有减号")


async def _a_reused_key_is_refused(examiner: Examiner) -> None:
    patient, key = await examiner.patient(), examiner.key()
    sessions = await examiner.bookable(least=3)
    await examiner.book(patient, sessions[-1]["id"], key)
    other = await examiner.book(await examiner.patient(), sessions[-1]["id"], key)
    expect((other.status, other.code) == (422, "key_reused"), f"应为 422 key_reused，实际 {other.status} {other.code}")


async def _outcomes_can_be_asked_for(examiner: Examiner) -> None:
    patient, session = await examiner.patient(), (await examiner.bookable(least=3))[-1]
    for key, status in [(examiner.key(), 201), (examiner.key(), 409)]:
        reply = await examiner.book(patient, session["id"], key)
        expect(reply.status == status, f"第一次应 201，重复预约应 409，实际 {reply.status} {reply.code}")
        record = await examiner.get("/effects/{idempotency_key}", idempotency_key=key)
        expect(record.status == 200, f"办理过的键应能查到，实际 {record.status}")
        expect(record.value == {"status": status, "body": reply.value}, "查到的结果与当时的答复不同")
        again = await examiner.book(patient, session["id"], key)
        expect((again.status, again.value) == (status, reply.value), f"同一个键再来一次，{status} 的答复变了")


async def _the_same_day_and_department_is_booked_once(examiner: Examiner) -> None:
    patient, session = await examiner.patient(), (await examiner.bookable(least=3))[-1]
    await examiner.book(patient, session["id"])
    before = await examiner.left(session["id"])
    second = await examiner.book(patient, session["id"])
    expect(second.code == "duplicate_booking", f"应为 duplicate_booking，实际 {second.status} {second.code}")
    expect(await examiner.left(session["id"]) == before, "被拒绝的预约也减了号")


async def _the_last_seat_is_won_once(examiner: Examiner) -> None:
    session_id = await _session_with_one_seat(examiner)
    patients = [await examiner.patient() for _ in range(_CONTENDERS)]
    replies = await asyncio.gather(*(examiner.book(patient, session_id) for patient in patients))
    won = [reply for reply in replies if reply.status == 201]
    expect(len(won) == 1, f"最后一个号应只有 1 人约到，实际 {len(won)} 人")
    expect({reply.code for reply in replies} == {"", "sold_out"}, f"其余的人应为 sold_out，实际 {_statuses(replies)}")
    expect(await examiner.left(session_id) == 0, "最后一个号约出后，剩余应为 0")


async def _rescheduling_is_all_or_nothing(examiner: Examiner) -> None:
    full_id = await _session_with_one_seat(examiner)
    await examiner.book(await examiner.patient(), full_id)
    hospital_id = (await examiner.get("/clinic-sessions/{session_id}", session_id=full_id)).value["hospital_id"]
    first, second = (await examiner.bookable(least=3, hospital_id=hospital_id))[-2:]
    booked = await examiner.book(await examiner.patient(), first["id"])
    seats = await examiner.left(first["id"]), await examiner.left(second["id"])
    failed = await _move(examiner, booked.value, full_id)
    expect(failed.code == "sold_out", f"改到约满的门诊应为 sold_out，实际 {failed.status} {failed.code}")
    kept = await examiner.get("/appointments/{appointment_id}", appointment_id=booked.value["id"])
    expect(kept.value["session"]["id"] == first["id"], "改期失败后，旧号没有保留")
    expect(await examiner.left(first["id"]) == seats[0], "改期失败后，旧号的剩余变了")
    moved = await _move(examiner, booked.value, second["id"])
    expect(moved.status == 200 and moved.value["session"]["id"] == second["id"], "改到有号的门诊没有成功")
    after = await examiner.left(first["id"]), await examiner.left(second["id"])
    expect(after == (seats[0] + 1, seats[1] - 1), f"改期后剩余应为 {(seats[0] + 1, seats[1] - 1)}，实际 {after}")


async def _cancelling_gives_one_seat_back(examiner: Examiner) -> None:
    session = (await examiner.bookable(least=3))[-1]
    before = await examiner.left(session["id"])
    booked = await examiner.book(await examiner.patient(), session["id"])
    for _ in range(2):
        reply = await examiner.cancel(booked.value["id"], booked.value["account_id"])
        expect(reply.status == 200, f"取消应为 200，实际 {reply.status} {reply.code}")
        expect(reply.value["state"] == "cancelled_by_user", "取消后的状态应为 cancelled_by_user")
    expect(await examiner.left(session["id"]) == before, "取消后剩余号数没有复原")


async def _strangers_cannot_touch_an_appointment(examiner: Examiner) -> None:
    patient, session = await examiner.patient(), (await examiner.bookable(least=3))[-1]
    booked = await examiner.book(patient, session["id"])
    stranger = await examiner.cancel(booked.value["id"], examiner.account())
    expect(stranger.code == "not_yours", f"别人取消应为 not_yours，实际 {stranger.status} {stranger.code}")
    kept = await examiner.get("/appointments/{appointment_id}", appointment_id=booked.value["id"])
    expect(kept.value["state"] == "reserved", "预约被别人取消了")
    theirs = await examiner.book(patient | {"account_id": examiner.account()}, session["id"])
    expect(theirs.code == "not_yours", f"用别人的就诊人预约应为 not_yours，实际 {theirs.status} {theirs.code}")


async def _session_with_one_seat(examiner: Examiner) -> str:
    """Book a session down to its last seat, and return its id."""
    session = (await examiner.bookable())[0]
    for _ in range(await examiner.left(session["id"]) - 1):
        await examiner.book(await examiner.patient(), session["id"])
    return str(session["id"])


async def _move(examiner: Examiner, appointment: dict[str, Any], session_id: str) -> Any:
    body = {"account_id": appointment["account_id"], "session_id": session_id}
    return await examiner.post(_RESCHEDULING, body, key=examiner.key(), appointment_id=appointment["id"])


def _statuses(replies: list[Any]) -> str:
    return "、".join(sorted({f"{reply.status} {reply.code}".strip() for reply in replies}))


CHECKS: dict[str, tuple[str, Check]] = {
    "reads_follow_contract": ("查询的答复符合契约", _reads_follow_the_contract),
    "unknown_not_found": ("不存在的东西返回 404", _unknown_things_are_not_found),
    "patients_masked_once": ("就诊人不重复、号码只给掩码", _patients_are_masked_and_kept_once),
    "phone_shared": ("一个账号里可以沿用另一位就诊人的电话", _a_phone_is_shared_within_an_account),
    "bad_patients_refused": ("错误的就诊人信息被拒绝", _bad_patients_are_refused),
    "key_required": ("没有键的请求不办理", _a_key_is_required),
    "key_books_once": ("同一个键只办一次", _a_key_books_once),
    "key_reused_refused": ("同一个键不能办两件事", _a_reused_key_is_refused),
    "outcome_resolvable": ("办理结果可以用键查询", _outcomes_can_be_asked_for),
    "duplicate_refused": ("同一天同一科室只能约一个号", _the_same_day_and_department_is_booked_once),
    "last_seat_once": (f"{_CONTENDERS} 人同时约最后一个号，只有 1 人约到", _the_last_seat_is_won_once),
    "reschedule_atomic": ("改期要么成功，要么保留旧号", _rescheduling_is_all_or_nothing),
    "cancel_gives_back": ("取消退回一个号", _cancelling_gives_one_seat_back),
    "strangers_refused": ("别人不能动我的预约", _strangers_cannot_touch_an_appointment),
}


def main() -> int:
    """Run from the command line, print the report, and return the exit status."""
    if len(sys.argv) != 2:
        sys.stderr.write("用法：python -m adapters.departments.conformance 服务地址\n")
        return 2
    results = asyncio.run(run(sys.argv[1], os.environ.get("HOSPITAL_API_TOKEN")))
    for result in results:
        sys.stdout.write(f"{'通过' if result.passed else '未通过'}  {result.title}  {result.detail}\n")
    return 0 if all(result.passed for result in results) else 1


if __name__ == "__main__":
    sys.exit(main())
