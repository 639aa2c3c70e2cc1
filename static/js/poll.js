"use strict";
/* Parts of a page that change without us: asked for every few seconds while somebody looks, quiet while
   there is no network. 410 says that the whole page has become another one. */
document.querySelectorAll("[data-poll]").forEach((part) => {
  const every = Number(part.dataset.pollEvery || 5) * 1000;
  const said = () => part.querySelector("[data-poll-said]")?.textContent.trim() || "";
  let timer = 0;
  let shown = "";

  function wait() {
    clearTimeout(timer);
    if (!document.hidden) timer = setTimeout(ask, every);
  }

  async function ask() {
    let answer;
    try {
      answer = await fetch(part.dataset.poll, {
        method: part.dataset.pollMethod || "get",
        headers: JSON.parse(document.body.getAttribute("hx-headers")),
      });
    } catch {
      return wait();
    }
    if (answer.status === 410) return location.reload();
    /* Signed out, or gone: the next click will say so. */
    if (answer.redirected || [401, 403, 404].includes(answer.status)) return;
    if (answer.ok) show(await answer.text());
    wait();
  }

  /* What has the focus is not taken from under the finger; it is shown the next time. */
  function show(markup) {
    if (markup === shown || part.contains(document.activeElement)) return;
    const before = said();
    part.innerHTML = markup;
    shown = markup;
    part.dispatchEvent(new CustomEvent("part:shown", { bubbles: true }));
    const now = said();
    if (now && now !== before) document.getElementById("announcer").textContent = now;
  }

  document.addEventListener("visibilitychange", () => (document.hidden ? clearTimeout(timer) : ask()));
  wait();
});
