// Progressive enhancement: counts, adds up, warns. Every page works without it.
import { CharacterCount, ErrorSummary, PasswordInput, createAll } from "../vendor/govuk-frontend/govuk-frontend.min.js";
import { guardUnsaved } from "./unsaved.js";
import { addUpGrids } from "./budget.js";
import { tidy } from "./entries.js";
import { hintFileSizes } from "./files.js";
import { lookAgain } from "./look-again.js";

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
addUpGrids();
hintFileSizes();
lookAgain();
