// One message: its tree beside its bytes. The bytes of the chosen field are lit, and a byte leads to its field.

const BYTES = 16;

/** `links`: elements that lead from the message to what it belongs to. */
async function messageView(report, row, links) {
  const details = await report.details(row);
  const { messages } = report;
  const view = make("article", { class: "message", "aria-label": `message ${report.numberOf(row)}` });
  const side = messages.side[row] ? "server to client" : "client to server";
  const name = messages.names[messages.name[row]];
  view.append(
    make("h3", {}, `${report.numberOf(row)} ${name}`),
    make("p", { class: "quiet" }, `${clock(messages.time[row])} ${zero.zone} · frame ${messages.frame[row]} · session ${messages.session[row]}, ${side} · ${plural(messages.size[row], "byte")}`),
    make("p", { class: "quiet" }, details.title),
    links,
  );
  const bytes = new Bytes(details);
  const tree = treeOf(details, bytes);
  view.append(make("div", { class: "dissection" }, tree, bytes.root));
  for (const remark of details.remarks) view.append(make("p", { class: "remark" }, remark));
  return view;
}

/** The dump of a message. */
class Bytes {
  constructor(details) {
    const { raw, nodes } = details;
    const hidden = new Uint8Array(raw.length);
    for (const [, offset, size, , secret] of nodes) if (secret) hidden.fill(1, offset, offset + size);
    this.cells = [];
    this.letters = [];
    this.onbyte = () => {};
    this.root = make("div", {
      class: "bytes", role: "group", "aria-label": "bytes, in hexadecimal and as text", tabindex: 0,
      onclick: (event) => {
        const at = event.target.dataset.at;
        if (at !== undefined) this.onbyte(Number(at));
      },
    });
    for (let start = 0; start < raw.length; start += BYTES) {
      const line = make("div", { class: "bytes-line" }, make("span", { class: "bytes-at" }, start.toString(16).padStart(4, "0")));
      const hex = make("span", { class: "bytes-hex" });
      const text = make("span", { class: "bytes-text" });
      for (let at = start; at < Math.min(start + BYTES, raw.length); at++) {
        const byte = raw[at];
        hex.append((this.cells[at] = make("span", { "data-at": at }, hidden[at] ? "**" : byte.toString(16).padStart(2, "0"))));
        const letter = hidden[at] ? "*" : byte > 32 && byte < 127 ? String.fromCharCode(byte) : byte === 32 ? " " : "·";
        text.append((this.letters[at] = make("span", { "data-at": at }, letter)));
      }
      line.append(hex, text);
      this.root.append(line);
    }
  }

  light(offset, size) {
    for (const cells of [this.cells, this.letters]) {
      cells.forEach((cell, at) => cell.classList.toggle("lit", at >= offset && at < offset + size));
    }
    const first = this.cells[offset];
    if (!first || size <= 0) return;
    const [top, bottom] = [first.offsetTop, first.offsetTop + first.offsetHeight];
    if (top < this.root.scrollTop || bottom > this.root.scrollTop + this.root.clientHeight) this.root.scrollTop = top - 40;
  }
}

function treeOf(details, bytes) {
  const { nodes } = details;
  const items = nodes.map(([depth, offset, size, text], place) => {
    const item = make("div", {
      role: "treeitem", "aria-level": depth + 1, "aria-selected": "false", tabindex: -1, "data-place": place,
      class: offset < 0 ? "heading" : null,
    }, text || `${plural(size, "byte")} not understood`);
    item.style.paddingLeft = `${depth * 1.1 + 0.4}em`;
    return item;
  });
  const choose = (place, focus) => {
    items.forEach((item, index) => {
      item.setAttribute("aria-selected", String(index === place));
      item.tabIndex = index === place ? 0 : -1;
    });
    if (focus) items[place].focus();
    const [, offset, size] = nodes[place];
    bytes.light(offset < 0 ? -1 : offset, offset < 0 ? 0 : size);
  };
  const tree = make("div", {
    class: "tree", role: "tree", "aria-label": "fields",
    onclick: (event) => {
      const item = event.target.closest("[role=treeitem]");
      if (item) choose(Number(item.dataset.place), true);
    },
    onkeydown: (event) => {
      const at = Number(event.target.dataset.place);
      const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 }[event.key];
      if (to === undefined || !items[to]) return;
      event.preventDefault();
      choose(to, true);
    },
  }, ...items);
  if (items.length) items[0].tabIndex = 0;
  bytes.onbyte = (at) => {
    const place = nodes.findIndex(([, offset, size]) => offset >= 0 && at >= offset && at < offset + size);
    if (place < 0) return;
    choose(place, false);
    items[place].scrollIntoView({ block: "nearest" });
  };
  return tree;
}
