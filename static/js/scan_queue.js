"use strict";
/* Scans are written down on the device first, then sent: what the network loses is sent again, and what
   was sent twice counts once, because each scan has a key of its own. Without this file the form posts. */
(() => {
  const box = document.querySelector("[data-scans]");
  if (!box) return;
  const MOST = 100;
  const WAITS = [1, 2, 5, 10, 15];
  const form = box.querySelector("form[data-scan-form]");
  const field = form.elements.code;
  const part = (name) => box.querySelector(`[data-scans-${name}]`);
  const words = box.dataset;
  const PREFIX = `scans:${words.user}:${words.name}:`;
  let tries = 0;
  let isSending = false;
  let timer = 0;
  let last = 0;
  let audio = null;

  /* ---------------------------------------------------------- kept here */
  const names = () => Object.keys(localStorage).filter((name) => name.startsWith(PREFIX)).sort();

  function keep(scan) {
    last = Math.max(Date.now(), last + 1);
    localStorage.setItem(`${PREFIX}${String(last).padStart(15, "0")}:${scan.key}`, JSON.stringify(scan));
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
    if (words.mute === "1") return;
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
    const batch = names().slice(0, MOST).map((name) => [name, JSON.parse(localStorage.getItem(name))]);
    if (!batch.length) return paint();
    isSending = true;
    try {
      const answer = await post(batch);
      if (answer.redirected || answer.status === 401 || answer.status === 403) {
        part("said").textContent = words.signIn;
        return later();
      }
      if (answer.status >= 500 || answer.status === 429) return later();
      take(batch, answer, await answer.json());
    } catch {
      return later();
    } finally {
      isSending = false;
      paint();
    }
    if (names().length) send();
  }

  function take(batch, answer, told) {
    tries = 0;
    if (!answer.ok) {
      // It will never be taken: it is shown, so that somebody can write it down, and not tried again.
      const list = part("refused");
      batch.forEach(([name, scan]) => {
        const line = document.createElement("li");
        line.textContent = `${scan.code} × ${scan.quantity || 1}: ${told.message}`;
        list.append(line);
        localStorage.removeItem(name);
      });
      list.hidden = false;
      return tell("refused", told.message);
    }
    let worst = "hit";
    let text = "";
    batch.forEach(([name, scan]) => {
      const outcome = told.outcomes[scan.key];
      if (!outcome) return;
      localStorage.removeItem(name);
      if (outcome.kind !== "hit") worst = outcome.kind;
      text = outcome.text;
    });
    if (told.html) part("totals").innerHTML = told.html;
    tell(worst, text);
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
    const quantity = Number.parseInt(form.elements.quantity?.value || "1", 10) || 1;
    try {
      keep({ ...more, key: newKey(), at: Date.now(), code, quantity });
    } catch {
      return tell("refused", words.full);
    }
    field.value = "";
    if (form.elements.quantity) form.elements.quantity.value = "1";
    form.dispatchEvent(new CustomEvent("scan:kept", { bubbles: true, detail: { code, quantity } }));
    field.focus();
    if (!navigator.onLine) tell("kept", words.offline);
    send();
  });

  addEventListener("online", () => { tries = 0; send(); });
  addEventListener("offline", paint);
  addEventListener("pageshow", () => { paint(); send(); });
  document.addEventListener("visibilitychange", () => document.hidden || send());
})();
