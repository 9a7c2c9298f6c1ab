// SPDX-License-Identifier: Apache-2.0
// node build.mjs [FILE]: bundles src/ into one HTML file (dist/report.html) that needs no network.
// `thaw report -f html` writes that file with a report between DATA_BEGIN and what follows it.
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const HERE = dirname(fileURLToPath(import.meta.url));
const DATA_BEGIN = '<script type="application/json" id="data">';
const SHIPPED = ["preact"]; // packages whose code is in the file

function expect(condition, message) {
  if (!condition) throw new Error(message);
}

// Members of the page's own objects, which get short names: none is HTML's, the DOM's or a text.
const OWN = `among amount asked boxes by canvas caption cell color columns depth division empty end
  falling flat focused found isFaint known label level levels measure model most node nodeAt nodes onMore
  onSelect onSort onSpace order piece pointed quiet report root rows sees selected setFocused
  setPointed shortened start theme tick ticks titled top tree trees walkTo weight zoomTo`.split(/\s+/);

const schema = JSON.parse(readFileSync(`${HERE}/schema/thaw-report-1.schema.json`, "utf8"));
const sources = readdirSync(`${HERE}/src`).map((name) => readFileSync(`${HERE}/src/${name}`, "utf8")).join("");
const reported = new Set([schema, ...Object.values(schema.$defs)].flatMap(({ properties = {} }) => Object.keys(properties)));
for (const name of OWN) expect(!sources.includes(`"${name}"`), `"${name}" is a text, too`);
const internal = OWN.filter((name) => !reported.has(name)); // what the report has keeps its name

async function bundle(entry) {
  const result = await build({
    entryPoints: [entry],
    absWorkingDir: HERE,
    bundle: true,
    charset: "ascii",
    format: "iife",
    inject: ["src/jsx.ts"],
    jsx: "transform",
    jsxFactory: "h",
    jsxFragment: "Fragment",
    legalComments: "none", // the notices below stand for them
    logLevel: "warning",
    mangleProps: new RegExp(`^(${internal.join("|")})$`),
    minify: true,
    target: "es2022",
    tsconfigRaw: "{}", // which is for tsc
    write: false,
  });
  return result.outputFiles[0].text.trim();
}

function hash(text) {
  return `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
}

function policy(script, style) {
  return [
    "default-src 'none'",
    `script-src ${hash(script)}`,
    `style-src ${hash(style)}`,
    "img-src data:", // the empty icon
    "base-uri 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join("; ");
}

function notices() {
  return SHIPPED.map((name) => {
    const folder = `${HERE}/node_modules/${name}`;
    const { version } = JSON.parse(readFileSync(`${folder}/package.json`, "utf8"));
    return `${name} ${version}\n\n${readFileSync(`${folder}/LICENSE`, "utf8").trim()}`;
  }).join("\n\n");
}

function count(text, part) {
  return text.split(part).length - 1;
}

const script = await bundle("src/main.tsx");
const style = await bundle("src/report.css");
expect(!/<\/script|<!--/i.test(script), "the script would end its own element");
expect(!/<\/style/i.test(style), "the style would end its own element");
const parts = { POLICY: policy(script, style), NOTICES: notices(), SCRIPT: script, STYLE: style };
expect(!parts.NOTICES.includes("--"), "the notices would end their comment");

const html = readFileSync(`${HERE}/src/page.html`, "utf8").replace(
  /%([A-Z]+)%/g,
  (_, key) => parts[key] ?? expect(false, `src/page.html: no ${key}`),
);
expect(count(html, DATA_BEGIN) === 1, "the data must have one place");
expect(/^[\n\x20-\x7e]*$/.test(html), "the page must be ASCII");

const output = resolve(process.argv[2] ?? `${HERE}/dist/report.html`);
mkdirSync(dirname(output), { recursive: true });
writeFileSync(output, html);
console.log(`${output}: ${script.length} bytes of script, ${style.length} of style, ` +
  `${html.length} in all`);
