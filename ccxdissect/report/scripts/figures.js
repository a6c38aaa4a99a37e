// Figures: the message rate, reply times, agents' totals, calls by outcome, times in queue.

/** How many messages a moment brought; over the lanes and with their axis. */
class RateChart {
  constructor(report, root, left, onzoom) {
    this.report = report;
    this.root = root;
    this.left = left;
    this.onzoom = onzoom;
    this.view = [-report.span * 0.01, report.span * 1.01];
    this.test = null;
    this.build();
  }

  build() {
    const known = colours();
    const bars = uPlot.paths.bars({ size: [1, Infinity], align: 1, gap: 0 });
    const axis = { stroke: known.quiet, grid: { stroke: known.line, width: 1 }, ticks: { show: false }, font: "11px system-ui, sans-serif" };
    this.plot = new uPlot(
      {
        width: Math.max(this.root.clientWidth, 100), height: 110, legend: { show: false }, padding: [6, 0, 0, 0],
        cursor: { drag: { x: true, y: false, setScale: false }, points: { show: false }, y: false },
        scales: { x: { time: false, range: () => this.view }, y: { range: (_, __, most) => [0, Math.max(most * 1.1, 2)] } },
        axes: [
          { ...axis, size: 22, gap: 2, splits: () => ticksOf(this.view, this.room), values: (_, ticks) => ticks.map((tick) => this.timeLabel(tick)) },
          { ...axis, size: this.left, gap: 6, splits: (_, __, ___, most) => [0, most / 2.2, most / 1.1].map(Math.round), values: (_, ticks) => ticks.map((tick, place) => this.rateLabel(tick, place)) },
        ],
        series: [
          {},
          { paths: bars, fill: known.bar, stroke: known.bar, width: 0, points: { show: false } },
          { paths: bars, fill: known.blue, stroke: known.blue, width: 0, points: { show: false } },
        ],
        hooks: {
          setSelect: [
            (plot) => {
              if (plot.select.width < 4) return;
              const range = [plot.posToVal(plot.select.left, "x"), plot.posToVal(plot.select.left + plot.select.width, "x")];
              plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
              this.onzoom(range);
            },
          ],
          setCursor: [(plot) => this.point(plot)],
        },
      },
      this.bins(),
      this.root,
    );
    this.plot.over.addEventListener("dblclick", () => this.onzoom(null));
  }

  get room() {
    return Math.max(this.root.clientWidth - this.left, 50);
  }

  /** Nothing where it would be cut off. */
  timeLabel(tick) {
    const share = (tick - this.view[0]) / (this.view[1] - this.view[0]);
    return share * this.room > this.room - 28 ? "" : clockBy(tick, stepOf(this.view, this.room));
  }

  rateLabel(count, place) {
    if (place === 0) return "";
    return place === 2 ? `${counted(count)} / ${briefly(this.step)}` : counted(count);
  }

  bins() {
    const wide = this.view[1] - this.view[0];
    const { messages, rate } = this.report;
    const whole = messages.total === messages.length;
    let step = RATE_STEPS.find((one) => one >= (wide / this.room) * 4) || DAY;
    if (!whole) step = Math.max(step, rate.width);
    this.step = step;
    const first = Math.floor(this.view[0] / step);
    const size = Math.ceil(this.view[1] / step) - first + 1;
    const [times, all, meant] = [new Array(size), new Array(size).fill(0), new Array(size).fill(this.test ? 0 : null)];
    for (let place = 0; place < size; place++) times[place] = (first + place) * step;
    if (!whole) {
      for (const [start, count] of rate.bins) {
        const place = Math.floor(start / step) - first;
        if (place >= 0 && place < size) all[place] += count;
      }
    }
    for (let row = 0; row < messages.length; row++) {
      const place = Math.floor(messages.time[row] / step) - first;
      if (place < 0 || place >= size) continue;
      if (whole) all[place]++;
      if (this.test && this.test(row)) meant[place]++;
    }
    return [times, all, meant];
  }

  show(view) {
    this.view = view;
    this.paint = this.paint || soon(() => this.plot.setData(this.bins()));
    this.paint();
  }

  /** Tell apart what is asked for; null: everything is. */
  filter(test) {
    this.test = test;
    this.show(this.view);
  }

  point(plot) {
    const { idx, left } = plot.cursor;
    const told = byId("rate-told");
    if (left < 0 || idx === null || idx === undefined) {
      told.textContent = "";
      return;
    }
    const place = Math.floor(plot.posToVal(left, "x") / this.step) - Math.floor(this.view[0] / this.step);
    const [times, all, meant] = plot.data;
    if (times[place] === undefined) return;
    told.textContent = `${clock(times[place])}: ${plural(all[place], "message")} in ${briefly(this.step)}${this.test ? `, ${counted(meant[place])} of them chosen` : ""}`;
  }

  resize() {
    const width = Math.max(this.root.clientWidth, 100);
    if (this.plot.width === width) return;
    this.plot.setSize({ width, height: 110 });
    this.show(this.view);
  }

  repaint() {
    this.plot.destroy();
    this.build();
  }
}

const RATE_STEPS = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500].map((step) => step * MILLISECOND)
  .concat([1, 2, 5, 10, 15, 30].map((step) => step * SECOND), [1, 2, 5, 10, 15, 30].map((step) => step * MINUTE), [1, 2, 3, 6, 12].map((step) => step * HOUR));

/** The smallest of ascending numbers that a share of them does not exceed. */
function quantile(sortedNumbers, share) {
  return sortedNumbers.length ? sortedNumbers[Math.max(Math.ceil(share * sortedNumbers.length), 1) - 1] : null;
}

/** Bounds of a log axis, as powers of ten, that hold all numbers. */
function logBounds(numbers, least = MICROSECOND) {
  let [low, high] = [Infinity, least];
  for (const number of numbers) {
    if (number > 0) low = Math.min(low, number);
    high = Math.max(high, number);
  }
  if (low === Infinity) low = least;
  const from = Math.floor(Math.log10(low));
  return [from, Math.max(Math.ceil(Math.log10(high)), from + 1)];
}

/** Where a log axis of durations has its marks: at those that people have words for. */
const DECADES = [1, 10, 100].flatMap((count) => [count * MICROSECOND, count * MILLISECOND]).sort((one, other) => one - other)
  .concat([SECOND, 10 * SECOND, MINUTE, 10 * MINUTE, HOUR, 10 * HOUR, 4 * DAY]);

/** Reply times by request. */
class ReplyTimes {
  constructor(report, choice, onmessage) {
    this.report = report;
    this.choice = choice;
    this.onmessage = onmessage;
    this.requests = [];
    this.picked = null;
    this.grid = new Grid({ label: "reply times by request", columns: this.columns(), count: 0, onchoose: (row) => this.pick(row), height: 300 });
    byId("replies-table").append(this.grid.root);
    this.update();
  }

  columns() {
    const of = (name, heading, meaning, width = 11) => ({
      name, heading, meaning, width, number: true, key: (row) => this.requests[row][name], text: (row) => duration(this.requests[row][name]),
    });
    const count = (name, heading, meaning) => ({
      name, heading, meaning, width: heading.length + 4, number: true, key: (row) => this.requests[row][name], text: (row) => (this.requests[row][name] ? counted(this.requests[row][name]) : "–"),
    });
    return [
      { name: "request", heading: "request", width: 27, key: (row) => this.requests[row].name, text: (row) => this.requests[row].name },
      count("count", "count", "how often it was asked"),
      count("failed", "failed", "how often it was refused"),
      count("unanswered", "unanswered", "how often nobody answered"),
      of("median", "median", "half of the replies came within"),
      of("p95", "95 %", "of a hundred replies 95 came within"),
      of("p99", "99 %", "of a hundred replies 99 came within"),
      of("most", "slowest", "the slowest reply"),
      { name: "shape", heading: "distribution", meaning: "on a logarithmic axis, the same for all: darker is more; the marks are median, 95 % and slowest", prose: true, width: 26, fill: (cell, row) => this.strip(cell, this.requests[row]) },
    ];
  }

  update() {
    const { exchanges } = this.report.tables;
    const concern = new Concern(this.choice).of("exchanges");
    const found = new Map();
    const slow = [];
    const lonely = [];
    for (let row = 0; row < exchanges.length; row++) {
      if (concern && !concern(row)) continue;
      const name = exchanges.get(row, "request_name");
      if (name === null) continue;
      let request = found.get(name);
      if (!request) found.set(name, (request = { name, count: 0, failed: 0, unanswered: 0, times: [] }));
      request.count++;
      const outcome = exchanges.get(row, "outcome");
      if (outcome === "failed") request.failed++;
      const latency = exchanges.get(row, "latency");
      if (latency !== null) {
        request.times.push(Math.max(latency, 0));
        slow.push([latency, row]);
      } else if (outcome === "unanswered") {
        request.unanswered++;
        lonely.push(row);
      }
    }
    this.requests = [...found.values()];
    for (const request of this.requests) {
      request.times.sort((one, other) => one - other);
      for (const [name, share] of [["median", 0.5], ["p95", 0.95], ["p99", 0.99], ["most", 1]]) request[name] = quantile(request.times, share);
    }
    this.requests.sort((one, other) => other.count - one.count || (one.name < other.name ? -1 : 1));
    this.bounds = logBounds(this.requests.flatMap((request) => (request.times.length ? [request.times[0], request.most] : NONE)));
    this.grid.show(this.requests.map((_, row) => row), true);
    const rows = Math.min(Math.max(this.requests.length, 2), 12);
    this.grid.root.style.height = `${(rows + 1) * ROW + 18}px`;
    this.name(slow, lonely);
    this.curves();
  }

  /** The slowest replies and the requests that nobody answered, by name. */
  name(slow, lonely) {
    const { exchanges } = this.report.tables;
    slow.sort((one, other) => other[0] - one[0]);
    const entry = (row, text) => make("li", {}, make("button", { type: "button", class: "link", onclick: () => this.onmessage("exchanges", row) }, `${exchanges.get(row, "request") ?? ""} ${exchanges.get(row, "request_name")}`), ` ${text}`);
    byId("slow").replaceChildren(...slow.slice(0, 5).map(([latency, row]) => entry(row, `after ${duration(latency)}, at ${clock(exchanges.get(row, "request_time"))}, session ${exchanges.get(row, "session")}`)));
    byId("lonely").replaceChildren(...lonely.slice(0, 5).map((row) => entry(row, `at ${clock(exchanges.get(row, "request_time"))}, session ${exchanges.get(row, "session")}`)));
    if (lonely.length > 5) byId("lonely").append(make("li", { class: "quiet" }, `and ${counted(lonely.length - 5)} more`));
    if (!lonely.length) byId("lonely").append(make("li", { class: "quiet" }, "none"));
    if (!slow.length) byId("slow").append(make("li", { class: "quiet" }, "no replies"));
  }

  strip(cell, request) {
    const canvas = make("canvas", { role: "img", "aria-label": request.times.length ? `${request.name}: median ${duration(request.median)}, 95 % ${duration(request.p95)}, slowest ${duration(request.most)}` : "no replies" });
    cell.append(canvas);
    const width = Math.max(cell.clientWidth - 12, 40);
    const context = sized(canvas, width, 18);
    const known = colours();
    const [low, high] = this.bounds;
    const at = (time) => ((Math.log10(Math.max(time, 10 ** low)) - low) / (high - low)) * (width - 8) + 4;
    context.fillStyle = known.line;
    for (let power = low; power <= high; power++) context.fillRect(Math.round(at(10 ** power)), 0, 1, 18);
    if (!request.times.length) return;
    const places = Math.max(Math.floor(width / 3), 10);
    const bins = new Uint32Array(places);
    for (const time of request.times) bins[Math.min(Math.floor((at(time) / width) * places), places - 1)]++;
    const most = Math.max(...bins);
    context.fillStyle = known.blue;
    bins.forEach((count, place) => {
      if (!count) return;
      const tall = 3 + 13 * Math.sqrt(count / most);
      context.fillRect((place * width) / places, 17 - tall, width / places - 0.5, tall);
    });
    context.fillStyle = known.ink;
    for (const time of [request.median, request.p95]) context.fillRect(at(time) - 0.75, 0, 1.5, 18);
    context.fillStyle = known.red;
    context.fillRect(at(request.most) - 1, 0, 2, 18);
  }

  pick(row) {
    const { name } = this.requests[row];
    this.picked = this.picked === name ? null : name;
    this.choice.toggle("type", name, false);
  }

  /** Reply time against the share of replies that took no longer, for all requests together and for those chosen. */
  curves() {
    const root = byId("replies-curves");
    if (this.plot) this.plot.destroy();
    root.replaceChildren();
    this.plot = null;
    const asked = this.requests.filter((request) => request.times.length);
    if (!asked.length) {
      root.append(make("p", { class: "quiet" }, "No request was answered here."));
      return;
    }
    const chosen = this.telling(asked);
    const known = colours();
    const inks = [known.blue, known.orange, known.green, known.purple, known.red];
    const dashes = [[], [8, 3], [2, 3], [8, 3, 2, 3], [4, 4]];
    const last = Math.min(Math.max(...chosen.map((request) => Math.log10(request.times.length + 1))), 5);
    const grid = Array.from({ length: 121 }, (_, place) => (place / 120) * last);
    const series = chosen.map((request) => grid.map((nines) => {
      const share = 1 - 10 ** -nines;
      return nines > Math.log10(request.times.length + 1) + 0.01 ? null : Math.max(quantile(request.times, share), MICROSECOND);
    }));
    const [low, high] = logBounds(series.flat().filter((time) => time !== null));
    const axis = { stroke: known.quiet, grid: { stroke: known.line, width: 1 }, ticks: { show: false }, font: "11px system-ui, sans-serif" };
    const ticks = [0, 0.30103, 1, 2, 3, 4, 5].filter((nines) => nines <= last + 1e-9);
    this.plot = new uPlot(
      {
        width: Math.max(root.clientWidth, 280), height: 240, padding: [10, 14, 0, 0],
        legend: { show: false }, cursor: { drag: { x: false, y: false }, y: false, points: { size: 6 } },
        scales: { x: { time: false, range: [0, Math.max(last, 0.31)] }, y: { distr: 3, range: [10 ** low, 10 ** high] } },
        axes: [
          { ...axis, size: 40, label: "share of replies", labelFont: "11px system-ui, sans-serif", labelSize: 16, splits: () => ticks, values: (_, marks) => marks.map((nines) => `${+((1 - 10 ** -nines) * 100).toFixed(3)} %`) },
          { ...axis, size: 62, filter: (_, splits) => splits, splits: () => DECADES.filter((time) => time >= 10 ** low && time <= 10 ** high), values: (_, marks) => marks.map(briefly) },
        ],
        series: [{}, ...chosen.map((request, place) => ({ label: request.name, stroke: inks[place], width: 2, dash: dashes[place], points: { show: false } }))],
        hooks: { setCursor: [(plot) => this.told(plot, chosen)] },
      },
      [grid, ...series],
      root,
    );
    const key = make("ul", { class: "legend" }, ...chosen.map((request, place) => {
      const canvas = make("canvas", { class: "swatch", "aria-hidden": "true" });
      const context = sized(canvas, 26, 12);
      context.strokeStyle = inks[place];
      context.lineWidth = 2;
      context.setLineDash(dashes[place]);
      context.beginPath();
      context.moveTo(0, 6);
      context.lineTo(26, 6);
      context.stroke();
      return make("li", {}, canvas, request.name);
    }));
    root.append(key);
  }

  /** Those worth a curve: what was picked, the most frequent, and then the slowest. */
  telling(asked) {
    const slowest = asked.slice().sort((one, other) => other.most - one.most);
    const picked = asked.filter((request) => request.name === this.picked);
    return [...new Set([...picked, ...asked.slice(0, 3), ...slowest])].slice(0, 5);
  }

  told(plot, chosen) {
    const { idx } = plot.cursor;
    if (idx === null || idx === undefined) {
      byId("replies-told").textContent = "";
      return;
    }
    const share = +((1 - 10 ** -plot.data[0][idx]) * 100).toFixed(2);
    const parts = chosen.map((request, place) => [request.name, plot.data[place + 1][idx]]).filter(([, time]) => time !== null && time !== undefined);
    byId("replies-told").textContent = `${share} %: ${parts.map(([name, time]) => `${name} ${duration(time)}`).join(", ")}`;
  }
}

/** How long each agent was in each state. */
class AgentTotals {
  constructor(report, choice) {
    this.report = report;
    this.choice = choice;
    this.agents = [];
    this.states = this.statesOf();
    const columns = [
      { name: "agent", heading: "agent", width: 18, key: (row) => this.agents[row].name, text: (row) => this.agents[row].name },
      { name: "total", heading: "observed", meaning: "time between log-in and log-out in this capture, or in the stretch that is chosen", width: 12, number: true, key: (row) => this.agents[row].total, text: (row) => duration(this.agents[row].total) },
      { name: "bar", heading: "time in each state", prose: true, width: 30, fill: (cell, row) => this.bar(cell, this.agents[row]) },
      ...this.states.map((state) => ({
        name: `state ${state.number}`, heading: state.word, width: Math.max(state.word.length + 3, 11), number: true,
        key: (row) => this.agents[row].times.get(state.number) || 0, text: (row) => duration(this.agents[row].times.get(state.number) ?? null) || "–",
      })),
    ];
    this.grid = new Grid({ label: "agents' totals", columns, count: 0, height: 260, onchoose: (row) => choice.toggle("agent", this.agents[row].name, true) });
    byId("agents-table").append(this.grid.root);
    this.swatches = this.states.map((state) => swatch(state.paint, state.word));
    byId("agents-legend").append(...this.swatches);
    this.update();
  }

  /** The states that last, by number. */
  statesOf() {
    const { agents } = this.report.tables;
    const found = new Map();
    for (let row = 0; row < agents.length; row++) {
      const number = agents.get(row, "state");
      if (agents.get(row, "start") === agents.get(row, "end") || found.has(number)) continue;
      found.set(number, { number, word: inWords(agents.get(row, "state_name") || `state ${number}`), paint: STATE_PAINTS[number] || PLAIN });
    }
    return [...found.values()].sort((one, other) => one.number - other.number);
  }

  update() {
    const { agents } = this.report.tables;
    const concern = new Concern(this.choice).of("agents");
    const [from, to] = this.choice.range || [0, this.report.span];
    const found = new Map();
    for (let row = 0; row < agents.length; row++) {
      if (concern && !concern(row)) continue;
      const name = agents.get(row, "agent");
      let agent = found.get(name);
      if (!agent) found.set(name, (agent = { name, total: 0, times: new Map() }));
      const time = Math.max(Math.min(agents.get(row, "end") ?? this.report.span, to) - Math.max(agents.get(row, "start"), from), 0);
      if (!time) continue;
      agent.total += time;
      more(agent.times, agents.get(row, "state"), time);
    }
    this.agents = [...found.values()].sort((one, other) => other.total - one.total);
    this.most = Math.max(...this.agents.map((agent) => agent.total), 1);
    this.grid.show(this.agents.map((_, row) => row), true);
    this.grid.root.style.height = `${(Math.min(Math.max(this.agents.length, 2), 12) + 1) * ROW + 18}px`;
    byId("agents-figure").hidden = !agents.length;
  }

  bar(cell, agent) {
    const told = this.states.filter((state) => agent.times.has(state.number)).map((state) => `${state.word} ${duration(agent.times.get(state.number))}`).join(", ");
    const canvas = make("canvas", { role: "img", "aria-label": `${agent.name}: ${told}`, title: told });
    cell.append(canvas);
    const width = Math.max(cell.clientWidth - 12, 40);
    const context = sized(canvas, width, 16);
    let x = 0;
    for (const state of this.states) {
      const wide = ((agent.times.get(state.number) || 0) / this.most) * width;
      if (wide > 0) band(context, state.paint, x, 1, Math.max(wide - 1, 0.5), 14);
      x += wide;
    }
  }

  repaint() {
    for (const item of this.swatches) item.repaint();
    this.grid.paint(true);
  }
}

/** Calls by outcome, and how long they were queued. */
class CallFigures {
  constructor(report, choice) {
    this.report = report;
    this.choice = choice;
    this.update();
  }

  update() {
    const { calls } = this.report.tables;
    byId("calls-figure").hidden = !calls.length;
    if (!calls.length) return;
    const concern = new Concern(this.choice).of("calls");
    const outcomes = new Map();
    const waits = [];
    let count = 0;
    for (let row = 0; row < calls.length; row++) {
      if (concern && !concern(row)) continue;
      count++;
      more(outcomes, outcomeOf(this.report, row), 1);
      const phases = calls.get(row, "phases").filter((phase) => phase.phase === "queued");
      if (phases.length) waits.push(phases.reduce((sum, phase) => sum + (phase.end ?? calls.get(row, "end")) - phase.start, 0));
    }
    const most = Math.max(...outcomes.values(), 1);
    const bars = [...outcomes].sort((one, other) => other[1] - one[1]).map(([outcome, number]) => {
      const fill = make("span", { class: "bar-fill" });
      fill.style.width = `${(number / most) * 100}%`;
      return make("li", {}, make("button", { type: "button", class: "bar", "aria-pressed": String(this.choice.has("outcome", outcome)), onclick: () => this.choice.toggle("outcome", outcome) },
        make("span", { class: "bar-word" }, outcome), make("span", { class: "bar-room" }, fill), make("span", { class: "bar-count" }, `${counted(number)} (${Math.round((number / count) * 100)} %)`)));
    });
    byId("outcomes").replaceChildren(...bars);
    this.queue(waits.sort((one, other) => one - other));
  }

  queue(waits) {
    const root = byId("queue-times");
    if (this.plot) this.plot.destroy();
    this.plot = null;
    root.replaceChildren();
    byId("queue-told").textContent = waits.length
      ? `${plural(waits.length, "call")} queued: median ${duration(quantile(waits, 0.5))}, 95 % within ${duration(quantile(waits, 0.95))}, longest ${duration(waits[waits.length - 1])}`
      : "No call was queued here.";
    if (!waits.length) return;
    const known = colours();
    const [low, high] = logBounds(waits, MILLISECOND);
    const each = 5;
    const size = (high - low) * each;
    const bins = new Array(size).fill(0);
    for (const wait of waits) bins[Math.min(Math.max(Math.floor((Math.log10(Math.max(wait, 1)) - low) * each), 0), size - 1)]++;
    const axis = { stroke: known.quiet, ticks: { show: false }, font: "11px system-ui, sans-serif" };
    const peak = Math.max(...bins);
    this.plot = new uPlot(
      {
        width: Math.max(root.clientWidth, 280), height: 170, legend: { show: false }, padding: [8, 24, 0, 0], cursor: { show: false },
        scales: { x: { time: false, range: [low, high] }, y: { range: [0, Math.max(peak * 1.1, 1)] } },
        axes: [
          { ...axis, size: 24, grid: { stroke: known.line, width: 1 }, splits: () => DECADES.map(Math.log10).filter((power) => power >= low && power <= high), values: (_, marks) => marks.map((power) => briefly(Math.round(10 ** power))) },
          { ...axis, size: 40, grid: { stroke: known.line, width: 1 }, splits: () => [...new Set([0, Math.round(peak / 2), peak])], values: (_, marks) => marks.map(counted) },
        ],
        series: [{}, { paths: uPlot.paths.bars({ size: [0.92, Infinity], align: 1 }), fill: known.orange, stroke: known.stroke, width: 0, points: { show: false } }],
      },
      [bins.map((_, place) => low + place / each), bins],
      root,
    );
  }
}
