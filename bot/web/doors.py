"""What all handlers share, made once by the app factory."""

from dataclasses import dataclass

from aiohttp import web

from adapters.staff import StaffAccounts
from adapters.staff_sessions import StaffSessions
from bot.channels.web import WebChannel
from bot.web.citizens import Citizen, Citizens, Tickets
from bot.web.intake import Intake
from bot.web.origins import client_address, is_foreign
from bot.web.product import Product
from bot.web.rates import RateLimit
from bot.web.refusals import Refused


@dataclass(slots=True)
class Doors:
    """The product, and the doors' own small state. `is_draining` is set once the server goes down."""

    product: Product
    channel: WebChannel
    citizens: Citizens
    tickets: Tickets
    intake: Intake
    newcomers: RateLimit
    staff: StaffAccounts
    staff_sessions: StaffSessions
    is_draining: bool = False

    def address(self, request: web.Request) -> str:
        """Return the caller's address, behind our own proxies."""
        return client_address(request, self.product.settings.web.trusted_proxies)

    def require_own_page(self, request: web.Request) -> None:
        """Refuse what another site's page makes a citizen's browser do."""
        if is_foreign(request, self.product.settings.web):
            raise Refused(403, "foreign_origin")

    def require_citizen(self, request: web.Request) -> Citizen:
        """Return the citizen of the request, or refuse it."""
        citizen = self.citizens.of(request)
        if citizen is None:
            raise Refused(401, "no_session")
        return citizen


DOORS = web.AppKey("doors", Doors)
