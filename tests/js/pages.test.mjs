import assert from "node:assert/strict";
import { test } from "node:test";
import { script } from "./script.mjs";

// What these scripts use of a page, and nothing more.
class Part extends EventTarget {
  constructor(dataset = {}) {
    super();
    Object.assign(this, { dataset, textContent: "", innerHTML: "", className: "", attributes: {}, parts: {} });
  }
  setAttribute(name, value) {
    this.attributes[name] = value;
  }
  querySelector(selector) {
    return (this.parts[selector] ??= new Part());
  }
  after(part) {
    this.next = part;
  }
}

function page(found) {
  globalThis.document = {
    querySelectorAll: (selector) => found[selector] ?? [],
    querySelector: (selector) => (found[selector] ?? [null])[0],
    createElement: () => new Part(),
  };
  globalThis.window = new EventTarget();
}

test("a file that is too large is named before it is sent", async () => {
  const input = new Part({ maxBytes: "5000000" });
  page({ 'input[type="file"][data-max-bytes]': [input] });
  (await script("files.js")).hintFileSizes();

  const hints = [[5_000_001], [5_000_000], []].map((sizes) => {
    input.files = sizes.map((size) => ({ size }));
    input.dispatchEvent(new Event("change"));
    return input.next.textContent;
  });

  assert.deepEqual(hints, ["5.0 MB: larger than the 5 MB allowed.", "5.0 MB: fits.", ""]);
});

test("what is typed and not saved holds the reader back, what is being saved does not", async () => {
  const [form, place] = [new Part(), new Part()];
  page({ "form[data-guard]": [form], 'main form[method="post"]': [form], "[data-save-state]": [place] });
  (await script("unsaved.js")).guardUnsaved();
  const leave = () => !window.dispatchEvent(new Event("beforeunload", { cancelable: true }));
  const seen = [leave()];

  for (const act of ["input", "submit"]) {
    form.dispatchEvent(new Event(act));
    seen.push(leave(), place.querySelector("span").textContent);
  }

  assert.deepEqual(seen, [false, true, "Not saved yet", false, "Saving"]);
});

test("what has come back refused holds the reader back until it is sent again", async () => {
  const form = new Part();
  page({ "[data-unsaved]": [new Part()], 'main form[method="post"]': [form] });
  (await script("unsaved.js")).guardUnsaved();
  const leave = () => !window.dispatchEvent(new Event("beforeunload", { cancelable: true }));
  const before = leave();
  form.dispatchEvent(new Event("submit"));

  assert.deepEqual([before, leave()], [true, false]);
});

test("without a connection the page says that nothing is saved", async () => {
  const place = new Part();
  page({ "[data-save-state]": [place] });
  (await script("unsaved.js")).guardUnsaved();

  window.dispatchEvent(new Event("offline"));
  const words = place.querySelector("span").textContent;

  assert.match(words, /^Not saved: no connection since \d\d:\d\d\. Keep this page open\.$/);
  assert.equal(place.className, "save-state save-state--caution");
});

test("a part that waits is asked for until it has something to say", async () => {
  const waiting = [];
  globalThis.setTimeout = (call) => waiting.push(call);
  const part = new Part({ lookAgain: "1" });
  page({ '[data-look-again="1"]': [part] });
  const answers = ["1", ""].map((waits) => Object.assign(new Part({ lookAgain: waits }), { words: `waits: ${waits}` }));
  answers.forEach((answer) => (answer.querySelector('[role="status"]').innerHTML = answer.words));
  globalThis.location = { href: "/jobs/1" };
  let asked = 0;
  globalThis.fetch = async () => ({ ok: true, text: async () => String(asked++) });
  globalThis.DOMParser = class {
    parseFromString = (text) => ({ querySelector: () => answers[Number(text)] });
  };
  (await script("look-again.js")).lookAgain();

  while (waiting.length) await waiting.shift()();

  assert.equal(asked, 2);
  assert.equal(part.querySelector('[role="status"]').innerHTML, "waits: ");
});
