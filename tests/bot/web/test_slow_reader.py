"""A page that never reads what it is sent."""

import asyncio
import socket

from tests.bot.channels.test_web import envelope


async def open_deaf_page(page):
    """Open a socket by hand and stop reading after the handshake, with as little room as the kernel allows."""
    ticket = (await page.session())["ticket"]
    cookie = "; ".join(f"{c.key}={c.value}" for c in page.http.cookie_jar)
    host, _, port = page.base.removeprefix("http://").partition(":")
    raw = socket.socket()
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    raw.setblocking(False)
    await asyncio.get_running_loop().sock_connect(raw, (host, int(port)))
    reader, writer = await asyncio.open_connection(sock=raw, limit=1024)
    writer.write(
        f"GET /ws?ticket={ticket} HTTP/1.1\r\nHost: {host}:{port}\r\nOrigin: {page.base}\r\nCookie: {cookie}\r\n"
        "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n".encode()
    )
    assert b" 101 " in await reader.readuntil(b"\r\n\r\n")
    return writer


async def test_it_is_given_up_and_the_other_pages_of_the_session_go_on(page, city):
    deaf = await open_deaf_page(page)
    async with page.socket() as good:
        await good.send(type="message", message_id="m-0000001", text="你好")
        session_id = (await good.next("reply"), (await city.store.find("turns"))[0].document["session_id"])[1]
        sent = 0
        async with asyncio.timeout(10):
            while city.channel.open_pages == 2:
                sent += 1
                await city.channel.send(envelope("长" * 10_000, session_id, sequence=sent + 1))
                assert (await good.next("reply"))["sequence"] == sent + 1
                await asyncio.sleep(0.01)
        assert city.channel.open_pages == 1
        await good.send(type="message", message_id="m-0000002", text="还在")
        assert (await good.next("reply"))["message"]["text"] == "收到：还在"
    deaf.close()
