"use strict";
/* The tray of jobs: asked for when a page opens, then 1, 2 and 5 seconds apart while something runs. */
(() => {
  const bell = document.querySelector("[data-jobs]");
  if (!bell) return;
  const tray = document.getElementById("jobs-tray");
  const pip = bell.querySelector(".pip");
  const summary = bell.querySelector("summary");
  const label = summary.getAttribute("aria-label");
  const STEPS = [1, 2, 5];
  let step = 0;
  let timer = 0;
  let seen = "";

  const states = () => new Map(
    [...tray.querySelectorAll("[data-job]")].map((job) => [job.dataset.job, job.dataset.state]),
  );

  function announce(before) {
    const ended = [...states()].filter(([job, state]) => {
      const was = before.get(job);
      return (was === "QUEUED" || was === "RUNNING") && state !== "QUEUED" && state !== "RUNNING";
    });
    /* A page that follows the work says its end itself. */
    if (!ended.length || document.querySelector("[data-live], [data-live-said]")) return;
    const words = ended.map(([job]) => {
      const head = tray.querySelector(`[data-job="${job}"] .job-h`);
      /* Not innerText: a closed tray has none. */
      return head.textContent.trim().replace(/\s+/g, " ");
    });
    document.getElementById("announcer").textContent = words.join(", ");
  }

  /* A button that has the focus keeps it, although its row was drawn anew. */
  function show(markup) {
    const held = tray.contains(document.activeElement) ? document.activeElement : null;
    const job = held?.closest("[data-job]")?.dataset.job;
    const before = states();
    tray.innerHTML = markup;
    if (held) {
      const row = job && tray.querySelector(`[data-job="${job}"]`);
      (row?.querySelector("a, button") || summary).focus();
    }
    announce(before);
    const running = Number(tray.firstElementChild?.dataset.running || 0);
    pip.hidden = !running;
    pip.textContent = running > 9 ? "9+" : String(running);
    summary.setAttribute("aria-label", running ? `${label}: ${running}` : label);
    return running;
  }

  function wait(running) {
    clearTimeout(timer);
    if (!running || document.hidden) return;
    timer = setTimeout(ask, STEPS[Math.min(step, STEPS.length - 1)] * 1000);
    step += 1;
  }

  async function ask(address = bell.dataset.jobs, options = {}) {
    clearTimeout(timer);
    let answer;
    try {
      answer = await fetch(address, { ...options, headers: { "X-Tray": "1" } });
    } catch {
      return wait(true);
    }
    /* Signed out, or gone: the page itself will say so. */
    if (!answer.ok || answer.redirected) return;
    const markup = await answer.text();
    if (markup !== seen) step = 0;
    seen = markup;
    wait(show(markup));
  }

  bell.addEventListener("toggle", () => {
    step = 0;
    if (bell.open) ask();
  });
  tray.addEventListener("submit", (event) => {
    event.preventDefault();
    step = 0;
    ask(event.target.action, { method: "POST", body: new FormData(event.target) });
  });
  document.addEventListener("visibilitychange", () => {
    step = 0;
    if (document.hidden) clearTimeout(timer);
    else ask();
  });
  ask();
})();
