// Forms marked data-guard say in the context bar that something is typed but not saved, and ask before it is left behind.
// So does a page with a part marked data-unsaved: what was sent has come back.

const SHAPES = {
  caution: '<path d="M8 2.4 14.2 13.4H1.8Z"/><path d="M8 6.6v3.2M8 11v1"/>',
  info: '<circle cx="8" cy="8" r="5.4"/><path class="filled" d="M8 2.6a5.4 5.4 0 0 1 0 10.8Z"/>',
};

export function say(tone, words) {
  for (const place of document.querySelectorAll("[data-save-state]")) {
    place.className = `save-state save-state--${tone}`;
    place.innerHTML = `<svg class="icon" viewBox="0 0 16 16" aria-hidden="true">${SHAPES[tone]}</svg><span></span>`;
    place.querySelector("span").textContent = words;
  }
}

export function guardUnsaved() {
  // What a refused answer gives back is not saved, though nobody has typed into this page yet.
  let dirty = document.querySelector("[data-unsaved]") !== null;

  for (const form of document.querySelectorAll("form[data-guard]")) {
    form.addEventListener("input", () => {
      if (dirty) return;
      dirty = true;
      say("caution", "Not saved yet");
    });
    form.addEventListener("submit", () => {
      say("info", "Saving");
    });
  }
  for (const form of document.querySelectorAll('main form[method="post"]')) {
    form.addEventListener("submit", () => {
      dirty = false;
    });
  }

  window.addEventListener("beforeunload", (event) => {
    if (dirty) event.preventDefault();
  });
  // Without a connection typing continues; the sentence says what is at stake.
  window.addEventListener("offline", () => {
    const now = new Date().toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: "Europe/Paris" });
    say("caution", `Not saved: no connection since ${now}. Keep this page open.`);
  });
  window.addEventListener("online", () => {
    say("caution", dirty ? "Connected again. Not saved yet" : "Connected again");
  });
}
