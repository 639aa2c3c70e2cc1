"use strict";
/* Scans are written down on the device first, then sent: what the network loses is sent again, and what
   was sent twice counts once, because each scan has a key of its own. Without this file the form posts. */
(() => {
  const keptFor = (user, name) => {
    const prefix = `scans:${user}:${name}:`;
    return Object.keys(localStorage).filter((key) => key.startsWith(prefix)).sort();
  };

  /* Lists of sessions say what this device has not sent of each. */
  const badges = () => document.querySelectorAll("[data-scans-of]").forEach((badge) => {
    const waiting = keptFor(badge.dataset.user, badge.dataset.scansOf).length;
    badge.querySelector("b").textContent = String(waiting);
    badge.hidden = !waiting;
  });
  badges();
  document.addEventListener("part:shown", badges);

  const box = document.querySelector("[data-scans]");
  if (!box) return;
  const MOST = 100;
  const WAITS = [1, 2, 5, 10, 15];
  const form = box.querySelector("form[data-scan-form]");
  const field = form.elements.code;
  const part = (name) => box.querySelector(`[data-scans-${name}]`);
  const words = box.dataset;
  const REFUSED = `refused:${words.user}:${words.name}`;
  let tries = 0;
  let isSending = false;
  let timer = 0;
  let last = 0;
  let audio = null;
  let leaving = null;

  /* ---------------------------------------------------------- kept here */
  const names = () => keptFor(words.user, words.name);

  function keep(scan) {
    last = Math.max(Date.now(), last + 1);
    const place = `scans:${words.user}:${words.name}:${String(last).padStart(15, "0")}:${scan.key}`;
    localStorage.setItem(place, JSON.stringify(scan));
  }

  /* Another page of this device may have sent and forgotten some of them meanwhile. */
  function kept() {
    return names().slice(0, MOST).map((name) => [name, JSON.parse(localStorage.getItem(name))]).filter(([, scan]) => scan);
  }

  function newKey() {
    if (crypto.randomUUID) return crypto.randomUUID();
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = (bytes[6] & 15) | 64;
    bytes[8] = (bytes[8] & 63) | 128;
    const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
  }

  /* ---------------------------------------------------------- heard and seen */
  const TONES = { hit: [880, 0.06], miss: [220, 0.25], refused: [160, 0.4], kept: [520, 0.04] };

  function tell(kind, text = "") {
    box.dataset.flash = "";
    void box.offsetWidth;
    box.dataset.flash = kind;
    if (text) part("said").textContent = text;
    // Before the first touch or key the browser allows no sound.
    if (words.mute === "1" || !navigator.userActivation?.hasBeenActive) return;
    try {
      audio ||= new AudioContext();
      const [pitch, seconds] = TONES[kind];
      const tone = audio.createOscillator();
      const volume = audio.createGain();
      volume.gain.value = 0.08;
      tone.frequency.value = pitch;
      tone.connect(volume).connect(audio.destination);
      tone.start();
      tone.stop(audio.currentTime + seconds);
    } catch {
      /* A device without sound still flashes. */
    }
  }

  function paint() {
    const waiting = names().length;
    const told = part("waiting");
    told.hidden = !waiting || (tries === 0 && navigator.onLine);
    told.querySelector("b").textContent = String(waiting);
    const refused = JSON.parse(localStorage.getItem(REFUSED) || "[]");
    part("refused").hidden = !refused.length;
    part("refused").querySelector("ul").replaceChildren(...refused.map((text) => {
      const line = document.createElement("li");
      line.textContent = text;
      return line;
    }));
  }

  /* It will never be taken: it stays on show until somebody has seen it, and is not tried again. */
  function refuse(scan, text) {
    const refused = JSON.parse(localStorage.getItem(REFUSED) || "[]");
    localStorage.setItem(REFUSED, JSON.stringify([...refused, `${scan.code} × ${scan.quantity}: ${text}`]));
  }

  /* ---------------------------------------------------------- sent */
  function later() {
    clearTimeout(timer);
    timer = setTimeout(send, WAITS[Math.min(tries, WAITS.length - 1)] * 1000);
    tries += 1;
    paint();
  }

  async function post(batch) {
    const stop = new AbortController();
    const limit = setTimeout(() => stop.abort(), 15000);
    try {
      return await fetch(words.send, {
        method: "POST",
        headers: { ...JSON.parse(document.body.getAttribute("hx-headers")), "Content-Type": "application/json" },
        body: JSON.stringify({ sent_at: Date.now(), scans: batch.map(([, scan]) => scan) }),
        signal: stop.signal,
      });
    } finally {
      clearTimeout(limit);
    }
  }

  async function send() {
    clearTimeout(timer);
    if (isSending) return;
    const batch = kept();
    if (!batch.length) return finish();
    isSending = true;
    try {
      const answer = await post(batch);
      if (answer.redirected || answer.status === 401 || answer.status === 403) {
        part("said").textContent = words.signIn;
        return later();
      }
      if (answer.status >= 500 || answer.status === 429) return later();
      // What the answer does not name would be sent for ever; it waits like what the network lost.
      if (!take(batch, answer, await answer.json())) return later();
    } catch {
      return later();
    } finally {
      isSending = false;
    }
    send();
  }

  /* Whether anything became of the batch. */
  function take(batch, answer, told) {
    tries = 0;
    let worst = "hit";
    let text = "";
    let taken = 0;
    batch.forEach(([name, scan]) => {
      const outcome = answer.ok ? told.outcomes[scan.key] : { kind: "refused", text: told.message };
      if (!outcome) return;
      if (outcome.kind === "refused") refuse(scan, outcome.text);
      localStorage.removeItem(name);
      taken += 1;
      if (outcome.kind !== "hit") worst = worst === "refused" ? worst : outcome.kind;
      text = outcome.text;
    });
    // Somebody may be typing into what stands there, or be about to send a form of it.
    if (told.html && !leaving && !part("totals").contains(document.activeElement)) part("totals").innerHTML = told.html;
    paint();
    if (taken) tell(worst, text);
    return taken > 0;
  }

  function finish() {
    paint();
    if (!leaving) return;
    const [ending, button] = leaving;
    leaving = null;
    ending.requestSubmit(button);
  }

  /* ---------------------------------------------------------- scanned */
  form.addEventListener("submit", (event) => {
    const act = event.submitter?.name === "act" ? event.submitter.value : "scan";
    if (act !== "scan") return;
    event.preventDefault();
    const code = field.value.trim();
    if (!code) return field.focus();
    const more = {};
    new FormData(form).forEach((value, name) => {
      if (!["csrfmiddlewaretoken", "code", "quantity", "key", "act"].includes(name)) more[name] = value;
    });
    const quantity = Number.parseInt(form.elements.quantity?.value || "1", 10) || 0;
    if (words.confirm && !window.confirm(words.confirm.replace("{code}", code).replace("{quantity}", quantity))) {
      field.select();
      return;
    }
    try {
      keep({ ...more, key: newKey(), at: Date.now(), code, quantity });
    } catch {
      return tell("refused", words.full);
    }
    field.value = "";
    if (form.elements.quantity) form.elements.quantity.value = "1";
    form.querySelectorAll("[data-once]").forEach((once) => {
      if (once.type === "checkbox") once.checked = false;
      else once.value = "";
    });
    form.dispatchEvent(new CustomEvent("scan:kept", { bubbles: true, detail: { code, quantity } }));
    field.focus();
    if (!navigator.onLine) tell("kept", words.offline);
    send();
  });

  /* What ends the work waits for the scans that it would leave behind. */
  box.addEventListener("submit", (event) => {
    const ending = event.target.closest("form[data-scans-last]");
    if (!ending || !names().length) return;
    event.preventDefault();
    leaving = [ending, event.submitter];
    tell("kept", words.wait);
    send();
  });

  box.addEventListener("click", (event) => {
    if (!event.target.closest("[data-scans-seen]")) return;
    localStorage.removeItem(REFUSED);
    paint();
    field.focus();
  });

  /* A row of the list stands for its product: one tap counts it, or takes it over to be typed. */
  box.addEventListener("click", (event) => {
    const row = event.target.closest("[data-scan-now], [data-scan-fill]");
    if (!row) return;
    event.preventDefault();
    const product = row.dataset.scanNow || row.dataset.scanFill;
    field.value = product;
    if (form.elements.product) form.elements.product.value = product;
    if (row.dataset.scanNow) {
      form.elements.quantity.value = row.dataset.units || "1";
      return form.requestSubmit();
    }
    form.elements.quantity.focus();
    form.elements.quantity.select();
  });
  field.addEventListener("input", () => {
    if (form.elements.product) form.elements.product.value = "";
  });

  addEventListener("online", () => { tries = 0; send(); });
  addEventListener("offline", paint);
  addEventListener("pageshow", () => { paint(); send(); });
  document.addEventListener("visibilitychange", () => document.hidden || send());
})();
