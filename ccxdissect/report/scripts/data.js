// The data in the page: unpacked, and linked so that rows can be asked which sessions, agents and calls they concern.

async function unpacked(id) {
  const bytes = fromBase64(byId(id).textContent);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

function fromBase64(text) {
  if (Uint8Array.fromBase64) return Uint8Array.fromBase64(text);
  const letters = atob(text);
  const bytes = new Uint8Array(letters.length);
  for (let at = 0; at < letters.length; at++) bytes[at] = letters.charCodeAt(at);
  return bytes;
}

async function unpackedJson(id) {
  return JSON.parse(new TextDecoder().decode(await unpacked(id)));
}

/** A call's last words may come a little after its end. */
const LINGER = 5 * SECOND;

class Table {
  constructor(name, given) {
    this.name = name;
    this.columns = given.columns;
    this.data = given.data;
    this.total = given.total;
    this.length = given.columns.length ? this.data[given.columns[0].name].length : 0;
  }

  get(row, name) {
    const column = this.data[name];
    return column === undefined ? null : column[row];
  }
}

/** Everything that the page knows. */
class Report {
  constructor(given) {
    setZero(given.base, given.span, given.zone);
    this.blockSize = given.block;
    this.span = Math.max(given.span, 1);
    this.gaps = given.gaps;
    this.rate = given.rate;
    this.tables = {};
    for (const [name, table] of Object.entries(given.tables)) this.tables[name] = new Table(name, table);
    this.readMessages(given.messages);
    this.linkSessions();
    this.linkCalls();
    this.linkExchanges();
    this.linkFindings();
    const { agents } = this.tables;
    this.agentNames = [...new Set([...this.messages.agents, ...(agents.length ? agents.data.agent : NONE)])];
    this.outcomes = [...new Set(Array.from({ length: this.tables.calls.length }, (_, row) => outcomeOf(this, row)))];
  }

  readMessages(given) {
    const data = given.data;
    this.messages = {
      length: data.time.length,
      total: given.total,
      columns: given.columns,
      /** Of a page of part of a capture, the numbers of its messages in the whole; otherwise null. */
      numbers: given.numbers,
      names: given.names,
      agents: given.agents,
      time: Float64Array.from(data.time),
      frame: data.frame,
      session: Int32Array.from(data.session),
      side: Uint8Array.from(data.side),
      name: Int32Array.from(data.name),
      tone: data.tone,
      size: data.size,
      what: data.what,
      wrong: data.wrong,
      agent: Int32Array.from(data.agent),
      calls: data.calls,
      /** For each message the rows of `calls` that it belongs to; an empty list is shared. */
      stories: [],
    };
    if (given.numbers) this.numberRows = new Map(given.numbers.map((number, row) => [number, row]));
  }

  /** The row of the message with that number, or -1 when it is not in the page. */
  messageRow(number) {
    const { numbers, length } = this.messages;
    if (numbers) return this.numberRows.get(number) ?? -1;
    return number !== null && number >= 1 && number <= length ? number - 1 : -1;
  }

  /** The number in the capture of a row of the messages. */
  numberOf(row) {
    return this.messages.numbers ? this.messages.numbers[row] : row + 1;
  }

  linkSessions() {
    const sessions = this.tables.sessions;
    this.sessionRows = new Map();
    for (let row = 0; row < sessions.length; row++) this.sessionRows.set(sessions.get(row, "session"), row);
    /** The agent to whom a session belongs, by session number. */
    this.owners = new Map();
    for (let row = 0; row < sessions.length; row++) {
      const agents = sessions.get(row, "agents") || [];
      if (sessions.get(row, "mode") === "agent" && agents.length === 1) {
        this.owners.set(sessions.get(row, "session"), agents[0]);
      }
    }
  }

  linkCalls() {
    const calls = this.tables.calls;
    this.callRows = new Map();
    this.sessionCalls = new Map();
    this.agentCalls = new Map();
    for (let row = 0; row < calls.length; row++) {
      listed(this.callRows, calls.get(row, "call"), row);
      for (const session of calls.get(row, "sessions")) listed(this.sessionCalls, session, row);
      for (const agent of calls.get(row, "agents")) listed(this.agentCalls, agent, row);
    }
    const { messages } = this;
    for (let row = 0; row < messages.length; row++) messages.stories.push(this.storiesOf(row));
  }

  storiesOf(row) {
    const { messages } = this;
    const numbers = messages.calls[row];
    if (!numbers.length) return NONE;
    const server = this.sessionValue(messages.session[row], "server");
    const found = [];
    for (const number of numbers) {
      const story = this.storyAt(number, server, messages.time[row]);
      if (story >= 0 && !found.includes(story)) found.push(story);
    }
    return found;
  }

  /** The row of the call with that number that was going on at a time. */
  storyAt(number, server, time) {
    const calls = this.tables.calls;
    let nearest = -1;
    let distance = Infinity;
    for (const row of this.callRows.get(number) || NONE) {
      if (server !== null && calls.get(row, "server") !== server) continue;
      const before = calls.get(row, "start") - time;
      const after = time - calls.get(row, "end") - LINGER;
      const away = Math.max(before, after, 0);
      if (away < distance) [nearest, distance] = [row, away];
    }
    return nearest;
  }

  linkExchanges() {
    const { messages } = this;
    const exchanges = this.tables.exchanges;
    /** For each message number the row of the exchange it is part of. */
    this.exchangeOf = new Map();
    for (let row = 0; row < exchanges.length; row++) {
      const request = this.messageRow(exchanges.get(row, "request"));
      const reply = this.messageRow(exchanges.get(row, "reply"));
      if (request >= 0) this.exchangeOf.set(request, row);
      if (reply < 0) continue;
      this.exchangeOf.set(reply, row);
      if (exchanges.get(row, "outcome") === "failed") messages.tone[reply] = "failure";
      if (request < 0) continue;
      // A reply concerns whatever its request does, although it names nothing itself.
      if (messages.agent[reply] < 0) messages.agent[reply] = messages.agent[request];
      if (!messages.stories[reply].length) messages.stories[reply] = messages.stories[request];
    }
  }

  linkFindings() {
    const findings = this.tables.findings;
    /** How grave the findings about a session, an agent or a call are: sums of weights. */
    this.trouble = { session: new Map(), agent: new Map(), call: new Map() };
    for (let row = 0; row < findings.length; row++) {
      const weight = WEIGHTS[findings.get(row, "severity")] || 0;
      more(this.trouble.session, findings.get(row, "session"), weight);
      const message = this.messageRow(findings.get(row, "message"));
      if (message < 0) continue;
      const agent = this.agentOf(message);
      if (agent !== null) more(this.trouble.agent, agent, weight);
      for (const story of this.messages.stories[message]) more(this.trouble.call, story, weight);
    }
  }

  sessionValue(number, name) {
    const row = this.sessionRows.get(number);
    return row === undefined ? null : this.tables.sessions.get(row, name);
  }

  /** The agent a message names, or whose session it is in. */
  agentOf(row) {
    const named = this.messages.agent[row];
    if (named >= 0) return this.messages.agents[named];
    if (this.messages.tone[row] === "heartbeat") return null;
    return this.owners.get(this.messages.session[row]) ?? null;
  }

  /** The types of the messages that a row is about: one that it is or names, or all that it is made of. */
  typesOf(table, row) {
    const { messages } = this;
    const nameOf = (message) => messages.names[messages.name[message]];
    if (table === "messages") return [nameOf(row)];
    const rows = this.tables[table];
    if (table === "exchanges") return [rows.get(row, "request_name"), rows.get(row, "reply_name")].filter((name) => name);
    if (table === "findings") {
      const message = this.messageRow(rows.get(row, "message"));
      return message < 0 ? NONE : [nameOf(message)];
    }
    this.made ??= this.madeOf();
    if (table === "sessions") return this.made.sessions.get(rows.get(row, "session")) || NONE;
    if (table === "calls") return this.made.calls.get(row) || NONE;
    // Of an agent's stay in a state: whatever concerned the agent while it lasted.
    const [start, end] = [rows.get(row, "start"), rows.get(row, "end") ?? this.span];
    const heard = this.made.agents.get(rows.get(row, "agent")) || NONE;
    const found = new Set();
    for (let at = firstFrom(heard, messages.time, start); at < heard.length && messages.time[heard[at]] <= end; at++) found.add(nameOf(heard[at]));
    return [...found];
  }

  /** The types of the messages of each session (by number) and call (by row), and the messages about each agent. */
  madeOf() {
    const { messages } = this;
    const [sessions, calls, agents] = [new Map(), new Map(), new Map()];
    const heard = (map, key, name) => {
      const known = map.get(key);
      if (known === undefined) map.set(key, new Set([name]));
      else known.add(name);
    };
    for (let row = 0; row < messages.length; row++) {
      const name = messages.names[messages.name[row]];
      heard(sessions, messages.session[row], name);
      for (const story of messages.stories[row]) heard(calls, story, name);
      const agent = this.agentOf(row);
      if (agent !== null) listed(agents, agent, row);
    }
    for (const map of [sessions, calls]) for (const [key, names] of map) map.set(key, [...names]);
    // By time, which those of several sessions need not come in.
    for (const rows of agents.values()) rows.sort((one, other) => messages.time[one] - messages.time[other] || one - other);
    return { sessions, calls, agents };
  }

  /** The bytes and the tree of a message. */
  async details(row) {
    const block = Math.floor(row / this.blockSize);
    if (!this.block || this.block.number !== block) {
      this.block = { number: block, parts: await this.openBlock(block) };
    }
    return this.block.parts[row - block * this.blockSize];
  }

  async openBlock(number) {
    const bytes = await unpacked(`details-${number}`);
    const view = new DataView(bytes.buffer);
    const text = new TextDecoder();
    const parts = [];
    let at = 0;
    const next = () => {
      const size = view.getUint32(at);
      at += 4 + size;
      return bytes.subarray(at - size, at);
    };
    while (at < bytes.length) {
      const raw = next();
      const [title, nodes, remarks] = JSON.parse(text.decode(next()));
      parts.push({ raw, title, nodes, remarks });
    }
    return parts;
  }
}

const NONE = Object.freeze([]);
const WEIGHTS = { note: 1, warning: 100, error: 10000 };

function listed(map, key, value) {
  const known = map.get(key);
  if (known === undefined) map.set(key, [value]);
  else known.push(value);
}

/** The first place among rows in the order of time whose time is `from` or later. */
function firstFrom(rows, times, from) {
  let [low, high] = [0, rows.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[rows[middle]] < from) low = middle + 1;
    else high = middle;
  }
  return low;
}

function more(map, key, amount) {
  map.set(key, (map.get(key) || 0) + amount);
}
