// What the pages add where people judge: verdict keys, evidence, counters, deadlines, time at work, panes.
// Loaded after app.js. A form that htmx swaps in is found again by its marks: nothing here holds on to an element.
(() => {
  "use strict";
  const $ = (sel, el = document) => el.querySelector(sel);
  const $$ = (sel, el = document) => [...el.querySelectorAll(sel)];
  const say = (text) => document.dispatchEvent(new CustomEvent("say", { detail: text }));

  // Counter of a text: always visible, spoken only when the minimum is reached or lost.
  const count = (area, spoken) => {
    const out = $(`output[for="${area.id}"]`);
    const min = Number(area.dataset.min) || 0;
    const n = area.value.trim().length;
    const met = n >= min;
    if (out) {
      $("[data-counter]", out).textContent = n;
      if (met) out.dataset.tone = "positive"; else if (area.matches("[aria-invalid=true]")) out.dataset.tone = "critical"; else delete out.dataset.tone;
    }
    if (spoken && area.dataset.met !== String(met)) say(met ? "Minimum length reached" : `${min - n} more characters needed`);
    area.dataset.met = String(met);
  };
  document.addEventListener("input", (e) => { if (e.target.matches("textarea[data-count]")) count(e.target, true); });
  const prepare = () => $$("textarea[data-count]").forEach((area) => count(area, false));
  prepare();
  document.addEventListener("htmx:afterSwap", prepare);

  // What somebody types while the form is on its way to be redrawn is theirs: it goes into the redrawn form.
  const texts = () => $$("#correction :is(textarea, input:not([type=radio], [type=checkbox], [type=hidden]))").filter((one) => one.name);
  let sent = new Map(), since = [];
  const redraws = (e) => e.detail.target?.id === "correction";
  document.addEventListener("htmx:beforeRequest", (e) => { if (redraws(e)) sent = new Map(texts().map((one) => [one.name, one.value])); });
  document.addEventListener("htmx:beforeSwap", (e) => {
    if (redraws(e)) since = texts().filter((one) => one === document.activeElement || one.value !== (sent.get(one.name) ?? "")).map((one) => [one.name, one.value, one === document.activeElement, one.selectionStart, one.selectionEnd]);
  });
  document.addEventListener("htmx:afterSwap", () => {
    for (const [name, value, focused, from, to] of since.splice(0)) {
      const field = texts().find((one) => one.name === name);
      if (!field) continue;
      const other = field.value !== value;
      field.value = value;
      if (focused) { field.focus(); if (from !== null) field.setSelectionRange(from, to); }
      if (other) field.dispatchEvent(new Event("input", { bubbles: true }));
    }
  });

  // A long list of choices gets a box that narrows it down; the chosen one always stays.
  const narrow = () => $$("select[data-filter]").forEach((list) => {
    delete list.dataset.filter;
    const box = document.createElement("input");
    box.className = "input";
    box.type = "search";
    box.placeholder = `Narrow down ${list.length} choices`;
    box.setAttribute("aria-label", box.placeholder);
    box.setAttribute("form", "");
    box.addEventListener("input", (e) => {
      e.stopPropagation();
      const sought = box.value.trim().toLowerCase();
      for (const one of list.options) one.hidden = one.disabled = !one.selected && Boolean(one.value) && !one.text.toLowerCase().includes(sought);
    });
    list.before(box);
  });
  narrow();
  document.addEventListener("htmx:afterSwap", narrow);

  // A digit picks a reason while the list has the focus.
  document.addEventListener("keydown", (e) => {
    const one = e.target.matches("#f-reason_code") && !e.ctrlKey && !e.metaKey && !e.altKey && /^[1-9]$/.test(e.key) && e.target.options[Number(e.key)];
    if (!one) return;
    e.preventDefault();
    e.target.value = one.value;
    for (const type of ["input", "change"]) e.target.dispatchEvent(new Event(type, { bubbles: true }));
    say(`${one.text} chosen`);
  });

  // How far files have gone out.
  document.addEventListener("htmx:xhr:progress", (e) => {
    const bar = e.target.matches("[data-upload]") ? $("progress", e.target.parentElement) : null;
    if (bar && e.detail.lengthComputable) { bar.hidden = false; bar.value = 100 * e.detail.loaded / e.detail.total; }
  });

  // Evidence: citing an input adds a chip with a hidden pointer to the review form, through the page's own template.
  const changed = () => $("#evidence")?.dispatchEvent(new Event("input", { bubbles: true }));
  const cite = (pointer, title) => {
    const box = $("#evidence");
    const blank = $("template[data-chip]");
    if (!box || !blank) return;
    if ($$("input", box).some((one) => one.value === pointer)) { say(`${title} is cited already`); return; }
    const chip = blank.content.firstElementChild.cloneNode(true);
    $("input", chip).value = pointer;
    $("[data-chip-title]", chip).textContent = title;
    $("button", chip).setAttribute("aria-label", `Remove evidence: ${title}`);
    box.append(chip);
    changed();
    say(`${title} cited as evidence`);
  };
  document.addEventListener("click", (e) => {
    const t = e.target.closest("[data-cite],[data-uncite]");
    if (!t) return;
    if (t.dataset.cite) cite(t.dataset.cite, t.dataset.citeTitle);
    if ("uncite" in t.dataset) {
      const next = t.closest(".chip").nextElementSibling || $("#evidence");
      t.closest(".chip").remove();
      ($("button", next) || next)?.focus?.();
      changed();
    }
  });

  // The draft says when it could not be kept. It never moves the focus.
  const draft = (text) => { const state = $("#draft-state"); if (state) state.textContent = text; };
  document.addEventListener("htmx:beforeRequest", (e) => { if (e.target.id === "draft-state") draft("Saving draft"); });
  document.addEventListener("htmx:sendError", (e) => { if (e.target.id === "draft-state") draft("Offline, your draft is kept on this page"); });
  document.addEventListener("htmx:responseError", (e) => { if (e.target.id === "draft-state") draft("Draft not saved, it is kept on this page"); });
  addEventListener("online", changed);

  // Who leaves within the pause before the draft is saved, loses nothing: it goes out with the page.
  let typed = false;
  const entered = (form) => new URLSearchParams(new FormData(form)).toString();
  const put = (state, form, body) => fetch(state.getAttribute("hx-put"), {
    method: "PUT",
    keepalive: true,
    headers: { "HX-Request": "true", "X-CSRFToken": $("[name=csrfmiddlewaretoken]", form).value, "Content-Type": "application/x-www-form-urlencoded" },
    body,
  });
  document.addEventListener("input", (e) => { if (e.target.closest("#review-form")) typed = true; });
  document.addEventListener("submit", (e) => { if (e.target.id === "review-form") typed = false; }, true);
  document.addEventListener("htmx:beforeRequest", (e) => { if (e.target.id === "draft-state") typed = false; });
  const flush = () => {
    const state = $("#draft-state"), form = $("#review-form");
    if (!typed || !state || !form) return;
    typed = false;
    put(state, form, entered(form)).catch(() => { typed = true; });
  };
  // When the session has ended, what was typed waits in this tab until the same person is back.
  const held = () => `typed:${location.pathname}`;
  document.addEventListener("htmx:beforeOnLoad", (e) => {
    const form = $("#review-form");
    if (form && e.detail.xhr.status === 401) sessionStorage.setItem(held(), JSON.stringify([$("#draft-state").dataset.person, entered(form)]));
  });
  const waiting = $("#draft-state") && sessionStorage.getItem(held());
  if (waiting) {
    sessionStorage.removeItem(held());
    const [person, body] = JSON.parse(waiting), state = $("#draft-state");
    if (person === state.dataset.person) put(state, $("#review-form"), body).then((answer) => { if (answer.ok) location.reload(); });
  }
  addEventListener("beforeunload", flush);
  document.addEventListener("visibilitychange", () => { if (document.hidden) flush(); });

  // Time at work on a case: only while the page is visible and somebody is there. In milliseconds.
  const IDLE = 60_000;
  let spent = null, last = performance.now(), active = last;
  for (const type of ["keydown", "pointermove", "scroll"]) document.addEventListener(type, () => { active = performance.now(); }, { passive: true, capture: true });
  const tick = () => {
    const field = $("input[name=time_spent_ms]");
    const now = performance.now();
    if (field) {
      spent ??= Number(field.value) || 0;
      if (!document.hidden && now - active < IDLE) spent += Math.min(now - last, 5000);
      field.value = Math.round(spent);
    }
    last = now;
  };
  setInterval(tick, 1000);
  document.addEventListener("visibilitychange", tick);
  // Another case has come into the page: its clock and its draft are its own.
  document.addEventListener("htmx:beforeSwap", (e) => {
    if (e.detail.target?.id !== "app") return;
    spent = null;
    typed = false;
    then = "";
    // Fields of two cases have the same names: the focus must not go from one into the other.
    document.activeElement?.blur();
  });

  // Deadlines: the words and the ring are refreshed every half minute, and spoken 10 and 2 minutes before the end.
  const span = (seconds) => {
    const s = Math.abs(Math.trunc(seconds));
    if (s < 60) return "under 1 min";
    if (s < 3600) return `${Math.trunc(s / 60)} min`;
    if (s < 86400) return `${Math.trunc(s / 3600)} h ${String(Math.trunc(s % 3600 / 60)).padStart(2, "0")}`;
    return `${Math.trunc(s / 86400)} d ${Math.trunc(s % 86400 / 3600)} h`;
  };
  const refresh = (el) => {
    const due = Date.parse(el.dataset.due);
    const left = (due - Date.now()) / 1000;
    const whole = el.dataset.since ? Math.max((due - Date.parse(el.dataset.since)) / 1000, 60) : 7200;
    const gone = Math.max(0, Math.min(1, 1 - left / whole));
    el.dataset.tone = left <= 0 ? "critical" : gone > 0.75 ? "caution" : "positive";
    el.querySelectorAll("circle")[1]?.setAttribute("stroke-dasharray", `${Math.round(gone * 100)} 100`);
    const small = el.matches(".sla--sm");
    const words = (left <= 0 ? `${span(left)} over` : small ? span(left) : `${span(left)} left`) + (el.dataset.tail || "");
    const label = el.lastElementChild;
    if (label.textContent !== words) label.textContent = words;
    if (!small && el.closest(".benchhead")) for (const minutes of [10, 2]) if (left > minutes * 60 - 30 && left <= minutes * 60) say(`${minutes} minutes left for this case`);
  };
  setInterval(() => { if (!document.hidden) $$(".sla[data-due]").forEach(refresh); }, 30_000);

  // Verdict keys and section keys; app.js asks first, and does its own when nothing here answers.
  // A verdict that needs more takes the writer there, as soon as the field is there: of a group, to its first field.
  let then = "";
  const write = () => { const field = then.split(" ").map((id) => document.getElementById(id)).find(Boolean); if (field) { then = ""; (field.matches("fieldset") ? $("input:not([type=hidden]),select,textarea", field) || field : field).focus(); } };
  document.addEventListener("htmx:afterSettle", write);
  const mark = (radio) => {
    radio.checked = true;
    radio.focus();
    then = radio.dataset.then || "";
    write();
    const words = [...radio.closest("label").childNodes].filter((n) => n.nodeName !== "KBD").map((n) => n.textContent.trim()).find(Boolean);
    say(`${words} selected`);
    radio.dispatchEvent(new Event("change", { bubbles: true }));
  };
  document.addEventListener("shortcut", (e) => {
    const key = e.detail;
    const radio = $(`[data-verdict="${CSS.escape(key)}"]`);
    const section = /^[1-9]$/.test(key) ? $$(".benchhead .tabs a")[Number(key) - 1] : null;
    const quote = key === "i" ? document.activeElement?.closest("[data-input]")?.querySelector("[data-cite]") : null;
    if (radio) mark(radio); else if (section) section.click(); else if (quote) quote.click(); else return;
    e.preventDefault();
  });

  // Ctrl+Enter submits from anywhere in the page; F6 walks the panes.
  const panes = () => $$(".pane--queue a[aria-current], [data-pane]").map((p) => (p.matches(".pane--review") ? $(".bench__scroll", p) : p)).filter((p) => p && p.offsetParent);
  document.addEventListener("keydown", (e) => {
    if ((e.ctrlKey || e.metaKey) && e.key === "Enter" && !$("dialog[open]")) {
      const own = document.activeElement?.closest("main form");
      const button = (own && ($("[data-submit]", own) || $("button[type=submit]:enabled:not([formaction])", own))) || $("main [data-submit]") || $("main form[method=post] button[type=submit]");
      if (button) { e.preventDefault(); button.click(); }
    }
    if (e.key === "F6") {
      const list = panes();
      if (!list.length) return;
      e.preventDefault();
      const at = list.findIndex((p) => p.contains(document.activeElement));
      const before = at <= 0 ? list.length - 1 : at - 1;
      list[e.shiftKey ? before : (at + 1) % list.length].focus();
    }
  });

  // Section links in the workbench follow the scroll position.
  const follow = () => {
    const tabs = $$(".benchhead .tabs a");
    if (!tabs.length) return;
    const top = $(".benchhead").getBoundingClientRect().bottom + 24;
    const at = Math.max(0, tabs.findLastIndex((a) => (document.getElementById(a.hash.slice(1))?.getBoundingClientRect().top ?? Infinity) <= top));
    tabs.forEach((a, n) => { if (n === at) a.setAttribute("aria-current", "true"); else a.removeAttribute("aria-current"); });
  };
  document.addEventListener("scroll", follow, { passive: true, capture: true });
})();
