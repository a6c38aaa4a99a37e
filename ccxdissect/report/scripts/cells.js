// How the values of a column read, by what kind they are of: what the schema of the result says, and nothing else.

const KINDS = {
  time: { text: clock, width: 18 },
  duration: { text: duration, width: 11, number: true },
  integer: { text: (value) => (value === null ? "" : String(value)), number: true },
  number: { text: (value) => (value === null ? "" : String(value)), number: true },
  text: { text: (value) => (value === null ? "" : value) },
  flag: { text: (value) => (value === null ? "" : value ? "yes" : "no"), width: 6 },
  list: { text: (value) => (value === null ? "" : value.join(", ")) },
  object: { text: (value) => (value === null ? "" : Object.values(value).filter((part) => part !== null).join(" ")) },
};
const WIDEST = 34;

/** The columns of a grid for those of a table that are meant for one. */
function gridColumns(table) {
  const shown = table.columns.filter((column) => column.shown);
  return shown.map((column) => gridColumn(column, table.data[column.cell || column.name], table.data[column.name]));
}

function gridColumn(column, told, values) {
  const kind = column.cell ? KINDS.text : KINDS[column.kind] || KINDS.text;
  const text = (row) => kind.text(told[row] ?? null);
  const width = column.kind === "time" && zero.dates && !column.cell ? kind.width + 11 : kind.width || widthOf(text, told.length, column.heading);
  const key = (row) => {
    const value = values[row] ?? null;
    return value !== null && typeof value === "object" ? text(row) : value;
  };
  return { name: column.name, kind: column.kind, coded: Boolean(column.cell) && column.kind === "integer", heading: column.heading, meaning: column.meaning, number: kind.number, prose: column.prose, width, text, key };
}

/** Wide enough for what stands in a sample of the rows, within reason. */
function widthOf(text, length, heading) {
  let widest = heading.length + 1;
  const step = Math.max(Math.floor(length / 300), 1);
  for (let row = 0; row < length; row += step) widest = Math.max(widest, text(row).length);
  return Math.min(Math.ceil(widest * 0.95), WIDEST) + 3;
}
