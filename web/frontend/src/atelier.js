// The modeler: canvas, panel, problems and outline of one diagram, kept in step and saved by themselves.
import Modeler from "bpmn-js/lib/Modeler";
import { CreateAppendAnythingModule } from "bpmn-js-create-append-anything";
import minimap from "diagram-js-minimap";
import elements, { plain } from "./atelier/elements.js";
import moddle from "./atelier/moddle.json";
import { Panel } from "./atelier/panel.js";
import { Saving } from "./atelier/saving.js";
import words, { fill, missing, say } from "./atelier/words.js";
import "./atelier.css";

const COLOURS = { defaultFillColor: "var(--surface)", defaultStrokeColor: "var(--diagram-line)", defaultLabelColor: "var(--ink)" };
const STEP = 1.25, READABLE = 0.8;
const box = document.getElementById("dessin"), state = document.getElementById("etat");
const data = JSON.parse(document.getElementById("atelier-donnees").dataset.given);

const modeler = new Modeler({
  container: box,
  additionalModules: [CreateAppendAnythingModule, minimap, elements, words],
  moddleExtensions: { spiffworkflow: moddle },
  bpmnRenderer: COLOURS,
  textRenderer: { defaultStyle: { fontFamily: getComputedStyle(document.body).fontFamily } },
});
const canvas = modeler.get("canvas"), registry = modeler.get("elementRegistry"), selection = modeler.get("selection"), overlays = modeler.get("overlays");

function tell(sentence, failed = false) {
  state.textContent = sentence;
  state.classList.toggle("is-failed", failed);
}

// ---- problems on the canvas
function mark(marks) {
  overlays.remove({ type: "problem" });
  registry.forEach((element) => { canvas.removeMarker(element, "is-bad"); canvas.removeMarker(element, "is-odd"); });
  const first = new Map();
  for (const each of marks) if (!first.has(each.id)) first.set(each.id, each);
  for (const [id, { severity }] of first) {
    const element = registry.get(id);
    if (!element || !element.parent) continue;
    const sign = document.createElement("span");
    sign.className = `ui-flaw ui-flaw--${severity}`;
    sign.textContent = severity === "error" ? "!" : "i";
    sign.title = marks.filter((each) => each.id === id).map((each) => each.text).join("\n");
    canvas.addMarker(id, severity === "error" ? "is-bad" : "is-odd");
    overlays.add(id, "problem", { position: element.waypoints ? { top: -11, left: (element.waypoints.at(-1).x - element.waypoints[0].x) / 2 } : { top: -11, left: -11 }, html: sign });
  }
}

// ---- choosing: canvas, lists and panel show the same element
function bring(element) {
  const root = canvas.findRoot(element);
  if (root && root !== canvas.getRootElement()) canvas.setRootElement(root);
  if (element.parent) canvas.scrollToElement(element, 80);
}

function choose(id) {
  const element = registry.get(id);
  if (!element) return false;
  if (element.parent) { bring(element); selection.select(element); } else selection.select([]);
  return true;
}

function echo() {
  const chosen = selection.get().map((each) => plain(each).id);
  document.querySelectorAll("[data-select]").forEach((button) => {
    if (chosen.includes(button.dataset.select)) button.setAttribute("aria-current", "true");
    else button.removeAttribute("aria-current");
  });
}

document.addEventListener("click", (e) => {
  const button = e.target.closest("[data-select]");
  if (!button || !choose(button.dataset.select)) return;
  document.getElementById("p-name")?.focus();
});

// ---- parts of the page that the server wrote anew; the focus stays where it was
function replace(parts) {
  const held = document.activeElement?.dataset?.select, within = document.activeElement?.closest("#problemes, #parcours")?.id;
  for (const [id, html] of Object.entries(parts)) {
    const part = document.getElementById(id), open = part.querySelector("details")?.open;
    part.innerHTML = html;
    if (open) part.querySelector("details")?.setAttribute("open", "");
  }
  if (held && within) document.querySelector(`#${within} [data-select="${CSS.escape(held)}"]`)?.focus();
  echo();
}

// ---- timers in plain words, said by the server
let asked;
async function previewTimer(kind, text, out) {
  clearTimeout(asked);
  if (!text.trim()) { out.textContent = ""; return; }
  asked = setTimeout(async () => {
    const answer = await fetch(`${box.dataset.timer}?${new URLSearchParams({ genre: kind, texte: text })}`, { headers: { Accept: "application/json" } });
    if (answer.ok) out.textContent = (await answer.json()).say;
  }, 300);
}

async function entriesOf(text) {
  const answer = await fetch(`${box.dataset.entries}?${new URLSearchParams({ texte: text })}`, { headers: { Accept: "application/json" } });
  return answer.ok ? (await answer.json()).entries : null;
}

const saving = new Saving(modeler, box, data.revision, {
  tell,
  done: (found) => {
    document.querySelector("[data-revision]").textContent = found.revision;
    replace(found.parts);
    mark(found.marks);
    panel.mark(found.marks);
  },
  stopped: (reason) => {
    const note = document.getElementById("conflit");
    note.querySelector("[data-reason]").textContent = reason;
    note.hidden = false;
    note.scrollIntoView({ block: "center" });
    tell(say.unsaved, true);
  },
});

// ---- tools
function tools() {
  const stack = modeler.get("commandStack");
  const zoom = (factor) => canvas.zoom(Math.min(Math.max(canvas.zoom() * factor, 0.2), 4), "auto");
  const act = {
    undo: () => stack.undo(),
    redo: () => stack.redo(),
    find: () => modeler.get("searchPad").toggle(),
    in: () => zoom(STEP),
    out: () => zoom(1 / STEP),
    all: () => canvas.zoom("fit-viewport", "auto"),
  };
  document.querySelectorAll("[data-do]").forEach((button) => button.addEventListener("click", () => act[button.dataset.do]()));
  modeler.on("commandStack.changed", () => {
    document.querySelector("[data-do=undo]").disabled = !stack.canUndo();
    document.querySelector("[data-do=redo]").disabled = !stack.canRedo();
  });
  document.querySelector("[data-copy-mine]").addEventListener("click", async () => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([await saving.content()], { type: "application/xml" }));
    link.download = "ma-version.bpmn";
    link.click();
    URL.revokeObjectURL(link.href);
  });
  document.addEventListener("click", async (e) => {
    const link = e.target.closest("[data-leave]");
    if (!link) return;
    panel.flush();
    if (!saving.dirty && !saving.busy) return;
    e.preventDefault();
    await saving.save();
    if (!saving.dirty) location.href = link.href;
  });
}

// The buttons that open a collapsed sub-process have no name of their own.
function nameDrilldowns() {
  for (const overlay of overlays.get({ type: "drilldown" })) {
    const title = plain(overlay.element).businessObject.name || overlay.element.id;
    overlay.htmlContainer.querySelector("button")?.setAttribute("aria-label", fill(box.dataset.open, { name: title }));
  }
}

function frame() {
  canvas.zoom("fit-viewport", "auto");
  if (canvas.zoom() >= READABLE) return;
  const { inner } = canvas.viewbox(), { width, height } = canvas.getSize();
  canvas.viewbox({ x: inner.x - 70 / READABLE, y: inner.y + Math.min(0, (inner.height - height / READABLE) / 2) - 20, width: width / READABLE, height: height / READABLE });
}

// XML names its own encoding; without a name it is UTF-8.
const encodingOf = (bytes) => /^.{0,60}encoding=["']([\w-]+)["']/s.exec(String.fromCharCode(...bytes.subarray(0, 120)))?.[1] ?? "utf-8";

let panel;
async function start() {
  const answer = await fetch(box.dataset.diagramSource, { credentials: "same-origin" });
  if (!answer.ok) throw new Error(String(answer.status));
  const original = new Uint8Array(await answer.arrayBuffer());
  await modeler.importXML(new TextDecoder(encodingOf(original)).decode(original));
  saving.start(original);
  panel = new Panel(modeler, document.getElementById("panneau"), data, { announce: tell, previewTimer, entriesOf });
  frame();
  panel.show();
  mark(data.marks);
  if (data.chosen) choose(data.chosen);
  nameDrilldowns();
  tools();
  modeler.on("selection.changed", echo);
  modeler.on("import.done", nameDrilldowns);
  if (innerWidth > 900 && innerHeight > 600) modeler.get("minimap").open();
  box.dataset.ready = "1";
}

window.atelier = { modeler, missing };
start().catch((error) => {
  console.error(error);
  tell(fill(say.broken, { reason: error.message }), true);
  box.classList.add("is-failed");
});
