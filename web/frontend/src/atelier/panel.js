// « L'élément choisi »: the fields of the element that is selected, and what can be done with it without the canvas.
import { is } from "bpmn-js/lib/util/ModelUtil";
import { named, plain } from "./elements.js";
import { fill, say } from "./words.js";

const PAUSE = 500;

function make(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) if (value !== undefined && value !== false) made.setAttribute(key, value === true ? "" : value);
  made.append(...children.filter((each) => each !== undefined));
  return made;
}

export class Panel {
  constructor(modeler, box, data, { announce, previewTimer }) {
    this.modeler = modeler;
    this.box = box;
    this.data = data;
    this.announce = announce;
    this.previewTimer = previewTimer;
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
    this.box.append(this.nameField());
    for (const field of kinds.flatMap((kind) => this.data.fields[kind] ?? [])) this.box.append(this.field(field));
    this.box.append(this.documentationField());
    if (is(element, "bpmn:FlowNode") && !element.isImplicit) this.box.append(this.actions());
    else if (element.parent && element !== this.modeler.get("canvas").getRootElement()) this.box.append(this.removal());
  }

  // After an undo, or a change on the canvas: other values in the same fields. What is being typed stays.
  refresh() {
    if (!this.element || this.pending) return;
    if (!this.modeler.get("elementRegistry").get(this.element.id) || this.elements.kinds(this.element).join() !== this.shape) this.show();
    else this.readers.forEach((read) => read());
  }

  flush() {
    const pending = this.pending;
    this.pending = null;
    if (pending) { clearTimeout(pending.timer); pending.act(); }
  }

  // Writes a moment after the last key, and at once when the field is left.
  bind(control, read, write) {
    const act = () => { if (control.value !== read()) write(control.value); };
    this.readers.push(() => { if (document.activeElement !== control) control.value = read(); });
    control.value = read();
    control.addEventListener("input", () => {
      if (this.pending) clearTimeout(this.pending.timer);
      this.pending = { act, timer: setTimeout(() => this.flush(), PAUSE) };
    });
    control.addEventListener("change", () => { this.flush(); act(); });
  }

  labelled(id, label, control, hint) {
    const parts = [make("label", { for: id }, label)];
    if (hint) {
      parts.push(make("p", { class: "ui-hint", id: `${id}-aide` }, hint));
      control.setAttribute("aria-describedby", `${id}-aide`);
    }
    return make("div", { class: "ui-field" }, ...parts, control);
  }

  nameField() {
    const element = this.element, control = make("input", { class: "form-control", id: "p-name", autocomplete: "off" });
    const target = element.businessObject, own = this.modeler.get("modeling");
    this.bind(control, () => target.name ?? "", (value) => {
      if (is(element, "bpmn:Process")) own.updateProperties(element, { name: value || undefined });
      else own.updateLabel(element, value);
    });
    return this.labelled("p-name", say.name, control);
  }

  documentationField() {
    const element = this.element, control = make("textarea", { class: "form-control", id: "p-documentation", rows: 2 });
    this.bind(control, () => this.elements.documentation(element), (value) => this.elements.setDocumentation(element, value));
    return this.labelled("p-documentation", say.documentation, control);
  }

  field(field) {
    const id = `p-${field.key}`, element = this.element;
    const read = () => this.elements.read(element, field), write = (value) => this.elements.write(element, field, value);
    if (field.kind === "pick") return this.pick(field, id, read, write);
    if (field.kind === "timer") return this.timer(field, id, read, write);
    const long = field.kind === "feel" || field.kind === "long";
    const control = long
      ? make("textarea", { class: `form-control${field.kind === "feel" ? " ui-mono" : ""}`, id, rows: Math.min(8, Math.max(2, read().split("\n").length)), spellcheck: "false" })
      : make("input", { class: "form-control", id, autocomplete: "off", list: field.kind === "suggest" ? `${id}-choix` : undefined });
    this.bind(control, read, write);
    const box = this.labelled(id, field.label, control, field.key === "connectorInput" ? this.taken() : field.hint);
    if (field.kind === "suggest") box.append(make("datalist", { id: `${id}-choix` }, ...this.options(field).map(([value, name]) => make("option", { value }, name === value ? "" : name))));
    return box;
  }

  options(field) {
    const given = this.data.choices[field.choices];
    return given ?? this.elements.known(this.element, field.choices).map((name) => [name, name]);
  }

  taken() { return this.data.inputs[this.elements.property(this.elements.target(this.element), "connector")]; }

  pick(field, id, read, write) {
    const control = make("select", { class: "form-select", id }), value = read(), options = this.options(field);
    const known = options.some(([key]) => key === value) || !value;
    control.append(make("option", { value: "" }, `— ${say.none} —`));
    if (!known) control.append(make("option", { value }, fill(say.unknown, { value })));
    control.append(...options.map(([key, name]) => make("option", { value: key }, name)));
    this.bind(control, read, write);
    // What a connector takes is said beside its inputs.
    if (field.key === "connector") control.addEventListener("change", () => {
      const hint = document.getElementById("p-connectorInput-aide");
      if (hint) hint.textContent = this.taken() ?? "";
      else this.show();
    });
    return this.labelled(id, field.label, control, field.hint);
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
      box.append(this.labelled(`${id}-genre`, say.kind, kind));
    }
    box.append(this.labelled(id, isEvent ? say.value : field.label, control, field.hint), out);
    tell();
    return box;
  }

  // What a mouse does on the canvas, for the keyboard and for screen readers.
  actions() {
    const element = this.element, box = make("div", { class: "ui-atelier__acts" });
    if (!is(element, "bpmn:EndEvent")) {
      box.append(this.choice("p-after", say.after, Object.entries(say.steps), say.add, (type) => this.append(element, type)));
      box.append(this.choice("p-to", say.to, this.others(element), say.connect, (id) => this.connect(element, id)));
    }
    box.append(this.removal());
    return box;
  }

  others(element) {
    const all = this.modeler.get("elementRegistry").filter((each) => is(each, "bpmn:FlowNode") && each !== element && !each.labelTarget && each.parent === element.parent);
    return all.map((each) => [each.id, named(each)]).sort((a, b) => a[1].localeCompare(b[1]));
  }

  choice(id, label, options, verb, act) {
    const control = make("select", { class: "form-select", id }, ...options.map(([value, name]) => make("option", { value }, name)));
    const button = make("button", { type: "button", class: "btn btn-outline" }, verb);
    button.addEventListener("click", () => { this.flush(); act(control.value); });
    return make("div", { class: "ui-field" }, make("label", { for: id }, label), make("div", { class: "ui-affix" }, control, button));
  }

  removal() {
    const element = this.element, button = make("button", { type: "button", class: "btn btn-danger" });
    const name = () => { button.textContent = fill(say.remove, { name: named(element) }); };
    this.readers.push(name);
    name();
    button.addEventListener("click", () => {
      const name = named(element);
      this.flush();
      this.modeler.get("modeling").removeElements([element]);
      this.announce(fill(say.removed, { name }));
      document.getElementById("choisi-t").focus();
    });
    return button;
  }

  append(element, type) {
    const shape = this.modeler.get("elementFactory").createShape({ type });
    const made = this.modeler.get("autoPlace").append(element, shape);
    this.modeler.get("selection").select(made);
    this.announce(fill(say.added, { name: say.steps[type] }));
    this.focusName();
  }

  connect(element, id) {
    const other = this.modeler.get("elementRegistry").get(id);
    if (!other) return;
    const allowed = this.modeler.get("rules").allowed("connection.create", { source: element, target: other });
    if (!allowed) { this.announce(say.refused); return; }
    this.modeler.get("modeling").connect(element, other, allowed);
    this.announce(fill(say.connected, { name: named(other) }));
  }

  focusName() { document.getElementById("p-name")?.focus(); }
}
