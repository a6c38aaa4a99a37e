// What the picture shows, as lanes of items in time: findings, sessions by client, agents, calls.
//
// A lane: {key, label, note, facet, value, items, marks, trouble, start, text, gaps}; an item: {start, end, paint, word, tip, row}.

const UNKNOWN_ORDER = 99;

/** A constant's name as people read it: AGENT_STATE_NOT_READY of a common beginning is "not ready". */
function inWords(name) {
  return name.replace(/^AGENT_STATE_/, "").replaceAll("_", " ").toLowerCase();
}

function laneGroups(report) {
  const groups = [
    { name: "findings", title: "Findings", lanes: findingLanes(report) },
    { name: "sessions", title: "Sessions, by client", lanes: sessionLanes(report) },
    { name: "agents", title: "Agents", lanes: agentLanes(report) },
    { name: "calls", title: "Calls", lanes: callLanes(report), many: true },
  ];
  const marks = findingMarks(report);
  for (const group of groups) {
    for (const lane of group.lanes) {
      if (lane.facet) lane.marks = (lane.values || [lane.value]).flatMap((value) => marks[lane.facet].get(value) || NONE);
      finished(lane);
    }
  }
  return groups.filter((group) => group.lanes.length);
}

function finished(lane) {
  lane.items.sort((one, other) => one.start - other.start);
  let end = -Infinity;
  lane.reach = lane.items.map((item) => (end = Math.max(end, item.end)));
  lane.start = Math.min(lane.items.length ? lane.items[0].start : Infinity, lane.marks.length ? lane.marks[0].time : Infinity);
  lane.end = Math.max(end, lane.marks.length ? lane.marks[lane.marks.length - 1].time : -Infinity);
  lane.text = `${lane.label} ${lane.note || ""}`.toLowerCase();
  lane.trouble = lane.trouble || 0;
}

/** Findings by the sessions, agents and calls they are about. */
function findingMarks(report) {
  const findings = report.tables.findings;
  const marks = { session: new Map(), agent: new Map(), call: new Map() };
  for (let row = 0; row < findings.length; row++) {
    const mark = { time: findings.get(row, "time"), severity: findings.get(row, "severity"), row };
    listed(marks.session, findings.get(row, "session"), mark);
    const message = report.messageRow(findings.get(row, "message"));
    if (message < 0) continue;
    const agent = report.agentOf(message);
    if (agent !== null) listed(marks.agent, agent, mark);
    for (const story of report.messages.stories[message]) listed(marks.call, story, mark);
  }
  return marks;
}

/** What was not captured is known to the byte, when it was sent only by what came before and after. */
function missed(side, start, end, missing) {
  return `${plural(missing, "byte")} of the ${side} never captured, sent some time between ${clock(start)} and ${clock(end)}`;
}

function findingLanes(report) {
  const findings = report.tables.findings;
  const lanes = [];
  for (const severity of SEVERITY_PAINTS.keys()) {
    const marks = [];
    for (let row = 0; row < findings.length; row++) {
      if (findings.get(row, "severity") === severity) marks.push({ time: findings.get(row, "time"), severity, row });
    }
    marks.sort((one, other) => one.time - other.time);
    if (marks.length) lanes.push({ key: severity, label: `${severity}s`, note: counted(marks.length), items: [], marks, all: marks, trouble: WEIGHTS[severity] });
  }
  if (report.gaps.length) {
    const items = report.gaps.map(([session, side, start, end, missing]) => ({
      start, end, gap: true, word: "", tip: `session ${session}: ${missed(side, start, end, missing)}`,
      facet: "session", value: session,
    }));
    lanes.push({ key: "gaps", label: "not captured", note: plural(items.length, "gap"), items, marks: [], trouble: 0.5 });
  }
  return lanes;
}

/** A lane for each client, its sessions one after the other; what overlaps goes into a further lane. */
function sessionLanes(report) {
  const sessions = report.tables.sessions;
  const rows = Array.from({ length: sessions.length }, (_, row) => row).sort((one, other) => sessions.get(one, "start") - sessions.get(other, "start"));
  const clients = new Map();
  for (const row of rows) {
    const agents = sessions.get(row, "agents") || NONE;
    const mode = sessions.get(row, "mode");
    const host = sessions.get(row, "client").replace(/:\d+$/, "");
    const name = mode === "agent" && agents.length ? agents[0] : sessions.get(row, "client_name") || (mode ? `${mode} client` : "client");
    const key = `${name} ${host}`;
    const lanes = clients.get(key) || [];
    if (!lanes.length) clients.set(key, lanes);
    let lane = lanes.find((free) => free.until <= sessions.get(row, "start"));
    if (!lane) {
      lane = { key: `session ${key} ${lanes.length}`, label: name, note: host, facet: "session", values: [], items: [], marks: NONE, gaps: [], trouble: 0, until: 0 };
      lanes.push(lane);
    }
    const number = sessions.get(row, "session");
    const ended = sessions.get(row, "ended_by");
    const side = sessions.get(row, "ended_side");
    const word = ended === "capture end" ? "open" : `${ended}${side ? ` by ${side}` : ""}`;
    lane.until = sessions.get(row, "end");
    lane.values.push(number);
    lane.items.push({
      start: sessions.get(row, "start"), end: sessions.get(row, "end"), paint: ENDING_PAINTS.get(ended) || PLAIN, word: `${number}: ${word}`,
      tip: `session ${number}: ${sessions.get(row, "story") || word}`, facet: "session", value: number, table: "sessions", row, ending: ended,
    });
    lane.trouble += (report.trouble.session.get(number) || 0) + (ended === "reset" || ended === "refused" ? WEIGHTS.warning : 0);
    for (const [session, gapSide, start, end, missing] of report.gaps) {
      if (session === number) lane.gaps.push({ start, end, tip: missed(gapSide, start, end, missing) });
    }
  }
  return [...clients.values()].flat();
}

function agentLanes(report) {
  const agents = report.tables.agents;
  const lanes = new Map();
  for (let row = 0; row < agents.length; row++) {
    const name = agents.get(row, "agent");
    let lane = lanes.get(name);
    if (!lane) {
      lane = { key: `agent ${name}`, label: name, facet: "agent", value: name, items: [], marks: NONE, trouble: report.trouble.agent.get(name) || 0, spells: 0 };
      lanes.set(name, lane);
    }
    const state = agents.get(row, "state");
    const [start, until] = [agents.get(row, "start"), agents.get(row, "end")];
    const word = inWords(agents.get(row, "state_name") || `state ${state}`);
    const reason = agents.get(row, "reason");
    const why = reason ? (agents.get(row, "reason_meaning") || agents.get(row, "reason_name") || "the site's own code").split(";")[0] : "";
    lane.items.push({
      start, end: until ?? report.span, paint: STATE_PAINTS[state] || PLAIN, word: why ? `${word}, ${why}` : word, brief: word,
      tip: `${name} ${word}${reason ? `, reason ${reason} (${why})` : ""}, ${until === null ? `since ${clock(start)}` : `for ${duration(until - start)}`}`,
      facet: "agent", value: name, table: "agents", row,
    });
  }
  for (const lane of lanes.values()) lane.note = plural(lane.items.length, "state");
  return [...lanes.values()];
}

function callLanes(report) {
  const calls = report.tables.calls;
  const order = [...PHASE_PAINTS.keys()];
  const lanes = [];
  for (let row = 0; row < calls.length; row++) {
    const number = calls.get(row, "call");
    const [start, end] = [calls.get(row, "start"), calls.get(row, "end")];
    const outcome = calls.get(row, "outcome");
    const whole = {
      start, end, paint: null, word: outcome || "", tip: calls.get(row, "story") || `call ${number}`, facet: "call", value: row, table: "calls", row, rank: -1,
    };
    const phases = calls.get(row, "phases").map((phase) => {
      const until = phase.end ?? end;
      const where = phase.device === null || phase.device === undefined ? "" : ` at ${phase.device}`;
      return {
        start: phase.start, end: until, paint: PHASE_PAINTS.get(phase.phase) || PLAIN, word: phase.phase,
        tip: `call ${number} ${phase.phase}${where} for ${duration(until - phase.start)}`, facet: "call", value: row, table: "calls", row,
        rank: order.includes(phase.phase) ? order.indexOf(phase.phase) : UNKNOWN_ORDER,
      };
    });
    const from = calls.get(row, "from");
    const to = calls.get(row, "to");
    lanes.push({
      key: `call ${row}`, label: String(number), note: [from, to].filter((party) => party).join(" → "), facet: "call", value: row,
      items: [whole, ...phases], marks: NONE, trouble: report.trouble.call.get(row) || 0, layered: true,
    });
  }
  return lanes;
}

/** The item under a time, the uppermost first; `slack`: how far beside it still counts. */
function itemsAt(lane, time, slack) {
  const found = lane.items.filter((item) => item.start - slack <= time && item.end + slack >= time);
  return lane.layered ? found.sort((one, other) => (other.rank ?? 0) - (one.rank ?? 0)) : found.sort((one, other) => other.start - one.start);
}
