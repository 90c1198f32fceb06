"""What stands around every route: headers, methods, refusals, operations, the way down."""

import asyncio
import socket

import pytest
import yaml

from bot.web.app import ROUTES, create_app
from bot.web.assets import FILES, VERSION, asset_url
from bot.web.product import PortHealth
from bot.web.server import serve

PATHS = sorted({path for _, path, _ in ROUTES})
VALUES = {"{document_id}": "guide-sample", "{version}": VERSION, "{name}": "chat.js"}


def concrete(path):
    for name, value in VALUES.items():
        path = path.replace(name, value)
    return path


@pytest.mark.parametrize("path", [*PATHS, "/nowhere", "/static/x/../../etc/passwd"])
async def test_every_response_has_the_security_headers(page, path):
    async with page.http.get(page.base + concrete(path), allow_redirects=False) as response:
        headers = response.headers
        policy = headers["Content-Security-Policy"]
        assert response.status < 500
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
        assert "geolocation=()" in headers["Permissions-Policy"]
        assert "frame-ancestors 'none'" in policy
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "Server" not in headers
        assert headers["Cache-Control"]


@pytest.mark.parametrize("path", PATHS)
async def test_methods_that_a_route_does_not_list_are_refused(page, path):
    allowed = {method for method, known, _ in ROUTES if known == path}
    allowed |= {"HEAD"} if "GET" in allowed and path != "/ws" else set()
    for method in {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND"} - allowed:
        async with page.http.request(method, page.base + concrete(path), allow_redirects=False) as response:
            assert response.status == 405, method
            assert response.headers["Allow"]


async def test_pages_hold_no_script_or_style_of_their_own(page):
    for path in ("/", "/documents", "/documents/guide-sample", "/docs", "/staff/sign-in"):
        async with page.http.get(page.base + path) as response:
            html = await response.text()
        assert response.status == 200
        assert "<style" not in html
        assert " style=" not in html
        assert " on" not in html.replace(" one", "").replace(" only", "").split("<body")[0]
        for script in html.split("<script")[1:]:
            assert script.split(">")[0].count('src="/static/') == 1
            assert script.split(">", 1)[1].startswith("</script>")


async def test_a_bug_shows_its_number_and_nothing_else(page, city):
    city.bug = RuntimeError("the secret of the house")
    async with page.http.get(f"{page.base}/readyz") as response:
        content = await response.json()
    assert response.status == 500
    assert content["code"] == "internal"
    assert "编号" in content["text"]
    assert "secret" not in str(content)


async def test_people_get_a_page_and_programs_get_json(page):
    async with page.http.get(f"{page.base}/nowhere", headers={"Accept": "text/html"}) as response:
        assert response.status == 404
        assert "没有找到这个页面" in await response.text()
    async with page.http.get(f"{page.base}/nowhere") as response:
        assert (await response.json())["code"] == "not_found"


async def test_files_are_served_by_name_and_kept_by_browsers(page):
    for name, (content_type, body) in FILES.items():
        async with page.http.get(page.base + asset_url(name)) as response:
            assert response.status == 200
            assert response.content_type == content_type
            assert "immutable" in response.headers["Cache-Control"]
            assert await response.read() == body
    async with page.http.get(f"{page.base}/static/old/chat.js") as response:
        assert (response.status, response.headers["Cache-Control"]) == (200, "no-store")
    for name in ("app.py", "..%2fapp.py", "%2e%2e%2f%2e%2e%2fapp.py", "chat.html"):
        async with page.http.get(f"{page.base}/static/{VERSION}/{name}") as response:
            assert response.status == 404


async def test_alive_and_ready(page, city):
    async with page.http.get(f"{page.base}/healthz") as response:
        assert response.status == 200
    async with page.http.get(f"{page.base}/readyz") as response:
        assert (response.status, (await response.json())["ports"]) == (200, {"store": "ok"})
    city.store.is_down = True
    async with page.http.get(f"{page.base}/readyz") as response:
        assert response.status == 503
        assert (await response.json())["status"] == "not_ready"
    async with page.http.get(f"{page.base}/healthz") as response:
        assert response.status == 200
    async with page.http.get(f"{page.base}/readyz", headers={"X-Forwarded-For": "1.2.3.4"}) as response:
        assert "ports" not in await response.json()


async def test_a_port_with_another_in_its_place_degrades_and_does_not_take_down(page, city):
    city.spare_ports = {"rasa": PortHealth("no connection", is_needed=False)}
    async with page.http.get(f"{page.base}/readyz") as response:
        content = await response.json()
    assert (response.status, content["status"]) == (200, "degraded")
    assert content["ports"] == {"store": "ok", "rasa": "no connection"}
    city.store.is_down = True
    async with page.http.get(f"{page.base}/readyz") as response:
        assert (response.status, (await response.json())["status"]) == (503, "not_ready")


async def test_metrics_are_for_our_own_network(page, city):
    async with page.http.get(f"{page.base}/metrics") as response:
        assert response.status == 200
        assert 'mianban_waiting{queue="inbox"} 0.0' in await response.text()
    async with page.http.get(f"{page.base}/metrics", headers={"X-Forwarded-For": "127.0.0.1"}) as response:
        assert response.status == 404
    city.store.is_down = True
    async with page.http.get(f"{page.base}/metrics") as response:
        assert response.status == 200


async def test_the_description_names_every_public_route_and_only_those(page):
    async with page.http.get(f"{page.base}/openapi.yaml") as response:
        description = yaml.safe_load(await response.text())
    described = {(method.upper(), path) for path, methods in description["paths"].items() for method in methods}
    public = {
        (method, path) for method, path, _ in ROUTES if not path.startswith(("/staff", "/static")) and path != "/"
    }
    assert described == public
    async with page.http.get(f"{page.base}/docs") as response:
        html = await response.text()
    assert all(path in html for _, path in described)


async def test_the_server_goes_down_gently(city, open_page, web):
    page = open_page()
    async with page.socket() as socket_:
        closing = asyncio.create_task(web.close())
        assert await socket_.close_code() == 1012
        await asyncio.wait_for(closing, 5)
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", int(web.url.rpartition(":")[2]))) != 0


async def test_a_message_that_has_come_in_is_stored_and_acknowledged_before_the_server_is_down(city, open_page, web):
    page = open_page()
    await page.session()
    city.store.is_inserting.clear()
    city.store.may_insert.clear()
    posting = asyncio.create_task(page.post("m-0000001", "挂号"))
    await city.store.is_inserting.wait()
    closing = asyncio.create_task(web.close())
    await asyncio.sleep(0.1)
    assert not closing.done()
    city.store.may_insert.set()
    assert await posting == (202, {"message_id": "m-0000001", "is_new": True})
    await asyncio.wait_for(closing, 5)


async def test_a_port_that_is_taken_is_said_at_once(city, web):
    with pytest.raises(OSError, match="address already in use"):
        await serve(city, "127.0.0.1", int(web.url.rpartition(":")[2]))


def test_the_product_must_have_the_web_channel(city):
    city.channels = {}
    with pytest.raises(TypeError, match="WebChannel"):
        create_app(city)
