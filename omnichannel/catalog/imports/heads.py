"""What a file says about itself before its items (CONTRACT §4.3)."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from omnichannel.imports.archive import Source
from omnichannel.imports.rows import BadFile

TEXTS = ("pricebook", "currency", "catalog", "shop", "locale")


def check_head(source: Source, head: Mapping[str, Any]) -> None:
    """
    Raises:
        BadFile: a member that is a text is none.
    """
    for name in TEXTS:
        if not isinstance(head.get(name, ""), str | None):
            raise BadFile(
                _("%(file)s: head.%(name)s is no text.") % {"file": source.name, "name": name}
            )
