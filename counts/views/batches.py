"""The counts of one creation (PRODUCT §7)."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from omnichannel.web.cells import stamp_html
from omnichannel.web.details import DetailPage, Fact, Section, one

from .. import tables
from ..models import Count, CountBatch
from .crumbs import COUNTS
from .detail import name_of
from .places import SEEING


class BatchDetail(DetailPage):
    crumbs = COUNTS
    permission_required = SEEING

    def counts(self) -> Any:
        return Count.objects.visible_to(self.request.user)

    def get_object(self) -> CountBatch:
        seen = CountBatch.objects.filter(counts__in=self.counts()).distinct()
        return one(seen.select_related("by"), uuid=self.kwargs["uuid"])

    def get_title(self, found: CountBatch) -> str:
        return _("Counts made together")

    def facts(self, found: CountBatch) -> Iterable[Fact]:  # type: ignore[override]
        rows = self.counts().filter(batch=found)
        yield Fact(_("Created by"), name_of(found.by))
        yield Fact(_("Created"), stamp_html(found.created_at, "UTC"), "UTC")
        for status in Count.Status:
            if number := rows.filter(status=status).count():
                yield Fact(status.label, number)

    def sections(self, found: CountBatch) -> Iterable[Section]:  # type: ignore[override]
        rows = self.counts().filter(batch=found).order_by("location__name_key", "pk")
        yield Section(_("Counts"), tables.CountTable, rows)
