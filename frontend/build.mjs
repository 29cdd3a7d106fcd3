// Builds the browser assets into src/percorso/base/built: hashed names, a manifest that tells them, and .gz beside each.
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import * as sass from "sass";

const here = fileURLToPath(new URL(".", import.meta.url));
const built = join(here, "../src/percorso/base/built");
// Made beside the old ones and put in their place when all is well: a mistake leaves what there was.
const out = `${built}.${process.pid}`;
const manifest = {};

const ICONS = `activity alert-triangle archive arrow-back-up arrow-down arrow-left arrow-right arrow-up at bell bell-off bolt building
  calendar chart-dots check chevron-down chevron-left chevron-right chevron-up circle-check clipboard-list clock cloud-upload code command copy
  database database-import device-desktop device-laptop device-mobile dots download edit equal external-link eye eye-off file file-spreadsheet
  filter flag grip-vertical help history home info-circle key language layout-dashboard link list lock login logout mail map-off maximize menu-2 message
  minus moon note phone photo player-stop plus printer refresh search send server settings shield shield-check shopping-cart star sun
  table ticket trash upload user user-check user-plus users webhook x`.split(/\s+/);

function write(name, content) {
  const hash = createHash("sha256").update(content).digest("hex").slice(0, 10);
  const hashed = name.replace(/(\.[^.]+)$/, `-${hash}$1`);
  manifest[name] = hashed;
  put(hashed, content);
  return hashed;
}

function put(file, content) {
  writeFileSync(join(out, file), content);
  if (!/\.woff2$/.test(file)) writeFileSync(join(out, `${file}.gz`), gzipSync(content, { level: 9 }));
}

function sprite() {
  const symbols = ICONS.map((name) => {
    const svg = readFileSync(join(here, `node_modules/@tabler/icons/icons/outline/${name}.svg`), "utf8");
    const paths = svg.match(/<path[^>]*>/g).filter((path) => !path.includes('stroke="none"'));
    return `<symbol id="${name}" viewBox="0 0 24 24">${paths.join("")}</symbol>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>`;
}

function styles(file, font) {
  const { css } = sass.compile(join(here, `src/styles/${file}`), {
    loadPaths: [join(here, "node_modules")],
    style: "compressed",
    quietDeps: true,
  });
  return css.replace("inter.woff2", font);
}

async function scripts(name, how) {
  const result = await build({
    entryPoints: [join(here, "src", name)],
    outdir: out,
    bundle: true,
    ...how,
    target: "es2022",
    minify: true,
    legalComments: "none",
    entryNames: "[name]-[hash]",
    chunkNames: "[name]-[hash]",
    metafile: true,
    write: false,
  });
  for (const file of result.outputFiles) put(basename(file.path), file.contents);
  for (const [path, made] of Object.entries(result.metafile.outputs))
    if (made.entryPoint) manifest[basename(made.entryPoint).replace(".ts", ".js")] = basename(path);
}

function firstPaint() {
  const size = (name) => statSync(join(out, name.endsWith(".woff2") ? name : `${name}.gz`)).size;
  const names = ["percorso.css", "app.js", "theme.js", "icons.svg", "mark.svg", "inter.woff2"];
  return names.reduce((sum, name) => sum + size(manifest[name]), 0);
}

process.on("exit", () => rmSync(out, { recursive: true, force: true }));
mkdirSync(out, { recursive: true });
const font = readFileSync(join(here, "node_modules/@fontsource-variable/inter/files/inter-latin-wght-normal.woff2"));
const inter = write("inter.woff2", font);
write("percorso.css", styles("percorso.scss", inter));
write("surveys.css", styles("surveys.scss", inter));
write("print.css", styles("print.scss", inter));
write("icons.svg", sprite());
write("mark.svg", readFileSync(join(here, "src/mark.svg")));
await scripts("app.ts", { format: "esm", splitting: true });
await scripts("theme.ts", { format: "iife" });
write("survey.css", styles("survey.scss", inter));
await scripts("survey.ts", { format: "iife" });
write("poster.css", styles("poster.scss", inter));
await scripts("widget.ts", { format: "iife" });
await scripts("track.ts", { format: "iife" });
write("kiosk.css", styles("kiosk.scss", inter));
await scripts("kiosk.ts", { format: "iife" });
await scripts("kiosk-worker.ts", { format: "iife" });
writeFileSync(join(out, "manifest.json"), JSON.stringify(manifest, null, 2));
const sum = `${readdirSync(out).length} files in src/percorso/base/built; the first paint needs ${Math.round(firstPaint() / 1000)} kB`;
rmSync(built, { recursive: true, force: true });
renameSync(out, built);
console.log(sum);
