// The picture: lanes over time. Zoomed and panned together with the message rate above it; only lanes in sight are drawn.

const LANE = 24;
const LABELS = 210;
/** Lanes on paper: those of one page. */
const PRINTED_LANES = 18;

class Timeline {
  constructor(report, choice, onchoose) {
    this.report = report;
    this.choice = choice;
    this.onchoose = onchoose;
    this.full = [-report.span * 0.01, report.span * 1.01];
    this.view = [...this.full];
    this.groups = laneGroups(report);
    // The picture shows all of the time, whatever stretch of it the rest is about.
    this.concern = new Concern(Object.create(choice, { range: { value: null } }));
    this.closed = new Set();
    this.search = "";
    this.order = "trouble";
    this.rows = [];
    this.active = 0;
    this.item = -1;
    this.ticks = [];
    this.build();
    this.arrange();
    this.choice.addEventListener("change", () => this.arrange());
  }

  build() {
    this.scroll = byId("lanes");
    this.canvas = make("canvas", { class: "lanes-canvas", "aria-hidden": "true" });
    this.labels = make("div", { class: "lanes-labels", role: "rowgroup" });
    this.stage = make("div", { class: "lanes-stage", role: "presentation" }, this.canvas, this.labels);
    this.spacer = make("div", { class: "lanes-spacer", role: "presentation" }, this.stage);
    this.scroll.append(this.spacer);
    this.tip = byId("tip");
    this.paint = soon(() => this.draw());
    new ResizeObserver(() => {
      this.rate.resize();
      this.paint();
    }).observe(this.scroll);
    this.scroll.addEventListener("scroll", () => this.paint());
    this.scroll.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    this.scroll.addEventListener("pointerdown", (event) => this.grab(event));
    this.scroll.addEventListener("pointermove", (event) => this.point(event));
    this.scroll.addEventListener("pointerleave", () => this.hideTip());
    this.scroll.addEventListener("keydown", (event) => this.key(event));
    this.scroll.addEventListener("focus", () => this.paint());
    this.scroll.addEventListener("blur", () => {
      this.hideTip();
      this.paint();
    });
    this.rate = new RateChart(this.report, byId("rate"), LABELS, (range) => this.zoomTo(range));
    byId("lane-search").addEventListener("input", settled((event) => {
      this.search = event.target.value.trim().toLowerCase();
      this.arrange();
    }, 120));
    byId("lane-order").addEventListener("change", (event) => {
      this.order = event.target.value;
      this.arrange();
    });
    const buttons = { "zoom-in": () => this.zoom(0.5), "zoom-out": () => this.zoom(2), earlier: () => this.pan(-0.5), later: () => this.pan(0.5), whole: () => this.zoomTo(null) };
    for (const [id, act] of Object.entries(buttons)) byId(id).addEventListener("click", act);
    byId("keep-range").addEventListener("click", () => this.keepRange());
    this.legend();
  }

  legend() {
    const list = byId("legend");
    const parts = new Map();
    for (const group of this.groups) {
      const seen = new Set();
      for (const lane of group.lanes) {
        for (const item of lane.items) {
          if (!item.paint) continue;
          const word = item.ending || item.brief || item.word;
          if (seen.has(word) || seen.size >= 20) continue;
          seen.add(word);
          listed(parts, group.title, swatch(item.paint, item.ending ? ENDING_WORDS.get(word) || `ended: ${word}` : word));
        }
      }
    }
    for (const [title, items] of parts) list.append(make("li", {}, make("b", {}, title), make("ul", {}, ...items)));
    this.swatches = [...parts.values()].flat();
  }

  /** Which lanes there are, in what order. */
  arrange() {
    const rows = [];
    for (const group of this.groups) {
      const lanes = group.lanes.filter((lane) => this.meant(group, lane));
      lanes.sort(ORDERS[this.order]);
      rows.push({ group, lanes });
      if (!this.closed.has(group.name)) rows.push(...lanes.map((lane) => ({ group, lane })));
    }
    this.rows = rows;
    this.active = Math.min(this.active, rows.length - 1);
    this.item = -1;
    this.spacer.style.height = `${rows.length * LANE}px`;
    this.scroll.setAttribute("aria-rowcount", String(rows.length));
    this.fit();
    this.paint();
  }

  /** As high as the lanes need, within reason; a reader who pulled at the corner is left alone. */
  fit() {
    const height = Math.min(Math.max(this.rows.length * LANE + 2, 5 * LANE), 480);
    if (!this.scroll.dataset.pulled || !this.scroll.style.height) this.scroll.style.height = `${height}px`;
  }

  /** For paper: as many lanes as fit a page. */
  print() {
    this.scroll.style.height = `${Math.min(this.rows.length, PRINTED_LANES) * LANE + 2}px`;
    this.scroll.scrollTop = 0;
  }

  meant(group, lane) {
    if (this.search && !lane.text.includes(this.search)) return false;
    if (group.many && this.view[0] > this.full[0] && (lane.end < this.view[0] || lane.start > this.view[1])) return false;
    if (!lane.facet) return !lane.all || this.concerned(lane);
    const test = this.concern.of(lane.items[0].table);
    return !test || lane.items.some((item) => test(item.row));
  }

  /** Of a lane of findings, or of gaps, only what is about those asked for. */
  concerned(lane) {
    const test = this.concern.of("findings");
    lane.marks = test ? lane.all.filter((mark) => test(mark.row)) : lane.all;
    lane.note = counted(lane.marks.length);
    return lane.marks.length > 0;
  }

  zoomTo(range) {
    this.view = range ? [Math.max(range[0], this.full[0]), Math.min(range[1], this.full[1])] : [...this.full];
    const least = 20 * MICROSECOND;
    if (this.view[1] - this.view[0] < least) {
      const middle = (this.view[0] + this.view[1]) / 2;
      this.view = [middle - least / 2, middle + least / 2];
    }
    this.rate.show(this.view);
    if (this.groups.some((group) => group.many)) this.arrangeSoon();
    this.paint();
  }

  arrangeSoon() {
    this.later = this.later || settled(() => this.arrange(), 150);
    this.later();
  }

  zoom(factor, at = 0.5) {
    const [from, to] = this.view;
    const wide = Math.min((to - from) * factor, this.full[1] - this.full[0]);
    const middle = from + (to - from) * at;
    let start = middle - wide * at;
    start = Math.min(Math.max(start, this.full[0]), this.full[1] - wide);
    this.zoomTo([start, start + wide]);
  }

  pan(share) {
    const wide = this.view[1] - this.view[0];
    const start = Math.min(Math.max(this.view[0] + share * wide, this.full[0]), this.full[1] - wide);
    this.zoomTo([start, start + wide]);
  }

  /** Let the rest of the page show this stretch of time only; or all again. */
  keepRange() {
    const whole = this.view[0] <= this.full[0] && this.view[1] >= this.full[1];
    this.choice.setRange(whole ? null : [...this.view]);
  }

  get room() {
    return Math.max(this.scroll.clientWidth - LABELS, 50);
  }

  x(time) {
    return LABELS + ((time - this.view[0]) / (this.view[1] - this.view[0])) * this.room;
  }

  time(x) {
    return this.view[0] + ((x - LABELS) / this.room) * (this.view[1] - this.view[0]);
  }

  draw() {
    const width = this.scroll.clientWidth;
    const height = this.scroll.clientHeight;
    if (!width || !height) return;
    this.stage.style.height = `${height}px`;
    const context = sized(this.canvas, width, height);
    const first = Math.floor(this.scroll.scrollTop / LANE);
    const shift = this.scroll.scrollTop - first * LANE;
    const last = Math.min(first + Math.ceil(height / LANE) + 1, this.rows.length);
    this.grid(context, width, height);
    for (let place = first; place < last; place++) {
      const y = (place - first) * LANE - shift;
      const { lane } = this.rows[place];
      if (lane) this.lane(context, lane, y, width, place);
      else this.groupLine(context, y, width);
    }
    this.label(first, last, shift);
  }

  grid(context, width, height) {
    context.fillStyle = colours().line;
    for (const tick of ticksOf(this.view, this.room)) context.fillRect(Math.round(this.x(tick)), 0, 1, height);
    const { range } = this.choice;
    if (!range) return;
    context.fillStyle = colours().lane;
    const [from, to] = [this.x(range[0]), this.x(range[1])];
    if (from > LABELS) context.fillRect(LABELS, 0, from - LABELS, height);
    if (to < width) context.fillRect(Math.max(to, LABELS), 0, width - to, height);
  }

  groupLine(context, y, width) {
    context.fillStyle = colours().lane;
    context.fillRect(0, y, width, LANE);
  }

  lane(context, lane, y, width, place) {
    context.save();
    context.beginPath();
    context.rect(LABELS, y, width - LABELS, LANE);
    context.clip();
    if (place === this.active && document.activeElement === this.scroll) {
      context.fillStyle = colours().lane;
      context.fillRect(LABELS, y, width, LANE);
    }
    this.items(context, lane, y, place);
    for (const gap of lane.gaps || NONE) this.hatch(context, gap, y);
    this.marks(context, lane, y);
    context.restore();
  }

  items(context, lane, y, place) {
    const [from, to] = this.view;
    const { items, reach } = lane;
    let at = lowest(reach, from);
    let drawn = -1;
    const todo = [];
    for (; at < items.length && items[at].start <= to; at++) {
      const item = items[at];
      const left = Math.max(this.x(item.start), LABELS - 2);
      const right = Math.min(this.x(item.end), LABELS + this.room + 2);
      if (right < drawn + 1 && !lane.layered) continue;
      if (right < LABELS - 1) continue;
      todo.push([item, left, Math.max(right - left, 1.5), at]);
      drawn = right;
    }
    if (lane.layered) todo.sort((one, other) => one[0].rank - other[0].rank);
    for (const [item, left, wide, index] of todo) this.drawItem(context, item, left, y, wide, place === this.active && index === this.item);
  }

  drawItem(context, item, left, y, wide, lit) {
    const known = colours();
    if (item.gap) {
      this.hatch(context, item, y);
    } else if (!item.paint) {
      context.fillStyle = known.line;
      context.fillRect(left, y + 11, wide, 2);
    } else {
      band(context, item.paint, left, y + 4, wide, LANE - 8);
      if (wide > 4) {
        context.fillStyle = known.stroke;
        context.fillRect(left, y + 4, 1, LANE - 8);
      }
    }
    if (item.ending && this.x(item.end) < LABELS + this.room + 4) endingMark(context, item.ending, this.x(item.end), y + LANE / 2);
    if (lit) {
      context.strokeStyle = known.ink;
      context.lineWidth = 2;
      context.strokeRect(left - 1, y + 2, wide + 2, LANE - 4);
    }
    if (item.word && item.paint && wide > 34) this.write(context, item, left, y, wide);
  }

  write(context, item, left, y, wide) {
    const known = colours();
    context.font = "11px system-ui, sans-serif";
    const room = wide - 12;
    const text = [item.word, item.brief].find((word) => word && context.measureText(word).width <= room);
    if (!text) return;
    const size = context.measureText(text).width;
    if (item.paint.pattern !== "plain" && item.paint.colour !== "none") {
      context.fillStyle = known[item.paint.colour];
      context.fillRect(left + 3, y + 5, size + 6, LANE - 10);
    } else if (item.paint.colour === "none") {
      context.fillStyle = known.ground;
      context.fillRect(left + 3, y + 5, size + 6, LANE - 10);
    }
    context.fillStyle = item.paint.colour === "none" ? known.ink : known.stroke;
    context.fillText(text, left + 6, y + LANE / 2 + 4);
  }

  hatch(context, gap, y) {
    const known = colours();
    const left = Math.max(this.x(gap.start), LABELS - 4);
    const wide = Math.max(Math.min(this.x(gap.end), LABELS + this.room + 4) - left, 4);
    context.save();
    context.beginPath();
    context.rect(left, y + 1, wide, LANE - 2);
    context.clip();
    context.fillStyle = known.ground;
    context.fillRect(left, y + 1, wide, LANE - 2);
    context.strokeStyle = known.ink;
    context.lineWidth = 1;
    context.beginPath();
    for (let x = left - LANE; x < left + wide; x += 5) {
      context.moveTo(x, y + LANE);
      context.lineTo(x + LANE, y);
    }
    context.stroke();
    context.strokeRect(left + 0.5, y + 1.5, wide - 1, LANE - 3);
    context.restore();
  }

  marks(context, lane, y) {
    const { marks } = lane;
    let drawn = -9;
    for (let at = 0; at < marks.length; at++) {
      const mark = marks[at];
      if (mark.time < this.view[0] || mark.time > this.view[1]) continue;
      const x = this.x(mark.time);
      if (x < drawn + 2) continue;
      findingMark(context, mark.severity, x, y + LANE / 2);
      drawn = x;
    }
  }

  label(first, last, shift) {
    const rows = [];
    for (let place = first; place < last; place++) {
      const { group, lane, lanes } = this.rows[place];
      const row = lane ? this.laneLabel(lane, place) : this.groupLabel(group, lanes);
      row.id = `lane-${place}`;
      row.setAttribute("aria-rowindex", String(place + 1));
      row.dataset.place = place;
      row.style.top = `${(place - first) * LANE - shift}px`;
      if (place === this.active) row.classList.add("active");
      rows.push(row);
    }
    this.labels.replaceChildren(...rows);
    if (this.active >= first && this.active < last) this.scroll.setAttribute("aria-activedescendant", `lane-${this.active}`);
    else this.scroll.removeAttribute("aria-activedescendant");
  }

  groupLabel(group, lanes) {
    const closed = this.closed.has(group.name);
    // Of findings their number is told, not that of their lanes.
    const size = (of, name) => (group.name === "findings" ? of.reduce((sum, lane) => sum + (lane[name] || NONE).length, 0) : of.length);
    const [here, whole] = [size(lanes, "marks"), size(group.lanes, "all")];
    const more = here < whole ? `${counted(here)} of ${counted(whole)}` : counted(whole);
    return make("div", { role: "row", class: "lane-group" }, make("div", { role: "rowheader", "aria-expanded": String(!closed) }, `${closed ? "▸" : "▾"} ${group.title} `, make("span", { class: "quiet" }, more)));
  }

  laneLabel(lane, place) {
    const chosen = lane.facet && (lane.values || [lane.value]).some((value) => this.choice.has(lane.facet, value));
    const trouble = lane.facet && lane.trouble >= WEIGHTS.warning ? make("span", { class: lane.trouble >= WEIGHTS.error ? "flag error" : "flag warning", role: "img", "aria-label": "in trouble" }) : null;
    return make(
      "div", { role: "row", class: chosen ? "lane-label chosen" : "lane-label", "aria-selected": String(Boolean(chosen)) },
      make("div", { role: "rowheader", title: `${lane.label} ${lane.note || ""}` }, trouble, make("b", {}, lane.label), " ", make("span", { class: "quiet" }, lane.note || "")),
      make("div", { role: "gridcell", class: "unseen" }, place === this.active ? this.told(lane) : plural(lane.items.length + lane.marks.length, "item")),
    );
  }

  told(lane) {
    if (this.item < 0) return `${plural(lane.items.length, "item")}, ${plural(lane.marks.length, "finding")}`;
    return this.tipOf(lane, this.item).join("; ");
  }

  /** What stands at an item or, beyond the items, at a mark. */
  tipOf(lane, index) {
    const item = lane.items[index];
    if (item && item.gap) return [item.tip];
    if (item) return [item.tip, `${clock(item.start)} to ${clock(item.end)}, ${duration(item.end - item.start)}`];
    return [this.findingTip(lane.marks[index - lane.items.length])];
  }

  findingTip(mark) {
    const findings = this.report.tables.findings;
    return `${mark.severity} at ${clock(mark.time)}: ${findings.get(mark.row, "text")}`;
  }

  rowAt(y) {
    return Math.floor((y + this.scroll.scrollTop) / LANE);
  }

  spot(event) {
    const box = this.scroll.getBoundingClientRect();
    return [event.clientX - box.left - this.scroll.clientLeft, event.clientY - box.top - this.scroll.clientTop];
  }

  /** What is under the pointer: {lane, marks, items}. */
  under(x, y) {
    const row = this.rows[this.rowAt(y)];
    if (!row || !row.lane || x < LABELS) return { row, marks: NONE, items: NONE };
    const slack = (3 / this.room) * (this.view[1] - this.view[0]);
    const time = this.time(x);
    const marks = row.lane.marks.filter((mark) => Math.abs(mark.time - time) < 2 * slack);
    const gaps = (row.lane.gaps || NONE).filter((gap) => gap.start - slack <= time && gap.end + slack >= time);
    return { row, marks, gaps, items: itemsAt(row.lane, time, slack) };
  }

  point(event) {
    if (this.grabbed) {
      const [x] = this.spot(event);
      if (Math.abs(x - this.grabbed.x) > 3) this.grabbed.moved = true;
      if (this.grabbed.moved) {
        const wide = this.grabbed.view[1] - this.grabbed.view[0];
        const by = ((this.grabbed.x - x) / this.room) * wide;
        const start = Math.min(Math.max(this.grabbed.view[0] + by, this.full[0]), this.full[1] - wide);
        this.zoomTo([start, start + wide]);
      }
      return;
    }
    const [x, y] = this.spot(event);
    const { row, marks, items, gaps } = this.under(x, y);
    const lines = [
      ...marks.slice(0, 3).map((mark) => this.findingTip(mark)),
      ...(gaps || NONE).slice(0, 2).map((gap) => gap.tip),
      ...items.slice(0, 3).flatMap((item) => this.tipOf(row.lane, row.lane.items.indexOf(item))),
    ];
    if (x < LABELS || !lines.length) {
      this.hideTip();
      this.scroll.style.cursor = x < LABELS ? "pointer" : "grab";
      return;
    }
    this.scroll.style.cursor = "pointer";
    this.showTip(lines, event.clientX, event.clientY);
  }

  showTip(lines, x, y) {
    this.tip.replaceChildren(...lines.map((line) => make("div", {}, line)));
    this.tip.hidden = false;
    const box = this.tip.getBoundingClientRect();
    this.tip.style.left = `${Math.max(Math.min(x + 14, window.innerWidth - box.width - 8), 4)}px`;
    this.tip.style.top = `${y + 18 + box.height > window.innerHeight ? y - box.height - 12 : y + 18}px`;
  }

  hideTip() {
    this.tip.hidden = true;
  }

  grab(event) {
    if (event.button !== 0) return;
    const [x, y] = this.spot(event);
    if (x > this.scroll.clientWidth || y > this.scroll.clientHeight - 1) {
      this.scroll.dataset.pulled = "yes";
      return;
    }
    this.grabbed = { x, y, view: [...this.view], moved: false };
    const release = (up) => {
      window.removeEventListener("pointerup", release);
      const { moved } = this.grabbed;
      this.grabbed = null;
      if (!moved && up.type === "pointerup") this.click(x, y);
    };
    window.addEventListener("pointerup", release);
  }

  click(x, y) {
    const place = this.rowAt(y);
    const { row, marks, items } = this.under(x, y);
    if (!row) return;
    this.active = place;
    this.item = -1;
    if (!row.lane) this.fold(row.group);
    else if (marks.length) this.onchoose({ table: "findings", row: marks[0].row });
    else if (items.length) this.choose(items[0]);
    else if (x < LABELS) this.chooseLane(row.lane);
    this.paint();
  }

  fold(group) {
    if (this.closed.has(group.name)) this.closed.delete(group.name);
    else this.closed.add(group.name);
    this.arrange();
  }

  choose(item) {
    if (item.facet) this.choice.toggle(item.facet, item.value, true);
    if (item.table) this.onchoose(item);
  }

  chooseLane(lane) {
    if (!lane.facet) return;
    const values = lane.values || [lane.value];
    if (values.length === 1) {
      this.choice.toggle(lane.facet, values[0], true);
      return;
    }
    const all = values.every((value) => this.choice.has(lane.facet, value));
    this.choice.clear();
    if (!all) for (const value of values) this.choice.sets[lane.facet].add(value);
    this.choice.changed();
  }

  wheel(event) {
    const [x] = this.spot(event);
    if (event.ctrlKey || event.metaKey) {
      event.preventDefault();
      this.zoom(event.deltaY > 0 ? 1.25 : 0.8, Math.min(Math.max((x - LABELS) / this.room, 0), 1));
    } else if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
      event.preventDefault();
      this.pan(((event.deltaX || event.deltaY) > 0 ? 1 : -1) * 0.1);
    }
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const acts = {
      ArrowDown: () => this.reach(this.active + 1), ArrowUp: () => this.reach(this.active - 1),
      PageDown: () => this.reach(this.active + 10), PageUp: () => this.reach(this.active - 10),
      Home: () => this.reach(0), End: () => this.reach(this.rows.length - 1),
      ArrowRight: () => (event.shiftKey ? this.pan(0.2) : this.step(1)), ArrowLeft: () => (event.shiftKey ? this.pan(-0.2) : this.step(-1)),
      "+": () => this.zoom(0.5), "=": () => this.zoom(0.5), "-": () => this.zoom(2), 0: () => this.zoomTo(null),
      Enter: () => this.enter(), " ": () => this.enter(),
      Escape: () => (this.tip.hidden ? this.choice.clear() : this.hideTip()),
    };
    if (!acts[event.key]) return;
    event.preventDefault();
    acts[event.key]();
  }

  reach(place) {
    this.active = Math.min(Math.max(place, 0), this.rows.length - 1);
    this.item = -1;
    this.hideTip();
    const top = this.active * LANE;
    if (top < this.scroll.scrollTop) this.scroll.scrollTop = top;
    else if (top + LANE > this.scroll.scrollTop + this.scroll.clientHeight) this.scroll.scrollTop = top + LANE - this.scroll.clientHeight;
    this.paint();
  }

  /** To the next thing in the lane, bringing it into sight. */
  step(by) {
    const { lane } = this.rows[this.active];
    if (!lane) return;
    const count = lane.items.length + lane.marks.length;
    this.item = Math.min(Math.max(this.item + by, 0), count - 1);
    if (this.item < 0) return;
    const item = lane.items[this.item];
    const [start, end] = item ? [item.start, item.end] : [lane.marks[this.item - lane.items.length].time, lane.marks[this.item - lane.items.length].time];
    const wide = this.view[1] - this.view[0];
    if (end < this.view[0] || start > this.view[1]) this.zoomTo([Math.max(start - wide / 2, this.full[0]), Math.max(start - wide / 2, this.full[0]) + wide]);
    const lines = this.tipOf(lane, this.item);
    announce(lines.join("; "));
    const box = this.scroll.getBoundingClientRect();
    const x = Math.min(Math.max(this.x(start), LABELS), LABELS + this.room - 40);
    this.showTip(lines, box.left + x, box.top + (this.active + 1) * LANE - this.scroll.scrollTop);
    this.paint();
  }

  enter() {
    const { group, lane } = this.rows[this.active];
    if (!lane) this.fold(group);
    else if (this.item < 0) this.chooseLane(lane);
    else if (this.item < lane.items.length) this.choose(lane.items[this.item]);
    else this.onchoose({ table: "findings", row: lane.marks[this.item - lane.items.length].row });
  }

  /** The theme, or the paper, changed. */
  repaint() {
    for (const item of this.swatches) item.repaint();
    this.rate.repaint();
    this.draw();
  }
}

const ENDING_WORDS = new Map([["capture end", "open at the end"]]);

const ORDERS = {
  trouble: (one, other) => other.trouble - one.trouble || one.start - other.start,
  time: (one, other) => one.start - other.start,
  name: (one, other) => one.label.localeCompare(other.label, "en", { numeric: true }),
  long: (one, other) => other.end - other.start - (one.end - one.start),
};

/** The first place in ascending numbers whose number is `least` or more. */
function lowest(numbers, least) {
  let [low, high] = [0, numbers.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (numbers[middle] < least) low = middle + 1;
    else high = middle;
  }
  return low;
}

const STEPS = [1, 2, 5, 10, 20, 50, 100, 200, 500].flatMap((step) => [step * MICROSECOND, step * MILLISECOND]).sort((one, other) => one - other)
  .concat([1, 2, 5, 10, 15, 30].map((step) => step * SECOND), [1, 2, 5, 10, 15, 30].map((step) => step * MINUTE), [1, 2, 3, 6, 12].map((step) => step * HOUR), [1, 2, 5, 7].map((step) => step * DAY));

/** The step of an axis that shows `view` in `room` pixels. */
function stepOf(view, room) {
  const least = ((view[1] - view[0]) / room) * 110;
  return STEPS.find((step) => step >= least) || Math.ceil(least / (7 * DAY)) * 7 * DAY;
}

/** Where an axis has its lines: at round times of the day. */
function ticksOf(view, room) {
  const step = stepOf(view, room);
  const offset = (((zero.seconds + ahead(view[0])) % 86400) * SECOND + zero.rest) % step;
  const ticks = [];
  for (let tick = Math.ceil((view[0] + offset) / step) * step - offset; tick <= view[1]; tick += step) ticks.push(tick);
  return ticks;
}

/** How a session ended, at its end: a bar for an orderly end, a cross for a refusal or a reset, nothing when it lasts. */
function endingMark(context, ending, x, y) {
  if (ending === "capture end") return;
  context.strokeStyle = colours().ink;
  context.lineWidth = 2;
  context.beginPath();
  if (ending === "close" || ending === "fin") {
    context.moveTo(x - 1, y - 9);
    context.lineTo(x - 1, y + 9);
  } else {
    context.moveTo(x - 4, y - 5);
    context.lineTo(x + 4, y + 5);
    context.moveTo(x + 4, y - 5);
    context.lineTo(x - 4, y + 5);
  }
  context.stroke();
}
