"use strict";
/* Whether the code of a zone was scanned or typed: a scanner types a whole code faster than anybody, and
   the camera types nothing at all. */
(() => {
  const FASTEST = 40;
  const form = document.getElementById("zone-form");
  const field = document.getElementById("lookup-code");
  if (!form || !field) return;
  let keys = 0;
  let first = 0;
  let last = 0;
  let isPasted = false;

  field.addEventListener("keydown", (event) => {
    if (event.key.length !== 1) return;
    last = event.timeStamp;
    first ||= last;
    keys += 1;
  });
  field.addEventListener("paste", () => { isPasted = true; });
  field.addEventListener("input", () => {
    if (!field.value) [keys, first, isPasted] = [0, 0, false];
  });
  form.addEventListener("submit", (event) => {
    const isButton = event.submitter?.name === "zone";
    const isTyped = isButton || isPasted || (keys > 0 && (last - first) / keys > FASTEST);
    form.elements.typed.value = isTyped ? "1" : "";
  });
})();
