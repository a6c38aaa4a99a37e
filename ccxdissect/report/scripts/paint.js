// Colours and patterns of bands. Every kind has both, so that nobody needs to tell colours apart; the colours are those
// of a palette made for all kinds of colour vision, set in the style sheet for each theme.

const PLAIN = { colour: "grey", pattern: "plain" };

/** Agents' states, by the state's number. */
const STATE_PAINTS = [
  { colour: "grey", pattern: "plain" },
  { colour: "none", pattern: "plain" },
  { colour: "orange", pattern: "rising" },
  { colour: "green", pattern: "plain" },
  { colour: "blue", pattern: "plain" },
  { colour: "purple", pattern: "falling" },
  { colour: "purple", pattern: "dots" },
  { colour: "yellow", pattern: "crossed" },
  { colour: "sky", pattern: "upright" },
  { colour: "grey", pattern: "crossed" },
  { colour: "yellow", pattern: "level" },
  { colour: "blue", pattern: "dots" },
  { colour: "orange", pattern: "level" },
  { colour: "red", pattern: "falling" },
  { colour: "grey", pattern: "falling" },
];

/** Phases of calls. Later ones are drawn over earlier ones where devices are in different phases at once. */
const PHASE_PAINTS = new Map([
  ["dialing", { colour: "sky", pattern: "dots" }],
  ["talking", { colour: "blue", pattern: "plain" }],
  ["queued", { colour: "orange", pattern: "rising" }],
  ["ringing", { colour: "yellow", pattern: "upright" }],
  ["held", { colour: "purple", pattern: "level" }],
]);

/** Sessions, by what ended them. */
const ENDING_PAINTS = new Map([
  ["close", { colour: "green", pattern: "plain" }],
  ["capture end", { colour: "sky", pattern: "plain" }],
  ["fin", { colour: "grey", pattern: "plain" }],
  ["idle", { colour: "orange", pattern: "rising" }],
  ["reset", { colour: "red", pattern: "falling" }],
  ["refused", { colour: "red", pattern: "crossed" }],
]);

const SEVERITY_PAINTS = new Map([["error", "red"], ["warning", "orange"], ["note", "blue"]]);

let theme = null;

/** The colours of the theme that is on. */
function colours() {
  if (!theme) {
    const style = getComputedStyle(document.documentElement);
    theme = { tiles: new Map() };
    for (const name of ["grey", "orange", "green", "blue", "purple", "yellow", "sky", "red", "ink", "quiet", "line", "ground", "lane", "stroke", "bar"]) {
      theme[name] = style.getPropertyValue(`--${name}`).trim();
    }
  }
  return theme;
}

function forgetColours() {
  theme = null;
}

function tile(context, paint) {
  const { tiles, [paint.colour]: colour, stroke } = colours();
  const key = `${paint.colour} ${paint.pattern}`;
  if (tiles.has(key)) return tiles.get(key);
  const size = 8;
  const scale = 2;
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = size * scale;
  const pen = canvas.getContext("2d");
  pen.scale(scale, scale);
  pen.fillStyle = colour;
  pen.fillRect(0, 0, size, size);
  pen.strokeStyle = pen.fillStyle = stroke;
  pen.lineWidth = 1.3;
  pen.beginPath();
  for (const [x1, y1, x2, y2] of LINES[paint.pattern] || []) {
    pen.moveTo(x1, y1);
    pen.lineTo(x2, y2);
  }
  pen.stroke();
  if (paint.pattern === "dots") for (const [x, y] of [[2, 2], [6, 6]]) pen.fillRect(x - 0.9, y - 0.9, 1.8, 1.8);
  const pattern = context.createPattern(canvas, "repeat");
  pattern.setTransform(new DOMMatrix().scale(1 / scale));
  tiles.set(key, pattern);
  return pattern;
}

const RISING = [[-2, 10, 10, -2], [-2, 2, 2, -2], [6, 10, 10, 6]];
const FALLING = [[-2, -2, 10, 10], [6, -2, 10, 2], [-2, 6, 2, 10]];
const LINES = {
  rising: RISING,
  falling: FALLING,
  crossed: [...RISING, ...FALLING],
  upright: [[2, 0, 2, 8], [6, 0, 6, 8]],
  level: [[0, 2, 8, 2], [0, 6, 8, 6]],
};

/** Fill a band; `none` is a line along its middle. */
function band(context, paint, x, y, width, height) {
  const known = colours();
  if (paint.colour === "none") {
    context.fillStyle = known.line;
    context.fillRect(x, y + height / 2 - 1, width, 2);
    return;
  }
  context.fillStyle = paint.pattern === "plain" || width < 3 ? known[paint.colour] : tile(context, paint);
  context.fillRect(x, y, width, height);
}

/** A canvas as large as it is shown, whatever the screen's density; gives its context in CSS pixels. */
function sized(canvas, width, height) {
  const density = window.devicePixelRatio || 1;
  const [wide, high] = [Math.round(width * density), Math.round(height * density)];
  if (canvas.width !== wide || canvas.height !== high) {
    canvas.width = wide;
    canvas.height = high;
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
  }
  const context = canvas.getContext("2d");
  context.setTransform(density, 0, 0, density, 0, 0);
  context.clearRect(0, 0, width, height);
  return context;
}

/** A swatch with its word, for a legend. */
function swatch(paint, word) {
  const canvas = make("canvas", { class: "swatch", "aria-hidden": "true" });
  const paintIt = () => band(sized(canvas, 22, 12), paint, 0, 0, 22, 12);
  paintIt();
  const item = make("li", {}, canvas, word);
  item.repaint = paintIt;
  return item;
}

/** The mark of a finding: a shape for each severity. */
function findingMark(context, severity, x, y) {
  const known = colours();
  context.fillStyle = known[SEVERITY_PAINTS.get(severity) || "grey"];
  context.strokeStyle = known.ground;
  context.lineWidth = 1;
  context.beginPath();
  if (severity === "error") {
    context.moveTo(x, y - 6);
    context.lineTo(x + 5.5, y);
    context.lineTo(x, y + 6);
    context.lineTo(x - 5.5, y);
  } else if (severity === "warning") {
    context.moveTo(x, y - 5.5);
    context.lineTo(x + 5.5, y + 4.5);
    context.lineTo(x - 5.5, y + 4.5);
  } else {
    context.arc(x, y, 4, 0, 7);
  }
  context.closePath();
  context.fill();
  context.stroke();
}
