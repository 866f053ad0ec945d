// Builds the layouts of e-mails from MJML: `make email-layouts`; with --check says which are not up to date.
// What depends on the person or the program stands in MJML as a value it accepts, and is turned into Jinja here.
import { createHash } from "node:crypto";
import { readFile, readdir, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import mjml2html from "mjml";

const here = dirname(fileURLToPath(import.meta.url));
const target = join(here, "../../src/cardwright/notifications/templates/layouts");
const VARIABLES = [
  [/#0b0b01/g, "{{ brand_color }}"],
  [/#0b0b02/g, "{{ on_brand }}"],
  [/direction:\s*ltr/g, "direction:{{ direction }}"],
  [/text-align:\s*left/g, "text-align:{{ start }}"],
  [/align="left"/g, 'align="{{ start }}"'],
  [/lang="en"/g, 'lang="{{ language }}"'],
  [/dir="ltr"/g, 'dir="{{ direction }}"'],
];

async function built(path) {
  const source = await readFile(path, "utf8");
  const options = { filePath: path, ignoreIncludes: false, validationLevel: "strict", keepComments: false, fonts: {} };
  const { html, errors } = await mjml2html(source, options);
  if (errors.length) throw new Error(errors.map((error) => error.formattedMessage).join("\n"));
  const lines = VARIABLES.reduce((text, [from, to]) => text.replace(from, to), html).split("\n");
  return lines.map((line) => line.trim()).filter(Boolean).join("\n") + "\n";
}

const digest = (text) => createHash("sha256").update(text).digest("hex");
const ofParts = await (async () => {
  const parts = (await readdir(join(here, "layouts/parts"))).sort().map((name) => join(here, "layouts/parts", name));
  const others = ["build.mjs", "package-lock.json"].map((name) => join(here, name));
  return Promise.all([...parts, ...others].map((path) => readFile(path, "utf8")));
})();

// What was built of what, so that a test without Node can tell when either has changed since.
const made = {};
let stale = 0;
for (const name of (await readdir(join(here, "layouts"))).filter((name) => name.endsWith(".mjml")).sort()) {
  const html = await built(join(here, "layouts", name));
  const source = [await readFile(join(here, "layouts", name), "utf8"), ...ofParts].join("");
  made[basename(name, ".mjml")] = { source: digest(source), html: digest(html) };
  const file = join(target, `${basename(name, ".mjml")}.html.j2`);
  if (html === (await readFile(file, "utf8").catch(() => ""))) continue;
  console.log(`${basename(file)} was not up to date`);
  stale += 1;
  if (!process.argv.includes("--check")) await writeFile(file, html);
}
if (!process.argv.includes("--check")) await writeFile(join(here, "built.json"), JSON.stringify(made, null, 2) + "\n");
process.exitCode = stale && process.argv.includes("--check") ? 1 : 0;
