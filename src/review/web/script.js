// Makes the page's links and forms fluid: each asks for the parts of the page that change, and
// puts them in their places. Without this script they load the page anew.
"use strict";

const byId = (id) => document.getElementById(id);
const keyed = (key) => document.querySelector(`[data-key="${CSS.escape(key)}"]`);
let busy = false;
let generation = 0;

const replace = (part) => {
  const old = byId(part.id);
  if (!old) return;
  if (part.tagName === "LI") old.replaceWith(part);
  else old.replaceChildren(...part.childNodes);
};

// The key whose button had the focus, so that the new button like it gets it back.
const focused = () => document.activeElement?.closest("#change [data-key]")?.dataset.key;

const show = (html) => {
  const key = focused();
  const parts = new DOMParser().parseFromString(html, "text/html");
  const hasChange = parts.getElementById("change") !== null;
  for (const part of [...parts.querySelectorAll("body > [id], body > li")]) replace(part);
  if (hasChange) settle(key);
  const left = document.querySelector("[data-left]")?.dataset.left;
  document.title = left === "0" ? "Rehearsal review" : `(${left}) Rehearsal review`;
};

const settle = (key) => {
  const address = document.querySelector("#change [data-address]")?.dataset.address;
  if (address) history.replaceState(null, "", address);
  byId("changed")?.scrollIntoView({ block: "nearest" });
  // For who hears the page: what is shown now.
  byId("now").textContent = document.querySelector("#change .headline")?.innerText ?? "";
  if (key) keyed(key)?.focus({ preventScroll: true });
  mark(address && new URL(address, location).searchParams.get("group"));
};

// Marks the row of what is shown.
const mark = (group) => {
  document.querySelector("#list [aria-current]")?.removeAttribute("aria-current");
  const row = byId(`g${group ?? ""}`)?.querySelector("a");
  row?.setAttribute("aria-current", "true");
  row?.scrollIntoView({ block: "nearest" });
};

const warn = (text) => {
  const said = document.createElement("div");
  said.className = "said warning";
  said.append(Object.assign(document.createElement("p"), { textContent: text }));
  byId("notice").replaceChildren(said);
};

const ask = async (address, form) => {
  if (busy) return;
  busy = true;
  byId("change").ariaBusy = "true";
  generation += 1;
  try {
    const answer = await fetch(address, form ? { method: "POST", body: form } : {});
    if (!answer.ok) throw new Error(await answer.text());
    show(await answer.text());
  } catch (error) {
    const gone = error instanceof TypeError;
    warn(gone ? "The review has ended; rehearsal review --web begins another." : error.message);
  } finally {
    busy = false;
    byId("change").ariaBusy = "false";
  }
};

const asPart = (address) => {
  const url = new URL(address, location);
  url.searchParams.set("part", "1");
  url.hash = "";
  return url;
};

const submit = (form, button) => {
  if (button?.getAttribute("aria-disabled") === "true") {
    const why = document.querySelector(".loosened p:last-child")?.textContent;
    const isLoosen = button.value === "loosen" && why;
    warn(isLoosen ? `Not to be loosened: ${why}` : "Nothing is accepted yet; accept it as it is.");
    return;
  }
  const fields = new URLSearchParams(new FormData(form, button));
  fields.set("part", "1");
  ask(form.action, fields);
};

const filter = () => {
  const fields = [...new FormData(byId("filter"))].filter(([, value]) => value !== "");
  const address = `./?${new URLSearchParams(fields)}`;
  ask(asPart(`${address}&list=1`));
};

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.matches("#change form")) {
    event.preventDefault();
    submit(form, event.submitter);
  } else if (form.id === "filter") {
    event.preventDefault();
    filter();
  }
});

document.addEventListener("click", (event) => {
  const link = event.target.closest("a");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  if (link.matches("[data-reload]")) {
    event.preventDefault();
    location.reload();
  } else if (link.matches("[data-part]")) {
    event.preventDefault();
    byId("unfold").checked = false;
    ask(asPart(link.href));
  }
});

let typing;
byId("filter").addEventListener("input", () => {
  clearTimeout(typing);
  typing = setTimeout(filter, 120);
});

const move = (step) => {
  const rows = [...document.querySelectorAll("#list a")];
  const at = rows.findIndex((row) => row.matches("[aria-current]"));
  rows[at + step]?.click();
};

// Where a scope is not offered, the next smaller one means the same.
const choose = (...scopes) => {
  const radios = scopes.map((scope) => document.querySelector(`[data-scope="${scope}"]`));
  const radio = radios.find((found) => found !== null);
  if (!radio) return;
  radio.checked = true;
  radio.focus({ preventScroll: true });
  enable();
};

// What cannot be done with the change that is shown may be possible with others.
const enable = () => {
  const scope = document.querySelector("[data-scope]:checked")?.dataset.scope;
  const isAlone = scope === "group" || scope === "here";
  for (const button of document.querySelectorAll("[data-only-others]")) {
    button.setAttribute("aria-disabled", String(isAlone));
  }
};

byId("change").addEventListener("change", enable);

const keys = {
  j: () => move(1),
  k: () => move(-1),
  ArrowDown: () => move(1),
  ArrowUp: () => move(-1),
  1: () => choose("here", "group"),
  c: () => choose("conversation", "here", "group"),
  e: () => choose("everything", "group"),
  Escape: () => choose("group"),
  "/": () => {
    byId("unfold").checked = true;
    byId("filter").elements.text.select();
  },
};

document.addEventListener("keydown", (event) => {
  const { key, target } = event;
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (byId("help").matches(":popover-open") && key !== "?") return;
  if (target.matches("input[type=search], select")) {
    if (key === "Escape") target.blur();
    return;
  }
  if (target.matches("input[type=radio]") && key.startsWith("Arrow")) return;
  const act = keys[key] ?? (keyed(key) && (() => keyed(key).click()));
  if (!act || (event.repeat && !["j", "k", "ArrowDown", "ArrowUp"].includes(key))) return;
  event.preventDefault();
  act();
});

// Asks now and then whether the files have changed.
const listen = async () => {
  const revision = document.querySelector("[data-revision]")?.dataset.revision;
  if (busy || document.hidden || !revision) return;
  const before = generation;
  try {
    const answer = await fetch(`news?revision=${revision}`);
    if (answer.status === 200 && before === generation) show(await answer.text());
  } catch {
    // The review has ended; the next decision says so.
  }
};

document.documentElement.classList.add("fluid");
setInterval(listen, 4000);
addEventListener("focus", listen);
byId("changed")?.scrollIntoView({ block: "nearest" });
document.querySelector("#list [aria-current]")?.scrollIntoView({ block: "nearest" });
