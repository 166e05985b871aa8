// Progressive enhancement: counts, adds up, warns. Every page works without it.
import { CharacterCount, ErrorSummary, PasswordInput, createAll } from "../vendor/govuk-frontend/govuk-frontend.min.js";
import { guardUnsaved } from "./unsaved.js";
import { tidy } from "./entries.js";

document.body.classList.add("js-enabled", "govuk-frontend-supported");

// Characters as the server counts them: of the text that would be stored.
class SameCount extends CharacterCount {
  updateCount() {
    this.count = [...tidy(this.$textarea.value)].length;
  }
}

createAll(SameCount, {
  i18n: {
    charactersUnderLimit: { one: "%{count} character left", other: "%{count} characters left" },
    charactersAtLimit: "No characters left",
    charactersOverLimit: { one: "%{count} character too many", other: "%{count} characters too many" },
  },
});
createAll(ErrorSummary);
createAll(PasswordInput);

guardUnsaved();

// Asked for only where there is something for it to do: each is a request of its own, and most pages need none.
if (document.querySelector("[data-grid]")) import("./budget.js").then((budget) => budget.addUpGrids());
if (document.querySelector('input[type="file"]')) import("./files.js").then((files) => files.hintFileSizes());
if (document.querySelector("[data-look-again]")) import("./look-again.js").then((again) => again.lookAgain());
