// The diagram of a process, with what is done, under way and stuck. An enhancement: the page says the same as text.
import Viewer from "bpmn-js/lib/Viewer";
import MoveCanvasModule from "diagram-js/lib/navigation/movecanvas";
import "./viewer.css";

// Labels are 12 px at scale 1: below `readable` nobody reads them.
const SCALE = { least: 0.2, most: 3, readable: 0.85, step: 1.25 };
const STATES = ["done", "now", "bad", "added", "changed"];
const SIGNS = { done: "M5 12.5l4.500 4.500L19 7.500", bad: "M6 6l12 12M18 6L6 18", added: "M12 5v14M5 12h14", changed: "m4 20 1-5L16 4l4 4L9 19z" };
// Shapes take their colours from the tokens, so that both themes work. SVG styles are set through the CSSOM: no inline style.
const COLOURS = { defaultFillColor: "var(--surface)", defaultStrokeColor: "var(--diagram-line)", defaultLabelColor: "var(--ink)" };

const ids = (box, state) => (box.dataset[state] || "").split(" ").filter(Boolean);

function sign(state) {
  const box = document.createElement("span");
  box.className = `ui-sign ui-sign--${state}`;
  box.innerHTML = `<svg class="i" viewBox="0 0 24 24" aria-hidden="true"><path d="${SIGNS[state]}"/></svg>`;
  return box;
}

function here(text) {
  const box = document.createElement("span");
  box.className = "ui-here ui-here--map";
  box.textContent = text;
  return box;
}

// Notes and levels by element, when the page gives some.
const table = (box, name) => Object.entries(JSON.parse(box.dataset[name] || "{}"));

function note(text) {
  const box = document.createElement("span");
  box.className = "ui-here ui-here--note";
  box.textContent = text;
  return box;
}

function mark(viewer, box) {
  const canvas = viewer.get("canvas"), registry = viewer.get("elementRegistry"), overlays = viewer.get("overlays");
  for (const state of STATES) {
    for (const id of ids(box, state)) {
      const element = registry.get(id);
      if (!element) continue;
      canvas.addMarker(id, `is-${state}`);
      if (SIGNS[state] && element.width > 60) overlays.add(id, { position: { top: -9, right: 13 }, scale: true, html: sign(state) });
    }
  }
  for (const [id, level] of table(box, "levels")) if (registry.get(id)) canvas.addMarker(id, `is-level-${level}`);
  for (const [id, text] of table(box, "notes")) if (registry.get(id)) overlays.add(id, { position: { bottom: 10, left: -8 }, scale: { min: 0.9 }, html: note(text) });
  const at = registry.get(box.dataset.here || "");
  if (at) overlays.add(at.id, { position: { top: -4, left: at.width / 2 }, scale: { min: 0.8 }, html: here(box.dataset.hereText) });
}

// The buttons that open a collapsed sub-process have no name of their own.
function name(viewer, box) {
  for (const overlay of viewer.get("overlays").get({ type: "drilldown" })) {
    const title = overlay.element.businessObject.name || overlay.element.id;
    const button = overlay.htmlContainer.querySelector("button");
    button.setAttribute("aria-label", box.dataset.open.replace("{name}", title));
    button.title = title;
  }
}

// Where to look first on a plane: « you are here », what is stuck or under way, else the end that was reached, else what
// was done last, else the beginning.
function aim(viewer, box, plane) {
  const canvas = viewer.get("canvas"), registry = viewer.get("elementRegistry");
  const done = ids(box, "done").reverse(), ends = done.filter((id) => registry.get(id)?.type === "bpmn:EndEvent");
  const wanted = [box.dataset.here || "", ...ids(box, "bad"), ...ids(box, "now"), ...ids(box, "added"), ...ids(box, "changed"), ...ends, ...done];
  const found = wanted.map((id) => registry.get(id)).filter((element) => element && !element.waypoints && (!plane || canvas.findRoot(element) === plane));
  // A phase around the work is under way too: the work itself comes first.
  return found.find((element) => plane || element.type !== "bpmn:SubProcess") || found[0];
}

// The whole plane when one can read it so, else the part around its first thing to look at.
function frame(viewer, box) {
  const canvas = viewer.get("canvas");
  canvas.resized();
  canvas.zoom("fit-viewport", "auto");
  if (canvas.zoom() >= SCALE.readable) return;
  const scale = SCALE.readable, { width, height } = canvas.getSize(), { inner } = canvas.viewbox();
  const at = aim(viewer, box, canvas.getRootElement());
  const x = at ? at.x + at.width / 2 - width / scale / 2 : inner.x - 20;
  const y = at ? at.y + at.height / 2 - height / scale / 2 : inner.y - 20;
  // The path back out of a sub-process lies over the top of its plane.
  const above = canvas.getRootElement().id.endsWith("_plane") ? 70 : 20;
  const most = { x: inner.x + inner.width + 20 - width / scale, y: inner.y + inner.height + 20 - height / scale };
  canvas.viewbox({
    x: Math.max(Math.min(x, most.x), inner.x - 20),
    y: Math.max(Math.min(y, most.y), inner.y - above),
    width: width / scale,
    height: height / scale,
  });
}

// A step inside a collapsed sub-process lies on a plane of its own: work under way opens it.
function settle(viewer, box) {
  const canvas = viewer.get("canvas");
  const busy = box.dataset.here || box.dataset.bad || box.dataset.now;
  const at = busy ? aim(viewer, box) : undefined;
  if (at) canvas.setRootElement(canvas.findRoot(at));
  frame(viewer, box);
}

function zoom(canvas, factor) {
  canvas.zoom(Math.min(Math.max(canvas.zoom() * factor, SCALE.least), SCALE.most), "auto");
}

function controls(viewer, box) {
  const canvas = viewer.get("canvas");
  const act = { in: () => zoom(canvas, SCALE.step), out: () => zoom(canvas, 1 / SCALE.step), all: () => canvas.zoom("fit-viewport", "auto") };
  document.querySelectorAll(`[data-zoom][aria-controls="${box.id}"]`).forEach((b) => b.addEventListener("click", () => act[b.dataset.zoom]()));
  const keys = { "+": act.in, "=": act.in, "-": act.out, 0: act.all, ArrowLeft: [60, 0], ArrowRight: [-60, 0], ArrowUp: [0, 60], ArrowDown: [0, -60] };
  box.addEventListener("keydown", (e) => {
    const key = keys[e.key];
    if (!key || e.ctrlKey || e.metaKey || e.altKey || e.target !== box) return;
    if (Array.isArray(key)) canvas.scroll({ dx: key[0], dy: key[1] }); else key();
    e.preventDefault();
  });
  // The wheel scrolls the page; with Ctrl it zooms the diagram, as in maps.
  box.addEventListener("wheel", (e) => {
    if (!e.ctrlKey) return;
    e.preventDefault();
    zoom(canvas, e.deltaY < 0 ? SCALE.step : 1 / SCALE.step);
  }, { passive: false });
}

// Links on the page that name an element of this diagram: they bring it into view, mark it and give the diagram the focus.
function links(viewer, box) {
  const canvas = viewer.get("canvas"), registry = viewer.get("elementRegistry");
  let chosen = null;
  document.querySelectorAll(`a[data-element][href="#${box.id}"]`).forEach((link) => link.addEventListener("click", (e) => {
    const element = registry.get(link.dataset.element);
    if (!element) return;
    e.preventDefault();
    if (chosen) canvas.removeMarker(chosen, "is-chosen");
    chosen = element.parent ? element.id : null;
    const root = canvas.findRoot(element);
    if (root && root !== canvas.getRootElement()) canvas.setRootElement(root);
    if (chosen) canvas.addMarker(chosen, "is-chosen");
    const points = element.waypoints || [{ x: element.x, y: element.y }, { x: element.x + element.width, y: element.y + element.height }];
    const scale = Math.max(canvas.zoom(), SCALE.readable), { width, height } = canvas.getSize();
    const middle = (axis) => (Math.min(...points.map((p) => p[axis])) + Math.max(...points.map((p) => p[axis]))) / 2;
    if (chosen) requestAnimationFrame(() => canvas.viewbox({ x: middle("x") - width / scale / 2, y: middle("y") - height / scale / 2, width: width / scale, height: height / scale }));
    box.scrollIntoView({ block: "center" });
    box.focus({ preventScroll: true });
  }));
}

async function show(box) {
  const answer = await fetch(box.dataset.diagram, { credentials: "same-origin" });
  if (!answer.ok) throw new Error(`diagram: ${answer.status}`);
  const viewer = new Viewer({ container: box, additionalModules: [MoveCanvasModule], bpmnRenderer: COLOURS, overlays: { defaults: { scale: { min: 1 } } }, textRenderer: { defaultStyle: { fontFamily: getComputedStyle(document.body).fontFamily } } });
  await viewer.importXML(await answer.text());
  const svg = box.querySelector("svg");
  svg.setAttribute("tabindex", "-1");
  svg.setAttribute("aria-hidden", "true");
  name(viewer, box);
  mark(viewer, box);
  settle(viewer, box);
  controls(viewer, box);
  links(viewer, box);
  viewer.on("root.set", () => requestAnimationFrame(() => frame(viewer, box)));
  box.dataset.ready = "1";
}

document.querySelectorAll("[data-diagram]").forEach((box) => show(box).catch((error) => {
  box.textContent = box.dataset.failed;
  box.classList.add("is-failed");
  console.error(error);
}));
