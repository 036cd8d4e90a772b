"use strict";
// The page can be read without this; it adds search, filters, and links into what is closed.
(() => {
  const form = document.getElementById("filter");
  const cases = [...document.querySelectorAll("details.c")];

  const goTo = () => {
    let target = document.getElementById(location.hash.slice(1));
    if (!target) return;
    for (let one = target.closest("details"); one; one = one.parentElement.closest("details")) {
      one.hidden = false;
      one.open = true;
    }
    target.scrollIntoView({ block: "start" });
  };
  addEventListener("hashchange", goTo);

  // What failed belongs on paper too, wherever it was closed on the screen.
  addEventListener("beforeprint", () => {
    for (const one of cases) if (one.matches(".f, .e, .y")) one.open = true;
  });

  document.addEventListener("click", (event) => {
    const value = event.target.closest("dd");
    if (value && !event.target.closest("a") && navigator.clipboard && !getSelection().toString()) {
      navigator.clipboard.writeText(value.textContent).then(() => {
        value.dataset.copied = "";
        setTimeout(() => delete value.dataset.copied, 1200);
      }, () => {});
    }
  });

  if (!form) return;
  form.hidden = false;
  const texts = new Map();
  const textOf = (one) => {
    if (!texts.has(one)) texts.set(one, one.textContent.toLowerCase());
    return texts.get(one);
  };
  const apply = () => {
    const words = form.q.value.toLowerCase().trim();
    const kinds = [...form.querySelectorAll("[name=kind]:checked")].map((one) => one.value);
    const keys = [...form.querySelectorAll("select")].map((one) => one.value).filter(Boolean);
    let shown = 0;
    for (const one of cases) {
      const own = one.dataset.k.split(" ");
      const fits =
        kinds.includes(one.classList[1]) &&
        keys.every((key) => own.includes(key)) &&
        (!words || textOf(one).includes(words));
      one.hidden = !fits;
      shown += fits;
    }
    form.querySelector("output").textContent = shown === cases.length ? "" : shown + " of " + cases.length;
    name();
  };
  let waiting;
  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(apply, 80);
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  // What the button says is what it does, also after somebody opened or closed one of them.
  const button = form.elements.open;
  const visible = () => cases.filter((one) => !one.hidden);
  const name = () => {
    const shown = visible();
    button.textContent = shown.length && shown.every((one) => one.open) ? "close all" : "open all";
  };
  button.addEventListener("click", () => {
    const open = button.textContent === "open all";
    for (const one of visible()) one.open = open;
    name();
  });
  document.addEventListener("toggle", name, true);
  apply();
  if (location.hash) goTo();
})();
