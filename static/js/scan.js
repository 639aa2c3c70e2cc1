"use strict";
/* Look up: the camera reads a code into the one field. Typing works without this file. */
(() => {
  const EVERY = 400;
  // The same code in sight for so long is the same item.
  const AGAIN = 2500;
  const LONGEST_SIDE = 1280;
  const box = document.querySelector("[data-camera]");
  if (!box) return;
  const video = box.querySelector("video");
  const button = box.querySelector("[data-camera-start]");
  const said = box.querySelector("[data-camera-said]");
  const field = document.getElementById("lookup-code");
  const canvas = document.createElement("canvas");
  let stream = null;
  let last = "";
  let seen = 0;

  function stop(text = "") {
    stream?.getTracks().forEach((track) => track.stop());
    stream = null;
    last = "";
    video.hidden = true;
    button.hidden = false;
    said.textContent = text;
  }

  function frame() {
    const scale = Math.min(1, LONGEST_SIDE / Math.max(video.videoWidth, video.videoHeight));
    canvas.width = Math.round(video.videoWidth * scale);
    canvas.height = Math.round(video.videoHeight * scale);
    canvas.getContext("2d").drawImage(video, 0, 0, canvas.width, canvas.height);
    return new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.7));
  }

  /* Drawn and posted: the content policy allows no blob address. */
  async function askServer() {
    const answer = await fetch(box.dataset.decode, {
      method: "POST",
      headers: { ...JSON.parse(document.body.getAttribute("hx-headers")), "Content-Type": "image/jpeg" },
      body: await frame(),
    });
    if (answer.redirected) return location.reload();
    const told = await answer.json();
    if (!answer.ok) throw new Error(told.message);
    return told.code;
  }

  async function reader() {
    if (!("BarcodeDetector" in window)) return askServer;
    const formats = await BarcodeDetector.getSupportedFormats();
    if (!formats.length) return askServer;
    const detector = new BarcodeDetector({ formats });
    return async () => (await detector.detect(video))[0]?.rawValue;
  }

  async function watch(read) {
    while (stream) {
      const code = video.videoWidth ? await read() : "";
      const isNew = code && (code !== last || Date.now() - seen > AGAIN);
      if (isNew && stream) {
        // A page that collects scans goes on looking; any other one has its answer.
        if (!field.form.matches("[data-scan-form]")) stop();
        field.value = code;
        field.form.requestSubmit();
      }
      if (code) [last, seen] = [code, Date.now()];
      await new Promise((done) => setTimeout(done, EVERY));
    }
  }

  button.addEventListener("click", async () => {
    try {
      said.textContent = "";
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
    } catch {
      stop(box.dataset.refused);
      return;
    }
    try {
      video.srcObject = stream;
      video.hidden = false;
      button.hidden = true;
      await video.play();
      await watch(await reader());
    } catch (error) {
      stop(error.message || box.dataset.refused);
    }
  });

  document.addEventListener("visibilitychange", () => document.hidden && stream && stop());
  document.getElementById("lookup-store")?.addEventListener("change", (event) => event.target.form.requestSubmit());
})();
