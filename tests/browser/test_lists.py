"""What a swap must not take away: focus, an open panel, a half-typed word, the way back."""

from playwright.sync_api import expect

from tests.people import store

STOCK = "/store-operations/inventory/stock-on-hand/"


def rows(page):
    return page.locator("#results tbody tr")


def test_a_panel_stays_open_while_several_boxes_are_ticked(visit):
    page, watch = visit("operations", STOCK)
    page.locator("#f-size").click()
    for size in ("S", "XL"):
        page.get_by_role("checkbox", name=size, exact=True).check()
        expect(page.get_by_role("checkbox", name=size, exact=True)).to_be_focused()
    expect(page.locator("#pill-size")).to_contain_text("S, XL")
    expect(page.locator("#said")).to_have_text("41 rows")
    page.locator(".fpop[open] [data-clear-panel]").click()
    expect(page.locator("#pill-size")).not_to_contain_text("S, XL")
    page.keyboard.press("Escape")
    expect(page.locator(".fpop[open]")).to_have_count(0)
    expect(page.locator("#f-size")).to_be_focused()
    assert watch.faults == []


def test_the_header_that_sorted_keeps_the_focus_and_the_rows_are_announced(visit):
    page, watch = visit("operations", STOCK)
    page.locator("#sort-name").focus()
    page.keyboard.press("Enter")
    expect(page.locator("th[aria-sort=ascending]")).to_have_count(1)
    expect(page.locator("#sort-name")).to_be_focused()
    expect(page.locator("#announcer")).to_have_text("61 rows")
    assert watch.faults == []


def test_on_the_last_page_the_rows_take_the_focus(visit):
    page, watch = visit("operations", STOCK)
    page.locator("#page-next").focus()
    page.keyboard.press("Enter")
    expect(rows(page)).to_have_count(11)
    expect(page.locator("#rows")).to_be_focused()
    expect(page.locator(".tfoot p")).to_have_text("51–61 of 61")
    assert watch.faults == []


def test_typing_and_leaving_the_field_asks_once(visit):
    page, watch = visit("operations", STOCK)
    asked = []
    page.on("request", lambda request: asked.append(request.url) if "q=" in request.url else None)
    page.keyboard.press("/")
    page.keyboard.type("Product 01", delay=20)
    expect(rows(page)).to_have_count(10)
    page.locator("#f-color").click()
    page.wait_for_timeout(400)
    assert len(asked) == 1
    expect(page.locator("#f-q")).to_have_value("Product 01")
    assert watch.faults == []


def test_a_late_total_does_not_speak_of_other_rows(visit):
    page, watch = visit("operations", f"{STOCK}?rows=25")
    held = []

    def hold(route):
        if "sort=name" in route.request.url:
            held.append(route)
        else:
            route.continue_()

    page.route("**/*count=only*", hold)
    page.locator("#sort-name").click()
    expect(page.locator("#total")).to_have_text("…")
    page.locator("summary", has_text="Level").click()
    page.get_by_role("checkbox", name="Negative").check()
    expect(page.locator("#export")).to_contain_text("Export 1 row")
    held[0].continue_()
    page.wait_for_timeout(500)
    expect(page.locator("#export")).to_contain_text("Export 1 row")
    expect(page.locator("#total")).to_have_text("1")
    assert watch.faults == []


def test_clear_all_empties_the_form_and_keeps_the_sort(visit):
    page, watch = visit("operations", f"{STOCK}?q=P-04&size=M&sort=-name")
    page.locator("#clear-all").click()
    expect(rows(page)).to_have_count(50)
    expect(page.locator("#f-q")).to_have_value("")
    expect(page.locator("input[name=size]:checked")).to_have_count(0)
    assert page.url.endswith(f"{STOCK}?sort=-name")
    page.go_back()
    expect(page.locator("#f-q")).to_have_value("P-04")
    expect(page.locator("input[name=size]:checked")).to_have_count(1)
    assert watch.faults == []


def test_an_ended_session_leads_to_sign_in_and_not_into_the_table(visit):
    page, _ = visit("operations", STOCK)
    page.context.clear_cookies()
    page.locator("#sort-name").click()
    page.wait_for_url("**/account/login/**")
    expect(page.locator("input[name=login]")).to_be_visible()


def test_a_row_and_its_number_are_two_targets(visit):
    page, watch = visit("operations", f"{STOCK}?q=P-007")
    rows(page).first.locator("td").nth(6).click()
    page.wait_for_url("**/catalog/products/P-007/")
    page.go_back()
    rows(page).first.locator(".qty").click()
    page.wait_for_url("**/stock-on-hand/DE-01/P-007/")
    assert watch.faults == []


def test_a_country_sets_its_stores_and_shows_when_it_is_half_chosen(visit, world):
    for n in range(2, 12):
        store(f"DE-{n:02}")
    page, watch = visit("operations", STOCK)
    page.locator("#f-store").click()
    group = page.locator("[data-group]").first
    group.check()
    expect(page.locator("input[name=store]:checked")).to_have_count(11)
    expect(page.locator("#pill-store")).to_contain_text("Store DE-01")
    page.locator("input[name=store][value=DE-02]").uncheck()
    assert group.evaluate("box => box.indeterminate")
    page.locator("[data-find]:visible").fill("JP")
    expect(page.locator(".fpop[open] .opt:visible", has_text="Store JP-01")).to_have_count(1)
    expect(page.locator(".fpop[open] .opt:visible", has_text="Store DE-01")).to_have_count(0)
    assert watch.faults == []
