// Maps: what the page says in words, drawn where it is. Without tiles the outlines of the areas are the ground; with neither there is no map.

const FAR = 16;
const FEW_NAMES = 14;

function numbers(text) {
  const [longitude, latitude] = text.split(",").map(Number);
  return [latitude, longitude];
}

// Leaflet takes words for HTML: these are words.
function plain(text) {
  const span = document.createElement("span");
  span.textContent = text;
  return span;
}

async function readOutlines(frame) {
  const response = await fetch(frame.dataset.outlines);
  return response.ok ? response.json() : [];
}

function draw(frame, outlines, links) {
  const leaflet = window.L;
  const held = new Set(outlines.map((one) => one.parent));
  const said = Object.fromEntries(links.map((link) => [link.dataset.area, link]));
  const points = links.filter((link) => link.dataset.at);
  if (!outlines.length && !(points.length && frame.dataset.tiles)) return;
  frame.hidden = false;
  const ground = frame.appendChild(document.createElement("div"));
  ground.className = "ground";
  const map = leaflet.map(ground, { zoomControl: false, scrollWheelZoom: false, dragging: !leaflet.Browser.mobile, zoomSnap: 0.5 });
  map.attributionControl.setPrefix(false);
  leaflet.control.zoom({ zoomInTitle: frame.dataset.in, zoomOutTitle: frame.dataset.out }).addTo(map);
  map.once("click", () => map.dragging.enable());
  if (frame.dataset.tiles) leaflet.tileLayer(frame.dataset.tiles, { attribution: plain(frame.dataset.credit).innerHTML }).addTo(map);

  const whole = leaflet.latLngBounds([]);
  for (const one of [...outlines].sort((one, other) => held.has(one.code) - held.has(other.code))) {
    const link = held.has(one.code) ? undefined : said[one.code];
    const rings = one.outline.map((polygon) => polygon.map((ring) => ring.map(([longitude, latitude]) => [latitude, longitude])));
    const look = link ? `shade-${link.dataset.shade}` : held.has(one.code) ? "frame" : one.code === frame.dataset.home ? "home" : "plain";
    const shape = leaflet.polygon(rings, { className: `outline ${look}`, interactive: look !== "frame" }).addTo(map);
    const named = held.has(one.code) || (!link && outlines.length <= FEW_NAMES);
    shape.bindTooltip(plain(link ? link.title : one.name), named ? { permanent: true, direction: "center", className: "area-name" } : { sticky: true });
    if (link) shape.on("click", () => link.click());
    whole.extend(shape.getBounds());
  }
  for (const link of points) {
    const marker = leaflet.circleMarker(numbers(link.dataset.at), { className: "spot", radius: 9 }).addTo(map);
    marker.bindTooltip(plain(link.textContent), { direction: "auto" });
    if (points.length > 1) marker.on("click", () => link.click());
    whole.extend(marker.getLatLng());
  }
  if (frame.dataset.tiles && points.length === 1) map.setView(numbers(points[0].dataset.at), FAR);
  else map.fitBounds(whole, { padding: [12, 12], maxZoom: FAR });
}

async function start(frame) {
  if (frame.dataset.drawn || !window.L) return;
  frame.dataset.drawn = "yes";
  const from = frame.dataset.shaded ? document.querySelector(frame.dataset.shaded).parentElement : frame;
  draw(frame, await readOutlines(frame), [...from.querySelectorAll("a[data-area], a[data-at]")]);
}

function startAll() {
  for (const frame of document.querySelectorAll(".atlas")) start(frame);
}

startAll();
document.body.addEventListener("htmx:afterSwap", startAll);
