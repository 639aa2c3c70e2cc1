"use strict";
/* A part of the page that tells how far something is: asked for 1, 2 and 5 seconds apart until it
   says no more that it lives; then the whole of the page is shown as it has become. */
(() => {
  const STEPS = [1, 2, 5];
  let step = 0;
  let timer = 0;
  const part = () => document.querySelector("[data-live]");

  function wait() {
    clearTimeout(timer);
    if (!part() || document.hidden) return;
    timer = setTimeout(ask, STEPS[Math.min(step, STEPS.length - 1)] * 1000);
    step += 1;
  }

  async function ask() {
    let answer;
    try {
      answer = await fetch(location.href);
    } catch {
      return wait();
    }
    /* Signed out, or gone: the next click will say so. */
    if (!answer.ok || answer.redirected) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const now = part();
    const next = now && page.getElementById(now.id);
    if (!next) return;
    if (next.dataset.live === undefined) return end(page);
    if (next.textContent !== now.textContent) step = 0;
    now.replaceWith(document.adoptNode(next));
    wait();
  }

  function end(page) {
    const main = document.getElementById("main");
    const held = main.contains(document.activeElement);
    main.replaceChildren(...document.adoptNode(page.getElementById("main")).childNodes);
    if (window.htmx) window.htmx.process(main);
    if (held) main.focus({ preventScroll: true });
    document.getElementById("announcer").textContent = main.querySelector("[data-live-said]").textContent;
  }

  document.addEventListener("visibilitychange", () => {
    step = 0;
    if (document.hidden) clearTimeout(timer);
    else if (part()) ask();
  });
  wait();
})();
