// What a connector is given: a field for each of its inputs. The server takes the FEEL context apart; one that is written in another way stays one text.
import { labelled, make } from "./make.js";
import { fill, say } from "./words.js";

const BROAD = 100;
const PLAIN = /^[\p{L}_][\p{L}\p{N}_]*$/u;

export function join(entries) {
  const said = entries.filter(([, source]) => source.trim()).map(([key, source]) => `${PLAIN.test(key) ? key : JSON.stringify(key)}: ${source.trim()}`);
  const line = `{ ${said.join(", ")} }`;
  if (!said.length) return "";
  return line.length <= BROAD && !line.includes("\n") ? line : `{\n  ${said.join(",\n  ")}\n}`;
}

export class Inputs {
  // `taken`: the inputs of the chosen connector, null when it takes anything, undefined when there is none.
  constructor(id, field, { read, write, taken, ask, bind }) {
    Object.assign(this, { id, field, read, write, taken, ask, bind });
    this.box = make("div");
    this.text = null;
  }

  async show() {
    const text = this.read(), taken = this.taken();
    if (this.text === text && this.shown === taken) return;
    Object.assign(this, { text, shown: taken });
    const entries = taken && (await this.ask(text));
    if (this.text !== text || this.shown !== taken) return;
    this.box.replaceChildren(taken && entries ? this.fields(taken, entries) : this.whole(taken));
  }

  fields(taken, entries) {
    const given = new Map(entries), known = [...taken.required, ...taken.optional];
    const names = [...known, ...[...given.keys()].filter((name) => !known.includes(name))];
    const set = make("fieldset", { class: "ui-field" }, make("legend", {}, this.field.label));
    names.forEach((name, place) => {
      const control = make("textarea", { class: "form-control ui-mono", id: `${this.id}-${place}`, rows: 1, spellcheck: "false" });
      this.bind(control, () => given.get(name) ?? "", (value) => {
        given.set(name, value);
        this.text = join(names.map((each) => [each, given.get(each) ?? ""]));
        this.write(this.text);
      });
      const hint = taken.required.includes(name) ? say.required : known.includes(name) ? say.optional : say.notTaken;
      set.append(labelled(control.id, name, control, hint));
    });
    return set;
  }

  whole(taken) {
    const control = make("textarea", { class: "form-control ui-mono", id: this.id, rows: Math.min(8, Math.max(2, this.text.split("\n").length)), spellcheck: "false" });
    this.bind(control, this.read, (value) => { this.text = value; this.write(value); });
    const names = taken ? [...taken.required, ...taken.optional].join(", ") : "";
    return labelled(this.id, this.field.label, control, names ? fill(say.takes, { names }) : this.field.hint);
  }
}
