// Pages that show what is going on: when the service says that something changed, the part marked data-live is fetched anew and put in place.
// The service says only that it changed; what the page shows is asked for with its own reader's eyes. Nothing is replaced while somebody types.

const part = document.querySelector("[data-live]");
const sign = document.querySelector("#live");
const CALM = 250;
const LONG = 60_000;
let pending = 0;

export function listen(on = {}) {
  if (!part || !window.EventSource) return;
  const source = new EventSource(part.dataset.live);
  const refresh = on.refresh ?? (() => replace(on));
  const later = () => {
    clearTimeout(pending);
    pending = setTimeout(refresh, CALM);
  };
  source.addEventListener("open", () => tell(""));
  source.addEventListener("error", () => tell(sign?.dataset.lost));
  source.addEventListener("changed", later);
  source.addEventListener("seats", later);
  source.addEventListener("others", (event) => on.others?.(JSON.parse(event.data)));
  source.addEventListener("over", () => {
    source.close();
    tell(sign?.dataset.over);
  });
  window.addEventListener("pagehide", () => source.close());
  if (!on.refresh) setInterval(() => document.visibilityState === "visible" && refresh(), LONG);
}

function tell(words) {
  if (sign) sign.textContent = words ?? "";
}

function isTyping() {
  const active = document.activeElement;
  return part.contains(active) && active.matches("textarea, select, input:not([type=hidden])") && active.value !== "";
}

async function replace(on) {
  if (isTyping()) return;
  const response = await fetch(location.href, { headers: { "X-Unattended": "1" }, credentials: "same-origin" });
  if (!response.ok || response.redirected) return;
  const fresh = new DOMParser().parseFromString(await response.text(), "text/html").getElementById(part.id);
  if (!fresh || isTyping()) return;
  const open = new Set([...part.querySelectorAll("details[open]")].map((one) => one.closest("[id]")?.id));
  part.replaceChildren(...fresh.childNodes);
  for (const id of open) {
    const again = id && part.querySelector(`#${CSS.escape(id)} details`);
    if (again) again.open = true;
  }
  on.replaced?.();
}
