"""Saved views: whose they are, what they keep, and which of several decides (UI §7.6)."""

import html
import re
import uuid

import pytest
from django.contrib.auth.models import Group, Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from omnichannel.accounts.models import User
from omnichannel.web.models import ListChoice, RoleChoice, SavedView
from tests.people import person, signed_in

STOCK = "/store-operations/inventory/stock-on-hand/"
PRODUCTS = "/catalog/products/"
PAGE = "inventory:stock-on-hand"


@pytest.fixture
def stocked(world):
    for n in range(30):
        product = world.product(f"P-{n:02}", size=["S", "M"][n % 2], color=["Red", "Blue"][n % 2])
        world.post((product, n - 3))
    return world


@pytest.fixture
def client(stocked):
    return signed_in(person("operations", "Corporate Operations", document_scope="ALL_STORES"))


def me() -> User:
    return User.objects.get(username="operations")


def saved(owner: User | None = None, words: str = "level=negative", **fields: object) -> SavedView:
    fields = {"page": PAGE, "name": f"V{uuid.uuid4()}"[:20], **fields}
    return SavedView.objects.create(owner=owner or me(), words=words, **fields)


def text_of(response) -> str:
    return html.unescape(response.content.decode())


def count_of(response) -> int:
    return response.content.decode().count('<tr role="row"><td')


def tabs(response) -> list[str]:
    found = re.search(r'<nav class="tabs".*?</nav>', text_of(response), re.S)
    names = re.findall(r"<a [^>]*>(.*?)</a>", found[0], re.S)
    return [re.sub(r"<svg.*?</svg>|<span.*?</span>|\s+", " ", n, flags=re.S).strip() for n in names]


def save(client: Client, words: str, path: str = STOCK, **fields: str):
    fields = {"name": "Mine", "audience": "PRIVATE", **fields}
    return client.post("/views/new/", {"path": path, "words": words, **fields})


# ------------------------------------------------------------------ what a view keeps
def test_a_view_keeps_filters_columns_sort_and_density_and_no_position(client):
    words = "level=low&sort=-name&cols=name.on_hand&density=compact&rows=25&after=x&from=9&view=y"
    answer = save(client, words)
    view = SavedView.objects.get()
    assert view.words == "cols=name.on_hand&density=compact&level=low&sort=-name"
    assert answer["Location"] == f"{STOCK}?view={view.uuid}"
    page = client.get(answer["Location"])
    assert count_of(page) == 5
    assert 'data-density="compact"' in text_of(page)
    assert text_of(page).count('role="columnheader"') == 2
    assert 'aria-sort="descending"' in text_of(page)
    assert tabs(page) == ["All", "Mine"]


def test_the_address_goes_before_the_view_word_by_word(client):
    view = saved(words="level=negative&sort=-name")
    page = client.get(f"{STOCK}?view={view.uuid}&level=low")
    assert count_of(page) == 5
    assert 'aria-sort="descending"' in text_of(page)
    assert "Edited" in text_of(page)
    assert "Edited" not in text_of(client.get(f"{STOCK}?view={view.uuid}"))


def test_links_of_a_view_stand_by_themselves(client):
    """A page, a sort or a cleared filter of a view never falls back to the view's words."""
    view = saved(words="level=negative")
    page = text_of(client.get(f"{STOCK}?view={view.uuid}"))
    for link in re.findall(r'href="(\?[^"]+)"[^>]*hx-get', page):
        assert f"of={view.uuid}" in link
    cleared = client.get(f"{STOCK}?of={view.uuid}")
    assert count_of(cleared) == 30
    assert "Edited" in text_of(cleared)


def test_a_column_or_filter_that_is_gone_is_said_and_the_rest_holds(client):
    view = saved(words="cols=name.weight.on_hand&shelf=top&level=negative")
    page = client.get(f"{STOCK}?view={view.uuid}")
    assert page.status_code == 200
    assert "There is no column “weight” here." in text_of(page)
    assert "“shelf” is no filter of this list" in text_of(page)
    assert count_of(page) == 3


@pytest.mark.parametrize("word", ["view", "of"])
@pytest.mark.parametrize("value", ["nonsense", "1", "%00x", "all", "💩", "a" * 3000])
def test_nonsense_in_place_of_a_view_is_no_error(client, word, value):
    if value == "%00x":
        assert client.get(f"{STOCK}?{word}=%00x").status_code == 400
        return
    page = client.get(STOCK, {word: value})
    assert page.status_code == 200
    assert ("is no saved view" in text_of(page)) == (word == "view" and value != "all")


# ------------------------------------------------------------------ whose it is
def test_a_foreign_private_view_is_404_and_unknown(client):
    other = person("other", "Corporate Operations")
    theirs, unknown = saved(other, name="Secret"), uuid.uuid4()
    for address in (f"{STOCK}?view={theirs.uuid}", f"{STOCK}?view={unknown}"):
        assert client.get(address).status_code == 404
        assert client.get(address, headers={"HX-Request": "true"}).status_code == 404
    assert "Secret" not in text_of(client.get(STOCK))
    assert "Secret" not in text_of(client.get(f"{STOCK}?of={theirs.uuid}"))
    for act in ("begin", "fill", "delete", ""):
        answer = client.post(f"/views/{theirs.uuid}/", {"path": STOCK, "act": act, "words": "q=x"})
        assert answer.status_code == 404
    theirs.refresh_from_db()
    assert theirs.words == "level=negative"


def test_even_a_superuser_reads_no_private_view(client):
    admin = signed_in(person("root", is_superuser=True))
    assert admin.get(f"{STOCK}?view={saved(name='Secret').uuid}").status_code == 404


def test_a_view_of_a_role_is_its_members_alone(client):
    role = Group.objects.create(name="Night shift")
    member, stranger = person("member", "Viewer"), person("stranger", "Viewer")
    member.groups.add(role)
    view = saved(audience="GROUP", group=role, name="Nights")
    assert "Nights" in tabs(signed_in(member).get(STOCK))
    assert signed_in(member).get(f"{STOCK}?view={view.uuid}").status_code == 200
    assert signed_in(stranger).get(f"{STOCK}?view={view.uuid}").status_code == 404


def test_a_view_of_everyone_shows_each_his_own_rows(client, stocked):
    """A view is a question; the answer keeps to the scope of who asks."""
    stocked.post((stocked.product("T-1"), -4), where=stocked.tokyo)
    view = saved(audience="EVERYONE", words="level=negative")
    berlin = stocked.person_of(stocked.berlin)
    assert count_of(client.get(f"{STOCK}?view={view.uuid}")) == 4
    page = berlin.get(f"{STOCK}?view={view.uuid}")
    assert count_of(page) == 3
    assert "JP-01" not in text_of(page)


def test_only_some_may_share_with_everyone(client):
    manager = signed_in(person("manager", "Store Manager"))
    answer = save(manager, "level=low", audience="EVERYONE")
    assert answer.status_code == 400
    assert not SavedView.objects.exists()
    assert save(client, "level=low", audience="EVERYONE").status_code == 302


def test_a_role_that_is_not_ones_own_is_refused(client):
    foreign = Group.objects.create(name="Others")
    answer = save(client, "level=low", audience="GROUP", group=str(foreign.pk))
    assert answer.status_code == 400
    answer = save(client, "level=low", audience="GROUP")
    assert "Choose the role that is to see it." in text_of(answer)


def test_who_sees_a_shared_view_may_begin_with_it_but_not_change_it(client):
    other = person("other", "Viewer")
    view = saved(other, audience="EVERYONE", name="Theirs", words="level=out")
    viewer = signed_in(person("third", "Viewer"))
    assert viewer.post(f"/views/{view.uuid}/", {"path": STOCK, "act": "fill"}).status_code == 403
    assert viewer.post(f"/views/{view.uuid}/", {"path": STOCK, "act": "delete"}).status_code == 403
    assert viewer.get(f"/views/{view.uuid}/", {"path": STOCK}).status_code == 403
    assert viewer.post(f"/views/{view.uuid}/", {"path": STOCK, "act": "begin"}).status_code == 302
    assert count_of(viewer.get(STOCK)) == 1
    # Whoever may share with everyone keeps in order what everyone sees.
    assert client.post(f"/views/{view.uuid}/", {"path": STOCK, "act": "delete"}).status_code == 302
    assert count_of(viewer.get(STOCK)) == 30


def test_a_view_that_becomes_private_opens_for_nobody_else(client):
    view = saved(audience="EVERYONE", name="Ours")
    viewer = signed_in(person("third", "Viewer"))
    viewer.post(f"/views/{view.uuid}/", {"path": STOCK, "act": "begin"})
    client.post(f"/views/{view.uuid}/", {"path": STOCK, "name": "Ours", "audience": "PRIVATE"})
    assert count_of(viewer.get(STOCK)) == 30


# ------------------------------------------------------------------ which one decides
def test_the_address_then_the_person_then_the_role_then_the_list(client):
    role = me().groups.get()
    assert count_of(client.get(STOCK)) == 30
    RoleChoice.objects.create(
        group=role, page=PAGE, view=saved(audience="EVERYONE", words="level=low", name="Role's")
    )
    assert count_of(client.get(STOCK)) == 5
    ListChoice.objects.create(user=me(), page=PAGE, view=saved(words="level=negative", name="Mine"))
    assert count_of(client.get(STOCK)) == 3
    assert count_of(client.get(f"{STOCK}?level=out")) == 1
    assert count_of(client.get(f"{STOCK}?view=all")) == 30
    assert count_of(client.get(f"{STOCK}?of=all")) == 30
    assert "of=all" in text_of(client.get(f"{STOCK}?view=all"))


def test_only_who_manages_roles_chooses_for_a_role(client):
    role = me().groups.get()
    view = saved(audience="EVERYONE", name="R")
    url, words = f"/views/{view.uuid}/", {"path": STOCK, "name": "R", "audience": "EVERYONE"}
    client.post(url, {**words, "roles": [str(role.pk)]})
    assert not RoleChoice.objects.exists()
    codename = Permission.objects.get(codename="manage_users_and_roles")
    me().user_permissions.add(codename)
    assert client.post(url, {**words, "roles": [str(role.pk)]}).status_code == 302
    assert RoleChoice.objects.get().group == role
    answer = client.post(url, {**words, "audience": "PRIVATE", "roles": [str(role.pk)]})
    assert "would not see the view" in text_of(answer)


# ------------------------------------------------------------------ saving
def test_a_name_stands_once_and_what_was_typed_is_kept(client):
    save(client, "level=low", name="Low")
    answer = save(client, "level=out", name="low", begin="on")
    assert answer.status_code == 400
    assert "You have a view “low” of this list already" in text_of(answer)
    assert 'value="low"' in text_of(answer)
    assert 'value="level=out"' in text_of(answer)
    assert SavedView.objects.count() == 1


@pytest.mark.parametrize(
    "fields",
    [{"name": ""}, {"name": " "}, {"name": "x" * 81}, {"audience": "WORLD"}, {"group": "999"}],
)
def test_bad_input_changes_nothing(client, fields):
    assert save(client, "level=low", **{"audience": "GROUP", **fields}).status_code == 400
    assert not SavedView.objects.exists()


def test_filters_that_are_too_long_are_refused_in_words(client):
    answer = save(client, "product=" + "x" * 5000)
    assert answer.status_code == 400
    assert "too long to be saved" in text_of(answer)


@pytest.mark.parametrize(
    "path", ["", "/", "/nowhere/", "//evil.example/", "https://evil.example/", "/styleguide/"]
)
def test_only_a_list_has_views(client, path):
    assert save(client, "level=low", path=path).status_code == 404
    assert client.post("/views/columns/", {"path": path, "column": "name"}).status_code == 404
    assert not SavedView.objects.exists()


def test_a_list_that_one_may_not_open_has_no_views_for_him(client):
    nobody = signed_in(person("nobody"))
    assert save(nobody, "level=low").status_code == 403


def test_filling_a_view_anew(client):
    view = saved(words="level=low", name="L")
    words = {"path": STOCK, "act": "fill", "words": "level=out&after=x&of=y"}
    assert client.post(f"/views/{view.uuid}/", words).status_code == 302
    view.refresh_from_db()
    assert view.words == "level=out"


def test_a_view_of_another_list_is_not_found_here(client):
    view = saved(page="inventory:products", words="size=S")
    assert client.get(f"{STOCK}?view={view.uuid}").status_code == 404
    assert client.get(f"{PRODUCTS}?view={view.uuid}").status_code == 200
    assert client.post(f"/views/{view.uuid}/", {"path": STOCK, "act": "begin"}).status_code == 404


def test_saving_and_sharing_asks_all_questions_and_saves_nothing_yet(client):
    answer = save(client, "level=low", name="Shared", share="1")
    assert answer.status_code == 200
    assert 'value="Shared"' in text_of(answer)
    assert "Who sees it" in text_of(answer)
    assert not SavedView.objects.exists()


def test_views_cost_no_query_each(client):
    client.get(STOCK)
    with CaptureQueriesContext(connection) as none:
        client.get(STOCK)
    for n in range(20):
        saved(name=f"V{n}", audience="EVERYONE")
    with CaptureQueriesContext(connection) as many:
        page = client.get(STOCK)
    assert len(tabs(page)) == 21
    assert len(many) == len(none)


# ------------------------------------------------------------------ columns
def columns_of(response) -> list[str]:
    heads = re.findall(r'<th role="columnheader".*?</th>', text_of(response), re.S)
    return [re.sub(r"<svg.*?</svg>|<[^>]+>", "", head, flags=re.S).strip() for head in heads]


def choose(client: Client, names: list[str], words: str = "", **fields: str):
    data = {"path": STOCK, "words": words, "column": names, **fields}
    return client.post("/views/columns/", data)


def test_chosen_columns_are_remembered_in_their_order(client):
    answer = choose(client, ["name", "store", "size", "on_hand"], "level=low")
    assert answer["Location"] == f"{STOCK}?level=low"
    shown = ["Product Name", "Store Name", "Size", "On Hand"]
    assert columns_of(client.get(STOCK)) == shown
    assert columns_of(client.get(STOCK, headers={"HX-Request": "true"})) == shown
    assert columns_of(client.get(f"{STOCK}?cols=name.sku")) == ["Product Name", "SKU"]
    choose(client, [], reset="1")
    assert len(columns_of(client.get(STOCK))) == 11


def test_what_tells_rows_apart_cannot_be_left_out(client):
    choose(client, ["size", "nonsense", "size"])
    assert columns_of(client.get(STOCK)) == ["Product Name", "Size", "On Hand"]
    choose(client, [])
    assert len(columns_of(client.get(STOCK))) == 11


def test_in_a_view_the_columns_are_an_edit_of_it(client):
    view = saved(words="level=low")
    answer = choose(client, ["size"], f"level=low&of={view.uuid}")
    page = client.get(answer["Location"])
    assert columns_of(page) == ["Product Name", "Size", "On Hand"]
    assert "Edited" in text_of(page)
    assert not ListChoice.objects.exists()


def test_a_remembered_column_that_is_gone_is_left_out_silently(client):
    ListChoice.objects.create(user=me(), page=PAGE, columns="name.weight.on_hand")
    page = client.get(STOCK)
    assert columns_of(page) == ["Product Name", "On Hand"]
    assert "There is no column" not in text_of(page)


def test_columns_are_each_persons_own(client):
    choose(client, ["size"])
    other = signed_in(person("other", "Viewer"))
    assert len(columns_of(other.get(STOCK))) == 11


def test_the_file_has_the_shown_columns_or_all(client):
    choose(client, ["size"])

    def head(words):
        content = b"".join(client.get(f"{STOCK}?{words}").streaming_content)
        return content.decode().splitlines()[0]

    assert head("level=low&export=csv") == "Product Name,Size,On Hand"
    assert head("level=low&export=csv&cols=all").count(",") == 10
