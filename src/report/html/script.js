"use strict";
(() => {
  const table = document.getElementById("loads");
  // A link to a movement opens what it is in.
  const open = () => {
    const target = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
    for (let at = target; at; at = at.parentElement) if (at.tagName === "DETAILS") at.open = true;
    if (target) target.scrollIntoView();
  };
  addEventListener("hashchange", open);
  open();
  if (!table) return;
  const body = table.tBodies[0];
  let rows = null;
  const read = () => {
    if (rows) return rows;
    rows = [];
    for (const row of body.rows) {
      if (row.className === "more") rows[rows.length - 1].more = row;
      else rows.push({ row, more: null, fits: true, text: row.textContent.toLowerCase(), state: row.cells[3].textContent, timing: row.cells[4].textContent });
    }
    return rows;
  };
  // Filter.
  const form = document.getElementById("find");
  const [text, state, timing] = ["find-text", "find-state", "find-timing"].map((id) => document.getElementById(id));
  const shown = document.getElementById("find-shown");
  const total = shown.dataset.total;
  // Rows that do not fit are taken out, not hidden: a browser works on hidden ones too.
  const show = () => {
    const all = document.createDocumentFragment();
    for (const one of rows) {
      if (!one.fits) continue;
      all.append(one.row);
      if (one.more) all.append(one.more);
    }
    body.replaceChildren(all);
  };
  const filter = () => {
    const words = text.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    for (const one of read()) {
      one.fits = (!state.value || one.state === state.value) && (!timing.value || one.timing === timing.value) &&
        words.every((word) => one.text.includes(word));
      if (one.fits) count += 1;
    }
    show();
    shown.textContent = `${count.toLocaleString("en-GB")} of ${total} shown`;
  };
  let waiting = 0;
  form.hidden = false;
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(filter, 150);
  });
  // Sort.
  const heads = [...table.tHead.rows[0].cells];
  const key = (cell, number) => {
    const at = cell.querySelector("time");
    const words = at ? at.dateTime : cell.textContent;
    return number ? (words === "" ? -1 : Number(words.replaceAll(",", ""))) : words;
  };
  heads.forEach((head, index) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") === "ascending";
      for (const other of heads) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const number = head.className === "n";
      const order = new Intl.Collator("en-GB", { numeric: true });
      for (const one of read()) one.key = key(one.row.cells[index], number);
      const sign = down ? -1 : 1;
      rows.sort((a, b) => sign * (number ? a.key - b.key : order.compare(a.key, b.key)));
      show();
    });
  });
})();
