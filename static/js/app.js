// What a keyboard-first product adds to pages that work without script: dialogs, palette, shortcuts, toasts, focus.
// Fetching and swapping is htmx; the theme comes from the server, so it never flashes. Nothing is evaluated, nothing
// inline: fits script-src 'self'. What only the review pages need is in review.js; the two talk by events.
(() => {
  "use strict";
  const root = document.documentElement;
  const $ = (sel, el = document) => el.querySelector(sel);
  const $$ = (sel, el = document) => [...el.querySelectorAll(sel)];
  const onBody = (type, handle) => document.addEventListener(type, handle);

  // One polite live region for short confirmations; other scripts send "say" events.
  const live = $("#live") || document.createElement("div");
  const say = (text) => { live.textContent = ""; requestAnimationFrame(() => { live.textContent = text; }); };
  onBody("say", (e) => say(e.detail));

  // Preferences are kept on the profile; the page changes at once.
  const csrf = () => JSON.parse(document.body.getAttribute("hx-headers") || "{}")["X-CSRFToken"] || "";
  const keep = (url, values) => fetch(url, {
    method: "POST",
    headers: { "X-CSRFToken": csrf(), "X-Requested-With": "fetch" },
    body: new URLSearchParams(values),
  }).then((r) => { if (!r.ok) throw new Error(String(r.status)); }).catch(() => say("Not saved: it holds until you leave this page"));

  const toggleTheme = (button) => {
    const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
    keep(button.dataset.url, { theme: root.dataset.theme });
    say(dark ? "Light theme" : "Dark theme");
  };

  // Single-key shortcuts can be switched off (WCAG 2.1.4).
  let singleKeys = root.dataset.shortcuts !== "off";
  onBody("change", (e) => {
    if (!e.target.matches("[data-shortcuts-toggle]")) return;
    singleKeys = e.target.checked;
    root.dataset.shortcuts = singleKeys ? "on" : "off";
    $$("[data-shortcuts-toggle]").forEach((box) => { box.checked = singleKeys; });
    keep(e.target.dataset.url, { single_keys: root.dataset.shortcuts });
  });

  // Dialogs. What opened one gets the focus back: showModal does that by itself.
  const open = (id) => {
    const dialog = document.getElementById(id);
    if (!dialog || dialog.open) return false;
    dialog.showModal();
    const input = $("input[role=combobox]", dialog);
    if (input) { input.value = ""; input.focus(); input.dispatchEvent(new Event("palette-open", { bubbles: true })); }
    return true;
  };

  onBody("click", (e) => {
    if (e.target instanceof HTMLDialogElement) { e.target.close(); return; }
    const t = e.target.closest("[data-open],[data-close],[data-theme-toggle],[data-dismiss],[data-copy],[aria-disabled=true],.option");
    if (!t) return;
    if (t.matches("[aria-disabled=true]")) { e.preventDefault(); return; }
    if (t.dataset.open && open(t.dataset.open)) { e.preventDefault(); t.closest("details.menu")?.removeAttribute("open"); }
    if ("close" in t.dataset) t.closest("dialog").close();
    if ("themeToggle" in t.dataset) { e.preventDefault(); toggleTheme(t); }
    if ("dismiss" in t.dataset) dismiss(t.closest(".toast"));
    if (t.dataset.copy) navigator.clipboard?.writeText(t.dataset.copy).then(() => say("Copied"), () => say("Copying is not allowed here"));
    if (t.matches(".option")) choose(t);
  });
  // Menus close when the focus or a click goes elsewhere, and on Escape.
  const closeMenus = (inside) => $$("details.menu[open]").forEach((m) => { if (!m.contains(inside)) m.removeAttribute("open"); });
  onBody("click", (e) => closeMenus(e.target));
  onBody("focusin", (e) => closeMenus(e.target));

  // Toasts: 10 s, with undo 30 s; the clock stands still while pointer or focus is on them.
  const toasts = $("#toasts");
  const dismiss = (toast) => { if (toast?.contains(document.activeElement)) $("#main")?.focus(); toast?.remove(); };
  const arm = (toast) => {
    let left = Number(toast.dataset.seconds) || 10;
    const timer = setInterval(() => {
      if (document.hidden || toast.matches(":hover, :focus-within")) return;
      left -= 1;
      if (left <= 0) { clearInterval(timer); dismiss(toast); }
    }, 1000);
  };
  const show = ({ title, text = "", tone = "positive", undo = "" }) => {
    const blank = $("#toast-blank");
    if (!blank || !toasts) return;
    const toast = blank.content.firstElementChild.cloneNode(true);
    toast.dataset.tone = tone;
    $("[data-title]", toast).textContent = title;
    const line = $("[data-text]", toast);
    const form = $("[data-undo]", toast);
    if (undo.startsWith("/")) { form.action = undo; toast.dataset.seconds = "30"; } else { form.remove(); toast.dataset.seconds = "10"; }
    const words = text || (undo ? "Undo works for 30 seconds" : "");
    if (words) line.textContent = words; else line.remove();
    toasts.append(toast);
    arm(toast);
  };
  if (toasts) {
    $$(".toast", toasts).forEach(arm);
    const first = $(".toast [data-title]", toasts);
    if (first) say(first.textContent); // a region that is there from the start is not announced
  }
  onBody("toast", (e) => show(e.detail));

  // After a swap: the focus goes to what the server marked, else to a new heading of the page.
  onBody("htmx:afterSettle", (e) => {
    const swapped = e.detail.elt;
    const marked = swapped.matches?.("[data-focus]") ? swapped : $("[data-focus]", swapped);
    const heading = ["main", "app"].includes(swapped.id) ? $("h1", swapped) : null;
    const to = marked || heading;
    if (!to) return;
    if (!to.hasAttribute("tabindex")) to.tabIndex = -1;
    to.focus();
  });
  // A refusal may come with a place of its own; a fault of the server keeps the page and says so at the top.
  onBody("htmx:beforeSwap", (e) => { if (e.detail.xhr.status >= 500 && e.detail.xhr.getResponseHeader("HX-Retarget")) e.detail.shouldSwap = true; });
  const fault = (text) => {
    const place = $("#problem");
    if (!place) return;
    const banner = $("#fault-blank").content.firstElementChild.cloneNode(true);
    if (text) $("[data-text]", banner).textContent = text;
    place.replaceChildren(banner);
    banner.focus();
  };
  // What the person does next supersedes what went wrong before; a poll does not.
  const polls = (el) => el.matches("[hx-trigger*='every'], [role=status]");
  onBody("htmx:beforeRequest", (e) => { if (!polls(e.detail.elt)) $("#problem")?.replaceChildren(); });
  onBody("htmx:responseError", (e) => {
    const { xhr, elt } = e.detail;
    if (xhr.status >= 500 && !xhr.getResponseHeader("HX-Retarget") && !polls(elt)) fault("");
  });
  onBody("htmx:sendError", (e) => { if (!polls(e.detail.elt)) fault("No connection. What you typed is kept here; try again when you are back online."); });

  // Command palette. The focus stays in the input (combobox pattern); commands of the open page come first.
  const palette = $("#palette");
  const input = palette && $("[role=combobox]", palette);
  const options = () => $$("[role=option][data-href], [role=option][data-index]", palette);
  const select = (option) => {
    $$("[role=option]", palette).forEach((one) => one.setAttribute("aria-selected", String(one === option)));
    if (!option) { input.removeAttribute("aria-activedescendant"); return; }
    input.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  };
  let commands = [];
  const choose = (option) => {
    const command = commands[Number(option.dataset.index)];
    palette.close();
    if (command) command.click(); else if (option.dataset.href) location.href = option.dataset.href;
  };
  const addCommands = () => {
    const typed = input.value.trim().toLowerCase();
    commands = $$("[data-command]").filter((el) => el.offsetParent && el.dataset.command.toLowerCase().includes(typed));
    if (!commands.length) return;
    const group = document.createElement("div");
    group.setAttribute("role", "group");
    group.setAttribute("aria-label", "This page");
    const title = document.createElement("div");
    title.className = "palette__group";
    title.textContent = "This page";
    group.append(title, ...commands.map((el, n) => {
      const option = $("#command-blank").content.firstElementChild.cloneNode(true);
      option.id = `cmd-${n}`;
      option.dataset.index = String(n);
      $("span", option).textContent = el.dataset.command;
      return option;
    }));
    const list = $("#palette-list");
    if ($("#opt-none", list)) list.replaceChildren();
    list.prepend(group);
  };
  if (palette) {
    input.addEventListener("htmx:afterRequest", () => {
      addCommands();
      const n = options().length;
      $("[data-palette-count]", palette).textContent = n === 1 ? "1 result" : `${n} results`;
      select(options()[0]);
    });
    input.addEventListener("keydown", (e) => {
      const list = options();
      const at = list.findIndex((o) => o.getAttribute("aria-selected") === "true");
      if (e.key === "ArrowDown" || e.key === "ArrowUp") { e.preventDefault(); select(list[(at + (e.key === "ArrowDown" ? 1 : list.length - 1)) % list.length]); }
      if (e.key === "Enter") { e.preventDefault(); if (list[at]) choose(list[at]); }
    });
  }

  // Lists: J and K move the focus between rows or links.
  const move = (step) => {
    const list = $("[data-list]");
    if (!list) return;
    const links = list.matches("table") ? $$("tbody th a", list) : $$("a", list);
    const rows = links.map((a) => a.closest("tr") || a);
    const at = rows.findIndex((r) => r.contains(document.activeElement));
    const from = at >= 0 ? at : rows.findIndex((r) => r.matches("[aria-current],[data-current]"));
    links[Math.min(links.length - 1, Math.max(0, from + step))]?.focus();
  };

  let afterG = false;
  const plain = {
    g: () => { afterG = true; setTimeout(() => { afterG = false; }, 1200); },
    "?": () => open("help"),
    "/": () => { const field = $("[data-filter]"); field?.focus(); return Boolean(field); },
    j: () => { const link = $("main a[data-key=j]"); if (link && !$(".queue")?.contains(document.activeElement)) link.click(); else move(1); },
    k: () => { const link = $("main a[data-key=k]"); if (link && !$(".queue")?.contains(document.activeElement)) link.click(); else move(-1); },
    s: () => $(".pagehead__actions .btn--primary")?.click(),
    z: () => $$("#toasts [data-undo] button").at(-1)?.click(),
  };
  onBody("keydown", (e) => {
    const ctrl = e.ctrlKey || e.metaKey;
    if (ctrl && e.key.toLowerCase() === "k" && palette) { e.preventDefault(); open("palette"); return; }
    if (e.key === "Escape") { $$("details.menu[open]").forEach((m) => { m.removeAttribute("open"); $("summary", m).focus(); }); return; }
    const typing = e.target.matches?.("input:not([type=radio]):not([type=checkbox]), textarea, select, [contenteditable]");
    if (typing || !singleKeys || ctrl || e.altKey || e.defaultPrevented || $("dialog[open]")) return;
    const key = e.key.toLowerCase();
    if (afterG) { afterG = false; const link = $(`[data-go="${CSS.escape(key)}"]`); if (link) location.href = link.href; return; }
    if (!document.dispatchEvent(new CustomEvent("shortcut", { detail: key, cancelable: true }))) { e.preventDefault(); return; }
    const act = Object.hasOwn(plain, e.key) ? plain[e.key] : Object.hasOwn(plain, key) ? plain[key] : null;
    if (act && act() !== false && key !== "g") e.preventDefault();
  });
})();
