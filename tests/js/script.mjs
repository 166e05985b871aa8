// A script of the pages as a module. Read from its text, with those that it imports: Node takes a file that ends in .js
// for another kind of module.
import { readFileSync } from "node:fs";

function address(name) {
  const text = readFileSync(new URL(`../../static/js/${name}`, import.meta.url), "utf8");
  const whole = text.replace(/from "\.\/([\w-]+\.js)"/g, (_, other) => `from "${address(other)}"`);
  return `data:text/javascript,${encodeURIComponent(whole)}`;
}

export function script(name) {
  return import(address(name));
}
