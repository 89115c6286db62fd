// What every page of the desk does: keys, and hearing that something has changed.
(function () {
  "use strict";

  // --- keys: whatever says data-key can be reached by it, and `?` tells which there are ---------------------

  function isTyping(target) { return target.closest("input, select, textarea, dialog") !== null; }
  function nameOf(element) {
    var label = element.labels && element.labels[0];
    return element.getAttribute("aria-label") || (label || element).textContent.trim();
  }
  document.addEventListener("keydown", function (event) {
    var isFind = (event.ctrlKey || event.metaKey) && !event.altKey && event.key === "k";  // as elsewhere, beside "/"
    if (isTyping(event.target) || (!isFind && (event.ctrlKey || event.metaKey || event.altKey))) { return; }
    var pressed = isFind ? "/" : event.key;
    if (event.key === "?") { event.preventDefault(); tell(); return; }
    if (event.key === "Enter" && event.target.closest("a, button, summary")) { return; }  // its own
    var found = Array.prototype.find.call(document.querySelectorAll("[data-key]"), function (element) {
      return element.dataset.key === pressed && element.offsetParent !== null;
    });
    if (found) {
      event.preventDefault();
      if (found.matches("input")) { found.focus(); } else { found.click(); }
    }
  });
  function tell() {
    var dialog = document.getElementById("keys"), list = dialog.querySelector("dl");
    list.replaceChildren();
    document.querySelectorAll("[data-key]").forEach(function (element) {
      var key = document.createElement("dt"), what = document.createElement("dd"), cap = document.createElement("kbd");
      cap.textContent = element.dataset.key;
      what.textContent = nameOf(element) + (element.dataset.also ? " (" + element.dataset.also + ")" : "");
      key.append(cap);
      list.append(key, what);
    });
    dialog.showModal();
  }
}());

// Where the keys go: to the first thing that is asked, through names by arrows, and on with Enter.
(function () {
  "use strict";
  var asked = document.querySelector("[data-begin]");
  var fields = asked ? Array.from(asked.querySelectorAll("select, input:not([type=hidden], [type=checkbox])")) : [];
  var first = fields.find(function (field) { return field.matches("select") || !field.value; }) || (asked && asked.querySelector("a"));
  if (first) { first.focus(); }

  document.addEventListener("keydown", function (event) {
    var from = event.target, down = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (event.key === "Enter" && from.matches("form:not([method=post]) select")) {  // what only asks, asks at once
      event.preventDefault();
      from.form.requestSubmit();
    }
    var names = Array.from(document.querySelectorAll("#q, #found li > a:first-child")), at = names.indexOf(from);
    if (!down || at < 0 || !names[at + down]) { return; }
    event.preventDefault();
    names[at + down].focus();
  });
}());

// The live stream: something has changed, look again.
(function () {
  "use strict";
  var place = document.getElementById("live");
  if (!place || !window.EventSource) { return; }
  var timer = null, lastLook = Date.now(), away = false, isPressing = false, days = [], isRoutine = true;

  // Parts of a page that show something of the diary listen for this and fetch themselves anew; see desk/*.js and
  // hx-trigger="diary-changed from:body". Bursts become one look.
  function look(changed, byTheClock) {
    days = days && changed.length ? days.concat(changed) : null;  // null: whichever they are
    isRoutine = isRoutine && Boolean(byTheClock);
    clearTimeout(timer);
    timer = setTimeout(show, 60);
  }
  function show() {
    if (isPressing) { timer = setTimeout(show, 60); return; }  // what is under a finger stays there until it is lifted
    var told = { days: days || [], isRoutine: isRoutine };
    days = [];
    isRoutine = true;
    lastLook = Date.now();
    document.body.dispatchEvent(new CustomEvent("diary-changed", { detail: told, bubbles: true }));
  }
  document.addEventListener("pointerdown", function () { isPressing = true; });
  ["pointerup", "pointercancel", "blur"].forEach(function (name) { addEventListener(name, function () { isPressing = false; }); });
  function say(text, isBad) {
    place.textContent = text;
    place.classList.toggle("error", isBad);
    place.dataset.state = isBad ? "away" : "live";
  }
  var stream = new EventSource(place.dataset.live);
  stream.addEventListener("change", function (event) {
    var change = JSON.parse(event.data);
    if (change.clinic === place.dataset.clinic) { look(change.days); }
  });
  stream.addEventListener("hello", function () {
    say("", false);
    if (away) { look([]); }  // whatever happened meanwhile
    away = false;
  });
  stream.onerror = function () {
    away = true;
    say(place.dataset.away || "…", true);
  };
  // The stream may be closed for good (its ticket is as old as a working day), or a change may have been lost.
  setInterval(function () { if (Date.now() - lastLook > 60000) { look([], true); } }, 5000);
  // A part that shows something of the diary fetches itself anew, unless somebody is typing in it. One person's page
  // does so for its own days alone: each time is written down as somebody who has looked.
  function concerns(part, told) {
    var shown = part.dataset.days;
    if (shown === undefined) { return true; }
    return !told.isRoutine && (!shown || !told.days.length || told.days.some(function (day) { return shown.indexOf(day) >= 0; }));
  }
  document.body.addEventListener("diary-changed", function (event) {
    document.querySelectorAll("[data-refresh]").forEach(function (part) {
      if (!concerns(part, event.detail)) { return; }
      var typing = part.querySelector("input:focus, select:focus, textarea:focus, details[open]");
      if (!typing) { htmx.trigger(part, "refresh"); }
    });
  });
  // What a page asks for by itself keeps nobody signed in.
  document.body.addEventListener("htmx:configRequest", function (event) {
    var by = event.detail.triggeringEvent;
    if (by && (by.type === "diary-changed" || by.type === "refresh")) { event.detail.headers["X-By-Itself"] = "1"; }
  });
}());
