// Builds static/vendor/: the libraries of others that our pages load, from node_modules alone, the same bytes every time.
//
// Each is a classic script with one name on the page (htmx, echarts, L), so that a template gives it a versioned address and a page
// can ask whether it is there. Pages work where the folder is missing. licences.txt is written last: it says that the rest is whole.
import { copyFile, mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const modules = join(here, "..", "..", "node_modules");
const vendor = join(here, "static", "vendor");
const shared = { minify: true, target: "es2020", charset: "utf8", legalComments: "none", logLevel: "warning" };
const shipped = ["echarts", "htmx.org", "leaflet", "tslib", "zrender"];

async function bundleScripts() {
  await build({
    ...shared,
    entryPoints: [join(here, "charts.mjs")],
    outfile: join(vendor, "echarts.min.js"),
    bundle: true,
    format: "iife",
    globalName: "echarts",
  });
  await build({ ...shared, entryPoints: [join(modules, "leaflet/dist/leaflet-src.js")], outfile: join(vendor, "leaflet.min.js") });
  await copyFile(join(modules, "htmx.org/dist/htmx.min.js"), join(vendor, "htmx.min.js"));
}

// The few pictures of the map's buttons go into the style sheet; its default marker does not (pages draw circles and divIcons).
async function bundleMapLooks() {
  await build({
    ...shared,
    entryPoints: [join(modules, "leaflet/dist/leaflet.css")],
    outfile: join(vendor, "leaflet.css"),
    bundle: true,
    loader: { ".png": "dataurl" },
  });
}

// Beside each file its compressed twin, which the service sends instead to a browser that takes it.
async function compress() {
  for (const name of await readdir(vendor)) {
    await writeFile(join(vendor, `${name}.gz`), gzipSync(await readFile(join(vendor, name)), { level: 9 }));
  }
}

async function readLicence(name) {
  const folder = join(modules, name);
  const { version, license } = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
  const found = await readdir(folder, { recursive: true, withFileTypes: true });
  const texts = found.filter((file) => file.isFile() && /^(licen[cs]e|notice)/i.test(file.name)).map((file) => join(file.parentPath, file.name));
  const read = await Promise.all(texts.sort().map((file) => readFile(file, "utf8")));
  return [`${name} ${version} (${license})`, ...read.map((text) => text.trim())].join("\n\n");
}

await rm(vendor, { recursive: true, force: true });
await mkdir(vendor, { recursive: true });
await bundleScripts();
await bundleMapLooks();
await compress();
const licences = await Promise.all(shipped.map(readLicence));
await writeFile(join(vendor, "licences.txt"), `${licences.join(`\n\n${"-".repeat(72)}\n\n`)}\n`);
