// SPDX-License-Identifier: Apache-2.0
// node build.mjs [FOLDER]: bundles src/ into HTML files (dist/report.html, dist/diff.html) that need no
// network. `thaw report -f html` and `thaw diff -f html` write such a file with the JSON between
// DATA_BEGIN and what follows it.
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { minify } from "terser";

const HERE = dirname(fileURLToPath(import.meta.url));
const DATA_BEGIN = '<script type="application/json" id="data">';
const SHIPPED = ["vanjs-core"]; // packages whose code is in the file

function expect(condition, message) {
  if (!condition) throw new Error(message);
}

// Members of the report page's own objects (and VanJS' states), which get short names. The build fails for one that is a member
// of the language's or the DOM's objects too, of HTML, a text, the report's, or of none in src/.
const OWN = `among began boxes captionText cell colorOf columnList derive ending falling found hue isFaint known labelText
  critical level levels mainTrack members moduleById most node nodeAt nodeDepth nodes offspring onPick
  onPress onSpace partAmount picked piece pointed processById quiet rawVal report rowList
  reply_ns sees shortened spans theme ticks titled tree under undrawn val walkTo zero_ns zoomTo`.split(/\s+/);

// What `thaw report` and `thaw diff` write. `own`: members that get short names, besides VanJS' private ones.
const PAGES = [
  { name: "report", entry: "src/main.tsx", style: "src/report.css", own: OWN },
  { name: "diff", entry: "src/diff_main.tsx", style: "src/diff.css", own: [] },
];

function texts(folder, pattern) {
  const names = readdirSync(folder, { recursive: true }).filter((name) => pattern.test(name));
  return names.map((name) => readFileSync(`${folder}/${name}`, "utf8")).join("\n");
}

/** Names of members at any depth of a schema: those of its properties, of raw texts too. */
function membersOf(schema) {
  if (!schema || typeof schema !== "object") return [];
  const raw = Object.keys(schema.patternProperties ?? {}) // "^(name|file)_bytes$"
    .flatMap((pattern) => pattern.match(/[a-z_]+(?=[|)])/g)).map((key) => `${key}_bytes`);
  return [...Object.keys(schema.properties ?? {}), ...raw, ...Object.values(schema).flatMap(membersOf)];
}

const sources = texts(`${HERE}/src`, /^(?!report\.ts$|diff).*\.tsx?$/); // of the report page
const standard = texts(`${HERE}/node_modules/@typescript`, /lib\.[\w.]+\.d\.ts$/);
expect(/^\s+querySelector\b/m.test(standard), "the DOM's types are not where they were");

function checkOwn(own, reported) {
  for (const name of own) {
    const member = new RegExp(`^\\s+(?:(?:readonly|get|set|static) )*["']?${name}["']?\\??\\s*[:(<]`, "m");
    expect(!reported.has(name), `"${name}" is the report's, too`);
    expect(!member.test(standard), `"${name}" is a standard member, too`);
    expect(!new RegExp(`["'\`]${name}["'\`]`).test(sources), `"${name}" is a text, too`);
  }
}

async function bundle(entry, own = []) {
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
    mangleCache: {},
    mangleProps: new RegExp(`^(${[...own, "_[a-zA-Z]+"].join("|")})$`), // and VanJS' private ones
    minifySyntax: true, // names are shortened below
    minifyWhitespace: true,
    target: "es2022",
    tsconfigRaw: "{}", // which is for tsc
    write: false,
  });
  const { mangleCache = {}, outputFiles } = result;
  return [outputFiles[0].text.trim(), mangleCache];
}

/** Elements' calls as src/jsx.ts has them, too: h("td.number",0,…) for h("td",{class:"number"},…), 0 for no attributes. */
function withShortCalls(script) {
  const short = script.replace(/\bh\("(\w+)",\{class:"([\w -]+)"\}/g, 'h("$1.$2",0').replace(/\bh\((\w+|"\w*"),null/g, "h($1,0");
  expect(script.length - short.length > 100, "elements are not made by calls of h()");
  return short;
}

/** Names shortened, too. No function in src/ uses `this`. */
async function shorter(script) {
  const { code } = await minify(withShortCalls(script), {
    compress: { hoist_funs: true, passes: 3, unsafe: true, unsafe_arrows: true },
    ecma: 2022,
    format: { ascii_only: true },
    toplevel: true,
  });
  return code;
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

async function buildPage({ name: page, entry, style: sheet, own }, folder) {
  const schema = JSON.parse(readFileSync(`${HERE}/schema/thaw-${page}-1.schema.json`, "utf8"));
  const reported = new Set(membersOf(schema));
  checkOwn(own, reported);
  const [bundled, shortened] = await bundle(entry, own);
  const script = await shorter(bundled);
  const [style] = await bundle(sheet);
  for (const name of own) expect(name in shortened, `"${name}" is not a member in src/`);
  for (const name of Object.values(shortened)) expect(!reported.has(name), `"${name}" is the report's, too`);
  expect(!/<\/script|<!--/i.test(script), "the script would end its own element");
  expect(!/<\/style/i.test(style), "the style would end its own element");
  const parts = { POLICY: policy(script, style), NOTICES: notices(), SCRIPT: script, STYLE: style };
  expect(!parts.NOTICES.includes("--"), "the notices would end their comment");

  const template = page === "report" ? "page.html" : `${page}.html`;
  const html = readFileSync(`${HERE}/src/${template}`, "utf8").replace(
    /%([A-Z]+)%/g,
    (_, key) => parts[key] ?? expect(false, `src/${template}: no ${key}`),
  );
  expect(count(html, DATA_BEGIN) === 1, "the data must have one place");
  expect(/^[\n\x20-\x7e]*$/.test(html), "the page must be ASCII");

  const output = `${folder}/${page}.html`;
  writeFileSync(output, html);
  console.log(`${output}: ${script.length} bytes of script, ${style.length} of style, ` +
    `${html.length} in all`);
}

const folder = resolve(process.argv[2] ?? `${HERE}/dist`);
mkdirSync(folder, { recursive: true });
for (const page of PAGES) await buildPage(page, folder);
