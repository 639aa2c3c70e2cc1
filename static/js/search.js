"use strict";
/* Quick search: the keyboard's way to it and through its results. Enter works without this file. */
(() => {
  const field = document.getElementById("quick-search");
  if (!field) return;
  const panel = document.getElementById("quick-results");
  const hits = () => [...panel.querySelectorAll("a.qs-hit")];

  function close() {
    panel.replaceChildren();
  }

  function focus(event) {
    event.preventDefault();
    field.focus();
    field.select();
  }

  function move(event, step) {
    const links = hits();
    if (!links.length) return;
    event.preventDefault();
    const next = links.indexOf(document.activeElement) + step;
    if (next < 0) field.focus();
    else links[Math.min(next, links.length - 1)].focus();
  }

  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") return focus(event);
    const inside = event.target === field || panel.contains(event.target);
    if (inside && event.key === "ArrowDown") return move(event, 1);
    if (inside && event.key === "ArrowUp") return move(event, -1);
    if (inside && event.key === "Escape") {
      if (panel.childElementCount) close();
      else field.blur();
      if (event.target !== field) field.focus();
      return;
    }
    /* A list's own search has the key; elsewhere it is free. */
    const isFree = event.key === "/" && document.documentElement.dataset.keys !== "off";
    if (!isFree || event.altKey || event.target.matches("input, textarea, select")) return;
    if (!document.querySelector("main input[name=q]")) focus(event);
  });

  document.addEventListener("click", (event) => {
    if (!event.target.closest(".quick")) close();
  });

  /* An answer that comes after its text was left or sent would cover the page. */
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.target === panel && !field.value.trim()) close();
  });
})();
