"""Who is let in: origins, tickets, sessions, methods, sizes, addresses."""

import asyncio

import aiohttp
import pytest
from aiohttp.test_utils import make_mocked_request

from bot.web.origins import client_address, is_private_caller


async def handshake(page, ticket, **headers):
    """Return the status with which a socket is opened or refused."""
    try:
        async with page.http.ws_connect(f"{page.base}/ws?ticket={ticket}", headers=headers):
            return 101
    except aiohttp.WSServerHandshakeError as error:
        return error.status


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("{own}", 101),
        ("http://localhost:{port}", 101),
        ("http://127.0.0.1:{other_port}", 403),
        ("https://127.0.0.1:{port}", 403),
        ("http://127.0.0.1:{port}.evil.example", 403),
        ("http://127.0.0.1:{port}@evil.example", 403),
        ("http://evil.example", 403),
        ("{own}/", 403),
        ("null", 403),
        ("", 403),
        (None, 403),
    ],
)
async def test_a_socket_opens_only_for_our_own_page(page, city, origin, status):
    ticket = (await page.session())["ticket"]
    port = int(page.base.rpartition(":")[2])
    written = None if origin is None else origin.format(own=page.base, port=port, other_port=port % 60000 + 1)
    assert await handshake(page, ticket, **({} if written is None else {"Origin": written})) == status
    assert city.refusals("foreign_origin") == (status == 403)


@pytest.mark.parametrize("sections", [{"web": {"public_url": "https://mianban.example"}}])
async def test_behind_a_public_address_only_that_origin_counts(page):
    async with page.http.post(f"{page.base}/api/session", headers={"Origin": "https://mianban.example"}) as response:
        assert response.status == 200
        ticket = (await response.json())["ticket"]
        cookie = response.headers["Set-Cookie"]
        assert response.headers["Strict-Transport-Security"]
    assert "Secure" in cookie
    value = cookie.split(";")[0]
    assert await handshake(page, ticket, Origin=page.base, Cookie=value) == 403
    assert await handshake(page, ticket, Origin="https://mianban.example", Cookie=value) == 101


async def test_a_ticket_works_once(page):
    ticket = (await page.session())["ticket"]
    assert await handshake(page, ticket, Origin=page.base) == 101
    assert await handshake(page, ticket, Origin=page.base) == 403


async def test_a_ticket_works_for_thirty_seconds_and_for_its_own_session(open_page, clock):
    page, stranger = open_page(), open_page()
    ticket = (await page.session())["ticket"]
    clock.advance(seconds=31)
    assert await handshake(page, ticket, Origin=page.base) == 403
    ticket = (await page.session())["ticket"]
    await stranger.session()
    assert await handshake(stranger, ticket, Origin=page.base) == 403
    assert await handshake(page, "", Origin=page.base) == 403
    assert await handshake(page, "made-up", Origin=page.base) == 403


async def test_a_session_is_anonymous_and_kept_from_scripts(page, city):
    async with page.http.post(f"{page.base}/api/session") as response:
        cookie = response.headers["Set-Cookie"]
    value = cookie.split("=", 1)[1].split(";")[0]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Secure" not in cookie
    assert len(bytes.fromhex(value.split(".")[0])) == 16
    await page.post("m-0000001", "挂号")
    await city.worker.idle()
    stored = await city.store.find("turns")
    assert stored[0].document["session_id"].startswith("web:")
    assert value.split(".")[0] not in str(stored[0].document)


async def test_a_session_lasts_over_a_renewal_and_a_made_up_one_is_none(page, open_page):
    await page.session()
    await page.post("m-0000001", "挂号")
    await page.session()
    assert (await page.post("m-0000001", "挂号"))[1]["is_new"] is False
    forger = open_page()
    for value in ("0" * 32, f"{'0' * 32}.{'0' * 32}", "../..", "x" * 5000):
        async with forger.http.get(
            f"{forger.base}/api/messages", headers={"Cookie": f"mianban_session={value}"}
        ) as response:
            assert response.status == 401


@pytest.mark.parametrize("method", ["POST", "GET", "DELETE"])
async def test_another_sites_page_gets_nothing(page, method):
    await page.session()
    path = "/api/session" if method == "DELETE" else "/api/messages"
    for headers in ({"Origin": "http://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"}):
        async with page.http.request(
            method, page.base + path, json={"message_id": "m-0000001", "text": "x"}, headers=headers
        ) as response:
            assert response.status == 403
            assert "Access-Control-Allow-Origin" not in response.headers


async def test_a_form_of_another_site_cannot_be_a_message(page, city):
    await page.session()
    async with page.http.post(
        f"{page.base}/api/messages",
        data='{"message_id":"m-0000001","text":"x"}',
        headers={"Content-Type": "text/plain"},
    ) as response:
        assert response.status == 415
    assert city.talk.taken == []


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"\xff\xfe", 400),
        (b'{"message_id": "m-0000001", "text": "\\ud800"}', 400),
        (b'{"message_id": "m-0000001", "text": "x", "text": "y"}', 400),
        (b'{"message_id": {"$ne": null}, "text": "x"}', 400),
        (b'{"message_id": "m-0000001", "text": NaN}', 400),
        (b'{"message_id": "../../etc", "text": "x"}', 400),
        (b"[" * 100_000, 400),
        (b'{"message_id": "m-0000001", "text": "' + b"x" * (256 * 1024) + b'"}', 413),
    ],
)
async def test_malformed_bodies_are_refused_and_never_a_fault_of_ours(page, body, status):
    await page.session()
    async with page.http.post(
        f"{page.base}/api/messages", data=body, headers={"Content-Type": "application/json"}
    ) as response:
        content = await response.json()
        assert response.status == status
        assert content["status"] == status
        assert "Traceback" not in str(content)


async def test_a_compressed_body_is_not_unpacked(page):
    await page.session()
    async with page.http.post(
        f"{page.base}/api/messages", json={"message_id": "m-0000001", "text": "长" * 50_000}, compress="gzip"
    ) as response:
        assert response.status == 400


@pytest.mark.parametrize("after", ["-1", "x", "1e3", "9" * 40, "١"])
async def test_a_wrong_sequence_is_refused(page, after):
    await page.session()
    async with page.http.get(f"{page.base}/api/messages", params={"after": after}) as response:
        assert response.status == 400


async def test_new_sessions_from_one_address_are_bounded(page, city):
    http = aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar())
    async with http:
        statuses = []
        for _ in range(301):
            async with http.post(f"{page.base}/api/session") as response:
                statuses.append(response.status)
    assert statuses == [200] * 300 + [429]
    assert city.refusals("rate") == 1


async def test_headers_that_come_drop_by_drop_are_cut(web, monkeypatch):
    port = int(web.url.rpartition(":")[2])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET /healthz HTTP/1.1\r\nHost: x\r\n")
    async with asyncio.timeout(20):
        while not reader.at_eof():
            await asyncio.sleep(1)
            writer.write(b"X-A: b\r\n")
            try:
                await writer.drain()
                await asyncio.wait_for(reader.read(1), 0.05)
            except TimeoutError:
                continue
            except ConnectionError:
                break
    writer.close()


def request_from(peer, **headers):
    return make_mocked_request("GET", "/", headers=headers, transport=FakeTransport(peer))


class FakeTransport:
    """A transport that knows only its addresses."""

    def __init__(self, peer):
        self._known = {"peername": (peer, 50000), "sockname": ("127.0.0.1", 8080)}

    def get_extra_info(self, name, default=None):
        return self._known.get(name, default)


@pytest.mark.parametrize(
    ("proxies", "forwarded", "expected"),
    [
        (0, None, "10.0.0.1"),
        (0, "1.2.3.4", "10.0.0.1"),
        (1, "1.2.3.4", "1.2.3.4"),
        (1, "6.6.6.6, 1.2.3.4", "1.2.3.4"),
        (2, "6.6.6.6, 1.2.3.4, 10.0.0.2", "1.2.3.4"),
        (2, "1.2.3.4", "1.2.3.4"),
        (1, "not an address", "10.0.0.1"),
        (1, None, "10.0.0.1"),
        (1, "2001:db8::7", "2001:db8::7"),
    ],
)
def test_only_our_own_proxies_are_believed(proxies, forwarded, expected):
    headers = {} if forwarded is None else {"X-Forwarded-For": forwarded}
    assert client_address(request_from("10.0.0.1", **headers), proxies) == expected


@pytest.mark.parametrize(
    ("peer", "proxies", "forwarded", "is_private"),
    [
        ("127.0.0.1", 0, None, True),
        ("10.1.2.3", 0, None, True),
        ("1.2.3.4", 0, None, False),
        ("127.0.0.1", 0, "1.2.3.4", False),
        ("127.0.0.1", 0, "127.0.0.1", False),
        ("127.0.0.1", 1, "1.2.3.4", False),
        ("127.0.0.1", 1, "192.168.1.2", True),
    ],
)
def test_who_counts_as_a_private_caller(peer, proxies, forwarded, is_private):
    headers = {} if forwarded is None else {"X-Forwarded-For": forwarded}
    assert is_private_caller(request_from(peer, **headers), proxies) is is_private
