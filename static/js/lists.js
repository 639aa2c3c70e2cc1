"use strict";
/* Lists: the order of columns, chosen rows, what is copied. Without this file the forms still work. */

/* ------------------------------------------------------------ columns in one's own order */
let dragged = null;

document.addEventListener("dragstart", (event) => {
  dragged = event.target.closest?.("[data-order] li[draggable]") || null;
  dragged?.classList.add("dragged");
});

document.addEventListener("dragover", (event) => {
  const over = event.target.closest?.("[data-order] li[draggable]");
  if (!dragged || !over || over === dragged) return;
  event.preventDefault();
  const box = over.getBoundingClientRect();
  over.parentElement.insertBefore(dragged, event.clientY < box.top + box.height / 2 ? over : over.nextSibling);
});

document.addEventListener("dragend", () => {
  dragged?.classList.remove("dragged");
  dragged = null;
});

function moveColumn(event) {
  const item = event.target.closest?.("[data-order] li[draggable]");
  if (!item || !event.altKey || !["ArrowUp", "ArrowDown"].includes(event.key)) return;
  event.preventDefault();
  const other = event.key === "ArrowUp" ? item.previousElementSibling : item.nextElementSibling;
  if (!other?.draggable) return;
  if (event.key === "ArrowUp") other.before(item);
  else other.after(item);
  event.target.focus();
}
document.addEventListener("keydown", moveColumn);

/* ------------------------------------------------------------ chosen rows */
const picks = () => [...document.querySelectorAll(".table .pick")];
let lastPick = null;

function paintSelection() {
  const form = document.getElementById("selection");
  if (!form) return;
  const boxes = picks();
  const count = boxes.filter((box) => box.checked).length;
  const every = form.elements.every;
  form.classList.toggle("some", count > 0 || every.checked);
  form.querySelector("[data-picked]").textContent = every.checked ? form.querySelector("[data-total]").textContent : count;
  const page = form.querySelector("[data-pick-all]");
  page.checked = count > 0 && count === boxes.length;
  page.indeterminate = count > 0 && count < boxes.length;
}

document.addEventListener("click", (event) => {
  const box = event.target.closest?.(".pick");
  if (!box) return;
  const boxes = picks();
  if (event.shiftKey && lastPick?.isConnected) {
    const [from, to] = [boxes.indexOf(lastPick), boxes.indexOf(box)].sort((a, b) => a - b);
    boxes.slice(from, to + 1).forEach((other) => { other.checked = box.checked; });
  }
  lastPick = box;
  paintSelection();
});

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-pick-all]")) picks().forEach((box) => { box.checked = event.target.checked; });
  if (event.target.closest("#selection")) paintSelection();
});

document.addEventListener("reset", (event) => {
  if (event.target.id !== "selection") return;
  picks().forEach((box) => { box.checked = false; });
  setTimeout(paintSelection);
});

/* The total may come after the rows. */
document.addEventListener("htmx:afterSettle", () => {
  const told = document.querySelector("#selection [data-total]");
  const total = document.getElementById("total");
  if (told && total) told.textContent = total.textContent;
  paintSelection();
});
addEventListener("pageshow", paintSelection);

/* ------------------------------------------------------------ copying */
function plain(cell) {
  const text = cell.innerText.trim().replace(/\s+/g, " ");
  if (cell.classList.contains("num")) {
    const { thousands, decimals } = document.documentElement.dataset;
    return text.split(thousands).join("").replace(decimals, ".").replace("\u2212", "-").replace(/[^0-9.+-]/g, "");
  }
  // A spreadsheet must not read a name as a formula.
  return /^[=+\-@\t\r＝＋－＠]/.test(text) ? `'${text}` : text;
}

function rowsAsText() {
  const lines = [...document.querySelectorAll("#results .table tr")].map((row) =>
    [...row.children].map((cell) => (cell.tagName === "TH" ? cell.innerText.trim() : plain(cell))).join("\t"));
  return lines.join("\n");
}

async function copyText(text) {
  if (navigator.clipboard && isSecureContext) return navigator.clipboard.writeText(text);
  const area = document.createElement("textarea");
  area.value = text;
  area.className = "vh";
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest?.("[data-copy]");
  if (!button) return;
  const link = new URL(document.getElementById("share-url").value, location.href).href;
  await copyText(button.dataset.copy === "link" ? link : rowsAsText());
  button.closest("details").open = false;
  document.getElementById("announcer").textContent = button.dataset.done;
  const said = document.createElement("div");
  said.className = "toast toast-success";
  said.append(Object.assign(document.createElement("p"), { textContent: button.dataset.done }));
  document.getElementById("toasts").append(said);
  setTimeout(() => said.remove(), 3000);
});
