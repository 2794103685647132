// The desk by keyboard: move through the queue, open, confirm. Every key presses a button or follows a link that is there without it.

import { listen } from "./live.js";

const keys = document.querySelector("#keys");
const opener = document.querySelector("[data-keys]");
let current = "";

const rows = () => [...document.querySelectorAll("[data-row]")];
const here = () => rows().find((row) => row.dataset.row === current);

function choose(row, { scroll = true } = {}) {
  for (const one of rows()) one.classList.toggle("chosen", one === row);
  current = row?.dataset.row ?? "";
  if (row && scroll) {
    row.querySelector("[data-open]").focus({ preventScroll: true });
    row.scrollIntoView({ block: "nearest" });
  }
}

function move(by) {
  const all = rows();
  const at = all.indexOf(here());
  choose(all[Math.min(Math.max(at + by, 0), all.length - 1)]);
}

function press(key) {
  const button = here()?.querySelector(`[data-do="${CSS.escape(key)}"]`);
  button?.click();
  return Boolean(button);
}

function openOthers() {
  const details = here()?.querySelector("details.other");
  if (!details) return false;
  details.open = true;
  details.querySelector("input[list]")?.focus();
  return true;
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || keys?.open) return;
  if (event.target.matches("input, textarea, select")) {
    if (event.key === "Escape") event.target.blur();
    return;
  }
  const done = {
    j: () => (move(1), true), ArrowDown: () => (move(1), true),
    k: () => (move(-1), true), ArrowUp: () => (move(-1), true),
    o: openOthers, n: () => (document.querySelector("[data-new]")?.click(), true), "?": () => keys && (keys.showModal(), true),
    1: () => press("1"), 2: () => press("2"), 3: () => press("3"), a: () => press("a"),
  }[event.key]?.();
  if (done) event.preventDefault();
});

document.addEventListener("focusin", (event) => {
  const row = event.target.closest?.("[data-row]");
  if (row && row.dataset.row !== current) choose(row, { scroll: false });
});

if (opener) {
  opener.hidden = false;
  opener.addEventListener("click", () => keys.showModal());
}
listen({ replaced: () => current && choose(here(), { scroll: false }) });
