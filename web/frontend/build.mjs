// Bundles the style sheet, the page script, the diagram viewer and the modeler into ../static/dist. Called by tools/front.py.
import { build } from "esbuild";
import { copyFile, mkdir, rm } from "node:fs/promises";

const out = new URL("../static/dist/", import.meta.url);
await rm(out, { recursive: true, force: true });
await mkdir(out, { recursive: true });
await build({
  entryPoints: ["src/ui.css", "src/ui.js", "src/viewer.js", "src/atelier.js"],
  absWorkingDir: import.meta.dirname ?? new URL(".", import.meta.url).pathname,
  bundle: true,
  minify: true,
  charset: "utf8",
  format: "iife",
  outdir: "../static/dist",
  // The icons of the palette come as a font: one format that every browser of today reads.
  loader: { ".woff2": "file", ".woff": "empty", ".eot": "empty", ".ttf": "empty", ".svg": "empty" },
  assetNames: "[name]-[hash]",
  legalComments: "linked",
  target: "esnext",
  logLevel: "warning",
});
for (const name of ["bootstrap", "bpmn-js", "bpmn-js-create-append-anything", "diagram-js-minimap"]) {
  await copyFile(new URL(`node_modules/${name}/LICENSE`, import.meta.url), new URL(`${name}.LICENSE.txt`, out));
}
