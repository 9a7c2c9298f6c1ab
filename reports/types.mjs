// SPDX-License-Identifier: Apache-2.0
// Writes src/report.ts and src/diff.ts from the JSON Schemas of what the pages show: an interface for
// each object of it, and what people call its members, where the schema has titles for them.
import { readFileSync, writeFileSync } from "node:fs";

const KINDS = ["report", "diff"];
const PLAIN = { string: "string", integer: "number", number: "number", boolean: "boolean", null: "null" };
let defined = {}; // the definitions of the schema at hand

function interfaceName(key) {
  return key.split("_").map((word) => word[0].toUpperCase() + word.slice(1)).join("");
}

function listOf(type) {
  return type.includes(" ") ? `(${type})[]` : `${type}[]`;
}

function typeOf(schema) {
  if (schema.$ref) {
    const key = schema.$ref.split("/").pop();
    return defined[key].type === "object" ? interfaceName(key) : typeOf(defined[key]);
  }
  if (schema.oneOf) return schema.oneOf.map(typeOf).join(" | ");
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
  if ("const" in schema) return JSON.stringify(schema.const);
  const types = [schema.type].flat();
  return types
    .map((type) => (type === "array" ? listOf(typeOf(schema.items)) : PLAIN[type]))
    .map((type) => type ?? fail(`no TypeScript for ${JSON.stringify(schema)}`))
    .join(" | ");
}

function fail(message) {
  throw new Error(message);
}

// "^(name|file)_bytes$": the raw forms of texts that are not UTF-8. Another pattern: any name may be there.
function rawMembers(schema) {
  return Object.entries(schema.patternProperties ?? {}).flatMap(([pattern, value]) => {
    if (Object.keys(schema.properties).length === 0) return [`  [name: string]: ${typeOf(value)} | undefined;`];
    const keys = /^\^\(([a-z_|]+)\)_bytes\$$/.exec(pattern) ?? fail(`unknown pattern ${pattern}`);
    return keys[1].split("|").map((key) => `  ${key}_bytes?: ${typeOf(value)};`);
  });
}

function interfaceOf(key, schema) {
  const members = Object.entries(schema.properties).map(([name, value]) => {
    const optional = schema.required?.includes(name) ? "" : "?";
    return `  ${name}${optional}: ${typeOf(value)};`;
  });
  const lines = [...members, ...rawMembers(schema)].join("\n");
  return `/** ${schema.description} */\nexport interface ${interfaceName(key)} {\n${lines}\n}\n`;
}

// One table for the page and for the terminal, which reads the same titles (src/report/split_sums.c).
function titlesOf(key, schema) {
  const titles = Object.entries(schema.properties).filter(([, { title }]) => title);
  const lines = titles.map(([name, { title }]) => `  ${name}: ${JSON.stringify(title)},\n`).join("");
  return lines && `\nexport const ${key.toUpperCase()}_TITLES = {\n${lines}} as const;\n`;
}

for (const kind of KINDS) {
  const file = `schema/thaw-${kind}-1.schema.json`;
  const schema = JSON.parse(readFileSync(new URL(file, import.meta.url), "utf8"));
  defined = schema.$defs;
  const objects = [[kind, schema], ...Object.entries(defined).filter(([, value]) => value.type === "object")];
  const text = `// SPDX-License-Identifier: Apache-2.0
// Made by types.mjs from ${file}, which says what each member means.

${objects.map(([key, value]) => interfaceOf(key, value) + titlesOf(key, value)).join("\n")}`;
  writeFileSync(new URL(`src/${kind}.ts`, import.meta.url), text);
}
