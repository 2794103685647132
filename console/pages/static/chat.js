// The chat page as it lives: lines as they come, messages without a reload, pictures made small before they are sent.
// Without this file the form sends by itself and the page is shown again. Words stand in the page's data attributes.

const LONGEST = 1600;
const PAUSES = [2000, 5000, 15000];
const POLL = 5000;
const LOOKS = [1000, 2000, 3000, 5000, 10000, 20000, 40000];

const talk = document.querySelector("#talk");
const lines = document.querySelector("#lines");
const composer = document.querySelector("#composer");
const text = composer.elements.text;
const picture = composer.elements.picture;
const picked = document.querySelector("#picked");
const refused = document.querySelector("#refused");
const words = talk.dataset;
let after = words.after;
let polling = 0;

function makeKey() {
  const random = crypto.getRandomValues(new Uint8Array(12));
  return `${Date.now().toString(36)}-${Array.from(random, (one) => one.toString(16).padStart(2, "0")).join("")}`;
}

function make(tag, className, content = "") {
  const element = document.createElement(tag);
  if (className) element.className = className;
  element.textContent = content;
  return element;
}

function sayWho(side, at) {
  const clock = new Date(at).toLocaleTimeString("zh-CN", { hour: "2-digit", minute: "2-digit", hour12: false });
  return `${side === "me" ? words.me : words.us}　${clock}`;
}

function makeChoices(choices) {
  const row = make("div", "choices");
  row.setAttribute("role", "group");
  row.setAttribute("aria-label", words.choices);
  for (const choice of choices) {
    const button = make("button", "quiet", choice.label);
    button.type = "button";
    button.addEventListener("click", () => send(choice.send, []));
    row.append(button);
  }
  return row;
}

function makePicture(one) {
  const link = make("a", "");
  link.href = `/media/${one.token}`;
  const image = make("img", "sent");
  image.src = `/media/${one.token}/small`;
  image.alt = words.picture;
  link.append(image);
  return link;
}

// What stands where pictures are not there yet: those that were just chosen here, else how many there are.
function makePlace(line) {
  const waiting = [...lines.querySelectorAll(".waiting")].find((one) => one.dataset.said === line.parts[0].text && one.querySelector("img.sent"));
  const place = make("p", "words");
  if (waiting) place.append(...waiting.querySelectorAll("img.sent"));
  else place.textContent = words.pictures + line.pictures;
  return place;
}

// The service makes a picture safe within some seconds; its line is asked for anew until then, and shown as it is.
function expect(id, number) {
  if (number < LOOKS.length) setTimeout(() => look(id, number).catch(() => expect(id, number + 1)), LOOKS[number]);
}

async function look(id, number) {
  const behind = `${after.split("-")[0]}-${Number(id.slice(1)) - 1}`;
  const answer = await fetch(`/chat/lines?after=${behind}`, { headers: { Accept: "application/json" } });
  const line = answer.ok && (await answer.json()).lines.find((one) => one.id === id);
  const item = document.getElementById(`line-${id}`);
  if (!item) return;
  if (!line || line.coming) expect(id, number + 1);
  else item.replaceWith(makeLine({ ...line, choices: [] }));
}

function makeLine(line) {
  const item = make("li", `say ${line.side}`);
  item.id = `line-${line.id}`;
  const said = make("p", "words");
  for (const part of line.parts) {
    if (part.href) {
      const link = make("a", "", part.text);
      link.href = part.href;
      link.rel = "noreferrer";
      said.append(link);
    } else said.append(part.text);
  }
  if (said.textContent) item.append(said);
  for (const one of line.shown) item.append(makePicture(one));
  if (line.pictures) item.append(makePlace(line));
  if (line.coming) expect(line.id, 0);
  item.append(make("p", "who", sayWho(line.side, line.at)));
  if (line.choices.length) item.append(makeChoices(line.choices));
  return item;
}

function moveOn(next) {
  const [told, said] = after.split("-").map(Number);
  const [nextTold, nextSaid] = next.split("-").map(Number);
  after = `${Math.max(told, nextTold)}-${Math.max(said, nextSaid)}`;
}

function show(came) {
  const fresh = came.lines.filter((line) => !document.getElementById(`line-${line.id}`));
  moveOn(came.after);
  if (!fresh.length) return;
  for (const row of talk.querySelectorAll(".choices")) row.remove();
  document.querySelector("#hello")?.remove();
  const waiting = lines.querySelector(".waiting");
  for (const line of fresh) lines.insertBefore(makeLine(line), line.side === "me" ? waiting : null);
  toEnd();
}

function toEnd() {
  talk.scrollTop = talk.scrollHeight;
}

async function refresh() {
  const answer = await fetch(`/chat/lines?after=${after}`, { headers: { Accept: "application/json" } });
  if (answer.ok) show(await answer.json());
}

function poll() {
  if (!polling) polling = setInterval(() => refresh().catch(() => {}), POLL);
}

function listen() {
  const events = new EventSource(`/chat/events?after=${after}`);
  events.addEventListener("message", (event) => show(JSON.parse(event.data)));
  events.addEventListener("error", () => {
    if (events.readyState === EventSource.CLOSED) poll();
  });
}

async function shrink(file) {
  try {
    const image = await createImageBitmap(file, { imageOrientation: "from-image" });
    const scale = Math.min(1, LONGEST / Math.max(image.width, image.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(image.width * scale);
    canvas.height = Math.round(image.height * scale);
    canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
    image.close();
    const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.85));
    return blob ?? file;
  } catch {
    return file; // the service says whether it takes it
  }
}

function showWaiting(said, files) {
  const item = make("li", "say me waiting");
  item.dataset.said = said;
  if (said) item.append(make("p", "words", said));
  for (const file of files) {
    const image = make("img", "sent");
    image.alt = "";
    image.src = URL.createObjectURL(file);
    item.append(image);
  }
  item.append(make("p", "who", words.sending));
  lines.append(item);
  toEnd();
  return item;
}

async function post(said, pictures, key) {
  const form = new FormData();
  form.append("text", said);
  form.append("key", key);
  if (composer.elements.code) form.append("code", composer.elements.code.value);
  for (const one of pictures) form.append("picture", one, "picture.jpg");
  const answer = await fetch("/chat", { method: "POST", body: form, headers: { Accept: "application/json" } });
  return { status: answer.status, body: await answer.json() };
}

function refuse(item, said, sentence) {
  item.remove();
  refused.textContent = sentence;
  if (said && !text.value) text.value = said;
  text.focus();
}

async function send(said, files) {
  refused.textContent = "";
  const item = showWaiting(said, files);
  const pictures = await Promise.all(files.map(shrink));
  await attempt(item, said, pictures, makeKey(), 0);
}

// The same key each time: a message that had arrived although its answer was lost is not there twice.
async function attempt(item, said, pictures, key, number) {
  item.querySelector(".who").textContent = words.sending;
  let answer;
  try {
    answer = await post(said, pictures, key);
  } catch {
    answer = null;
  }
  if (answer && answer.status < 400) {
    await refresh().catch(() => {});
    item.remove();
    if (answer.body.reply) await refresh().catch(() => {});
  } else if (answer && answer.status < 500) {
    refuse(item, said, answer.body.sentence);
  } else if (number < PAUSES.length) {
    setTimeout(() => attempt(item, said, pictures, key, number + 1), PAUSES[number]);
  } else {
    const who = item.querySelector(".who");
    who.textContent = `${answer?.body?.sentence ?? words.failed}　`;
    const again = make("button", "quiet small", words.again);
    again.type = "button";
    again.addEventListener("click", () => attempt(item, said, pictures, key, 0));
    who.append(again);
  }
}

function countPicked() {
  picked.textContent = picture.files.length ? `${picture.files.length} ${picked.dataset.word}` : "";
}

composer.addEventListener("submit", (event) => {
  event.preventDefault();
  const said = text.value.trim();
  const files = [...picture.files];
  if (!said && !files.length) {
    text.focus();
    return;
  }
  text.value = "";
  picture.value = "";
  countPicked();
  sessionStorage.removeItem("chat-draft");
  send(said, files);
});

text.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) composer.requestSubmit();
});
text.addEventListener("input", () => sessionStorage.setItem("chat-draft", text.value));
picture.addEventListener("change", countPicked);
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) refresh().catch(() => {});
});

for (const item of lines.querySelectorAll("[data-coming]")) expect(item.id.slice("line-".length), 0);
for (const form of talk.querySelectorAll("form.choices")) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send(event.submitter.value, []);
  });
}

if (!text.value) text.value = sessionStorage.getItem("chat-draft") ?? "";
talk.classList.add("live");
talk.tabIndex = 0;
toEnd();
listen();
