"""The web application: every route that there is, and what stands around all of them."""

from aiohttp import web

from adapters.staff import StaffAccounts
from adapters.staff_sessions import StaffSessions
from bot.channels.web import WebChannel
from bot.web import api, api_description, assets, documents, operations, pages, sockets, staff_desk, staff_sign_in
from bot.web.citizens import Citizens, Tickets, cookie_key
from bot.web.doors import DOORS, Doors
from bot.web.intake import Intake
from bot.web.middlewares import add_headers, guard_the_door, refuse_kindly
from bot.web.product import Product
from bot.web.rates import RateLimit
from bot.web.requests import MOST_BODY_BYTES

NEWCOMERS_PER_MINUTE = 300  # many phones share an address of their mobile network

ROUTES = (
    ("GET", "/", pages.show_chat),
    ("GET", "/ws", sockets.open_socket),
    ("POST", "/api/session", api.open_session),
    ("DELETE", "/api/session", api.end_session),
    ("POST", "/api/messages", api.post_message),
    ("GET", "/api/messages", api.list_messages),
    ("GET", "/documents", documents.list_documents),
    ("GET", "/documents/{document_id}", documents.show_document),
    ("GET", "/docs", api_description.show_docs),
    ("GET", "/openapi.yaml", api_description.show_openapi),
    ("GET", "/static/{version}/{name}", assets.show_asset),
    ("GET", "/healthz", operations.show_alive),
    ("GET", "/readyz", operations.show_ready),
    ("GET", "/metrics", operations.show_metrics),
    ("GET", "/staff/sign-in", staff_sign_in.show_sign_in),
    ("POST", "/staff/sign-in", staff_sign_in.sign_in),
    ("GET", "/staff/password", staff_sign_in.show_password),
    ("POST", "/staff/password", staff_sign_in.change_password),
    ("POST", "/staff/sign-out", staff_sign_in.sign_out),
    ("GET", "/staff", staff_desk.show_desk),
    ("POST", "/staff/retry", staff_desk.retry),
)


def create_app(product: Product, *, staff: StaffAccounts | None = None) -> web.Application:
    """Return the application over a product whose channel `web` is a `WebChannel`; `staff` is for cheaper hashes in tests."""
    channel = product.channels.get("web")
    if not isinstance(channel, WebChannel):
        raise TypeError(f"the product's channel 'web' must be a WebChannel, not {type(channel).__name__}")
    settings, clock = product.settings, product.clock
    app = web.Application(middlewares=[refuse_kindly, guard_the_door], client_max_size=MOST_BODY_BYTES)
    app[DOORS] = Doors(
        product,
        channel,
        Citizens(
            cookie_key(settings.state_folder),
            product.identifiers,
            is_https=settings.web.public_url.startswith("https://"),
        ),
        Tickets(clock),
        Intake(product.inbox, product.trackers, clock, settings.conversation.messages_per_minute, channel.name),
        RateLimit(clock, NEWCOMERS_PER_MINUTE),
        staff or StaffAccounts(product.store, clock),
        StaffSessions(product.store, clock),
    )
    app.on_response_prepare.append(add_headers)
    for method, path, handler in ROUTES:
        app.router.add_route(method, path, handler)
        if method == "GET" and path != "/ws":
            app.router.add_route("HEAD", path, handler)
    app.on_shutdown.append(_close_pages)
    return app


async def _close_pages(app: web.Application) -> None:
    """Let nothing new in, and send the open pages away; they come back by themselves."""
    app[DOORS].is_draining = True
    app[DOORS].channel.close()
