"""Permissions over pages that belong to no domain (PRODUCT §11)."""

from typing import Any

from django.utils.translation import gettext_noop as _

VIEW_TOOLS = "web.view_tools"
VIEW_DASHBOARDS = "web.view_dashboards"
# Beyond PRODUCT §11: a view that everybody sees stands in everybody's way.
SHARE_VIEWS = "web.share_views"

NAMES: list[tuple[str, Any]] = [
    ("view_tools", _("View tools")),
    ("view_dashboards", _("View dashboards")),
    ("share_views", _("Share views with everyone")),
]
