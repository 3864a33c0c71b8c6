// Bundles the style sheet, the page script and the diagram viewer into ../static/dist. Called by tools/front.py.
import { build } from "esbuild";
import { copyFile, mkdir, rm } from "node:fs/promises";

const out = new URL("../static/dist/", import.meta.url);
await rm(out, { recursive: true, force: true });
await mkdir(out, { recursive: true });
await build({
  entryPoints: ["src/ui.css", "src/ui.js", "src/viewer.js"],
  absWorkingDir: import.meta.dirname ?? new URL(".", import.meta.url).pathname,
  bundle: true,
  minify: true,
  charset: "utf8",
  format: "iife",
  outdir: "../static/dist",
  legalComments: "linked",
  target: "esnext",
  logLevel: "warning",
});
for (const name of ["bootstrap", "bpmn-js"]) {
  await copyFile(new URL(`node_modules/${name}/LICENSE`, import.meta.url), new URL(`${name}.LICENSE.txt`, out));
}
