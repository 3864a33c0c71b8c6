// What a mouse does on the canvas, for the keyboard and for screen readers: append, attach, insert, connect, retype, change lanes, delete.
import { getBusinessObject, is, isAny } from "bpmn-js/lib/util/ModelUtil";
import { named } from "./elements.js";
import { make } from "./make.js";
import { fill, say } from "./words.js";

const GAP = 40, BESIDE = 36;

// « bpmn:StartEvent:Timer » is a start event with a timer.
function shapeOf(key) {
  const [prefix, type, trigger] = key.split(":");
  return { type: `${prefix}:${type}`, ...(trigger && { eventDefinitionType: `bpmn:${trigger}EventDefinition` }) };
}

function keyOf(element) {
  const trigger = getBusinessObject(element).eventDefinitions?.[0];
  return trigger ? `${element.type}:${trigger.$type.slice(5).replace("EventDefinition", "")}` : element.type;
}

export class Acts {
  constructor(modeler, kinds, { announce, flush, follow }) {
    Object.assign(this, { modeler, kinds, announce, flush, follow });
    this.modeling = modeler.get("modeling");
    this.registry = modeler.get("elementRegistry");
  }

  box(element) {
    const box = make("div", { class: "ui-atelier__acts" });
    if (is(element, "bpmn:FlowNode")) box.append(...this.ofNode(element));
    if (isAny(element, ["bpmn:Process", "bpmn:SubProcess"]) || getBusinessObject(element).processRef) box.append(...this.ofScope(element));
    if (element.parent && element !== this.modeler.get("canvas").getRootElement()) box.append(this.removal(element));
    return box;
  }

  ofNode(element) {
    const found = [];
    const ways = element.outgoing.filter((each) => is(each, "bpmn:SequenceFlow"));
    if (ways.length) found.push(this.ways(ways));
    if (!is(element, "bpmn:EndEvent")) {
      found.push(this.choice("p-after", say.after, Object.entries(this.kinds.steps), say.add, (key) => this.append(element, key)));
      const others = this.others(element);
      if (others.length) found.push(this.choice("p-to", say.to, others, say.connect, (id) => this.connect(element, id)));
    }
    if (is(element, "bpmn:Activity")) found.push(this.choice("p-attach", say.attach, Object.entries(this.kinds.attached), say.add, (key) => this.attach(element, key)));
    const types = this.types(element);
    if (types.length) found.push(this.choice("p-type", say.become, types, say.change, (key) => this.retype(element, key)));
    const lanes = this.lanes(element);
    if (lanes.length > 1) found.push(this.choice("p-lane", say.lane, lanes.map((each) => [each.id, named(each)]), say.move, (id) => this.move(element, id)));
    return found;
  }

  ofScope(element) {
    const found = [this.choice("p-inside", say.inside, Object.entries({ ...this.kinds.starts, ...this.kinds.steps }), say.add, (key) => this.insert(element, key))];
    if (is(element, "bpmn:Participant")) found.push(this.button(say.addLane, () => this.addLane(element), "btn-outline"));
    return found;
  }

  // Each way out opens in the panel: its condition, its name, its deletion.
  ways(ways) {
    const items = ways.map((way) => {
      const label = getBusinessObject(way).name, name = named(way.target);
      return make("li", {}, make("button", { type: "button", class: "ui-pickable", "data-select": way.id }, label ? fill(say.wayIf, { label, name }) : fill(say.way, { name })));
    });
    return make("div", { class: "ui-field" }, make("p", { id: "p-ways" }, say.ways), make("ul", { class: "ui-plain", "aria-labelledby": "p-ways" }, ...items));
  }

  choice(id, label, options, verb, act) {
    const control = make("select", { class: "form-select", id }, ...options.map(([value, name]) => make("option", { value }, name)));
    return make("div", { class: "ui-field" }, make("label", { for: id }, label), make("div", { class: "ui-affix" }, control, this.button(verb, () => act(control.value), "btn-outline", label)));
  }

  button(text, act, look, about) {
    const button = make("button", { type: "button", class: `btn ${look}`, "aria-label": about && fill(say.about, { verb: text, label: about }) }, text);
    button.addEventListener("click", () => { this.flush(); act(); });
    return button;
  }

  removal(element) {
    const name = named(element);
    return this.button(fill(say.remove, { name }), () => {
      this.modeling.removeElements([element]);
      this.announce(fill(say.removed, { name }));
      document.getElementById("choisi-t").focus();
    }, "btn-danger");
  }

  made(shape, key) {
    this.modeler.get("selection").select(shape);
    this.announce(fill(say.added, { name: this.kinds.steps[key] ?? this.kinds.starts[key] ?? this.kinds.attached[key] }));
    this.follow();
  }

  append(element, key) {
    this.made(this.modeler.get("autoPlace").append(element, this.modeler.get("elementFactory").createShape(shapeOf(key))), key);
  }

  // On the lower border, right to left, beside what is there already.
  attach(element, key) {
    const shape = this.modeler.get("elementFactory").createShape({ ...shapeOf("bpmn:BoundaryEvent"), eventDefinitionType: shapeOf(key).eventDefinitionType });
    const place = element.attachers.length % Math.max(1, Math.floor(element.width / BESIDE));
    const at = { x: element.x + element.width - 22 - place * BESIDE, y: element.y + element.height };
    this.made(this.modeling.createShape(shape, at, element, { attach: true }), key);
  }

  // Below what is drawn there, or in the middle of an empty frame.
  insert(element, key) {
    const plane = this.registry.get(`${element.id}_plane`), scope = plane ?? element;
    const shape = this.modeler.get("elementFactory").createShape(shapeOf(key));
    const inside = (scope.children ?? []).filter((each) => is(each, "bpmn:FlowNode") && !each.labelTarget && !each.host);
    const left = inside.length ? Math.min(...inside.map((each) => each.x)) : (scope.x ?? 100) + 60;
    const middle = scope.height ? scope.y + scope.height / 2 : 160;
    const below = inside.length ? Math.max(...inside.map((each) => each.y + each.height)) + GAP + shape.height / 2 : middle;
    this.made(this.modeling.createShape(shape, { x: left + shape.width / 2, y: below }, scope), key);
  }

  connect(element, id) {
    const other = this.registry.get(id);
    if (!other) return;
    const allowed = this.modeler.get("rules").allowed("connection.create", { source: element, target: other });
    if (!allowed) { this.announce(say.refused); return; }
    this.modeling.connect(element, other, allowed);
    this.announce(fill(say.connected, { name: named(other) }));
  }

  others(element) {
    const all = this.registry.filter((each) => is(each, "bpmn:FlowNode") && each !== element && !each.labelTarget && !isAny(each, ["bpmn:StartEvent", "bpmn:BoundaryEvent"]) && each.parent === element.parent);
    return all.map((each) => [each.id, named(each)]).sort((a, b) => a[1].localeCompare(b[1]));
  }

  // What an element may become: its own family.
  types(element) {
    const own = keyOf(element);
    const family = this.kinds.families.find((each) => own in each) ?? {};
    return Object.entries(family).filter(([key]) => key !== own);
  }

  retype(element, key) {
    const shape = this.modeler.get("bpmnReplace").replaceElement(element, shapeOf(key));
    this.modeler.get("selection").select(shape);
    this.announce(fill(say.became, { name: this.kinds.families.find((each) => key in each)[key] }));
    this.follow();
  }

  lanes(element) {
    const own = getBusinessObject(element);
    return this.registry.filter((each) => is(each, "bpmn:Lane") && !(each.children ?? []).some((child) => is(child, "bpmn:Lane")) && this.pool(each) === element.parent && !getBusinessObject(each).get("flowNodeRef").includes(own));
  }

  pool(lane) {
    let at = lane.parent;
    while (at && is(at, "bpmn:Lane")) at = at.parent;
    return at;
  }

  // To the same column of the other lane.
  move(element, id) {
    const lane = this.registry.get(id), dy = lane.y + lane.height / 2 - element.y - element.height / 2;
    this.modeling.moveElements([element], { x: 0, y: Math.round(dy) }, element.parent);
    this.announce(fill(say.moved, { name: named(lane) }));
    this.follow();
  }

  addLane(participant) {
    const lane = this.modeling.addLane(participant, "bottom");
    this.modeler.get("selection").select(lane);
    this.announce(fill(say.added, { name: say.laneWord }));
    this.follow();
  }
}
