// « L'élément choisi »: the fields of the element that is selected, and what can be done with it without the canvas.
import { is } from "bpmn-js/lib/util/ModelUtil";
import { Acts } from "./acts.js";
import { plain } from "./elements.js";
import { Inputs } from "./inputs.js";
import { labelled, make } from "./make.js";
import { fill, say } from "./words.js";

const PAUSE = 500;

export class Panel {
  constructor(modeler, box, data, { announce, previewTimer, entriesOf }) {
    this.modeler = modeler;
    this.box = box;
    this.data = data;
    this.announce = announce;
    this.previewTimer = previewTimer;
    this.entriesOf = entriesOf;
    this.marks = data.marks;
    this.acts = new Acts(modeler, data.kinds, { announce, flush: () => this.flush(), follow: () => document.getElementById("p-name")?.focus() });
    this.elements = modeler.get("elements");
    this.element = null;
    this.pending = null;
    modeler.on("selection.changed", () => this.show());
    modeler.on("elements.changed", () => this.refresh());
    modeler.on("root.set", () => this.show());
  }

  // The one selected element; with none, what is open: the process.
  chosen() {
    const selected = this.modeler.get("selection").get().map(plain);
    if (selected.length > 1) return null;
    const root = this.modeler.get("canvas").getRootElement();
    return selected[0] ?? (is(root, "bpmn:Collaboration") ? null : root);
  }

  show() {
    this.flush();
    const several = this.modeler.get("selection").get().length > 1;
    this.element = this.chosen();
    this.readers = [];
    this.box.replaceChildren();
    if (!this.element || !this.element.businessObject) {
      this.element = null;
      this.box.append(make("p", { class: "ui-2" }, several ? say.several : say.nothing));
      return;
    }
    this.draw();
  }

  draw() {
    const element = this.element, kinds = this.elements.kinds(element);
    this.shape = kinds.join();
    this.flaws = make("ul", { class: "ui-plain ui-rows ui-atelier__flaws" });
    this.box.append(this.flaws, this.nameField());
    for (const field of kinds.flatMap((kind) => this.data.fields[kind] ?? [])) this.box.append(this.field(field));
    this.box.append(this.documentationField());
    if (!element.isImplicit) this.drawActs();
    this.say();
  }

  drawActs() {
    const old = this.box.querySelector(".ui-atelier__acts"), made = this.acts.box(this.element);
    if (old && (old.textContent === made.textContent || old.contains(document.activeElement))) return;
    made.addEventListener("focusout", () => this.drawActsLater());
    if (old) old.replaceWith(made);
    else this.box.append(made);
  }

  // Anew after each change of the drawing, once the focus has come to rest: what somebody goes to stays there.
  drawActsLater() {
    clearTimeout(this.redrawing);
    this.redrawing = setTimeout(() => { if (this.element && !this.element.isImplicit) this.drawActs(); });
  }

  // What the server says of this element, beside its fields.
  mark(marks) {
    this.marks = marks;
    if (this.element) this.say();
  }

  say() {
    const id = this.elements.target(this.element).id, found = this.marks.filter((each) => each.id === id || each.id === this.element.id);
    this.flaws.replaceChildren(...found.map((each) => make("li", { class: `ui-atelier__flaw is-${each.severity}` }, each.text)));
    this.flaws.hidden = !found.length;
  }

  // After an undo, or a change on the canvas: other values in the same fields. What is being typed stays.
  refresh() {
    if (!this.element || this.pending) return;
    if (!this.modeler.get("elementRegistry").get(this.element.id) || this.elements.kinds(this.element).join() !== this.shape) this.show();
    else { this.readers.forEach((read) => read()); this.drawActsLater(); }
  }

  flush() {
    const pending = this.pending;
    this.pending = null;
    if (pending) { clearTimeout(pending.timer); pending.act(); }
  }

  // Writes a moment after the last key, and at once when the field is left.
  bind(control, read, write) {
    const act = () => { if (control.value !== read()) write(control.value); };
    this.readers.push(() => { if (control.isConnected && document.activeElement !== control) control.value = read(); });
    control.value = read();
    control.addEventListener("input", () => {
      if (this.pending) clearTimeout(this.pending.timer);
      this.pending = { act, timer: setTimeout(() => this.flush(), PAUSE) };
    });
    control.addEventListener("change", () => { this.flush(); act(); });
  }

  nameField() {
    const element = this.element, control = make("input", { class: "form-control", id: "p-name", autocomplete: "off" });
    const target = element.businessObject, own = this.modeler.get("modeling");
    this.bind(control, () => target.name ?? "", (value) => {
      if (is(element, "bpmn:Process")) own.updateProperties(element, { name: value || undefined });
      else own.updateLabel(element, value);
    });
    return labelled("p-name", say.name, control);
  }

  documentationField() {
    const element = this.element, control = make("textarea", { class: "form-control", id: "p-documentation", rows: 2 });
    this.bind(control, () => this.elements.documentation(element), (value) => this.elements.setDocumentation(element, value));
    return labelled("p-documentation", say.documentation, control);
  }

  field(field) {
    const id = `p-${field.key}`, element = this.element;
    const read = () => this.elements.read(element, field), write = (value) => this.elements.write(element, field, value);
    if (field.kind === "pick") return this.pick(field, id, read, write);
    if (field.kind === "timer") return this.timer(field, id, read, write);
    if (field.kind === "inputs") return this.inputs(field, id, read, write);
    const long = field.kind === "feel";
    const control = long
      ? make("textarea", { class: "form-control ui-mono", id, rows: Math.min(8, Math.max(2, read().split("\n").length)), spellcheck: "false" })
      : make("input", { class: "form-control", id, autocomplete: "off", list: field.kind === "suggest" ? `${id}-choix` : undefined });
    this.bind(control, read, write);
    const box = labelled(id, field.label, control, field.hint);
    if (field.kind === "suggest") box.append(make("datalist", { id: `${id}-choix` }, ...this.options(field).map(([value, name]) => make("option", { value }, name === value ? "" : name))));
    return box;
  }

  // What the page knows, and the names that were given on the drawing since.
  options(field) {
    const given = this.data.choices[field.choices] ?? [];
    const drawn = ["messages", "signals", "errors", "escalations"].includes(field.choices) ? this.elements.known(this.element, field.choices) : [];
    return [...given, ...drawn.filter((name) => !given.some(([value]) => value === name)).map((name) => [name, name])];
  }

  inputs(field, id, read, write) {
    const taken = () => this.data.inputs[this.elements.property(this.elements.target(this.element), "connector")];
    const inputs = new Inputs(id, field, { read, write, taken, ask: this.entriesOf, bind: (...given) => this.bind(...given) });
    this.readers.push(() => inputs.show());
    inputs.show();
    return inputs.box;
  }

  pick(field, id, read, write) {
    const control = make("select", { class: "form-select", id }), value = read(), options = this.options(field);
    const known = options.some(([key]) => key === value) || !value;
    control.append(make("option", { value: "" }, `— ${say.none} —`));
    if (!known) control.append(make("option", { value }, fill(say.unknown, { value })));
    control.append(...options.map(([key, name]) => make("option", { value: key }, name)));
    this.bind(control, read, write);
    const box = labelled(id, field.label, control, field.hint), links = this.data.links[field.choices];
    if (links) box.append(this.link(control, links));
    return box;
  }

  // To what is picked: its questions, or its rules.
  link(control, links) {
    const link = make("a", { class: "ui-s", "data-leave": true }, say.open);
    const show = () => { link.hidden = !links[control.value]; link.href = links[control.value] ?? ""; };
    control.addEventListener("change", show);
    this.readers.push(show);
    show();
    return link;
  }

  timer(field, id, read, write) {
    const element = this.element, isEvent = field.where === "timer";
    const control = make("input", { class: "form-control ui-mono", id, autocomplete: "off", spellcheck: "false" });
    const out = make("p", { class: "ui-s ui-2 ui-timer", "aria-live": "polite" });
    const tell = () => this.previewTimer(isEvent ? this.elements.timerKind(element) : "dueIn", control.value, out);
    this.bind(control, read, write);
    this.readers.push(tell);
    control.addEventListener("input", tell);
    const box = isEvent ? make("fieldset", { class: "ui-field" }, make("legend", {}, field.label)) : make("div");
    if (isEvent) {
      const kind = make("select", { class: "form-select", id: `${id}-genre` }, ...["timeDuration", "timeDate", "timeCycle"].map((each) => make("option", { value: each }, say[each])));
      kind.value = this.elements.timerKind(element);
      this.readers.push(() => { kind.value = this.elements.timerKind(element); });
      kind.addEventListener("change", () => { this.flush(); this.elements.setTimer(element, kind.value, control.value); tell(); });
      box.append(labelled(`${id}-genre`, say.kind, kind));
    }
    box.append(labelled(id, isEvent ? say.value : field.label, control, field.hint), out);
    tell();
    return box;
  }
}
