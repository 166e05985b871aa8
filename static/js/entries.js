// Reads texts and amounts as the server does (`urbact_calls/domain/entries.py`): what is counted and added up while one
// types is what would be stored. Both are tested with one table, `tests/js/entries.json`.

const LINE_END = /\r\n|[\r\v\f\x85\u2028\u2029]/g;
const BULLET = /^([ \t\u00a0]*)[\ue000-\uf8ff]/gm;

// What no reader sees, but where it joins or chooses: emoji and flags made of several, keys, variants of Han characters,
// scripts whose letters are joined, Mongolian variants, Korean syllables without a part.
const UNSEEN =
  "\\u00ad\\u034f\\u061c\\u115f\\u1160\\u17b4\\u17b5\\u180b-\\u180f\\u200b-\\u200f\\u202a-\\u202e\\u2060-\\u206f\\u3164" +
  "\\ufe00-\\ufe0f\\ufeff\\uffa0\\ufff0-\\ufff8\\u{1bca0}-\\u{1bca3}\\u{1d173}-\\u{1d17a}\\u{e0000}-\\u{e0fff}";
const PICTURE =
  "[\\u00a9\\u00ae\\u203c\\u2049\\u2100-\\u2bff\\u3030\\u303d\\u3297\\u3299\\u{1f000}-\\u{1fffd}]" +
  "[\\ufe0e\\ufe0f]?[\\u{1f3fb}-\\u{1f3ff}]?(?:[\\u{e0020}-\\u{e007e}]+\\u{e007f})?";
const HAN = "[\\u3400-\\u9fff\\uf900-\\ufaff\\u{20000}-\\u{3fffd}]";
const JOINED =
  "[\\u0620-\\u07ff\\u0840-\\u0dff\\u1000-\\u109f\\u1780-\\u17b3\\u17b6-\\u180a\\u1820-\\u18af\\uaa60-\\uaa7f" +
  "\\u{11000}-\\u{11fff}]";
const SEEN_OR_NOT = new RegExp(
  `(${PICTURE}(?:\\u200d${PICTURE})*|[0-9#*]\\ufe0f(?=\\u20e3)|${HAN}[\\ufe00-\\ufe0f\\u{e0100}-\\u{e01ef}]` +
    `|${JOINED}[\\u200c\\u200d]|[\\u1820-\\u18af][\\u180b-\\u180d\\u180f]|[\\u1100-\\u115e]\\u1160|\\u115f[\\u1161-\\u11a7])` +
    `|[${UNSEEN}]`,
  "gu",
);

// A text as it is stored; a line has blanks where a text of several lines has line ends.
export function tidy(typed, isLine = false) {
  const text = typed
    .replace(LINE_END, "\n")
    .replace(BULLET, "$1•")
    .replaceAll("\x1e", "\u2011")
    .replaceAll("\x1f", "")
    .replace(SEEN_OR_NOT, (_, kept) => kept || "")
    .normalize("NFC")
    .trim();
  return isLine ? text.split(/[\n\t]/).map((part) => part.trim()).filter(Boolean).join(" ") : text;
}

const CURRENCY = /^(?:€|euros?|eur) ?| ?(?:€|euros?|eur)$/gi;
const FIGURE = /^([-+−–]?)([1-9][0-9]{0,2}(?:([ ,.'])[0-9]{3})(?:\3[0-9]{3})*|[0-9]+)(?:([.,])([0-9]+))?$/;
const LARGEST_CENTS = 10_000_000_000_00;

function plain(typed) {
  const text = tidy(typed, true).replace(/[\u00a0\u2000-\u200a\u202f\u205f\u3000]/g, " ").replace(/[’‘ʼ′´`]/g, "'");
  return text.replace(CURRENCY, "").replace(/([.,])[-–—]{1,2}$/, (_, mark) => `${mark}00`);
}

// The two readings of an amount such as "2.750", as digits: with thousands, and with a point. Null for any other text.
export function readingsOf(typed) {
  const [match, , whole, mark, point] = FIGURE.exec(plain(typed)) || [];
  if (match === undefined || point || !",.".includes(mark || " ") || whole.split(mark).length !== 2) return null;
  const [before, after] = whole.split(mark);
  return [before + after, String(Number(`${before}.${after}`))];
}

// The cents of an amount as people type it; nothing counts as 0, what the server would refuse is null.
export function centsOf(typed) {
  const text = plain(typed);
  if (text === "") return 0;
  const [match, sign, whole, mark, point, rest = ""] = FIGURE.exec(text) || [];
  if (match === undefined || (mark && mark === point) || rest.length > 2 || readingsOf(typed)) return null;
  const cents = Number(whole.replace(/[^0-9]/g, "")) * 100 + Number(rest.padEnd(2, "0"));
  return cents > LARGEST_CENTS || (!["", "+"].includes(sign) && cents) ? null : cents;
}
