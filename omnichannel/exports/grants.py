"""What a person may see, written down when a file is made and compared when it is handed out."""

from typing import Any

EVERYWHERE = "*"


def grants_of(user: Any) -> dict[str, list[str]]:
    """Permissions, and the stores of both scopes; "*" is all of them (PRODUCT §3)."""
    own = [str(pk) for pk in user.location_access.values_list("location_id", flat=True)]

    def stores(scope: str) -> list[str]:
        is_everywhere = user.is_superuser or scope == user.Scope.ALL_STORES
        return [EVERYWHERE] if is_everywhere else sorted(own)

    return {
        "permissions": sorted(user.get_all_permissions()),
        "stock": stores(user.stock_scope),
        "documents": stores(user.document_scope),
    }


def still_holds(user: Any, grants: dict[str, list[str]]) -> bool:
    """Whether nothing of what was granted has been taken away since."""
    now = grants_of(user)
    return all(
        EVERYWHERE in now[name] or set(was) <= set(now[name]) for name, was in grants.items()
    )
