// Reads and changes what an element says beyond its drawing: properties, attributes, bodies, references. Each change is one step to undo.
import { getBusinessObject, is } from "bpmn-js/lib/util/ModelUtil";
import { isLabel } from "bpmn-js/lib/util/LabelUtil";

const PROPERTIES = "spiffworkflow:Properties";
const ROOTS = { message: "bpmn:Message", signal: "bpmn:Signal", error: "bpmn:Error", escalation: "bpmn:Escalation" };
const CODES = { error: "errorCode", escalation: "escalationCode" };
const TIMERS = ["timeDuration", "timeDate", "timeCycle"];

// Several changes of the model that are undone together.
class Changes {
  constructor(modeling) { this.modeling = modeling; }
  preExecute({ steps }) { steps.forEach(({ element, target, values }) => this.modeling.updateModdleProperties(element, target, values)); }
}
Changes.$inject = ["modeling"];

export class Elements {
  constructor(commandStack, bpmnFactory, modeling) {
    this.stack = commandStack;
    this.factory = bpmnFactory;
    this.modeling = modeling;
    commandStack.registerHandler("atelier.changes", Changes);
  }

  // What carries our fields: of a pool its process, else the element.
  target(element) {
    const own = getBusinessObject(element);
    return is(own, "bpmn:Participant") ? own.processRef ?? own : own;
  }

  // Names of the groups of fields that an element has: its type, and for events what triggers them.
  kinds(element) {
    const target = this.target(element), type = target.$type.slice(5);
    const found = [type.charAt(0).toLowerCase() + type.slice(1)];
    const trigger = this.definition(target);
    if (trigger) {
      const name = trigger.$type.slice(5).replace("EventDefinition", "").toLowerCase();
      const throws = is(target, "bpmn:ThrowEvent");
      found.push(name === "message" ? `message:${throws ? "throw" : "catch"}` : name);
    }
    return found;
  }

  definition(target) { return target.eventDefinitions?.[0]; }

  read(element, field) {
    const target = this.target(element);
    if (field.where === "property") return this.property(target, field.key);
    if (field.where === "attribute") return target.get(field.key) ?? "";
    if (field.where === "body") return this.body(target, field.key);
    if (field.where === "reference") return this.reference(target, field.key)?.name ?? "";
    if (field.where === "code") return this.reference(target, field.key)?.get(CODES[field.key]) ?? "";
    const kind = this.timerKind(element);
    return this.definition(target)?.[kind]?.body ?? "";
  }

  write(element, field, value) {
    const target = this.target(element);
    const act = { property: "setProperty", attribute: "setAttribute", body: "setBody", reference: "setReference", code: "setReference" };
    if (field.where === "timer") this.setTimer(element, this.timerKind(element), value);
    else this[act[field.where]](element, target, field, value);
  }

  documentation(element) { return this.target(element).documentation?.[0]?.text ?? ""; }

  setDocumentation(element, text) {
    const target = this.target(element);
    this.change([{ element, target, values: { documentation: text ? [this.make("bpmn:Documentation", { text }, target)] : undefined } }]);
  }

  property(target, name) { return this.holder(target)?.get("properties").find((each) => each.name === name)?.value ?? ""; }

  holder(target) { return target.extensionElements?.get("values").find((each) => each.$type === PROPERTIES); }

  setProperty(element, target, { key }, value) {
    const old = this.holder(target)?.get("properties") ?? [];
    const known = old.some((each) => each.name === key);
    const pairs = old.filter((each) => value || each.name !== key).map((each) => [each.name, each.name === key ? value : each.value]);
    if (value && !known) pairs.push([key, value]);
    const others = (target.extensionElements?.get("values") ?? []).filter((each) => each.$type !== PROPERTIES);
    const extension = this.make("bpmn:ExtensionElements", { values: [] }, target);
    const holder = this.make(PROPERTIES, { properties: [] }, extension);
    holder.properties = pairs.map(([name, said]) => this.make("spiffworkflow:Property", { name, value: said }, holder));
    extension.values = [...others, ...(pairs.length ? [holder] : [])];
    this.change([{ element, target, values: { extensionElements: extension.values.length ? extension : undefined } }]);
  }

  setAttribute(element, target, { key }, value) { this.change([{ element, target, values: { [key]: value || undefined } }]); }

  body(target, key) {
    if (key === "script") return target.script ?? "";
    const owner = key === "condition" ? this.definition(target) : target;
    return owner?.[key]?.body ?? "";
  }

  setBody(element, target, { key }, value) {
    if (key === "script") {
      this.change([{ element, target, values: { script: value || undefined, scriptFormat: target.scriptFormat ?? "feel" } }]);
      return;
    }
    const owner = key === "condition" ? this.definition(target) : target;
    const values = { [key]: value ? this.make("bpmn:FormalExpression", { body: value }, owner) : undefined };
    this.change([{ element, target: owner, values }]);
  }

  // The root element that an event, or a send or receive task, names.
  reference(target, key) { return (this.definition(target) ?? target).get(`${key}Ref`); }

  setReference(element, target, { key, where }, value) {
    const owner = this.definition(target) ?? target;
    const attribute = where === "code" ? CODES[key] : "name";
    const root = this.definitions(target), found = this.roots(root, key).find((each) => each.get(attribute) === value);
    const steps = [];
    let wanted = found;
    if (value && !found) {
      wanted = this.make(ROOTS[key], { name: value, [attribute]: value }, root);
      steps.push({ element, target: root, values: { rootElements: [...root.get("rootElements"), wanted] } });
    }
    steps.push({ element, target: owner, values: { [`${key}Ref`]: value ? wanted : undefined } });
    this.change(steps);
  }

  definitions(target) {
    let at = target;
    while (at.$parent && !is(at, "bpmn:Definitions")) at = at.$parent;
    return at;
  }

  roots(definitions, key) { return definitions.get("rootElements").filter((each) => each.$type === ROOTS[key]); }

  // Names of messages and signals, codes of errors and escalations that the file holds.
  known(element, plural) {
    const key = plural.slice(0, -1);
    return this.roots(this.definitions(this.target(element)), key).map((each) => each.get(CODES[key] ?? "name")).filter(Boolean);
  }

  timerKind(element) {
    const trigger = this.definition(this.target(element));
    return TIMERS.find((kind) => trigger?.[kind]) ?? trigger?.$chosen ?? "timeDuration";
  }

  setTimer(element, kind, value) {
    const trigger = this.definition(this.target(element));
    const values = Object.fromEntries(TIMERS.map((each) => [each, undefined]));
    Object.defineProperty(trigger, "$chosen", { value: kind, writable: true, configurable: true, enumerable: false });
    if (value) values[kind] = this.make("bpmn:FormalExpression", { body: value }, trigger);
    this.change([{ element, target: trigger, values }]);
  }

  make(type, values, parent) {
    const made = this.factory.create(type, values);
    made.$parent = parent;
    return made;
  }

  change(steps) { this.stack.execute("atelier.changes", { steps }); }
}
Elements.$inject = ["commandStack", "bpmnFactory", "modeling"];

export const named = (element) => {
  const own = getBusinessObject(element);
  return own.name || own.id;
};
export const plain = (element) => (element && isLabel(element) ? element.labelTarget : element);
export default { __init__: ["elements"], elements: ["type", Elements] };
