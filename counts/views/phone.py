"""Counting on the phone: the counts of a store, and the way into a zone (PRODUCT §7)."""

from datetime import datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.db.models import Count as Number
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from inventory.full_counts import CountedNow
from omnichannel.catalog.models import Product
from omnichannel.documents import ActionError
from omnichannel.locations.at_store import AtStore
from omnichannel.locations.models import FulfillmentLocation
from omnichannel.locations.switches import Switches
from omnichannel.web.pages import KitPage

from .. import actions, permissions, queries
from ..actions.sessions import SILENCE
from ..actions.zones import zone_name
from ..models import Count, CountZone, ZoneSession
from ..queries import Standing
from .phone_scope import ENDED, count_of, decides, is_his, may_take_over, on_phones, work_of

MOST_COUNTS = 50
MOST_ZONES = 150
LONGEST_ZONE = 64


class PhonePage(AtStore, KitPage):
    """Whoever may count, in the store where he stands."""

    title = gettext_lazy("Count")
    permission_required = permissions.PERFORM_COUNTS
    http_method_names = ["get", "head", "options", "post"]

    @property
    def is_part(self) -> bool:
        """The page asks for what changes by itself, and shows it in its own place."""
        return "part" in self.request.GET


class CountHome(PhonePage):
    """Cycle counts that are open, the full count that is active, and what was done lately."""

    http_method_names = ["get", "head", "options"]

    def get(self, request: HttpRequest) -> HttpResponse:
        stores = self.stores()
        here = self.here(stores)
        context = {
            "title": self.title,
            "stores": stores,
            "here": here,
            "url": reverse("counts:phone"),
            **(self.of_store(here) if here else {}),
        }
        return self.answer(
            "counts/phone_list.html" if self.is_part else "counts/phone.html", context
        )

    def of_store(self, here: FulfillmentLocation) -> dict[str, Any]:
        rows = on_phones(self.request.user).filter(location=here)
        wanted = Q(recounts__done_at__isnull=True, recounts__withdrawn_at__isnull=True)
        wanted &= Q(recounts__isnull=False)
        open_ones = rows.exclude(status__in=ENDED).annotate(
            wanted=Number("recounts", filter=wanted, distinct=True)
        )
        at = Switches(here)
        return {
            "counts": list(open_ones.order_by("-type", "due_date", "pk")[:MOST_COUNTS]),
            "is_off": not (at.is_on("counts") or at.is_on("full_counts")),
            "today": timezone.localdate(timezone=ZoneInfo(here.time_zone)),
        }


class Listed(NamedTuple):
    """A zone as the phone lists it; `session` is the open one that is his, `is_silent` of another's."""

    zone: Standing
    session: ZoneSession | None
    is_silent: bool
    rank: int


class CountPage(PhonePage):
    """One count: its zones and who is in them, what is to be counted again, and a field to begin."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self.show(count_of(request.user, kwargs["uuid"]))

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        count = count_of(request.user, kwargs["uuid"])
        try:
            return self.open(count)
        except CountedNow as refused:
            return self.show(count, str(refused), 409, instead=refused.count)
        except ActionError as refused:
            return self.show(count, str(refused), 409)

    # ------------------------------------------------------------ opening
    def open(self, count: Count) -> HttpResponse:
        """Into the zone, or first the question whether it is to be counted again."""
        Switches(count.location).refuse_off(work_of(count), count.get_type_display())
        asked, user = self.request.POST, self.request.user
        zone = asked.get("zone", "")[:1_000]
        product = self.product(asked.get("product", ""))
        done = self.counted_before(count, zone)
        if done and not product and "again" not in asked:
            return self.ask(count, done)
        with transaction.atomic(durable=True):
            opened = actions.open_zone(
                pk=count.pk,
                zone=zone,
                by=user,  # type: ignore[arg-type]
                product_id=product.pk if product else None,
                is_typed=bool(asked.get("typed")),
                may_take_over="take" in asked and may_take_over(user),
            )
        if opened.taken_from:
            text = _("You have taken over from %(name)s. What %(name)s scanned stays counted.")
            messages.warning(self.request, text % {"name": opened.taken_from})
        return redirect("counts:phone-session", opened.session.uuid)

    def product(self, text: str) -> Product | None:
        """
        Raises:
            ActionError: nothing is known by this id.
        """
        if not text:
            return None
        found = Product.objects.filter(product_id=text[:256]).first()
        if found is None:
            raise ActionError(_("%s is no product. Reload the page.") % text[:60])
        return found

    def counted_before(self, count: Count, text: str) -> ZoneSession | None:
        """The newest session of a zone that nobody is in and that nobody wants counted again."""
        if count.is_full and self.request.POST.get("typed") and not settings.COUNT_TYPED_ZONES:
            return None
        zone = CountZone.objects.filter(
            count=count, name=zone_name(text) if count.is_full else ""
        ).first()
        if zone is None or zone.sessions.filter(status=ZoneSession.Status.OPEN).exists():
            return None
        if wanted_of(count).filter(zone=zone, product=None).exists():
            return None
        done = zone.sessions.filter(status=ZoneSession.Status.COMPLETED).select_related("zone")
        return done.order_by("-number").first()

    def ask(self, count: Count, done: ZoneSession) -> HttpResponse:
        here = Q(zone=done.zone) | Q(zone=None)
        context = {
            "title": done.zone.name or count.name,
            "count": count,
            "done": done,
            "typed": self.request.POST.get("typed", ""),
            "wanted": wanted_of(count).filter(here, product__isnull=False),
            "decides": decides(self.request.user, count),
        }
        return self.answer("counts/phone_again.html", context)

    # ------------------------------------------------------------ the page
    def show(
        self, count: Count, fault: str = "", status: int = 200, instead: Any = None
    ) -> HttpResponse:
        """`instead` is the id of the count in which it has to be counted."""
        count.refresh_from_db()
        context: dict[str, Any] = {
            "title": count.name,
            "count": count,
            "fault": fault,
            "instead": instead,
            "is_over": count.status in ENDED,
            "is_typed_allowed": settings.COUNT_TYPED_ZONES,
            "longest": LONGEST_ZONE,
            "decides": decides(self.request.user, count),
            **self.standing(count),
        }
        if fault:
            context["taking"] = self.taking(count)
        template = "counts/phone_standing.html" if self.is_part else "counts/phone_count.html"
        return self.answer(template, context, status)

    def standing(self, count: Count) -> dict[str, Any]:
        user: Any = self.request.user
        sessions = ZoneSession.objects.filter(count=count, status=ZoneSession.Status.OPEN)
        open_ones = {session.zone_id: session for session in sessions}
        wanted = list(wanted_of(count))
        zones = queries.standing(count)
        listed = [stand(zone, open_ones.get(zone.zone_id), user) for zone in zones]
        listed.sort(key=lambda one: one.rank)
        return {
            "zones": listed[:MOST_ZONES],
            "more_zones": max(0, len(listed) - MOST_ZONES),
            "wanted": wanted,
            "done": sum(zone.status == "COMPLETED" for zone in zones),
            "never": sum(zone.status == "NEVER" for zone in zones),
            "total": len(zones),
            "people": len(
                {one.associate_id for one in sessions if not is_silent(one.heartbeat_at)}
            ),
            "zone": listed[0] if listed and not count.is_full else None,
            "listed": count.lines.filter(is_listed=True).count() if not count.is_full else 0,
        }

    def taking(self, count: Count) -> ZoneSession | None:
        """Whose zone was asked for, where he may take it over."""
        if not may_take_over(self.request.user):
            return None
        text = self.request.POST.get("zone", "")
        try:
            name = zone_name(text) if count.is_full else ""
        except ActionError:
            return None
        held = ZoneSession.objects.filter(
            zone__count=count, zone__name=name, status=ZoneSession.Status.OPEN
        )
        return held.select_related("zone").first()


def wanted_of(count: Count) -> Any:
    """What is to be counted again, oldest first."""
    return queries.open_recounts(count)


def stand(zone: Standing, session: ZoneSession | None, user: Any) -> Listed:
    """His own zones first, then those to count again, of others, never counted, done."""
    mine = bool(session and is_his(session, user))
    silent = bool(session and not mine and is_silent(session.heartbeat_at))
    ranks = {"COUNTING": 2, "NEVER": 3, "COMPLETED": 4}
    rank = 0 if mine else 1 if zone.is_recount_asked else ranks[zone.status]
    return Listed(zone, session if mine else None, silent, rank)


def is_silent(heard: datetime) -> bool:
    """Anybody may take the zone over."""
    return timezone.now() - heard >= SILENCE
