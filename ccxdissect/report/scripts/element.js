// Elements of the page. Text only ever becomes text: nothing here, or anywhere, takes markup.

/** An element with attributes, properties (`.name`), listeners (`onname`: a function) and children (text or elements). */
function make(tag, given = {}, ...children) {
  return filled(document.createElement(tag), given, children);
}

const SVG = "http://www.w3.org/2000/svg";

function draw(tag, given = {}, ...children) {
  return filled(document.createElementNS(SVG, tag), given, children);
}

function filled(element, given, children) {
  for (const [name, value] of Object.entries(given)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name.startsWith(".")) element[name.slice(1)] = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

function byId(id) {
  return document.getElementById(id);
}

/** Runs `work` once with the next frame, however often it is asked for. */
function soon(work) {
  let asked = false;
  return () => {
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => {
      asked = false;
      work();
    });
  };
}

/** Runs `work` when nothing was asked for `wait` ms. */
function settled(work, wait) {
  let timer = 0;
  return (...given) => {
    clearTimeout(timer);
    timer = setTimeout(() => work(...given), wait);
  };
}

/** Says something to those who listen instead of looking. */
function announce(text) {
  byId("announcement").textContent = text;
}
