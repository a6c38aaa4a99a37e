// The filter row of a table: what is asked for of this table alone, besides its search and what everything is filtered to.

/** The most values of a column that are offered in a list, and the most columns that have one. */
const CHOICES = 30;
const LISTS = 3;
/** The columns that say what the facets say: they need no list of their own. */
const OF_FACETS = /^(sessions?|agents?|calls?|name|request_name|reply_name)$/;
/** In a set of values it stands for one that nothing has. */
const NOTHING = Symbol("nothing");

class TableFilter {
  /** `columns`: those of the table's grid. `onchange()`: other rows are asked for. */
  constructor(report, name, length, columns, onchange) {
    this.report = report;
    this.name = name;
    this.length = length;
    this.choice = new Choice(report);
    this.concern = new Concern(this.choice);
    this.onchange = onchange;
    this.fields = [];
    this.facets = {};
    for (const [facet, values] of Object.entries(this.known())) {
      if (!values.length) continue;
      this.facets[facet] = facet === "type" ? this.typeList(values) : this.box(facet, values);
    }
    this.lists = this.listed(columns).map(([column, values]) => [column, values, this.list(column, values)]);
    if (columns.some((column) => column.kind === "time")) {
      this.since = this.timeBox("since", clock(0));
      this.until = this.timeBox("until", clock(report.span));
    }
    this.told = make("span", { class: "problem", role: "status" });
    this.clearing = make("button", { type: "button", class: "clear", disabled: true, onclick: () => this.clear() }, "Clear filters");
    this.root = make("div", { class: "filters", role: "group", "aria-label": `filter ${name}` }, ...this.fields, this.clearing, this.told);
  }

  /** What there is of each facet, as texts. */
  known() {
    const { report } = this;
    return {
      type: this.types(),
      session: Array.from(report.sessionRows.keys(), String),
      agent: report.agentNames,
      call: Array.from(report.callRows.keys(), String),
    };
  }

  types() {
    const found = new Set();
    for (let row = 0; row < this.length; row++) for (const type of this.report.typesOf(this.name, row)) found.add(type);
    return [...found].sort();
  }

  /** The columns of few values, fewest first, each with its values. */
  listed(columns) {
    const { length } = this;
    const found = [];
    for (const column of columns) {
      if (column.prose || OF_FACETS.test(column.name) || !(column.coded || column.kind === "text" || column.kind === "flag")) continue;
      const values = new Set();
      for (let row = 0; row < length && values.size <= CHOICES; row++) values.add(column.text(row));
      if (values.size > 1 && values.size <= CHOICES && values.size < length) found.push([column, [...values].sort()]);
    }
    const few = found.sort((one, other) => one[1].length - other[1].length).slice(0, LISTS);
    return few.sort((one, other) => columns.indexOf(one[0]) - columns.indexOf(other[0]));
  }

  field(word, input, ...more) {
    input.id = `filter-${this.name}-${this.fields.length}`;
    this.fields.push(make("div", { class: "field" }, make("label", { for: input.id }, word), input, ...more));
    return input;
  }

  typeList(names) {
    return this.field("type", make("select", { onchange: () => this.changed() }, make("option", { value: "" }, "all"), ...names.map((name) => make("option", { value: name }, name))));
  }

  list(column, values) {
    const options = values.map((value, place) => make("option", { value: String(place) }, value || "(none)"));
    return this.field(column.heading, make("select", { title: column.meaning || null, onchange: () => this.changed() }, make("option", { value: "" }, "all"), ...options));
  }

  box(facet, values) {
    const words = make("datalist", { id: `known-${this.name}-${facet}` }, ...values.slice(0, 1000).map((value) => make("option", { value })));
    return this.field(facet, make("input", { type: "search", list: words.id, size: facet === "agent" ? 14 : 7, placeholder: "all", autocomplete: "off", oninput: settled(() => this.changed(), 150) }), words);
  }

  timeBox(word, example) {
    return this.field(word, make("input", { type: "search", size: example.length, placeholder: example, autocomplete: "off", oninput: settled(() => this.changed(), 150) }));
  }

  get inputs() {
    return [...Object.values(this.facets), ...this.lists.map(([, , input]) => input), ...(this.since ? [this.since, this.until] : NONE)];
  }

  get empty() {
    return this.inputs.every((input) => !input.value.trim());
  }

  changed() {
    this.read();
    this.onchange();
  }

  /** Ask for everything in this table again. */
  clear() {
    for (const input of this.inputs) input.value = "";
    this.read();
    this.onchange(true);
  }

  /** Take what stands in the row, and say what is wrong with it. */
  read() {
    const wrong = [];
    for (const [facet, input] of Object.entries(this.facets)) {
      const text = input.value.trim();
      const values = text ? this.valuesOf(facet, text) : NONE;
      if (text && !values.length) wrong.push([input, `There is no ${facet} ${text} here.`]);
      this.choice.sets[facet] = new Set(text && !values.length ? [NOTHING] : values);
    }
    this.choice.range = this.since ? this.span(wrong) : null;
    for (const input of this.inputs) input.removeAttribute("aria-invalid");
    for (const [input] of wrong) input.setAttribute("aria-invalid", "true");
    this.told.textContent = wrong.map(([, said]) => said).join(" ");
    this.clearing.disabled = this.empty;
  }

  /** What a text means: a number is meant as it is, of an agent's name a part will do. */
  valuesOf(facet, text) {
    const { report } = this;
    if (facet === "type") return [text];
    if (facet === "session") return report.sessionRows.has(Number(text)) ? [Number(text)] : NONE;
    if (facet === "call") return report.callRows.get(Number(text)) || NONE;
    if (report.agentNames.includes(text)) return [text];
    return report.agentNames.filter((name) => String(name).toLowerCase().includes(text.toLowerCase()));
  }

  span(wrong) {
    const [since, until] = [this.since, this.until].map((input) => {
      const text = input.value.trim();
      const found = text ? stretch(text, this.report.span) : null;
      if (text && !found) wrong.push([input, `“${text}” is no time such as ${input.placeholder}; it is not heeded.`]);
      return found;
    });
    if (!since && !until) return null;
    const range = [since ? since[0] : -Infinity, until ? until[1] : Infinity];
    if (range[0] > range[1]) wrong.push([this.until, "This ends before it begins."]);
    return range;
  }

  /** Whether a row is asked for, or null when all are. */
  get test() {
    const tests = this.lists.filter(([, , input]) => input.value).map(([column, values, input]) => {
      const value = values[Number(input.value)];
      return (row) => column.text(row) === value;
    });
    const test = this.concern.of(this.name);
    if (test) tests.push(test);
    return tests.length ? (row) => tests.every((one) => one(row)) : null;
  }
}
