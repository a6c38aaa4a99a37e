// How numbers, times and durations read: as everywhere else in ccxdissect. Times are ns since `zero`.

const MICROSECOND = 1e3;
const MILLISECOND = 1e6;
const SECOND = 1e9;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** What times count from, set when the data are there. */
const zero = { seconds: 0, rest: 0, dates: false, zone: "UTC", offsets: [[0, 0]] };

function setZero(base, span, zone) {
  zero.zone = zone.name;
  zero.offsets = zone.offsets;
  const ns = BigInt(base);
  zero.seconds = Number(ns / 1000000000n);
  zero.rest = Number(ns % 1000000000n);
  zero.dates = dateOf(0) !== dateOf(span);
}

/** By how many seconds the zone is ahead of UTC at a time. */
function ahead(time) {
  const { offsets } = zero;
  let at = offsets.length - 1;
  while (at > 0 && offsets[at][0] > time) at--;
  return offsets[at][1];
}

/** A date whose UTC is the time of the zone, and the ns beyond its second. */
function moment(time) {
  const ns = zero.rest + time;
  const whole = Math.floor(ns / SECOND);
  return [new Date((zero.seconds + whole + ahead(time)) * 1000), ns - whole * SECOND];
}

function dateOf(time) {
  const [date] = moment(time);
  return Number.isNaN(date.getTime()) ? "" : date.toISOString().slice(0, 10);
}

/** The time of day to the microsecond, with its date when the capture lasts longer than one day. */
function clock(time) {
  if (time === null || time === undefined) return "";
  const [date, rest] = moment(time);
  if (Number.isNaN(date.getTime())) return `${time} ns`;
  const text = date.toISOString();
  const micros = String(Math.floor(rest / MICROSECOND)).padStart(6, "0");
  return `${zero.dates ? `${text.slice(0, 10)} ` : ""}${text.slice(11, 19)}.${micros}`;
}

/**
 * The first and the last ns, since the zero, of what a time means that was written as `clock` writes it, or more coarsely;
 * null when it is none. Without a date it is the first such time that is not over before the capture begins.
 */
function stretch(text, span) {
  const parts = /^(?:(\d{4}-\d\d-\d\d)[ T])?(\d{1,2}):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?$/.exec(text);
  if (!parts) return null;
  const [, date, hour, minute, second, fraction] = parts;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second || 0) > 59) return null;
  const midnight = Date.parse(`${date || dateOf(0)}T00:00:00Z`) / 1000;
  if (Number.isNaN(midnight)) return null;
  const size = fraction ? 10 ** (9 - fraction.length) : second ? SECOND : MINUTE;
  const at = (day) => {
    const wall = midnight + day * 86400 + Number(hour) * 3600 + Number(minute) * 60 + Number(second || 0) - zero.seconds;
    const about = (wall - ahead(0)) * SECOND;
    return (wall - ahead(about)) * SECOND + Number((fraction || "").padEnd(9, "0")) - zero.rest;
  };
  const first = !date && dateOf(0) !== dateOf(span) && at(0) + size <= 0 ? at(1) : at(0);
  return [first, first + size - 1];
}

/** The time of day no finer than `step`, for an axis. */
function clockBy(time, step) {
  const [date, rest] = moment(time);
  if (Number.isNaN(date.getTime())) return "";
  const text = date.toISOString();
  const midnight = zero.dates && step >= MINUTE && text.slice(11, 19) === "00:00:00" && rest < MILLISECOND;
  if (step >= DAY || midnight) return text.slice(5, 10);
  if (step >= MINUTE) return text.slice(11, 16);
  if (step >= SECOND) return text.slice(11, 19);
  const digits = step >= MILLISECOND ? 3 : 6;
  return text.slice(11, 19) + "." + String(Math.floor(rest / 10 ** (9 - digits))).padStart(digits, "0");
}

/** A duration as people say it: 850 µs, 12.3 ms, 4.2 s, 3 min 20 s, 2 h 5 min. Rounded, never cut. */
function duration(time) {
  if (time === null || time === undefined) return "";
  if (time < 0) return "-" + duration(-time);
  if (time < MILLISECOND - 500) return `${halfToEven(time / MICROSECOND)} µs`;
  if (time < SECOND - MILLISECOND / 20) return `${(time / MILLISECOND).toFixed(1)} ms`;
  if (time < MINUTE - SECOND / 20) return `${(time / SECOND).toFixed(1)} s`;
  const whole = Math.floor((time + SECOND / 2) / SECOND);
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  const minutes = Math.floor((time + MINUTE / 2) / MINUTE);
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** Rounded, and from the middle to the even neighbour. */
function halfToEven(number) {
  const below = Math.floor(number);
  return number - below === 0.5 && below % 2 === 0 ? below : Math.round(number);
}

/** A bound of an axis: 100 µs, 2 ms, 5 s, 1 min, 3 h. */
function briefly(time) {
  if (time < MILLISECOND) return `${+(time / MICROSECOND).toPrecision(3)} µs`;
  if (time < SECOND) return `${+(time / MILLISECOND).toPrecision(3)} ms`;
  if (time < MINUTE) return `${+(time / SECOND).toPrecision(3)} s`;
  if (time < HOUR) return `${+(time / MINUTE).toPrecision(2)} min`;
  return `${+(time / HOUR).toPrecision(2)} h`;
}

function counted(count) {
  return count.toLocaleString("en-US");
}

function plural(count, one) {
  return `${counted(count)} ${count === 1 ? one : one + "s"}`;
}
