// A table of any length: only the rows in sight exist. Sorted by its headings, walked with the keyboard.

const ROW = 26;
/** Rows above and below what is in sight. */
const SPARE = 6;
/** Rows of a table on paper. */
const PRINTED = 40;

let grids = 0;

/**
 * `columns`: {name, heading, meaning, width (ch) or prose, number, text(row), key(row), fill(cell, row), mark(row)}.
 * `onchoose(row)`: a row was chosen. `kind(row)`: a class for the row, or nothing.
 */
class Grid {
  constructor({ label, columns, count, onchoose, kind, height }) {
    this.id = `grid${++grids}`;
    this.columns = columns;
    this.count = count;
    this.onchoose = onchoose;
    this.kind = kind;
    this.order = { column: null, down: false };
    this.view = Array.from({ length: count }, (_, row) => row);
    this.active = 0;
    this.chosen = -1;
    this.body = make("div", { class: "grid-rows", role: "rowgroup" });
    this.head = make("div", { class: "grid-head", role: "row", "aria-rowindex": 1 });
    this.root = make(
      "div",
      {
        class: "grid", role: "grid", tabindex: 0, "aria-label": label, "aria-colcount": columns.length,
        onscroll: soon(() => this.paint()), onkeydown: (event) => this.key(event), onclick: (event) => this.click(event),
      },
      make("div", { role: "rowgroup", class: "grid-top" }, this.head), this.body,
    );
    if (height) this.root.style.height = `${height}px`;
    const tracks = columns.map((column) => (column.prose ? `minmax(${column.width || 40}ch, 1fr)` : `${column.width || 12}ch`));
    this.root.style.setProperty("--tracks", tracks.join(" "));
    this.head.append(...columns.map((column, place) => this.heading(column, place)));
    new ResizeObserver(soon(() => this.paint())).observe(this.root);
    this.sizeChanged();
  }

  heading(column, place) {
    const button = make("button", { type: "button", tabindex: -1, title: column.meaning || null, onclick: () => this.sort(place) }, column.heading);
    return make("div", { role: "columnheader", "aria-colindex": place + 1, class: column.number ? "number" : null }, column.key ? button : column.heading);
  }

  /** Show these rows, as they are ordered already or, when a heading was chosen, by that. */
  show(rows, keep = false) {
    this.unsorted = rows;
    this.view = this.sorted(rows);
    if (!keep) {
      this.active = 0;
      this.root.scrollTop = 0;
    }
    this.active = Math.min(this.active, Math.max(this.view.length - 1, 0));
    this.sizeChanged();
    this.paint(true);
  }

  sizeChanged() {
    this.root.setAttribute("aria-rowcount", String(this.view.length + 1));
    this.body.style.height = `${this.view.length * ROW}px`;
  }

  sort(place) {
    const column = this.columns[place];
    if (this.order.column === column && this.order.down) this.order = { column: null, down: false };
    else this.order = { column, down: this.order.column === column };
    this.columns.forEach((other, index) => {
      const cell = this.head.children[index];
      if (this.order.column === other) cell.setAttribute("aria-sort", this.order.down ? "descending" : "ascending");
      else cell.removeAttribute("aria-sort");
    });
    this.show(this.unsorted ?? this.view);
    announce(this.order.column ? `sorted by ${column.heading}, ${this.order.down ? "largest" : "smallest"} first` : "in the order of the capture");
  }

  sorted(rows) {
    const { column, down } = this.order;
    if (!column) return rows;
    const keys = new Map(rows.map((row) => [row, column.key(row)]));
    const sign = down ? -1 : 1;
    return Array.from(rows).sort((one, other) => {
      const [a, b] = [keys.get(one), keys.get(other)];
      const [no, none] = [a === null || a === undefined || a === "", b === null || b === undefined || b === ""];
      if (no || none) return no === none ? one - other : no ? 1 : -1;
      if (a < b) return -sign;
      return a > b ? sign : one - other;
    });
  }

  /** Draw the rows in sight; `all`: also those that stand there already. */
  paint(all = false) {
    const height = this.root.clientHeight || 400;
    const first = Math.max(Math.floor(this.root.scrollTop / ROW) - SPARE, 0);
    const last = Math.min(first + Math.ceil(height / ROW) + 2 * SPARE, this.view.length);
    const known = new Map();
    for (const element of Array.from(this.body.children)) {
      const place = Number(element.dataset.place);
      if (all || place < first || place >= last) element.remove();
      else known.set(place, element);
    }
    let before = this.body.firstChild;
    const fresh = [];
    for (let place = first; place < last; place++) {
      const there = known.get(place);
      if (there) before = there.nextSibling;
      else fresh.push(this.body.insertBefore(this.element(place), before));
    }
    this.fill(fresh);
    this.mark();
  }

  /** Draw in the cells that are pictures: only once they stand in the page do they have a width. */
  fill(elements) {
    this.columns.forEach((column, index) => {
      if (column.fill) for (const element of elements) column.fill(element.children[index], this.view[Number(element.dataset.place)]);
    });
  }

  element(place) {
    const row = this.view[place];
    const cells = this.columns.map((column, index) => {
      const cell = make("div", { role: "gridcell", "aria-colindex": index + 1, class: column.number ? "number" : column.prose ? "prose" : null });
      if (!column.fill) {
        const text = column.text(row);
        cell.textContent = text;
        if (text.length > 20) cell.title = text;
      }
      return cell;
    });
    const kind = this.kind ? this.kind(row) : null;
    const element = make("div", { role: "row", class: kind ? `row ${kind}` : "row", id: `${this.id}-${place}`, "aria-rowindex": place + 2, "data-place": place }, ...cells);
    element.style.top = `${place * ROW}px`;
    return element;
  }

  mark() {
    for (const element of this.body.children) {
      const place = Number(element.dataset.place);
      element.classList.toggle("active", place === this.active);
      element.setAttribute("aria-selected", String(this.view[place] === this.chosen));
    }
    if (this.view.length && byId(`${this.id}-${this.active}`)) this.root.setAttribute("aria-activedescendant", `${this.id}-${this.active}`);
    else this.root.removeAttribute("aria-activedescendant");
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const page = Math.max(Math.floor(this.root.clientHeight / ROW) - 2, 1);
    const to = {
      ArrowDown: this.active + 1, ArrowUp: this.active - 1, PageDown: this.active + page, PageUp: this.active - page,
      Home: 0, End: this.view.length - 1,
    }[event.key];
    if (to !== undefined) {
      this.reach(to);
    } else if ((event.key === "Enter" || event.key === " ") && event.target === this.root) {
      this.choose(this.active);
    } else if (/^[1-9]$/.test(event.key) && this.columns[event.key - 1]?.key) {
      this.sort(event.key - 1);
    } else {
      return;
    }
    event.preventDefault();
  }

  reach(place) {
    if (!this.view.length) return;
    this.active = Math.min(Math.max(place, 0), this.view.length - 1);
    const top = this.active * ROW;
    const room = this.root.clientHeight - this.head.offsetHeight - ROW;
    if (top < this.root.scrollTop) this.root.scrollTop = top;
    else if (top > this.root.scrollTop + room) this.root.scrollTop = top - room + 4;
    this.paint();
  }

  click(event) {
    const row = event.target.closest(".row");
    if (row) this.choose(Number(row.dataset.place));
  }

  choose(place) {
    if (place >= this.view.length) return;
    this.active = place;
    this.chosen = this.view[place];
    this.paint();
    if (this.onchoose) this.onchoose(this.chosen);
  }

  /** Bring a row to sight and mark it as chosen; false when it is not among those shown. */
  select(row) {
    const place = this.view.indexOf(row);
    this.chosen = row;
    if (place < 0) {
      this.mark();
      return false;
    }
    this.active = place;
    this.root.scrollTop = Math.max(place * ROW - this.root.clientHeight / 3, 0);
    this.paint();
    return true;
  }

  /** For paper: the first rows, all of them there. Gives how many there are beyond. */
  print() {
    this.body.replaceChildren(...this.view.slice(0, PRINTED).map((_, place) => this.element(place)));
    this.fill(Array.from(this.body.children));
    this.body.style.height = "auto";
    return Math.max(this.view.length - PRINTED, 0);
  }

  unprint() {
    this.sizeChanged();
    this.paint(true);
  }
}
