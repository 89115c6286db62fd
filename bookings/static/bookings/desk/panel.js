// The panel beside a day: focus goes where something new is, arrows go through hours and through lines of a list.
(function () {
  "use strict";
  var panel = document.getElementById("panel");
  if (!panel) { return; }
  var cameFrom = null;

  function close() {
    panel.replaceChildren();
    document.dispatchEvent(new Event("desk-panel"));
    var back = cameFrom && document.getElementById(cameFrom);
    if (back) { back.focus(); }
  }
  function byItself(event) {
    var by = event.detail.requestConfig && event.detail.requestConfig.triggeringEvent;
    return Boolean(by) && (by.type === "refresh" || by.type === "diary-changed");
  }
  var wasInside = false;
  document.body.addEventListener("htmx:beforeSwap", function (event) {
    if (event.detail.target === panel) {
      // A look at a visit that has left the panel meanwhile must not bring it back.
      if (byItself(event) && !document.contains(event.detail.requestConfig.elt)) { event.detail.shouldSwap = false; return; }
      wasInside = panel.contains(document.activeElement);
      if (!wasInside) { cameFrom = document.activeElement.id || cameFrom; }
    }
  });
  document.body.addEventListener("htmx:afterSwap", function (event) {
    if (event.detail.target !== panel) { return; }
    var shut = document.createElement("button");
    shut.type = "button";
    shut.className = "quiet shut";
    shut.textContent = panel.dataset.shut;
    shut.addEventListener("click", close);
    if (panel.dataset.shut) { panel.prepend(shut); }
    document.dispatchEvent(new Event("desk-panel"));
    if (byItself(event) && !wasInside) { return; }  // nobody asked for it, so nobody's place is lost
    var there = panel.querySelector("[role=alert]") || panel.querySelector("h2");
    if (there) { there.tabIndex = -1; there.focus({ preventScroll: window.innerWidth >= 1120 }); }
  });

  // Arrows: through the hours that are offered, and down the names of a list.
  document.addEventListener("keydown", function (event) {
    if (event.ctrlKey || event.metaKey || event.altKey) { return; }
    if (event.key === "Escape" && panel.firstElementChild && !document.querySelector("dialog[open]")
      && !panel.querySelector("[data-key=Escape]") && !event.target.closest("input, select, textarea")) {
      close();
      return;
    }
    var hours = event.target.closest("[data-arrows]");
    if (hours) { through(event, hours.querySelectorAll("a"), columnsOf(hours)); return; }
    // From anywhere in the move form the first arrow leads to its hours.
    var list = panel.querySelector("[data-arrows]");
    if (list && event.target.closest("#panel h2") && /^Arrow/.test(event.key)) {
      event.preventDefault();
      event.stopPropagation();
      (list.querySelector("[aria-current]") || list.querySelector("a")).focus();
      return;
    }
    if (event.target.closest(".visits-table tbody th a")) { through(event, document.querySelectorAll(".visits-table tbody th a"), 0); }
    else if (event.target.closest(".week-visits a")) { through(event, document.querySelectorAll(".week-visits a"), 0); }
  }, true);
  function columnsOf(list) {
    var items = Array.from(list.children), top = items[0].offsetTop;
    return items.filter(function (item) { return item.offsetTop === top; }).length;
  }
  function through(event, links, columns) {
    var step = { ArrowUp: -(columns || 1), ArrowDown: columns || 1, ArrowLeft: columns ? -1 : 0, ArrowRight: columns ? 1 : 0 }[event.key];
    if (!step) { return; }
    event.preventDefault();
    event.stopPropagation();
    var at = Array.prototype.indexOf.call(links, event.target.closest("a"));
    (links[at + step] || event.target).focus();
  }
  panel.addEventListener("focusin", function (event) {
    var hour = event.target.closest("[data-arrows] a");
    document.dispatchEvent(new CustomEvent("desk-preview", { detail: { start: hour ? hour.dataset.start : null } }));
  });
}());
