from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.utils.translation import gettext_lazy as _

from omnichannel.sorting import sort_key


class Product(models.Model):
    """One sellable variant. `product_id` is the contract's id, `variant_group` its style."""

    id = models.AutoField(primary_key=True)
    product_id = models.CharField(_("product ID"), max_length=256, unique=True, db_collation="C")
    sku = models.CharField(_("SKU"), max_length=256, blank=True, db_collation="C")
    name = models.CharField(_("name"), max_length=512)
    name_key = models.CharField(max_length=600, editable=False, db_collation="C")
    size = models.CharField(_("size"), max_length=64, blank=True, db_collation="C")
    color = models.CharField(_("color"), max_length=64, blank=True, db_collation="C")
    variant_group = models.CharField(
        _("variant group"), max_length=256, blank=True, db_collation="C"
    )
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("product")
        verbose_name_plural = _("products")
        indexes = [
            *(
                models.Index(fields=[field, "id"], name=f"product_by_{field}")
                for field in ("name_key", "sku", "size", "color")
            ),
            models.Index(fields=["variant_group"], name="product_by_variant_group"),
            *(
                GinIndex(OpClass(models.F(field), "gin_trgm_ops"), name=f"product_{field}_trigrams")
                for field in ("name", "product_id", "sku")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.product_id} {self.name}"

    def save(self, *args: object, **kwargs: object) -> None:
        self.name_key = sort_key(self.name)
        super().save(*args, **kwargs)  # type: ignore[arg-type]


class ProductIdentifier(models.Model):
    """A further name by which a scan or an integration finds the product (EAN, UPC, …)."""

    id = models.AutoField(primary_key=True)
    product = models.ForeignKey(Product, models.CASCADE, related_name="identifiers")
    type = models.CharField(_("type"), max_length=32)
    value = models.CharField(_("value"), max_length=256, db_collation="C")

    class Meta:
        verbose_name = _("identifier")
        verbose_name_plural = _("identifiers")
        constraints = [
            models.UniqueConstraint(
                fields=["product", "type", "value"], name="identifier_once_per_product"
            )
        ]
        indexes = [models.Index(fields=["value"], name="identifier_by_value")]

    def __str__(self) -> str:
        return f"{self.type} {self.value}"


class Pricebook(models.Model):
    """Prices in one currency. `note` says where converted prices come from."""

    id = models.AutoField(primary_key=True)
    name = models.CharField(_("name"), max_length=64, unique=True)
    currency = models.CharField(_("currency"), max_length=3)
    note = models.CharField(_("note"), max_length=256, blank=True)

    class Meta:
        verbose_name = _("pricebook")
        verbose_name_plural = _("pricebooks")

    def __str__(self) -> str:
        return self.name


class Price(models.Model):
    """What a product costs in a pricebook; no row means no price, never 0 (PRODUCT §3)."""

    pk = models.CompositePrimaryKey("pricebook_id", "product_id")
    pricebook = models.ForeignKey(Pricebook, models.PROTECT, db_index=False)
    product = models.ForeignKey(Product, models.CASCADE, related_name="prices")
    value = models.DecimalField(_("value"), max_digits=12, decimal_places=2)

    class Meta:
        verbose_name = _("price")
        verbose_name_plural = _("prices")
        constraints = [
            models.CheckConstraint(condition=models.Q(value__gte=0), name="price_not_negative")
        ]

    def __str__(self) -> str:
        return f"{self.value}"


class ScanIdentifier(models.Model):
    """A kind of code that a scan may match; the first kind by position that finds one decides.

    `kind` is a column of the product (`product_id`, `sku`) or the type of an identifier, in lower
    case (`ean`, `upc`, …).
    """

    PRODUCT_ID = "product_id"
    SKU = "sku"

    id = models.SmallAutoField(primary_key=True)
    position = models.PositiveSmallIntegerField(_("position"))
    kind = models.CharField(_("kind"), max_length=32, unique=True, db_collation="C")
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("scan identifier")
        verbose_name_plural = _("scan identifiers")
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.kind
