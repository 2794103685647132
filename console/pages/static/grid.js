// The grid worker's pages: a sentence is copied by one press, the card printed by one; both can be done by hand without this.

const said = document.querySelector("#copied");

for (const button of document.querySelectorAll("[data-copy]")) {
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", async () => {
    const text = document.getElementById(button.dataset.copy);
    try {
      await navigator.clipboard.writeText(text.textContent);
    } catch {
      window.getSelection().selectAllChildren(text); // the browser does not let us: one press on the marked words copies them
      return;
    }
    for (const one of document.querySelectorAll("[data-copy].done")) one.classList.remove("done");
    button.classList.add("done");
    said.textContent = button.dataset.copied;
  });
}
