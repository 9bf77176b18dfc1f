// What a keyboard-first product adds on top of pages that work without script. No eval, nothing inline: fits
// script-src 'self'. Fetching and swapping is htmx; the theme comes from the server, so it never flashes.
(() => {
  "use strict";
  const root = document.documentElement;
  const $ = (sel, el = document) => el.querySelector(sel);
  const $$ = (sel, el = document) => [...el.querySelectorAll(sel)];
  // Single-key shortcuts can be switched off (WCAG 2.1.4); the choice is kept on the person's profile.
  let singleKeys = root.dataset.shortcuts !== "off";
  const csrf = () => JSON.parse(document.body.getAttribute("hx-headers") || "{}")["X-CSRFToken"] || "";

  const open = (id) => { const d = document.getElementById(id); if (d && !d.open) { d.showModal(); $("input", d)?.focus(); } };

  document.addEventListener("click", (e) => {
    const t = e.target.closest("[data-open],[data-close],[data-dismiss],[data-cite],[data-uncite],[data-copy],[aria-disabled=true],.option");
    if (!t) { if (e.target instanceof HTMLDialogElement) e.target.close(); return; }
    if (t.matches("[aria-disabled=true]")) { e.preventDefault(); return; }
    if (t.dataset.open) open(t.dataset.open);
    if ("close" in t.dataset) t.closest("dialog").close();
    if ("cite" in t.dataset) cite(t.dataset.cite, t.dataset.citeTitle);
    if ("uncite" in t.dataset) { t.closest(".chip").remove(); changed(); }
    if ("dismiss" in t.dataset) t.closest(".toast").remove();
    if (t.dataset.copy) navigator.clipboard?.writeText(t.dataset.copy).then(() => say("Copied"));
    if (t.matches(".option") && t.dataset.href) location.href = t.dataset.href;
  });
  document.addEventListener("change", (e) => {
    if (!e.target.matches("[data-shortcuts-toggle]")) return;
    singleKeys = e.target.checked;
    root.dataset.shortcuts = singleKeys ? "on" : "off";
    fetch(e.target.dataset.url, { method: "POST", headers: { "X-CSRFToken": csrf(), "X-Requested-With": "fetch" }, body: new URLSearchParams({ single_keys: singleKeys ? "on" : "off" }) });
  });

  // One polite live region for short confirmations.
  const live = document.getElementById("live") || document.createElement("div");
  const say = (text) => { live.textContent = ""; requestAnimationFrame(() => { live.textContent = text; }); };

  // Evidence: citing an input adds a chip with a hidden pointer to the review form.
  const changed = () => $("#correction")?.dispatchEvent(new Event("input", { bubbles: true }));
  const cite = (pointer, title) => {
    const box = $("#evidence");
    if (!box) return;
    if ([...box.querySelectorAll("input")].some((i) => i.value === pointer)) { say(`${title} is cited already`); return; }
    const chip = $("template[data-chip]").content.firstElementChild.cloneNode(true);
    $("input", chip).value = pointer;
    $("[data-chip-title]", chip).textContent = title;
    $("button", chip).setAttribute("aria-label", `Remove evidence: ${title}`);
    box.append(chip);
    changed();
    say(`${title} cited as evidence`);
  };

  // Justification counter: always visible, spoken only when the minimum is reached or lost.
  const count = (area, spoken) => {
    const out = $(`output[for="${area.id}"]`);
    const min = Number(area.dataset.min);
    const n = area.value.trim().length;
    if (out) { $("[data-counter]", out).textContent = n; if (n >= min) out.dataset.tone = "positive"; else delete out.dataset.tone; }
    const met = String(n >= min);
    if (spoken && area.dataset.met !== met) say(n >= min ? "Minimum length reached" : `${min - n} more characters needed`);
    area.dataset.met = met;
  };
  document.addEventListener("input", (e) => { if (e.target.matches("textarea[data-count]")) count(e.target, true); });
  const prepare = (el) => { el.querySelectorAll("textarea[data-count]").forEach((a) => count(a, false)); };
  prepare(document);

  // After a swap: count again; move focus to what the server marked (an error summary, a new heading).
  document.addEventListener("htmx:afterSwap", (e) => { prepare(e.target); $("[data-focus]", e.target.parentElement || e.target)?.focus(); });
  document.addEventListener("htmx:responseError", (e) => { if (e.detail.xhr.status >= 500) say("The server failed. What you typed is kept; try again."); });
  document.addEventListener("htmx:sendError", () => { const d = $("#draft-state"); if (d) d.textContent = "Offline, not saved yet"; say("No connection. What you typed is kept here."); });

  // Time at work on a case: only while the page is visible.
  const spent = $("input[name=time_spent_ms]");
  if (spent) {
    let last = performance.now(), total = Number(spent.value) || 0;
    const tick = () => { const now = performance.now(); if (!document.hidden) total += Math.min(now - last, 5000); last = now; const f = $("input[name=time_spent_ms]"); if (f) f.value = Math.round(total); };
    setInterval(tick, 1000);
    document.addEventListener("visibilitychange", tick);
  }

  // Command palette: filter, arrows, Enter. Focus stays in the input (combobox pattern).
  const palette = $("#palette");
  if (palette) {
    const input = $("[role=combobox]", palette);
    const options = $$("[role=option]", palette);
    const shown = () => options.filter((o) => !o.hidden);
    const select = (o) => { options.forEach((x) => x.setAttribute("aria-selected", String(x === o))); if (o) { input.setAttribute("aria-activedescendant", o.id); o.scrollIntoView({ block: "nearest" }); } else input.removeAttribute("aria-activedescendant"); };
    input.addEventListener("input", () => {
      const q = input.value.trim().toLowerCase();
      options.forEach((o) => { o.hidden = !o.textContent.toLowerCase().includes(q); });
      $$("[role=group]", palette).forEach((g) => { g.hidden = !$("[role=option]:not([hidden])", g); });
      const n = shown().length;
      $("[data-palette-count]", palette).textContent = n === 1 ? "1 result" : `${n} results`;
      select(shown()[0]);
    });
    input.addEventListener("keydown", (e) => {
      const list = shown();
      const at = list.findIndex((o) => o.getAttribute("aria-selected") === "true");
      if (e.key === "ArrowDown" || e.key === "ArrowUp") { e.preventDefault(); select(list[(at + (e.key === "ArrowDown" ? 1 : list.length - 1)) % list.length]); }
      if (e.key === "Enter" && list[at]) { e.preventDefault(); list[at].click(); }
    });
  }

  // Lists: J and K move focus between rows or links.
  const move = (step) => {
    const list = $("[data-list]");
    if (!list) return false;
    const links = list.matches("table") ? $$("tbody th a", list) : $$("a", list);
    const rows = links.map((a) => a.closest("tr") || a);
    const at = rows.findIndex((r) => r.contains(document.activeElement));
    const from = at >= 0 ? at : rows.findIndex((r) => r.matches("[aria-current],[data-current]"));
    const next = links[Math.min(links.length - 1, Math.max(0, from + step))];
    next?.focus();
    return Boolean(next);
  };
  const panes = () => $$(".pane--queue a[aria-current], [data-pane]").map((p) => (p.matches(".pane--review") ? $(".bench__scroll", p) : p)).filter((p) => p && p.offsetParent);
  const GO = { q: "/", e: "/escalations/", r: "/releases/", d: "/decisions/", a: "/agents/" };
  let afterG = false;

  document.addEventListener("keydown", (e) => {
    const typing = e.target.matches("input:not([type=radio]):not([type=checkbox]), textarea, select, [contenteditable]");
    if ((e.ctrlKey || e.metaKey) && e.key.toLowerCase() === "k") { e.preventDefault(); open("palette"); return; }
    if ((e.ctrlKey || e.metaKey) && e.key === "Enter") { const b = $("main [data-submit]") || $("main button[type=submit]"); if (b) { e.preventDefault(); b.click(); } return; }
    if (e.key === "F6") { const list = panes(); if (list.length) { e.preventDefault(); const at = list.findIndex((p) => p.contains(document.activeElement)); list[(at + (e.shiftKey ? list.length - 1 : 1)) % list.length].focus(); } return; }
    if (typing || !singleKeys || e.ctrlKey || e.metaKey || e.altKey || $("dialog[open]")) return;
    const key = e.key.toLowerCase();
    if (afterG) { afterG = false; if (GO[key]) location.href = GO[key]; return; }
    if (key === "g") { afterG = true; setTimeout(() => { afterG = false; }, 1200); return; }
    if (e.key === "?") { open("help"); return; }
    if (key === "/") { const f = $("[data-filter]"); if (f) { e.preventDefault(); f.focus(); } return; }
    if (key === "j" || key === "k") { const link = $(`main a[data-key=${key}]`); if (link && !$(".queue")?.contains(document.activeElement)) link.click(); else move(key === "j" ? 1 : -1); return; }
    if (/^[1-5]$/.test(key)) { $$(".benchhead .tabs a")[Number(key) - 1]?.click(); return; }
    const verdict = $(`[data-verdict="${key}"]`);
    if (verdict) { verdict.checked = true; verdict.focus(); verdict.dispatchEvent(new Event("change", { bubbles: true })); say(`${[...verdict.closest("label").childNodes].filter((n) => n.nodeName !== "KBD").map((n) => n.textContent.trim()).filter(Boolean)[0]} selected`); return; }
    if (key === "i") document.activeElement?.closest("[data-input]")?.querySelector("[data-cite]")?.click();
    if (key === "s") $(".pagehead__actions .btn--primary")?.click();
  });

  // Section links in the workbench follow the scroll position.
  const tabs = $$(".benchhead .tabs a");
  const pane = $(".pane--case");
  if (tabs.length && pane) {
    const targets = tabs.map((a) => document.getElementById(a.hash.slice(1)));
    const mark = () => {
      const top = $(".benchhead").getBoundingClientRect().bottom + 24;
      let i = [...targets].findLastIndex((t) => t && t.getBoundingClientRect().top <= top);
      if (i < 0) i = 0;
      tabs.forEach((a, n) => { if (n === i) a.setAttribute("aria-current", "true"); else a.removeAttribute("aria-current"); });
    };
    pane.addEventListener("scroll", mark, { passive: true });
    addEventListener("scroll", mark, { passive: true });
  }
})();
