#!/bin/sh
# Rebuilds static/vendor and the drawn map of Europe. For maintainers only: running and testing the program needs none
# of it, because the results are committed. Needs npm and the project's .venv; writes nothing outside the tree.
#
#   scripts/vendor.sh            build the pinned versions below
#
# Why our own Sass build: the published stylesheet names a typeface and images whose licences are tied to one
# government's domain. Ours is compiled without both, and only with the components this program uses.
set -eu

GOVUK=6.3.0
INTER=5.3.0
SASS=1.108.2
ATLAS=2.0.2
AXE=4.14.1

root=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT INT TERM

cd "$work"
printf '{"private": true}\n' > package.json
npm install --no-audit --no-fund --ignore-scripts --loglevel=error \
  "govuk-frontend@$GOVUK" "@fontsource-variable/inter@$INTER" "sass@$SASS" "world-atlas@$ATLAS" "axe-core@$AXE"

vendor="$root/static/vendor"
rm -rf "$vendor"
mkdir -p "$vendor/govuk-frontend" "$vendor/inter"

cat > govuk.scss <<'SCSS'
@use "govuk/base" with (
  $govuk-font-family: ("Inter", system-ui, sans-serif),
  $govuk-font-family-print: ("Inter", system-ui, sans-serif),
  $govuk-include-default-font-face: false,
  $govuk-font-weight-bold: 640,
  $govuk-assets-path: "/static/vendor/govuk-frontend/"
);
@use "govuk/core";
@use "govuk/objects";
@use "govuk/components/breadcrumbs";
@use "govuk/components/button";
@use "govuk/components/character-count";
@use "govuk/components/checkboxes";
@use "govuk/components/date-input";
@use "govuk/components/details";
@use "govuk/components/error-message";
@use "govuk/components/error-summary";
@use "govuk/components/fieldset";
@use "govuk/components/file-upload";
@use "govuk/components/hint";
@use "govuk/components/input";
@use "govuk/components/inset-text";
@use "govuk/components/label";
@use "govuk/components/password-input";
@use "govuk/components/radios";
@use "govuk/components/select";
@use "govuk/components/skip-link";
@use "govuk/components/summary-list";
@use "govuk/components/table";
@use "govuk/components/tag";
@use "govuk/components/textarea";
@use "govuk/components/warning-text";
@use "govuk/utilities";
@use "govuk/overrides";
SCSS
npx sass --style=compressed --no-source-map --load-path=node_modules/govuk-frontend/dist --quiet-deps \
  govuk.scss "$vendor/govuk-frontend/govuk-frontend.min.css"
# The map comment is dropped because the map itself is not shipped: a browser with open tools would ask for it.
sed '/^\/\/# sourceMappingURL=/d' node_modules/govuk-frontend/dist/govuk/govuk-frontend.min.js \
  > "$vendor/govuk-frontend/govuk-frontend.min.js"
# A component brings rules for all that it can be; pages need half of them.
"$root/.venv/bin/python" "$root/scripts/used_rules.py" "$vendor/govuk-frontend/govuk-frontend.min.css"

for subset in latin latin-ext greek cyrillic; do
  cp "node_modules/@fontsource-variable/inter/files/inter-$subset-wght-normal.woff2" "$vendor/inter/"
done
# The letters of European languages out of the 85 kB of latin-ext, which few pages need whole.
"$root/.venv/bin/python" -m fontTools.subset "$vendor/inter/inter-latin-ext-wght-normal.woff2" --flavor=woff2 \
  --layout-features='*' --output-file="$vendor/inter/inter-europe-wght-normal.woff2" \
  --unicodes="U+0100-017F,U+0192,U+0218-021B,U+02C7,U+02D8-02D9,U+02DB,U+02DD,U+1E80-1E85,U+1E9E,U+1EF2-1EF3,U+20A0-20AB,U+2113"
cp node_modules/@fontsource-variable/inter/LICENSE "$vendor/inter/OFL.txt"

cat > "$vendor/govuk-frontend/LICENSE.txt" <<'LICENCE'
The MIT License (MIT)

Copyright (c) 2017-2025 Crown Copyright (Government Digital Service)

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
documentation files (the "Software"), to deal in the Software without restriction, including without limitation the
rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit
persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the
Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR
COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR
OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
LICENCE

mkdir -p "$root/tests/vendor"
cp node_modules/axe-core/axe.min.js "$root/tests/vendor/axe.min.js"

cd "$root"
.venv/bin/python -m scripts.draw_europe "$work/node_modules/world-atlas/countries-50m.json" templates/macros/europe.svg.html
.venv/bin/python scripts/vendor_manifest.py "govuk-frontend=$GOVUK" "@fontsource-variable/inter=$INTER" \
  "world-atlas=$ATLAS" "axe-core=$AXE"
