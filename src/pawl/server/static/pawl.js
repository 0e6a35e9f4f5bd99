// Everything here is a convenience: each page works without it.
"use strict";
(() => {
  const root = document.documentElement;

  // Theme: as the system, light, dark.
  const button = document.getElementById("theme");
  const signs = { auto: "◐", light: "☀", dark: "☾" };
  const names = { auto: "as the system", light: "light", dark: "dark" };
  const show = () => {
    const theme = root.dataset.theme || "auto";
    button.textContent = signs[theme];
    button.setAttribute("aria-label", `Colours: ${names[theme]}`);
    button.title = `Colours: ${names[theme]}`;
  };
  button.hidden = false;
  show();
  button.addEventListener("click", () => {
    const order = ["auto", "light", "dark"];
    const next = order[(order.indexOf(root.dataset.theme || "auto") + 1) % 3];
    if (next === "auto") delete root.dataset.theme; else root.dataset.theme = next;
    try { next === "auto" ? localStorage.removeItem("pawl-theme") : localStorage.setItem("pawl-theme", next); } catch { /* not kept */ }
    show();
    document.dispatchEvent(new Event("pawl:theme"));
  });

  // On a narrow screen the pages are a strip: the one that is shown stays in sight.
  const here = document.querySelector(".top nav [aria-current]");
  if (here) here.parentElement.scrollLeft = here.offsetLeft - here.parentElement.offsetLeft - 60;

  // Keys: `/` to the filter, `g` then a letter to a page.
  const places = { o: "/", r: "/runs", c: "/cost", b: "/budgets", a: "/alerts", h: "/changes", d: "/cadence", m: "/maturity" };
  let going = 0;
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input, select, textarea")) {
      if (event.key === "Escape") event.target.blur();
      return;
    }
    if (event.key === "/") {
      const field = document.getElementById("text");
      event.preventDefault();
      if (field) { field.focus(); field.select(); } else location.href = "/runs#text";
    } else if (event.key === "g") {
      going = Date.now();
    } else if (places[event.key] && Date.now() - going < 1500) {
      location.href = places[event.key];
    }
  });
  if (location.hash === "#text") document.getElementById("text")?.focus();

  // Live parts listen to pawl:tick, the list of runs also waits for new ones. Nobody is asked while nobody looks.
  const tick = () => { if (!document.hidden) document.body.dispatchEvent(new Event("pawl:tick")); };
  setInterval(tick, 3000);
  setInterval(() => { if (!document.hidden) document.body.dispatchEvent(new Event("pawl:slow")); }, 15000);
  document.addEventListener("visibilitychange", tick);

  // When the import is through, the page is about more than it shows.
  const state = () => document.getElementById("import").dataset.state;
  let before = state();
  document.addEventListener("htmx:after:swap", () => {
    if (before === "running" && state() !== "running") location.reload();
    before = state();
  });

  // What changes something says that one of our pages sent it; a filter left empty has no place in the address.
  const csrf = document.querySelector('meta[name="csrf"]')?.content;
  document.addEventListener("htmx:config:request", (event) => {
    const request = event.detail.ctx?.request;
    if (csrf && request?.headers && request.method !== "GET") request.headers["X-CSRF-Token"] = csrf;
    const form = request?.body;
    if (!(form instanceof FormData)) return;
    for (const [name, value] of [...form]) if (value === "") form.delete(name);
  });

  // Say when the server has gone, and when it is back.
  const offline = document.getElementById("offline");
  document.addEventListener("htmx:error", () => { offline.hidden = false; });
  document.addEventListener("htmx:after:request", (event) => {
    if (event.detail.ctx?.response?.status < 500) offline.hidden = true;
  });
})();
