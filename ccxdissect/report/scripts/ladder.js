// Who sent what to whom: the messages of a call or a session between the endpoints' lines.

const STEP = 34;
const LADDER_PAGE = 200;
const COLUMN = 150;
/** Room beside the last lifeline for what a step says. */
const ROOM = 380;

/** `rows`: messages in their order. `onchoose(row)`: a step was chosen. */
function ladderView(report, rows, title, onchoose) {
  const root = make("section", { class: "ladder", "aria-label": `ladder of ${title}` });
  let shown = 0;
  const columns = endpoints(report, rows);
  const further = make("button", { type: "button", class: "more", onclick: () => extend() });
  const extend = () => {
    const part = rows.slice(shown, shown + LADDER_PAGE);
    further.before(ladderPart(report, part, columns, rows[shown - 1], onchoose, shown === 0));
    shown += part.length;
    further.hidden = shown >= rows.length;
    further.textContent = `${plural(Math.min(LADDER_PAGE, rows.length - shown), "further message")} of ${counted(rows.length)}`;
  };
  root.append(further);
  extend();
  return root;
}

function endpoints(report, rows) {
  const { messages } = report;
  const clients = new Map();
  const servers = new Map();
  for (const row of rows) {
    const session = messages.session[row];
    const client = report.sessionValue(session, "client") ?? `client of session ${session}`;
    const server = report.sessionValue(session, "server") ?? "server";
    if (!clients.has(client)) clients.set(client, session);
    if (!servers.has(server)) servers.set(server, session);
  }
  const known = [...clients.entries()];
  const half = Math.ceil(known.length / 2);
  const list = [
    ...known.slice(0, half).map(([name, session]) => ({ name, part: partOf(report, session) })),
    ...[...servers.keys()].map((name) => ({ name, part: "server" })),
    ...known.slice(half).map(([name, session]) => ({ name, part: partOf(report, session) })),
  ];
  return { list, place: new Map(list.map((endpoint, place) => [endpoint.name, place])) };
}

function partOf(report, session) {
  const agents = report.sessionValue(session, "agents") || NONE;
  const mode = report.sessionValue(session, "mode");
  const name = report.sessionValue(session, "client_name");
  if (mode === "agent" && agents.length) return `agent ${agents[0]}`;
  return name || (mode ? `${mode} client` : "client");
}

function clipped(text) {
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}

function ladderPart(report, rows, columns, before, onchoose, heading) {
  const { messages } = report;
  const top = heading ? 40 : 2;
  const left = 108;
  const wide = columns.list.length * COLUMN;
  const height = top + rows.length * STEP + 8;
  const svg = draw("svg", { class: "ladder-drawing", width: left + wide + ROOM, height, role: "group", "aria-label": "messages in the order of time" });
  columns.list.forEach((endpoint, place) => {
    const x = left + place * COLUMN + COLUMN / 2;
    svg.append(draw("line", { class: "lifeline", x1: x, x2: x, y1: top - 4, y2: height }));
    if (!heading) return;
    svg.append(
      draw("text", { class: "endpoint", x, y: 16, "text-anchor": "middle" }, endpoint.part),
      draw("text", { class: "address", x, y: 31, "text-anchor": "middle" }, endpoint.name),
    );
  });
  rows.forEach((row, index) => {
    const y = top + index * STEP + 26;
    const session = messages.session[row];
    const client = columns.place.get(report.sessionValue(session, "client") ?? `client of session ${session}`);
    const server = columns.place.get(report.sessionValue(session, "server") ?? "server");
    const [from, to] = messages.side[row] ? [server, client] : [client, server];
    const [x1, x2] = [from, to].map((place) => left + place * COLUMN + COLUMN / 2);
    const sign = x2 > x1 ? 1 : -1;
    const earlier = index ? rows[index - 1] : before;
    const since = earlier === undefined ? null : messages.time[row] - messages.time[earlier];
    const name = messages.names[messages.name[row]];
    const wait = since === null || since < 1e6 ? "" : `+${duration(since)}`;
    const step = draw(
      "g",
      {
        class: `step ${messages.tone[row]}`, role: "button", tabindex: index ? -1 : 0, "data-row": row,
        "aria-label": `message ${report.numberOf(row)}, ${name}, ${clock(messages.time[row])}, ${messages.what[row]}`,
        onclick: () => onchoose(row),
        onkeydown: (event) => {
          if (event.key === "Enter" || event.key === " ") onchoose(row);
          else if (event.key === "ArrowDown") event.currentTarget.nextElementSibling?.focus();
          else if (event.key === "ArrowUp" && event.currentTarget.previousElementSibling?.classList.contains("step")) event.currentTarget.previousElementSibling.focus();
          else return;
          event.preventDefault();
        },
      },
      draw("rect", { class: "hit", x: 0, y: y - 25, width: left + wide + ROOM, height: STEP }),
      draw("text", { class: "step-time", x: left - 10, y: y + 1, "text-anchor": "end" }, wait || clock(messages.time[row]).slice(-15)),
      draw("line", { class: "arrow", x1, y1: y, x2: x2 - sign * 7, y2: y }),
      draw("path", { class: "arrowhead", d: `M${x2} ${y}l${-sign * 9} -4.5v9z` }),
      draw("text", { class: "step-name", x: Math.min(x1, x2) + 10, y: y - 7 }, `${report.numberOf(row)} ${name}`, draw("tspan", { class: "step-what", dx: 8 }, clipped(messages.what[row]) + (messages.wrong[row] ? `  ! ${clipped(messages.wrong[row])}` : ""))),
    );
    svg.append(step);
  });
  return svg;
}
