// Says before the upload that a file is too large. The server measures again.

export function hintFileSizes() {
  for (const input of document.querySelectorAll('input[type="file"][data-max-bytes]')) {
    const hint = document.createElement("p");
    hint.className = "field-foot__note";
    hint.setAttribute("role", "status");
    input.after(hint);
    input.addEventListener("change", () => {
      const limit = Number(input.dataset.maxBytes);
      const file = input.files[0];
      const size = file ? `${(file.size / 1_000_000).toFixed(1)} MB` : "";
      hint.textContent = !file ? "" : file.size > limit ? `${size}: larger than the ${limit / 1_000_000} MB allowed.` : `${size}: fits.`;
    });
  }
}
