// The seat: phrases go into the field, the queue and the talk follow what happens, and what is new is in sight.

import { listen } from "./live.js";

const text = document.querySelector("#text");
const said = document.querySelector("#said");
const phrases = document.querySelector("[data-phrases]");

function toEnd() {
  if (said) said.scrollTop = said.scrollHeight;
}

if (phrases) {
  phrases.hidden = false;
  phrases.addEventListener("click", (event) => {
    const phrase = event.target.dataset?.phrase;
    if (!phrase) return;
    text.value = text.value ? `${text.value}\n${phrase}` : phrase;
    text.focus();
  });
}
text?.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) text.form.requestSubmit();
});
toEnd();
listen({ replaced: toEnd });
