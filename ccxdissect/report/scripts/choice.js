// What the reader asked for: sessions, agents, calls, types and a stretch of time. Everything below the picture obeys.

const FACETS = ["session", "agent", "call", "type", "outcome"];

class Choice extends EventTarget {
  constructor(report) {
    super();
    this.report = report;
    this.sets = { session: new Set(), agent: new Set(), call: new Set(), type: new Set(), outcome: new Set() };
    this.range = null;
  }

  get empty() {
    return !this.range && FACETS.every((facet) => !this.sets[facet].size);
  }

  has(facet, value) {
    return this.sets[facet].has(value);
  }

  /** Ask for one more, or no longer. `alone`: instead of all others. */
  toggle(facet, value, alone = false) {
    const set = this.sets[facet];
    const was = set.has(value) && (!alone || set.size === 1);
    if (alone) for (const other of FACETS) this.sets[other].clear();
    if (was) set.delete(value);
    else set.add(value);
    this.changed();
  }

  setRange(range) {
    this.range = range;
    this.changed();
  }

  clear() {
    for (const facet of FACETS) this.sets[facet].clear();
    this.range = null;
    this.changed();
  }

  changed() {
    this.dispatchEvent(new Event("change"));
  }

  /** Whether calls are asked for, one by one or by their outcome. */
  get ofCalls() {
    return this.sets.call.size > 0 || this.sets.outcome.size > 0;
  }

  /** Whether a row of the calls is asked for, when any are. */
  wantsCall(row) {
    const { call, outcome } = this.sets;
    return (!call.size || call.has(row)) && (!outcome.size || outcome.has(outcomeOf(this.report, row)));
  }

  within(start, end) {
    return !this.range || (end >= this.range[0] && start <= this.range[1]);
  }

  label(facet, value) {
    if (facet === "call") return `call ${this.report.tables.calls.get(value, "call")}`;
    if (facet === "outcome") return `calls ${value}`;
    return facet === "type" ? value : `${facet} ${value}`;
  }

  /** What the location keeps: calls by number and beginning, times in ns. */
  toHash() {
    const parts = new URLSearchParams();
    for (const facet of FACETS) {
      for (const value of this.sets[facet]) {
        parts.append(facet, facet === "call" ? this.report.tables.calls.get(value, "call") : value);
      }
    }
    if (this.range) {
      parts.set("from", String(Math.round(this.range[0])));
      parts.set("to", String(Math.round(this.range[1])));
    }
    return parts;
  }

  fromHash(parts) {
    for (const facet of FACETS) {
      this.sets[facet].clear();
      for (const text of parts.getAll(facet)) {
        const value = this.valueOf(facet, text);
        if (value !== null) this.sets[facet].add(value);
      }
    }
    const [from, to] = [Number(parts.get("from")), Number(parts.get("to"))];
    this.range = parts.has("from") && parts.has("to") && to > from ? [from, to] : null;
    this.changed();
  }

  /** The value that a text names, or null when there is no such session, agent, call or type. */
  valueOf(facet, text) {
    const { report } = this;
    if (facet === "session") return report.sessionRows.has(Number(text)) ? Number(text) : null;
    if (facet === "call") return (report.callRows.get(Number(text)) || [null])[0];
    if (facet === "type") {
      const name = text.toUpperCase();
      return report.messages.names.includes(name) ? name : null;
    }
    if (facet === "outcome") return report.outcomes.includes(text) ? text : null;
    return report.agentNames.includes(text) ? text : null;
  }
}

/** How a call came out, in a word or a few. */
function outcomeOf(report, row) {
  const { calls } = report.tables;
  return calls.get(row, "outcome") || (calls.get(row, "ended") ? "over" : "not over when the capture ended");
}

/** Which rows of each table are meant: a test for a row, or null when all are. */
class Concern {
  constructor(choice) {
    this.choice = choice;
    this.report = choice.report;
  }

  of(table) {
    if (this.choice.empty) return null;
    return (row) => this[table](row);
  }

  messages(row) {
    const { report, choice } = this;
    const { messages } = report;
    const { session, agent, type } = choice.sets;
    if (choice.range && (messages.time[row] < choice.range[0] || messages.time[row] > choice.range[1])) return false;
    if (session.size && !session.has(messages.session[row])) return false;
    if (type.size && !type.has(messages.names[messages.name[row]])) return false;
    if (choice.ofCalls && !messages.stories[row].some((story) => choice.wantsCall(story))) return false;
    if (agent.size && !agent.has(report.agentOf(row)) && !this.callsOfAgents(messages.stories[row])) return false;
    return true;
  }

  callsOfAgents(stories) {
    const { agent } = this.choice.sets;
    const calls = this.report.tables.calls;
    return stories.some((story) => calls.get(story, "agents").some((name) => agent.has(name)));
  }

  /** Whether a row of a table is about a type that is asked for. */
  ofType(table, row) {
    const { type } = this.choice.sets;
    return !type.size || this.report.typesOf(table, row).some((name) => type.has(name));
  }

  sessions(row) {
    const { report, choice } = this;
    const sessions = report.tables.sessions;
    const { session, agent } = choice.sets;
    const number = sessions.get(row, "session");
    if (!choice.within(sessions.get(row, "start"), sessions.get(row, "end") ?? report.span)) return false;
    if (session.size && !session.has(number)) return false;
    if (agent.size && !(sessions.get(row, "agents") || NONE).some((name) => agent.has(name))) return false;
    if (choice.ofCalls && !(report.sessionCalls.get(number) || NONE).some((story) => choice.wantsCall(story))) return false;
    return this.ofType("sessions", row);
  }

  exchanges(row) {
    const { report, choice } = this;
    const exchanges = report.tables.exchanges;
    const { session, agent } = choice.sets;
    const asked = exchanges.get(row, "request_time");
    const replied = exchanges.get(row, "reply_time");
    if (!choice.within(asked ?? replied, replied ?? asked)) return false;
    if (session.size && !session.has(exchanges.get(row, "session"))) return false;
    if (!this.ofType("exchanges", row)) return false;
    if (!agent.size && !choice.ofCalls) return true;
    const message = report.messageRow(exchanges.get(row, "request") ?? exchanges.get(row, "reply"));
    if (message < 0) return false;
    return this.about(message);
  }

  /** Whether a message is about the agents and calls that are asked for. */
  about(message) {
    const { report, choice } = this;
    const { agent } = choice.sets;
    const stories = report.messages.stories[message];
    if (choice.ofCalls && !stories.some((story) => choice.wantsCall(story))) return false;
    return !agent.size || agent.has(report.agentOf(message)) || this.callsOfAgents(stories);
  }

  calls(row) {
    const { report, choice } = this;
    const calls = report.tables.calls;
    const { session, agent } = choice.sets;
    if (!choice.within(calls.get(row, "start"), calls.get(row, "end") ?? report.span)) return false;
    if (choice.ofCalls && !choice.wantsCall(row)) return false;
    if (session.size && !calls.get(row, "sessions").some((number) => session.has(number))) return false;
    if (agent.size && !calls.get(row, "agents").some((name) => agent.has(name))) return false;
    return this.ofType("calls", row);
  }

  agents(row) {
    const { report, choice } = this;
    const agents = report.tables.agents;
    const { session, agent } = choice.sets;
    const [start, end] = [agents.get(row, "start"), agents.get(row, "end") ?? report.span];
    if (!choice.within(start, end)) return false;
    if (agent.size && !agent.has(agents.get(row, "agent"))) return false;
    if (session.size && !agents.get(row, "sessions").some((number) => session.has(number))) return false;
    if (!this.ofType("agents", row)) return false;
    if (!choice.ofCalls) return true;
    const calls = report.tables.calls;
    const meant = (story) => choice.wantsCall(story) && start <= calls.get(story, "end") && end >= calls.get(story, "start");
    return (report.agentCalls.get(agents.get(row, "agent")) || NONE).some(meant);
  }

  findings(row) {
    const { report, choice } = this;
    const findings = report.tables.findings;
    const { session, agent } = choice.sets;
    const time = findings.get(row, "time");
    if (!choice.within(time, time)) return false;
    if (session.size && !session.has(findings.get(row, "session"))) return false;
    if (!this.ofType("findings", row)) return false;
    if (!agent.size && !choice.ofCalls) return true;
    const message = report.messageRow(findings.get(row, "message"));
    return message >= 0 && this.about(message);
  }
}
