// The report without this script is a static page; this adds the theme, the panel that
// follows pointer and focus, arrow keys inside listings, and the filters.
"use strict";
const root = document.documentElement;
root.classList.add("js");

// -- theme: auto, light or dark, remembered where the browser allows it

const THEMES = ["auto", "light", "dark"];
const remembered = {
  get() {
    try { return localStorage.getItem("adaptive-theme"); } catch { return null; }
  },
  set(theme) {
    try { localStorage.setItem("adaptive-theme", theme); } catch { /* not allowed */ }
  },
};

function setTheme(theme) {
  root.dataset.theme = theme;
  const name = document.querySelector("#theme b");
  if (name) name.textContent = theme;
}

setTheme(THEMES.includes(remembered.get()) ? remembered.get() : "auto");

document.addEventListener("DOMContentLoaded", () => {
  const byId = (id) => document.getElementById(id);
  const panel = byId("panel");
  const isWide = matchMedia("(min-width: 75rem)");

  setTheme(root.dataset.theme);
  byId("theme").addEventListener("click", () => {
    const theme = THEMES[(THEMES.indexOf(root.dataset.theme) + 1) % THEMES.length];
    setTheme(theme);
    remembered.set(theme);
  });

  // -- the panel: one card at a time, pinned by a click, else what is pointed at

  let pinned = null;
  let shown = null;
  let opener = null;
  let isReturning = false; // the focus comes back from a card that was closed

  const segmentsIn = (id) =>
    document.querySelectorAll(`.s[data-in~="${id.slice(1)}"]`);

  function show(card) {
    if (card === shown) return;
    if (shown) {
      shown.classList.remove("shown");
      segmentsIn(shown.id).forEach((segment) => segment.classList.remove("on"));
    }
    shown = card;
    panel.classList.toggle("open", card !== null);
    if (card) {
      card.classList.add("shown");
      segmentsIn(card.id).forEach((segment) => segment.classList.add("on"));
      panel.scrollTop = 0;
    }
  }

  function note(hash) {
    // The address names what is open; a page from a string has none to change.
    try { history.replaceState(null, "", hash || location.pathname); } catch { /* none */ }
  }

  function pin(card, from) {
    pinned = card;
    opener = from;
    show(card);
    panel.classList.add("pinned");
    note(`#${card.id}`);
    card.querySelector("h3").focus({ preventScroll: true });
    // The sheet covers the lower part of a narrow window.
    const line = from && !isWide.matches && from.closest(".l");
    if (line) line.scrollIntoView({ block: "start", inline: "nearest" });
  }

  function close() {
    if (!pinned && !shown) return;
    const wasPinned = pinned !== null;
    pinned = null;
    show(null);
    panel.classList.remove("pinned");
    if (wasPinned) note("");
    isReturning = true;
    if (opener) opener.focus({ preventScroll: true });
    isReturning = false;
    opener = null;
  }

  const cardOf = (link) => byId(link.getAttribute("href").slice(1));
  const peek = (segment) => {
    if (segment && !pinned && !isReturning && isWide.matches) show(cardOf(segment));
  };

  function reveal(target) {
    for (let at = target; at; at = at.parentElement) {
      if (at.tagName === "DETAILS") at.open = true;
      if (at.hidden) resetFilters();
    }
    target.scrollIntoView({ block: "center" });
    document.querySelectorAll(".l.at").forEach((line) => line.classList.remove("at"));
    if (target.classList.contains("l")) target.classList.add("at");
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#']");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const target = cardOf(link);
    if (!target) return;
    if (link.classList.contains("close")) {
      event.preventDefault();
      close();
    } else if (target.classList.contains("card")) {
      event.preventDefault();
      pin(target, panel.contains(link) ? opener : link);
      if (!link.classList.contains("s")) {
        reveal(byId(`f${target.dataset.file}l${target.dataset.line}`));
      }
    } else if (target.classList.contains("l")) {
      event.preventDefault();
      reveal(target);
      note(`#${target.id}`);
      const first = target.querySelector(".s");
      (first || target.closest(".listing")).focus({ preventScroll: true });
    }
  });

  function openFromAddress() {
    const target = location.hash.length > 1 && byId(location.hash.slice(1));
    if (!target) return;
    if (target.classList.contains("card")) {
      pin(target, null);
      reveal(byId(`f${target.dataset.file}l${target.dataset.line}`));
    } else if (target.classList.contains("l")) {
      reveal(target);
    }
  }
  addEventListener("hashchange", openFromAddress);

  // -- listings: one stop for Tab each, arrow keys between the ranges inside

  document.querySelectorAll(".listing").forEach((listing) => {
    const stops = [...listing.querySelectorAll(".s[aria-label]")];
    if (!stops.length) return;
    listing.removeAttribute("tabindex");
    let current = stops[0];
    stops.forEach((stop) => { stop.tabIndex = -1; });
    current.tabIndex = 0;

    const lineOf = (stop) => stop.closest(".l");
    const isReachable = (stop) => !stop.classList.contains("off") && stop.offsetParent;

    function nextOn(step, otherLine) {
      let at = stops.indexOf(current) + step;
      while (stops[at] && (!isReachable(stops[at])
             || (otherLine && lineOf(stops[at]) === lineOf(current)))) at += step;
      return stops[at];
    }

    listing.addEventListener("keydown", (event) => {
      const go = {
        ArrowRight: () => nextOn(1, false),
        ArrowLeft: () => nextOn(-1, false),
        ArrowDown: () => nextOn(1, true),
        ArrowUp: () => nextOn(-1, true),
        Home: () => stops.find(isReachable),
        End: () => stops.findLast(isReachable),
      }[event.key];
      if (!go || event.ctrlKey || event.metaKey || event.altKey) return;
      if (!event.target.classList.contains("s")) return;
      event.preventDefault();
      const stop = go();
      if (stop) {
        stop.focus();
        stop.scrollIntoView({ block: "nearest", inline: "nearest" });
      }
    });
    listing.addEventListener("focusin", (event) => {
      const stop = event.target.closest(".s");
      if (!stop) return;
      peek(stop);
      if (!stops.includes(stop)) return;
      current.tabIndex = -1;
      current = stop;
      current.tabIndex = 0;
    });
    listing.addEventListener("pointerover", (event) => peek(event.target.closest(".s")));
  });

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close();
    const isLink = event.target.matches("a[href^='#p'], a[role=button]");
    if (event.key === " " && isLink) {
      event.preventDefault();
      event.target.click();
    }
  });

  // -- filters

  const byFile = byId("by-file");
  const byFamily = byId("by-family");

  function fits(element) {
    const { file, family } = element.dataset;
    return (file === undefined || !byFile.value || file === byFile.value)
      && (family === undefined || !byFamily.value
          || family.split(" ").includes(byFamily.value));
  }

  function applyFilters() {
    const filtered = "main [data-file], main [data-family]";
    document.querySelectorAll(filtered).forEach((item) => { item.hidden = !fits(item); });
    const families = new Map();
    let found = 0;
    document.querySelectorAll(".card").forEach((card) => {
      families.set(card.id, fits(card));
      found += fits(card) ? 1 : 0;
    });
    document.querySelectorAll(".listing .s").forEach((segment) => {
      segment.classList.toggle("off", !families.get(segment.getAttribute("href").slice(1)));
    });
    const none = document.querySelector("#losses .none");
    if (none) none.hidden = Boolean(document.querySelector(".losses > li:not([hidden])"));
    const isOn = byFile.value || byFamily.value;
    if (isOn && byFile.value) byId(`f${byFile.value}`).open = true;
    byId("found").textContent = isOn ? `${found} of ${families.size} ranges` : "";
  }

  function resetFilters() {
    byFile.value = "";
    byFamily.value = "";
    applyFilters();
  }

  byFile.addEventListener("change", applyFilters);
  byFamily.addEventListener("change", applyFilters);
  document.querySelector(".filters").addEventListener("reset", (event) => {
    event.preventDefault();
    resetFilters();
  });

  openFromAddress();
  const largest = document.querySelector(".losses a[href^='#p']");
  if (!shown && largest && isWide.matches) show(cardOf(largest));
});
