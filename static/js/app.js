"use strict";
/* The few things HTML cannot do by itself. Everything works without this file. */

const root = document.documentElement;
const all = (selector, from = document) => [...from.querySelectorAll(selector)];
const one = (selector) => document.querySelector(selector);

function remember(name, value) {
  document.cookie = `${name}=${value};path=/;max-age=31536000;samesite=lax`;
}

/* ------------------------------------------------------------ theme, density, keys */
function isDark() {
  const asked = root.dataset.theme;
  return asked === "dark" || (asked === "auto" && matchMedia("(prefers-color-scheme: dark)").matches);
}

function setLook(name, value) {
  root.dataset[name] = value;
  remember(name, value);
  all(`[data-look] button[name=${name}]`).forEach((button) => {
    button.setAttribute("aria-pressed", button.value === value);
  });
  const compact = root.dataset.density === "compact";
  one("[data-density-toggle]")?.setAttribute("aria-pressed", compact);
}

function toggleTheme() {
  setLook("theme", isDark() ? "light" : "dark");
}

function toggleDensity() {
  const density = root.dataset.density === "compact" ? "cozy" : "compact";
  setLook("density", density);
  // Where the address or a view says the density, it would say the old one to every link.
  const said = one("#results input[name=density]");
  if (!said) return;
  const address = new URL(location.href);
  address.searchParams.set("density", density);
  location.assign(address);
}

/* Without scripts the same form is sent and the page comes back. */
document.addEventListener("submit", (event) => {
  const button = event.submitter;
  if (!button?.name || !event.target.matches("[data-look]")) return;
  event.preventDefault();
  setLook(button.name, button.value);
});

/* ------------------------------------------------------------ navigation on small screens */
function showSide(open) {
  document.body.classList.toggle("nav-open", open);
  one("[data-toggle-side]")?.setAttribute("aria-expanded", open);
  if (open) one("#side a")?.focus();
}

/* ------------------------------------------------------------ panels, dialogs, toasts, rows */
function closePanels(except) {
  all("details.pop[open]").forEach((panel) => {
    if (!except || !panel.contains(except)) panel.open = false;
  });
}

function followRow(event) {
  const row = event.target.closest(".table tbody tr");
  const link = row?.querySelector("td:first-child a");
  if (!link || event.target.closest("a, button, input, label")) return;
  if (String(getSelection())) return;
  if (event.metaKey || event.ctrlKey) window.open(link.href);
  else link.click();
}

function clearPanel(panel) {
  all("input[name]", panel).forEach((input) => {
    if (input.type === "checkbox" || input.type === "radio") input.checked = false;
    else input.value = "";
  });
  panel.querySelector("input[name]")?.dispatchEvent(new Event("change", { bubbles: true }));
}

/* Days are written as the fields hold them: year, month, day. */
function isoDay(daysAgo) {
  const day = new Date();
  day.setDate(day.getDate() - daysAgo);
  const two = (number) => String(number).padStart(2, "0");
  return `${day.getFullYear()}-${two(day.getMonth() + 1)}-${two(day.getDate())}`;
}

function fillDays(button) {
  const [from, to] = all("input[type=date]", button.closest(".panel"));
  from.value = isoDay(Number(button.dataset.days));
  to.value = isoDay(0);
  to.dispatchEvent(new Event("change", { bubbles: true }));
}

document.addEventListener("click", (event) => {
  const target = event.target;
  const hit = (selector) => target.closest(selector);
  closePanels(target);
  if (hit("[aria-disabled=true]")) event.preventDefault();
  if (hit("[data-theme-toggle]")) toggleTheme();
  if (hit("[data-density-toggle]")) toggleDensity();
  if (hit("[data-toggle-side]")) showSide(!document.body.classList.contains("nav-open"));
  else if (!hit(".side")) showSide(false);
  if (hit("[data-dialog]")) {
    // As a link it leads to a page that asks the same.
    event.preventDefault();
    document.getElementById(hit("[data-dialog]").dataset.dialog).showModal();
  }
  if (hit("[data-close]")) hit("dialog").close();
  if (hit("[data-dismiss]")) hit(".toast").remove();
  if (hit("[data-retry]")) location.assign(failed || location.href);
  if (hit("[data-print]")) print();
  if (hit("[data-clear-panel]")) clearPanel(hit(".panel"));
  if (hit("[data-days]")) fillDays(hit("[data-days]"));
  followRow(event);
});

/* ------------------------------------------------------------ filter panels */
function paintGroups(from = document) {
  all("[data-group]", from).forEach((box) => {
    const members = all("input[name]", box.closest("fieldset"));
    const chosen = members.filter((member) => member.checked).length;
    box.checked = chosen === members.length;
    box.indeterminate = chosen > 0 && chosen < members.length;
  });
}

/* Before the form hears of it: a country sets its stores, a search for options filters nothing. */
document.addEventListener("change", (event) => {
  const box = event.target;
  // Typing has already asked; leaving the field would ask the same again.
  if (box.matches("[data-find], [type=search]")) event.stopPropagation();
  if (box.matches("[data-keys-toggle]")) {
    root.dataset.keys = box.checked ? "on" : "off";
    remember("keys", root.dataset.keys);
  }
  if (box.matches("[data-group]")) {
    all("input[name]", box.closest("fieldset")).forEach((member) => { member.checked = box.checked; });
  }
  if (box.closest(".fpop")) paintGroups(box.closest(".fpop"));
}, true);

document.addEventListener("input", (event) => {
  const field = event.target;
  if (!field.matches("[data-find]")) return;
  event.stopPropagation();
  const text = field.value.trim().toLowerCase();
  const panel = field.closest(".panel");
  all(".opt:not(.opt-all)", panel).forEach((option) => {
    option.hidden = !option.textContent.toLowerCase().includes(text);
  });
  all("fieldset fieldset", panel).forEach((group) => {
    group.hidden = !group.querySelector(".opt:not(.opt-all):not([hidden])");
  });
}, true);

/* ------------------------------------------------------------ keyboard */
function moveRow(step) {
  const links = all(".table tbody tr").map((row) => row.querySelector("a, .pick")).filter(Boolean);
  if (!links.length) return;
  const row = document.activeElement.closest?.(".table tbody tr");
  const here = links.findIndex((link) => link.closest("tr") === row);
  links[here < 0 ? 0 : Math.min(Math.max(here + step, 0), links.length - 1)].focus();
}

function escape(event) {
  const panel = one("details.pop[open]");
  if (panel) {
    panel.open = false;
    panel.querySelector("summary").focus();
  } else if (document.body.classList.contains("nav-open")) {
    showSide(false);
    one("[data-toggle-side]").focus();
  } else if (event.target.matches("[type=search]")) {
    // The first Esc clears, which the browser does itself; the second leaves.
    if (!event.target.value) event.target.blur();
  }
}

const KEYS = {
  "/": () => one(".fsearch input")?.focus(),
  f: () => one(".fpop summary")?.focus(),
  e: () => one("#export a, #export button")?.focus(),
  j: () => moveRow(1),
  k: () => moveRow(-1),
  x: () => document.activeElement.closest(".table tbody tr")?.querySelector(".pick")?.click(),
  g: () => { isGoing = true; setTimeout(() => { isGoing = false; }, 1500); },
  "?": () => one("#shortcuts")?.showModal(),
};

/* After `g`, the next letter names a page. */
let isGoing = false;
function goTo(key) {
  isGoing = false;
  const link = all("[data-go]").find((candidate) => candidate.dataset.go === key);
  if (link) location.assign(link.href);
  return Boolean(link);
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") escape(event);
  if (root.dataset.keys === "off" || event.metaKey || event.ctrlKey || event.altKey) return;
  if (event.target.matches("input:not(.pick), textarea, select, [contenteditable]") || one("dialog[open]")) return;
  if (isGoing && goTo(event.key)) return;
  const act = KEYS[event.key];
  if (!act) return;
  event.preventDefault();
  act();
});

/* ------------------------------------------------------------ lists */
/* An address holds what is set, not every empty field of the form. */
document.addEventListener("htmx:configRequest", (event) => {
  if (event.detail.verb !== "get") return;
  const words = event.detail.formData;
  [...new Set(words.keys())].forEach((name) => {
    const set = words.getAll(name).filter((value) => value !== "");
    words.delete(name);
    set.forEach((value) => words.append(name, value));
  });
});

/* Shadows at the edge of a standing column, only while something is hidden behind it. */
function markOverflow() {
  all(".tscroll").forEach((box) => {
    const offset = Math.abs(box.scrollLeft);
    box.classList.toggle("ov-start", offset > 1);
    box.classList.toggle("ov-end", offset + box.clientWidth < box.scrollWidth - 1);
  });
}

/* A total that arrives after its rows were replaced belongs to other rows. */
document.addEventListener("htmx:beforeRequest", (event) => {
  const total = event.target;
  if (total.id !== "total") return;
  total.addEventListener("htmx:beforeOnLoad", (late) => {
    if (!total.isConnected) late.preventDefault();
  });
});

let focused = "";
document.addEventListener("htmx:beforeSwap", () => { focused = document.activeElement?.id || ""; });

document.addEventListener("htmx:afterSettle", () => {
  markOverflow();
  paintGroups();
  const said = one("[data-announce]")?.textContent.trim();
  if (said) one("#announcer").textContent = said;
  if (document.activeElement !== document.body || !focused) return;
  document.getElementById(focused)?.focus({ preventScroll: true });
  // What had the focus takes none now (the last page has no "Next"): the rows take it.
  if (document.activeElement === document.body) one(".tscroll")?.focus({ preventScroll: true });
});

/* The address never changed to what failed, so "Retry" must know it. */
let failed = "";
function sayFailure(event) {
  const { target, pathInfo } = event.detail;
  failed = target?.id === "results" ? pathInfo?.finalRequestPath : "";
  one("#toasts .toast-error")?.remove();
  one("#toasts").append(one("#failed-toast").content.cloneNode(true));
}
document.addEventListener("htmx:responseError", sayFailure);
document.addEventListener("htmx:sendError", sayFailure);
document.addEventListener("htmx:timeout", sayFailure);

/* ------------------------------------------------------------ toasts leave by themselves */
all("[data-toast]:not(.toast-error)").forEach((toast) => {
  let clock;
  const stop = () => clearTimeout(clock);
  const start = () => {
    stop();
    // Whoever still points at it or stands in it is still reading.
    if (!toast.matches(":hover, :focus-within")) clock = setTimeout(() => toast.remove(), 6000);
  };
  toast.addEventListener("pointerenter", stop);
  toast.addEventListener("focusin", stop);
  toast.addEventListener("pointerleave", start);
  toast.addEventListener("focusout", () => setTimeout(start));
  start();
});

addEventListener("resize", markOverflow);
document.addEventListener("scroll", markOverflow, { capture: true, passive: true });
markOverflow();
paintGroups();
