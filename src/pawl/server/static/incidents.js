// Clocks count between two looks at the server; without scripts they stand as the page said them.
"use strict";
(() => {
  const told = (size) => {
    const whole = Math.round(size);
    const two = (large, small, names) => `${large} ${names[0]}${small ? ` ${small} ${names[1]}` : ""}`;
    if (whole < 60) return `${whole} s`;
    if (whole < 3600) return two(Math.floor(whole / 60), whole % 60, ["m", "s"]);
    if (whole < 86400) return two(Math.floor(whole / 3600), Math.floor(whole % 3600 / 60), ["h", "m"]);
    return two(Math.floor(whole / 86400), Math.floor(whole % 86400 / 3600), ["d", "h"]);
  };
  // What counts is the server's clock: ours is only asked how long ago it spoke.
  let heard = performance.now();
  let at = "";
  const count = () => {
    const clock = document.getElementById("clock");
    if (!clock) return;
    if (clock.dataset.now !== at) { at = clock.dataset.now; heard = performance.now(); }
    const now = Date.parse(at) + performance.now() - heard;
    for (const each of document.querySelectorAll("[data-until]")) {
      each.textContent = told(Math.abs(Date.parse(each.dataset.until) - now) / 1000);
    }
  };
  setInterval(count, 1000);
  document.addEventListener("htmx:after:swap", count);

  // A second press while the first is under way asks for nothing new.
  document.addEventListener("submit", (event) => {
    if (event.defaultPrevented || event.target.method !== "post") return;
    if (event.target.dataset.sent) event.preventDefault();
    event.target.dataset.sent = "yes";
  });
  addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
  });

  // What was typed and not saved is not left by accident.
  const paper = document.querySelector("form[data-keep]");
  if (paper) {
    let changed = false;
    paper.addEventListener("input", () => { changed = true; });
    paper.addEventListener("submit", () => { changed = false; });
    addEventListener("beforeunload", (event) => { if (changed) event.preventDefault(); });
  }
})();
