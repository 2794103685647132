// What every page does besides the plain HTML: nothing here is needed to get a thing done.

const csrf = document.querySelector('meta[name="csrf"]')?.content ?? "";

document.body.addEventListener("htmx:configRequest", (event) => {
  if (csrf) event.detail.headers["X-CSRF-Token"] = csrf;
});

// A form is sent once; a second press while it is under way does nothing.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.sent && Date.now() - Number(form.dataset.sent) < 5000) event.preventDefault();
  form.dataset.sent = String(Date.now());
});
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

// data-confirm="…" asks before what cannot be undone.
document.addEventListener("click", (event) => {
  const asked = event.target.closest?.("[data-confirm]");
  if (asked && !window.confirm(asked.dataset.confirm)) event.preventDefault();
});

// data-print prints the page.
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}

// data-key="s": one key presses a button or follows a link, while nobody is typing.
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches?.("input, textarea, select")) return;
  const target = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
  if (target) {
    event.preventDefault();
    target.click();
  }
});

// The viewer's mark lies over the page as a repeated picture of its words.
const mark = document.querySelector(".mark");
if (mark) {
  const canvas = document.createElement("canvas");
  canvas.width = 260;
  canvas.height = 160;
  const pen = canvas.getContext("2d");
  pen.translate(20, 110);
  pen.rotate(-0.35);
  pen.font = "16px sans-serif";
  pen.fillStyle = "#0b3d3a";
  pen.fillText(mark.dataset.mark, 0, 0);
  mark.style.backgroundImage = `url(${canvas.toDataURL()})`;
}
