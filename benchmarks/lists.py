"""Stock On Hand beside its floor, beside itself without rows, and beside what is usual."""

from collections.abc import Callable, Iterator

from django.db import connection
from django.test import RequestFactory

from benchmarks import floor
from benchmarks.asking import HTMX, STOCK, Site, view_of
from benchmarks.filling import fill_stock, visitor
from benchmarks.ratio import Figure, Ratio, medians
from benchmarks.sizes import Sizes
from inventory.permissions import VIEW_INVENTORY_MANAGEMENT
from omnichannel.accounts.models import User
from omnichannel.web import keyset
from omnichannel.web.listing import Position, read_page
from omnichannel.web.lists import ListPage

NONE = f"{STOCK}?product=no-such-product"
DEEP = 1_000
# Above this many rows the admin's two exact counts are most of its page.
MANY = 5_000_000


def run(sizes: Sizes) -> Iterator[Figure]:
    fill_stock(sizes, sizes.stock_rows)
    user, site = visitor(is_scoped=False), Site(visitor(is_scoped=False))
    yield from beside_the_floor(sizes, user, site)
    yield from beside_the_usual(sizes, user)
    for sort in ("", "name", "store"):
        name = f"list_page_1000_{sort or 'by_key'}"
        yield deep_page(name, f"{STOCK}?sort={sort}", user, sizes.stock_rows, sizes.rounds(40))


def rows_of(user: User) -> Callable[[], str]:
    """SQL and table body of the first page, from the user's scope on."""
    view = view_of(STOCK, user)
    view.read()

    def rows() -> str:
        found = view.narrow(view.get_queryset(), {})
        order = keyset.ordering(view.table, "", is_descending=False)
        visible = tuple(view.table.base_columns)
        return read_page(view.table, found, visible, order, Position(), floor.ROWS).body

    return rows


def response_of(user: User) -> Callable[[], object]:
    """The whole answer to htmx, from the address on, for somebody whose session is read."""
    # As the middleware leaves it: whoever answers a request has read the permissions by then.
    user.has_perm(VIEW_INVENTORY_MANAGEMENT)

    def respond() -> object:
        view = view_of(STOCK, user)
        response = view.dispatch(view.request)
        assert response.status_code == 200
        return response

    return respond


def beside_the_floor(sizes: Sizes, user: User, site: Site) -> Iterator[Figure]:
    ours = rows_of(user)
    assert ours().count("<tr") == floor.by_hand().count("<tr") == floor.ROWS
    rows, swap, limit = medians(ours, response_of(user), floor.by_hand, rounds=sizes.rounds(100))
    yield Ratio("list_rows", rows, limit, 2.0)
    yield Ratio("list_htmx_response", swap, limit, 4.0)
    signed_in, whole, empty = medians(
        lambda: site.get(STOCK, HTMX),
        lambda: site.get(STOCK),
        lambda: site.get(NONE),
        rounds=sizes.rounds(40),
    )
    print(f"# list_htmx_response with session, sign-in and middleware: {signed_in * 1e3:.2f} ms")
    yield Ratio("list_page_beside_an_empty_one", whole, empty, 1.5)


def beside_the_usual(sizes: Sizes, user: User) -> Iterator[Figure]:
    with connection.cursor() as cursor:
        cursor.execute(floor.VIEW)
    root = User(is_superuser=True, is_staff=True, is_active=True)
    request = RequestFactory().get("/")
    rows, library = medians(rows_of(user), lambda: floor.library(request), rounds=sizes.rounds(30))
    yield Ratio("list_rows_beside_django_tables2", library, rows, 15, is_least=True)
    rows, swap, admin = medians(
        rows_of(user),
        response_of(user),
        lambda: floor.changelist(root),
        rounds=sizes.rounds(10),
        warm=2,
    )
    goal = 150 if sizes.stock_rows >= MANY else 20
    print(f"# list_htmx_response beside the admin's: {admin / swap:.1f} times as fast")
    yield Ratio("list_rows_beside_the_admin", admin, rows, goal, is_least=True)


def deep_page(name: str, address: str, user: User, rows_there: int, rounds: int) -> Figure:
    """Page 1000, or the middle of a shorter list, beside page 1."""
    view = view_of(address, user)
    rows = view.read()
    order = keyset.ordering(view.table, view.asked.sort, view.asked.is_descending)
    fields = [("-" if is_down else "") + path for path, is_down in order]
    place = min((DEEP - 1) * floor.ROWS, rows_there // 2)
    values = rows.order_by(*fields).values_list(*[path for path, _is_down in order])[place]
    deep, first = medians(
        reader(view, order, Position(list(values))), reader(view, order, Position()), rounds=rounds
    )
    return Ratio(name, deep, first, 2.0)


def reader(view: ListPage, order: keyset.Order, position: Position) -> Callable[[], object]:
    def read() -> object:
        rows = view.narrow(view.get_queryset(), {})
        return read_page(view.table, rows, view.asked.visible, order, position, floor.ROWS)

    return read
