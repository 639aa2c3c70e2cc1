import builtins
import threading
from io import StringIO
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection

from demo.models import DemoLoad
from demo.progress import STAGES, Progress
from demo.resetting import ROOMS, doomed_models
from inventory.models import InventoryTransaction, LedgerVerification, StockOnHand
from omnichannel.accounts.models import User
from omnichannel.catalog.models import Product
from omnichannel.locations.models import FulfillmentLocation, LocationAccess, StockLocation

from .conftest import Folder


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


def run(name: str, path: Path, stream: StringIO | None = None, **options: object) -> str:
    stream = stream or StringIO()
    call_command(name, folder=path, stdout=stream, **options)
    return stream.getvalue()


def answer(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr(builtins, "input", lambda prompt: text)


@pytest.mark.django_db
def test_the_load_reports_what_came_in_and_what_did_not(folder: Folder) -> None:
    said = run("load_demo", folder.path).splitlines()
    assert "Loaded 3 stores, 5 distribution centres, 6 products" in said
    assert "Real: 8 lines (3 sold, 1 returned, 4 adjusted)" in said
    assert "Not loaded: 1 lines that name no store (1 sale)" in said
    rates = "1 GBP = 1.17 EUR, 1 GBP = 1.27 USD, 1 USD = 0.92 EUR, 1 USD = 0.79 GBP"
    assert f"Prices are converted at fixed rates: {rates}" in said
    assert any(line.startswith("Logins, password omnichannel-demo: admin, ") for line in said)
    assert sum(line.startswith("  ") for line in said) >= 14
    assert not any("\x1b" in line or "\r" in line for line in said)


@pytest.mark.django_db
def test_a_chosen_password_is_not_printed(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEMO_PASSWORD", "correct horse battery")
    said = run("load_demo", folder.path)
    assert "correct horse" not in said
    assert "Logins, password as in DEMO_PASSWORD: admin" in said


@pytest.mark.django_db
def test_a_second_load_does_nothing(folder: Folder) -> None:
    run("load_demo", folder.path)
    before = DemoLoad.objects.get().loaded_at, InventoryTransaction.objects.count()
    assert run("load_demo", folder.path) == "The demo is already loaded; nothing to do.\n"
    assert (DemoLoad.objects.get().loaded_at, InventoryTransaction.objects.count()) == before


@pytest.mark.django_db
def test_a_terminal_sees_one_bar_that_fills_and_goes_away(folder: Folder) -> None:
    said = run("load_demo", folder.path, Terminal())
    bar = said[: said.index("Loaded 3 stores")]
    assert "\n" not in bar
    assert bar.endswith("\r\x1b[K")
    frames = [frame for frame in bar.split("\r\x1b[K") if frame]
    percents = [int(frame.split("]")[1].split("%")[0]) for frame in frames]
    assert percents[0] == 0
    assert percents == sorted(percents)
    assert len(set(percents)) == len(STAGES)
    assert len({frame.index("]") for frame in frames}) == 1


def test_the_shares_of_the_stages_make_a_whole() -> None:
    assert sum(share for _label, share in STAGES.values()) == 100


def test_a_stage_that_nobody_listed_is_shown_by_its_name() -> None:
    stream = StringIO()
    stream.write = lambda text, ending="": StringIO.write(stream, text)  # type: ignore[method-assign,misc,assignment]
    Progress(stream).done("polishing", 12_345)  # type: ignore[arg-type]
    assert stream.getvalue().startswith("  polishing: 12,345 in ")


def test_every_table_of_the_project_is_either_emptied_or_kept_on_purpose() -> None:
    """A new room has to say what a reset means for it."""
    # What belongs to a person stays or goes with him.
    kept = {
        "accounts.AccessToken",
        "accounts.ApiClient",
        "accounts.AuditEvent",
        "accounts.User",
        "catalog.ScanIdentifier",
        "locations.StockLocation",
        "web.ListChoice",
        "web.RoleChoice",
        "web.SavedView",
    }
    ours = {
        model._meta.label
        for config in apps.get_app_configs()
        if Path(config.path).is_relative_to(Path(__file__).parents[2])
        and "site-packages" not in config.path
        for model in config.get_models()
        if model._meta.managed and not model._meta.proxy
    }
    assert ours - {model._meta.label for model in doomed_models()} == kept
    assert set(ROOMS) <= {config.label for config in apps.get_app_configs()}


@pytest.mark.django_db
def test_a_reset_of_a_database_without_demo_is_refused() -> None:
    Product.objects.create(product_id="mine", name="Mine")
    with pytest.raises(CommandError, match="does not hold the demo, so nothing is deleted"):
        call_command("demo_reset", yes=True, stdout=StringIO())
    assert Product.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("text", ["", "n", "y", "no", "yes please"])
def test_only_yes_deletes(folder: Folder, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    run("load_demo", folder.path)
    answer(monkeypatch, text)
    before = DemoLoad.objects.get().pk
    assert run("demo_reset", folder.path).endswith("Nothing was deleted.\n")
    assert DemoLoad.objects.get().pk == before
    assert InventoryTransaction.objects.exists()


@pytest.mark.django_db
def test_no_terminal_is_no_yes(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    def closed(prompt: str) -> str:
        raise EOFError

    run("load_demo", folder.path)
    monkeypatch.setattr(builtins, "input", closed)
    assert run("demo_reset", folder.path).endswith("Nothing was deleted.\n")
    assert InventoryTransaction.objects.exists()


@pytest.mark.django_db
def test_a_reset_says_first_exactly_what_it_deletes(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("load_demo", folder.path)
    answer(monkeypatch, "no")
    said = [" ".join(line.split()) for line in run("demo_reset", folder.path).splitlines()]
    assert f"{Product.objects.count()} products" in said
    assert f"{FulfillmentLocation.objects.count()} locations" in said
    assert f"{InventoryTransaction.objects.count()} transactions" in said
    assert f"{StockOnHand.objects.count()} stock on hand" in said
    assert (
        "and the users admin, operations, manager-de, manager-gb, associate-de, viewer, nobody, erp with their settings."
        in said
    )


def test_a_reset_restores_the_demo_and_leaves_other_people(
    committed: None, folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("load_demo", folder.path)
    sold = list(StockOnHand.objects.values_list("product__product_id", "quantity").order_by("pk"))
    Product.objects.filter(product_id="85123A").update(name="Vandalised")
    Product.objects.create(product_id="mine", name="Mine")
    admin = User.objects.get(username="admin")
    admin.set_password("lost forever 123")
    admin.save()
    colleague = User.objects.create(username="colleague")
    LocationAccess.objects.create(user=colleague, location=FulfillmentLocation.objects.first())
    LedgerVerification.objects.create(
        started_at=DemoLoad.objects.get().loaded_at,
        finished_at=DemoLoad.objects.get().loaded_at,
        movements=1,
        stock_rows=1,
        differences=1,
    )
    shelves = StockLocation.objects.count()
    answer(monkeypatch, "YES")

    assert "Loaded 3 stores" in run("demo_reset", folder.path)

    assert not Product.objects.filter(product_id="mine").exists()
    assert Product.objects.get(product_id="85123A").name == "WHITE HANGING HEART"
    assert (
        list(StockOnHand.objects.values_list("product__product_id", "quantity").order_by("pk"))
        == sold
    )
    assert User.objects.get(username="admin").check_password("omnichannel-demo")
    assert User.objects.filter(username="colleague").exists()
    assert not LocationAccess.objects.filter(user=colleague).exists()
    assert not LedgerVerification.objects.exists()
    assert StockLocation.objects.count() == shelves
    assert DemoLoad.objects.count() == 1


def test_a_reset_that_cannot_load_deletes_nothing(committed: None, folder: Folder) -> None:
    run("load_demo", folder.path)
    before = DemoLoad.objects.get().loaded_at, InventoryTransaction.objects.count()
    folder.replace(
        "retail-history/movements.csv", 5, "2010-12-01 08:27:00,1,sale,85123B,?,0,GB-01,"
    )
    with pytest.raises(
        CommandError, match=r"^Nothing was deleted\. movements\.csv, line 5, column delta"
    ):
        run("demo_reset", folder.path, yes=True)
    assert (DemoLoad.objects.get().loaded_at, InventoryTransaction.objects.count()) == before
    assert User.objects.get(username="admin").check_password("omnichannel-demo")


def test_two_starts_at_once_load_once(committed: None, folder: Folder) -> None:
    said: list[str] = []

    def start() -> None:
        try:
            said.append(run("load_demo", folder.path))
        finally:
            connection.close()

    threads = [threading.Thread(target=start) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(180)
    assert sorted("nothing to do" in one for one in said) == [False, True]
    assert DemoLoad.objects.count() == 1
    assert Product.objects.count() == 6
