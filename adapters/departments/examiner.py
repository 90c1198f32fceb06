"""The hands of the conformance suite: speak to a hospital's server, and hold every answer against the contract."""

import json
import random
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import aiohttp

from adapters.departments.schema import Contract

HOSPITAL_CONTRACT = Path(__file__).with_name("hospital.openapi.yaml")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ENOUGH = 6


class Breach(Exception):
    """The server does not keep a promise; the text says which, in Chinese, for the server's engineers."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer as it came."""

    status: int
    text: str
    value: Any

    @property
    def code(self) -> str:
        """Return the refusal code, or nothing."""
        return str(self.value.get("code", "")) if isinstance(self.value, dict) else ""


@dataclass
class Examiner:
    """One run against one server: synthetic accounts and people that nobody else has."""

    web: aiohttp.ClientSession
    url: str
    token: str | None = None
    contract: Contract = field(default_factory=lambda: Contract(HOSPITAL_CONTRACT))
    run_id: str = field(default_factory=lambda: secrets.token_hex(4))
    held: dict[str, str] = field(default_factory=dict)
    _count: int = 0

    async def get(self, path: str, query: Mapping[str, str] | None = None, **parts: str) -> Reply:
        """Read `path` (as in the contract, its parts filled in)."""
        return await self._exchange("GET", path, parts, query=query)

    async def post(self, path: str, body: Mapping[str, Any], *, key: str | None, **parts: str) -> Reply:
        """Ask for an effect; `key` None leaves the header out."""
        return await self._exchange("POST", path, parts, body=body, key=key)

    async def _exchange(
        self,
        method: str,
        path: str,
        parts: Mapping[str, str],
        *,
        query: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
        key: str | None = None,
    ) -> Reply:
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        if key is not None:
            headers["Idempotency-Key"] = key
        url = self.url.rstrip("/") + path.format_map(parts)
        async with self.web.request(
            method, url, params=query, json=body, headers=headers, allow_redirects=False
        ) as answer:
            text = await answer.text()
            try:
                value = json.loads(text)
            except ValueError as broken:
                raise Breach(f"{method} {path}：状态 {answer.status}，正文不是 JSON") from broken
            mistakes = self.contract.response_mistakes(method, path, answer.status, answer.content_type, value)
        if mistakes:
            raise Breach(f"{method} {path} 的答复不符合契约：{'；'.join(mistakes[:3])}")
        return Reply(answer.status, text, value)

    def key(self) -> str:
        """Return a key that was never used."""
        return f"conformance-{secrets.token_hex(12)}"

    def account(self) -> str:
        """Return an account that was never used."""
        self._count += 1
        return f"conformance-{self.run_id}-{self._count}"

    async def patient(self, account_id: str | None = None) -> dict[str, Any]:
        """Register a new synthetic adult, and return the patient."""
        body = {"name": "测试示例", "phone": "13800000000", "id_number": synthetic_id_number()}
        reply = await self.post(
            "/accounts/{account_id}/patients", body, key=self.key(), account_id=account_id or self.account()
        )
        expect(reply.status == 201, f"新就诊人应返回 201，实际 {reply.status} {reply.code}")
        return dict(reply.value)

    async def book(self, patient: Mapping[str, Any], session_id: str, key: str | None = None) -> Reply:
        """Book for a patient, and remember what is held, so that it can be given back."""
        body = {"account_id": patient["account_id"], "patient_id": patient["id"], "session_id": session_id}
        reply = await self.post("/appointments", body, key=key or self.key())
        if reply.status == 201:
            self.held[reply.value["id"]] = patient["account_id"]
        return reply

    async def cancel(self, appointment_id: str, account_id: str) -> Reply:
        """Cancel an appointment."""
        path = "/appointments/{appointment_id}/cancellation"
        return await self.post(path, {"account_id": account_id}, key=self.key(), appointment_id=appointment_id)

    async def give_back(self) -> None:
        """Cancel all that this run holds."""
        while self.held:
            appointment_id, account_id = self.held.popitem()
            await self.cancel(appointment_id, account_id)

    async def left(self, session_id: str) -> int:
        """Return the seats that are left in a session."""
        return int((await self.get("/clinic-sessions/{session_id}", session_id=session_id)).value["left"])

    async def bookable(self, least: int = 1, hospital_id: str | None = None) -> list[dict[str, Any]]:
        """Return a hospital's sessions that can be booked, fewest seats first; raises `Breach` if there are none."""
        for hospital in (await self.get("/hospitals")).value["items"]:
            if hospital_id in {None, hospital["id"]}:
                found = await self._sessions_of(hospital["id"])
                usable = [each for each in found if each["refusal_code"] is None and each["left"] >= least]
                if len(usable) >= _ENOUGH:
                    return sorted(usable, key=lambda each: int(each["left"]))
        raise Breach(f"找不到一家医院有 {_ENOUGH} 个以上还剩 {least} 个号的门诊，无法检查")

    async def _sessions_of(self, hospital_id: str) -> list[dict[str, Any]]:
        """Return sessions of the last days of the window: those can still be cancelled."""
        rules = (await self.get("/booking-rules", {"hospital_id": hospital_id})).value
        last = date.fromisoformat(rules["last_bookable_date"])
        days = {"date_from": (last - timedelta(days=4)).isoformat(), "date_to": last.isoformat()}
        found: list[dict[str, Any]] = []
        departments = await self.get("/hospitals/{hospital_id}/departments", hospital_id=hospital_id)
        for department in [each for each in departments.value["items"] if each["bookable"]][:6]:
            query = {"hospital_id": hospital_id, "department_id": department["id"]} | days
            found += (await self.get("/clinic-sessions", query)).value["items"]
        return found


def expect(is_kept: bool, otherwise: str) -> None:
    """Raise `Breach` unless the promise is kept."""
    if not is_kept:
        raise Breach(otherwise)


def synthetic_id_number(born: date = date(1990, 1, 1)) -> str:
    """Return a made-up number (GB 11643-1999) of somebody born up to 20,000 days before `born`."""
    day = born - timedelta(days=random.randrange(20_000))  # noqa: S311 - it only has to differ
    digits = f"510703{day:%Y%m%d}{random.randrange(1000):03d}"  # noqa: S311
    return digits + "10X98765432"[sum(w * int(d) for w, d in zip(_WEIGHTS, digits, strict=True)) % 11]
