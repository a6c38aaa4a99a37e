// The page put together: tables in tabs, what is chosen in them, the filter, the theme, paper.

const TABS = ["messages", "sessions", "exchanges", "calls", "agents", "findings"];

class Page {
  constructor(report) {
    this.report = report;
    this.choice = new Choice(report);
    this.concern = new Concern(this.choice);
    this.grids = {};
    this.filters = {};
    this.searches = {};
    this.tab = "messages";
    this.shown = 0;
    this.timeline = new Timeline(report, this.choice, (item) => this.open(item.table, item.row));
    this.replies = new ReplyTimes(report, this.choice, (table, row) => this.open(table, row));
    this.agents = new AgentTotals(report, this.choice);
    this.calls = new CallFigures(report, this.choice);
    this.buildTabs();
    this.buildFilter();
    this.buildFindings();
    this.buildTheme();
    this.buildPaper();
    this.choice.addEventListener("change", () => this.refresh());
    this.fromHash();
    window.addEventListener("hashchange", () => this.fromHash());
  }

  // -- tables

  buildTabs() {
    const list = byId("tabs");
    for (const name of TABS) {
      const tab = make("button", { type: "button", role: "tab", id: `tab-${name}`, "aria-controls": "panel", onclick: () => this.toTab(name) }, name, " ", make("span", { class: "count" }));
      list.append(tab);
    }
    list.addEventListener("keydown", (event) => {
      const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!by) return;
      event.preventDefault();
      this.toTab(TABS[(TABS.indexOf(this.tab) + by + TABS.length) % TABS.length]);
      byId(`tab-${this.tab}`).focus();
    });
    byId("search").addEventListener("input", settled((event) => {
      this.searches[this.tab] = event.target.value;
      this.fill(this.tab);
    }, 150));
  }

  size(name) {
    return name === "messages" ? this.report.messages.length : this.report.tables[name].length;
  }

  grid(name) {
    if (!this.grids[name]) {
      const columns = name === "messages" ? this.messageColumns() : gridColumns(this.report.tables[name]);
      const kind = { messages: (row) => this.messageKind(row), findings: (row) => this.report.tables.findings.get(row, "severity"), exchanges: (row) => this.report.tables.exchanges.get(row, "outcome") }[name];
      this.grids[name] = new Grid({ label: name, columns, count: this.size(name), kind, onchoose: (row) => this.detail(name, row) });
      this.filters[name] = new TableFilter(this.report, name, this.size(name), columns, (all) => this.refilled(name, all));
    }
    return this.grids[name];
  }

  messageColumns() {
    const { messages } = this.report;
    const { number, time, session, from, name, says } = messages.columns;
    return [
      { ...number, width: 9, number: true, text: (row) => String(this.report.numberOf(row)), key: (row) => row },
      { ...time, width: zero.dates ? 29 : 18, text: (row) => clock(messages.time[row]), key: (row) => messages.time[row] },
      { ...session, width: 9, number: true, text: (row) => String(messages.session[row]), key: (row) => messages.session[row] },
      { ...from, width: 8, text: (row) => (messages.side[row] ? "server" : "client"), key: (row) => messages.side[row] },
      { ...name, width: widthOf((place) => messages.names[place], messages.names.length, name.heading), text: (row) => messages.names[messages.name[row]], key: (row) => messages.names[messages.name[row]] },
      { ...says, prose: true, width: 50, text: (row) => messages.what[row] + (messages.wrong[row] ? `  ! ${messages.wrong[row]}` : ""), key: (row) => messages.what[row] },
    ];
  }

  messageKind(row) {
    const { messages } = this.report;
    return `${messages.tone[row]}${messages.wrong[row] ? " wrong" : ""}`;
  }

  toTab(name) {
    this.tab = name;
    for (const other of TABS) {
      const tab = byId(`tab-${other}`);
      tab.setAttribute("aria-selected", String(other === name));
      tab.tabIndex = other === name ? 0 : -1;
    }
    byId("panel").setAttribute("aria-labelledby", `tab-${name}`);
    byId("search").value = this.searches[name] || "";
    const grid = this.grid(name);
    byId("filters").replaceChildren(this.filters[name].root);
    byId("grid").replaceChildren(grid.root);
    this.fill(name);
    this.toHash();
  }

  /** A table's filter row was changed; `all`: it was emptied, and the search goes with it. */
  refilled(name, all) {
    if (all) {
      this.searches[name] = "";
      if (name === this.tab) byId("search").value = "";
    }
    if (name !== this.tab) {
      this.count(name, this.number(name));
      return;
    }
    this.fill(name);
    announce(`${plural(this.grid(name).view.length, "row")} asked for, of ${counted(this.size(name))}`);
  }

  /** The rows of a table that are asked for. */
  rows(name) {
    const tests = [this.concern.of(name), this.filters[name].test].filter((test) => test);
    const words = (this.searches[name] || "").toLowerCase().split(/\s+/).filter((word) => word);
    const { columns } = this.grid(name);
    const texts = columns.filter((column) => column.text);
    const rows = [];
    for (let row = 0; row < this.size(name); row++) {
      if (!tests.every((test) => test(row))) continue;
      if (words.length) {
        const text = texts.map((column) => column.text(row)).join(" ").toLowerCase();
        if (!words.every((word) => text.includes(word))) continue;
      }
      rows.push(row);
    }
    return rows;
  }

  fill(name) {
    const rows = this.rows(name);
    const grid = this.grid(name);
    grid.show(rows);
    this.count(name, rows.length);
    byId("empty").hidden = rows.length > 0;
    byId("empty").textContent = this.size(name) ? `None of the ${plural(this.size(name), "row")} is asked for.` : `There are no ${name}.`;
    const told = byId("left-out");
    const total = name === "messages" ? this.report.messages.total : this.report.tables[name].total;
    told.hidden = total <= this.size(name);
    told.textContent = told.hidden ? "" : `This page holds the first ${counted(this.size(name))} of ${counted(total)} ${name}.`;
  }

  count(name, number) {
    const total = this.size(name);
    byId(`tab-${name}`).querySelector(".count").textContent = number === total ? counted(total) : `${counted(number)} of ${counted(total)}`;
  }

  /** Show a row wherever it is, and what there is to say of it. */
  open(name, row) {
    if (row === undefined || row < 0) return;
    if (this.tab !== name) this.toTab(name);
    const grid = this.grid(name);
    if (!grid.select(row)) {
      if (this.searches[name] || !this.filters[name].empty) this.filters[name].clear();
      if (!grid.select(row)) {
        this.choice.clear();
        grid.select(row);
      }
    }
    this.detail(name, row);
    byId("tables").scrollIntoView({ block: "start", behavior: "auto" });
  }

  // -- what is chosen

  async detail(name, row) {
    const place = byId("detail");
    const turn = ++this.shown;
    const view = await this.view(name, row);
    if (turn !== this.shown) return;
    place.replaceChildren(view);
    place.hidden = false;
    place.scrollTop = 0;
    byId("work").classList.add("open");
    this.opened = [name, row];
    this.toHash();
    announce(`${name} row opened`);
  }

  async view(name, row) {
    const { report } = this;
    if (name === "messages") return messageView(report, row, this.messageLinks(row));
    const view = make("article", { class: "story" });
    const table = report.tables[name];
    view.append(make("h3", {}, this.titleOf(name, row)));
    const story = table.get(row, name === "findings" ? "text" : "story");
    if (story) view.append(make("p", {}, story));
    view.append(this.facts(table, row));
    if (name === "calls") {
      view.append(this.links([["call", row, `Only call ${table.get(row, "call")}`]]));
      const steps = table.get(row, "steps");
      if (steps && steps.length) view.append(this.steps(steps, table.get(row, "start")));
      this.addLadder(view, this.rowsWhere((message) => report.messages.stories[message].includes(row)), `call ${table.get(row, "call")}`);
    } else if (name === "sessions") {
      const number = table.get(row, "session");
      view.append(this.links([["session", number, `Only session ${number}`]]));
      this.addLadder(view, this.rowsWhere((message) => report.messages.session[message] === number), `session ${number}`);
    } else if (name === "exchanges") {
      const numbers = [table.get(row, "request"), table.get(row, "reply"), ...(table.get(row, "triggered") || NONE)];
      this.addLadder(view, numbers.map((number) => report.messageRow(number)).filter((message) => message >= 0), "the exchange");
    } else {
      const message = report.messageRow(table.get(row, "message"));
      if (name === "agents") view.append(this.links([["agent", table.get(row, "agent"), `Only agent ${table.get(row, "agent")}`]]));
      if (name === "findings") view.append(this.links([["session", table.get(row, "session"), `Only session ${table.get(row, "session")}`]]));
      if (message >= 0) view.append(await messageView(report, message, this.messageLinks(message)));
    }
    return view;
  }

  titleOf(name, row) {
    const table = this.report.tables[name];
    if (name === "sessions") return `session ${table.get(row, "session")}`;
    if (name === "calls") return `call ${table.get(row, "call")}`;
    if (name === "agents") return `agent ${table.get(row, "agent")}`;
    if (name === "findings") return `${table.get(row, "severity")}: ${table.get(row, "rule")}`;
    return `${table.get(row, "request_name") ?? table.get(row, "reply_name")}: ${table.get(row, "outcome")}`;
  }

  /** What the table's columns say of a row, as terms. */
  facts(table, row) {
    const list = make("dl", { class: "facts" });
    for (const column of table.columns) {
      if (!column.shown || column.prose) continue;
      const text = gridColumn(column, table.data[column.cell || column.name], table.data[column.name]).text(row);
      if (text) list.append(make("div", {}, make("dt", { title: column.meaning }, column.heading), make("dd", {}, text)));
    }
    return list;
  }

  steps(steps, start) {
    return make("details", { class: "steps" }, make("summary", {}, plural(steps.length, "step")), make("ol", {}, ...steps.map((step) => {
      const message = this.report.messageRow(step.message);
      const told = `${duration(step.time - start)}  ${step.text}`;
      return make("li", {}, message < 0 ? told : make("button", { type: "button", class: "link", onclick: () => this.open("messages", message) }, told));
    })));
  }

  rowsWhere(test) {
    const rows = [];
    for (let row = 0; row < this.report.messages.length; row++) if (test(row)) rows.push(row);
    return rows;
  }

  addLadder(view, rows, title) {
    if (rows.length) view.append(make("h4", {}, `Ladder, ${plural(rows.length, "message")}`), ladderView(this.report, rows, title, (row) => this.open("messages", row)));
  }

  messageLinks(row) {
    const { report } = this;
    const session = report.messages.session[row];
    const agent = report.agentOf(row);
    const links = this.links([
      ["session", session, `Only session ${session}`],
      ...(agent === null ? NONE : [["agent", agent, `Only agent ${agent}`]]),
      ...report.messages.stories[row].map((story) => ["call", story, `Only call ${report.tables.calls.get(story, "call")}`]),
    ]);
    const exchange = report.exchangeOf.get(row);
    if (exchange !== undefined) {
      const { exchanges } = report.tables;
      const [request, reply] = [report.messageRow(exchanges.get(exchange, "request")), report.messageRow(exchanges.get(exchange, "reply"))];
      const other = row === reply ? request : reply;
      const word = row === reply ? "answers" : "answered by";
      if (other >= 0) links.append(make("button", { type: "button", class: "chip", onclick: () => this.open("messages", other) }, `${word} ${report.numberOf(other)} after ${duration(exchanges.get(exchange, "latency"))}`));
      else if (row === request) links.append(make("span", { class: "chip plain" }, exchanges.get(exchange, "outcome")));
    }
    return links;
  }

  links(list) {
    return make("p", { class: "chips" }, ...list.map(([facet, value, text]) => make("button", { type: "button", class: "chip", onclick: () => this.choice.toggle(facet, value, true) }, text)));
  }

  // -- filter

  buildFilter() {
    const box = byId("filter-box");
    const { report } = this;
    const words = [
      ...Array.from(report.sessionRows.keys(), (number) => `session ${number}`), ...report.agentNames.map((name) => `agent ${name}`),
      ...Array.from(report.callRows.keys(), (number) => `call ${number}`), ...report.messages.names.map((name) => `type ${name}`), ...report.outcomes.map((word) => `outcome ${word}`),
    ];
    byId("filter-words").append(...words.slice(0, 3000).map((word) => make("option", { value: word })));
    byId("filter-form").addEventListener("submit", (event) => {
      event.preventDefault();
      const said = this.ask(box.value.trim());
      byId("filter-told").textContent = said;
      if (!said) box.value = "";
    });
    byId("filter-clear").addEventListener("click", () => {
      for (const filter of Object.values(this.filters)) filter.clear();
      this.choice.clear();
    });
  }

  /** Take one more thing asked for; gives what is wrong with it, or nothing. */
  ask(text) {
    if (!text) return "";
    const [, facet, value] = /^(\w+)\s+(.+)$/.exec(text) || [];
    if (!FACETS.includes(facet)) return `Say what it is: ${FACETS.join(", ")} and then which, as in "session 4".`;
    const found = this.choice.valueOf(facet, value);
    if (found === null) return `There is no ${facet} ${value} here.`;
    if (!this.choice.has(facet, found)) this.choice.toggle(facet, found);
    return "";
  }

  refresh() {
    const chips = [];
    for (const facet of FACETS) {
      for (const value of this.choice.sets[facet]) {
        chips.push(make("button", { type: "button", class: "chip", "aria-label": `no longer only ${this.choice.label(facet, value)}`, onclick: () => this.choice.toggle(facet, value) }, `${this.choice.label(facet, value)} ×`));
      }
    }
    if (this.choice.range) {
      const [from, to] = this.choice.range;
      chips.push(make("button", { type: "button", class: "chip", "aria-label": "no longer only this time", onclick: () => this.choice.setRange(null) }, `${clock(Math.max(from, 0))} to ${clock(Math.min(to, this.report.span))} ×`));
    }
    byId("filter-chips").replaceChildren(...chips);
    byId("filter-clear").hidden = this.choice.empty;
    byId("filter-none").hidden = !this.choice.empty;
    this.timeline.rate.filter(this.concern.of("messages"));
    this.replies.update();
    this.agents.update();
    this.calls.update();
    for (const name of TABS) {
      if (name === this.tab) this.fill(name);
      else this.count(name, this.number(name));
    }
    byId("filter-told").textContent = "";
    this.toHash();
  }

  number(name) {
    // A table that was never open has neither a search nor a filter row.
    if (this.grids[name]) return this.rows(name).length;
    const test = this.concern.of(name);
    if (!test) return this.size(name);
    let count = 0;
    for (let row = 0; row < this.size(name); row++) if (test(row)) count++;
    return count;
  }

  // -- findings at the top of the page

  buildFindings() {
    for (const button of document.querySelectorAll("[data-finding]")) {
      button.addEventListener("click", () => this.open("findings", Number(button.dataset.finding)));
    }
    for (const button of document.querySelectorAll("[data-rule]")) {
      button.addEventListener("click", () => {
        this.searches.findings = button.dataset.rule;
        this.toTab("findings");
        byId("tables").scrollIntoView();
      });
    }
  }

  // -- location, theme, paper

  toHash() {
    if (this.quiet) return;
    const parts = this.choice.toHash();
    if (this.tab !== "messages") parts.set("table", this.tab);
    if (this.opened) parts.set("open", `${this.opened[0]} ${this.opened[1]}`);
    const text = parts.toString();
    try {
      history.replaceState(null, "", text ? `#${text}` : location.pathname);
    } catch {
      // A page from the disk may not be allowed to; then the location keeps nothing.
    }
  }

  fromHash() {
    const parts = new URLSearchParams(location.hash.slice(1));
    this.quiet = true;
    const tab = parts.get("table");
    this.toTab(TABS.includes(tab) ? tab : this.tab);
    this.choice.fromHash(parts);
    if (this.choice.range) this.timeline.zoomTo(this.choice.range);
    const [name, row] = (parts.get("open") || "").split(" ");
    if (TABS.includes(name) && Number(row) < this.size(name)) this.open(name, Number(row));
    this.quiet = false;
  }

  buildTheme() {
    const dark = matchMedia("(prefers-color-scheme: dark)");
    const button = byId("theme");
    const now = () => document.documentElement.dataset.theme || (dark.matches ? "dark" : "light");
    const told = () => (button.textContent = now() === "dark" ? "Light" : "Dark");
    button.addEventListener("click", () => {
      document.documentElement.dataset.theme = now() === "dark" ? "light" : "dark";
      told();
      this.repaint();
    });
    dark.addEventListener("change", () => {
      told();
      this.repaint();
    });
    told();
  }

  repaint() {
    forgetColours();
    this.timeline.repaint();
    this.replies.curves();
    this.replies.grid.paint(true);
    this.agents.repaint();
    this.calls.update();
  }

  /** On paper everything is light, and tables show their first rows. */
  buildPaper() {
    window.addEventListener("beforeprint", () => {
      this.before = document.documentElement.dataset.theme;
      document.documentElement.dataset.theme = "light";
      document.body.classList.add("on-paper");
      this.timeline.print();
      this.repaint();
      const beyond = this.grid(this.tab).print();
      byId("on-paper").textContent = beyond ? `and ${counted(beyond)} more` : "";
    });
    window.addEventListener("afterprint", () => {
      if (this.before) document.documentElement.dataset.theme = this.before;
      else delete document.documentElement.dataset.theme;
      this.grid(this.tab).unprint();
      document.body.classList.remove("on-paper");
      this.timeline.fit();
      this.repaint();
    });
  }
}

async function start() {
  const began = performance.now();
  try {
    const report = new Report(await unpackedJson("data"));
    document.body.classList.add("ready");
    const page = new Page(report);
    page.took = performance.now() - began;
    document.documentElement.dataset.ready = String(Math.round(page.took));
  } catch (error) {
    byId("trouble").hidden = false;
    byId("trouble").textContent = `This page could not be opened: ${error.message}`;
    throw error;
  }
}

start();
