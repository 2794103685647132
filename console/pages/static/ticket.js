// A ticket: who else is here, that it changed meanwhile, and texts to begin an answer with.

import { listen } from "./live.js";

const others = document.querySelector("#others");
const changed = document.querySelector("#changed");
const csrf = document.querySelector('meta[name="csrf"]')?.content ?? "";
const AGAIN = 20_000;
let told = 0;

function tell(present) {
  others.textContent = present.map((one) => one.who + (one.doing === "writing" ? others.dataset.writing : others.dataset.looking)).join("，");
}

document.addEventListener("input", (event) => {
  if (!event.target.matches("form.act textarea") || Date.now() < told + AGAIN) return;
  told = Date.now();
  fetch(others.dataset.write, { method: "POST", headers: { "X-CSRF-Token": csrf }, keepalive: true }).catch(() => {});
});

document.addEventListener("click", (event) => {
  const from = event.target.closest?.("[data-fill]");
  const field = from?.closest("form").querySelector("textarea");
  if (!field) return;
  event.preventDefault();
  field.value = from.dataset.fill;
  field.focus();
  const gap = field.value.indexOf("〔");
  if (gap >= 0) field.setSelectionRange(gap, field.value.indexOf("〕") + 1);
});

listen({ others: tell, refresh: () => { changed.hidden = false; } });
