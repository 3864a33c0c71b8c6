// Saves the diagram a moment after each change, against the revision that it was read from. What nobody changed stays byte for byte.
import { fill, say } from "./words.js";

const PAUSE = 1200, AGAIN = 5000;

export class Saving {
  constructor(modeler, box, revision, { tell, stopped, done }) {
    Object.assign(this, { modeler, box, revision, tell, stopped, done });
    this.dirty = this.busy = this.halted = false;
    modeler.get("eventBus").on("commandStack.changed", () => { if (!this.halted) this.later(PAUSE); });
    addEventListener("beforeunload", (e) => { if (this.dirty && !this.halted) e.preventDefault(); });
  }

  // The bytes as they were read; an undo of every change brings them back.
  start(original) {
    this.original = original;
    this.dirty = false;
  }

  later(pause) {
    this.dirty = true;
    this.tell(say.unsaved);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), pause);
  }

  async content() {
    if (!this.modeler.get("commandStack").canUndo()) return this.original;
    return new TextEncoder().encode((await this.modeler.saveXML({ format: true })).xml);
  }

  // Resolves when nothing is left to save, or when saving has stopped.
  async save() {
    clearTimeout(this.timer);
    if (this.halted) return;
    if (this.busy) { await this.busy; if (this.dirty) await this.save(); return; }
    if (!this.dirty) return;
    this.busy = this.send();
    await this.busy;
    this.busy = false;
  }

  async send() {
    this.dirty = false;
    this.tell(say.saving);
    try {
      const answer = await fetch(this.box.dataset.save, {
        method: "PUT",
        body: await this.content(),
        headers: { Accept: "application/json", "Content-Type": "application/xml", "If-Match": `"${this.revision}"`, "X-CSRFToken": this.box.dataset.csrf },
      });
      if (answer.status === 412) {
        this.halted = this.dirty = true;
        this.stopped((await answer.json()).detail);
        return;
      }
      if (!answer.ok) throw new Error(String(answer.status));
      const found = await answer.json();
      this.revision = found.revision;
      if (!this.dirty) this.tell(fill(say.saved, { hour: found.hour }));
      this.done(found);
    } catch (error) {
      console.warn(error);
      this.later(AGAIN);
      this.tell(say.failed, true);
    }
  }
}
