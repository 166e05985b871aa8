// A script of the pages as a module. Read from its text: Node takes a file that ends in .js for another kind of module.
import { readFileSync } from "node:fs";

export function script(name) {
  const text = readFileSync(new URL(`../../static/js/${name}`, import.meta.url), "utf8");
  return import(`data:text/javascript,${encodeURIComponent(text)}`);
}
