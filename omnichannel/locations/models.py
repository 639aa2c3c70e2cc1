from collections.abc import Iterable
from functools import reduce
from operator import or_
from typing import Any, Self

from django.contrib.auth.models import AnonymousUser
from django.contrib.postgres.expressions import ArraySubquery
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from omnichannel.accounts.models import User
from omnichannel.arrays import IsAny
from omnichannel.sorting import sort_key

from . import permissions
from .configuration import Configuration
from .countries import country_name
from .profiles import LocationProfile


def own_locations(user: User) -> models.QuerySet:
    """Ids of the locations that `user` was given, as a subquery."""
    return LocationAccess.objects.filter(user=user).values("location_id")


def documents_of(user: User | AnonymousUser, *paths: str) -> Q:
    """One of `paths` is a location of the user's; anything, for who was given all (PRODUCT §3)."""
    if isinstance(user, AnonymousUser):
        return Q(pk__in=())
    if user.is_superuser or user.document_scope == User.Scope.ALL_STORES:
        return Q()
    own = own_locations(user)
    if len(paths) == 1:
        return Q(**{f"{paths[0]}__in": own})
    # Of two ends neither can be a join; the ids are read once, and an index may be asked for them.
    return reduce(or_, (Q(IsAny(F(path), ArraySubquery(own))) for path in paths))


def sees_documents_of(user: User | AnonymousUser, location_id: int) -> bool:
    """Whether the documents of a location are in the user's scope (PRODUCT §3)."""
    if isinstance(user, AnonymousUser):
        return False
    if user.is_superuser or user.document_scope == User.Scope.ALL_STORES:
        return True
    return LocationAccess.objects.filter(user=user, location=location_id).exists()


def currencies_of(stores: "models.QuerySet | Iterable[FulfillmentLocation]") -> list[str]:
    """The currencies of their pricebooks, in the order of the alphabet (PRODUCT §3)."""
    ids = stores if isinstance(stores, models.QuerySet) else [store.pk for store in stores]
    priced = FulfillmentLocation.objects.filter(pk__in=ids, pricebook__isnull=False).order_by()
    return sorted(set(priced.values_list("pricebook__currency", flat=True)))


class StockScopedQuerySet(models.QuerySet):
    """Rows of stock or of places: read in all stores unless the user is kept to his own."""

    location_path = "location"

    def visible_to(self, user: User | AnonymousUser, *, by_index: bool = False) -> Self:
        """PRODUCT §3: who may read which store's stock.

        Args:
            by_index: walk an index that begins with the location, in its order, for these
                locations alone; the usual join is better where few locations are left anyway.
        """
        if isinstance(user, AnonymousUser):
            return self.none()
        if user.is_superuser or user.stock_scope == User.Scope.ALL_STORES:
            return self
        if by_index:
            return self.filter(IsAny(F(self.location_path), ArraySubquery(own_locations(user))))
        return self.filter(**{f"{self.location_path}__in": own_locations(user)})


class DocumentScopedQuerySet(models.QuerySet):
    """Documents and their lines: seen only for the user's own locations, unless he was given all."""

    location_path = "location"

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """PRODUCT §3: who may see which store's documents."""
        return self.filter(documents_of(user, self.location_path))


class TwoEndedQuerySet(models.QuerySet):
    """Documents that lead from one location to another: seen from both, acted on at one."""

    ends: tuple[str, ...] = ("destination", "origin")
    acting_end = "origin"

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Who sends and who is sent to: both see the document (PRODUCT §3)."""
        return self.filter(documents_of(user, *self.ends))

    def acted_on_by(self, user: User | AnonymousUser) -> Self:
        """Who may do something about it."""
        return self.filter(documents_of(user, self.acting_end))


class FulfillmentLocationQuerySet(StockScopedQuerySet):
    location_path = "id"

    def acted_for_by(self, user: User | AnonymousUser) -> Self:
        """Where he sees documents and acts, which may be less than where he reads stock."""
        return self.filter(documents_of(user, "pk"))

    def named(self, *texts: str) -> Self:
        """Those with one of the texts as location id or as store id."""
        return self.filter(Q(code__in=texts) | Q(store_id__in=texts))

    def meant(self, text: str) -> "FulfillmentLocation | None":
        """By location id, or else by store id; a location id wins."""
        rows: list[Any] = list(self.named(text))
        return next((row for row in rows if row.code == text), None) or next(iter(rows), None)


class FulfillmentLocation(models.Model):
    """A store or a distribution centre; `code` is the contract's id."""

    class Kind(models.TextChoices):
        STORE = "STORE", _("Store")
        DC = "DC", _("Distribution centre")

    AUDITED_AS = ("location", "code")

    id = models.AutoField(primary_key=True)
    code = models.CharField(_("ID"), max_length=256, unique=True, db_collation="C")
    kind = models.CharField(_("type"), max_length=5, choices=Kind)
    store_id = models.CharField(
        _("store ID"), max_length=256, unique=True, null=True, blank=True, db_collation="C"
    )
    name = models.CharField(_("name"), max_length=256)
    name_key = models.CharField(max_length=300, editable=False, db_collation="C")
    city = models.CharField(_("city"), max_length=128, blank=True)
    country_code = models.CharField(_("country"), max_length=2, db_collation="C")
    time_zone = models.CharField(_("time zone"), max_length=64)
    pricebook = models.ForeignKey(
        "catalog.Pricebook", models.PROTECT, null=True, blank=True, verbose_name=_("pricebook")
    )
    is_inventory_master = models.BooleanField(
        _("stock is ours"),
        default=False,
        help_text=_("Whether this system owns the stock on hand; otherwise the ERP does."),
    )
    is_enabled = models.BooleanField(_("enabled"), default=True)

    objects = FulfillmentLocationQuerySet.as_manager()

    class Meta:
        verbose_name = _("location")
        verbose_name_plural = _("locations")
        permissions = permissions.NAMES
        indexes = [
            models.Index(fields=["name_key", "id"], name="location_by_name"),
            models.Index(fields=["country_code", "id"], name="location_by_country"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind="STORE", store_id__isnull=False)
                | models.Q(kind="DC", store_id__isnull=True),
                name="store_id_for_stores_only",
            ),
            models.CheckConstraint(
                condition=models.Q(kind="STORE") | models.Q(is_inventory_master=False),
                name="never_master_of_a_dc",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"

    def save(self, *args: object, **kwargs: object) -> None:
        self.name_key = sort_key(self.name)
        super().save(*args, **kwargs)  # type: ignore[arg-type]

    @property
    def country(self) -> str:
        return country_name(self.country_code)


class StockLocation(models.Model):
    """A named sub-inventory, the same names in every location; `_…` belong to the system."""

    MAIN = "main"
    IN_TRANSIT = "_in_transit"
    AUDITED_AS = ("stock_location", "name")

    id = models.SmallAutoField(primary_key=True)
    name = models.CharField(_("name"), max_length=64, unique=True, db_collation="C")
    display_name = models.CharField(_("display name"), max_length=128)
    is_salable = models.BooleanField(_("salable"), default=False)

    class Meta:
        verbose_name = _("stock location")
        verbose_name_plural = _("stock locations")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(is_salable=False) | models.Q(name="main"),
                name="only_main_is_salable",
            )
        ]

    def __str__(self) -> str:
        return self.display_name


class LocationAccess(models.Model):
    """A location that a user was given: there he acts and sees documents."""

    user = models.ForeignKey(
        User, models.CASCADE, related_name="location_access", verbose_name=_("user")
    )
    location = models.ForeignKey(
        FulfillmentLocation, models.CASCADE, db_index=False, verbose_name=_("location")
    )

    class Meta:
        verbose_name = _("location access")
        verbose_name_plural = _("location access")
        constraints = [
            models.UniqueConstraint(fields=["user", "location"], name="access_once_per_location")
        ]

    def __str__(self) -> str:
        return f"{self.user} → {self.location}"


class ReturnCondition(models.Model):
    """Where a returned item of a condition goes (PRODUCT §5, CONTRACT §4.1); unmapped: `returns`.

    `revision` rises with every change; an older one is refused.
    """

    AUDITED_AS = ("return_process_configuration", "condition_code")

    id = models.AutoField(primary_key=True)
    condition_code = models.IntegerField(_("condition code"), unique=True)
    stock_location = models.ForeignKey(
        StockLocation, models.PROTECT, related_name="+", verbose_name=_("stock location")
    )
    revision = models.IntegerField(_("revision"), default=1)

    class Meta:
        verbose_name = _("return condition")
        verbose_name_plural = _("return conditions")
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.condition_code} → {self.stock_location}"


__all__ = [
    "Configuration",
    "FulfillmentLocation",
    "LocationAccess",
    "LocationProfile",
    "ReturnCondition",
    "StockLocation",
]
