// Minutes that are left or over, ticking wherever a page says `.timer`; and the clock on the wall.
(function () {
  "use strict";
  var live = document.getElementById("live"), words = document.getElementById("timer-words");
  if (!live || !words) { return; }
  // The browser's clock may be wrong: what counts is how far it was from the server's when the page came.
  var ahead = Date.now() - Date.parse(live.dataset.now), SOON = 15;

  // kind: [what is said before, what after, whether being over is bad]
  var kinds = { start: ["soon", "late", true], wait: ["wait", "behind", true], infusion: ["infusion", "over", true],
    recovery: ["recovery", "observed", false] };
  function duration(minutes) { return minutes < 120 ? minutes : Math.floor(minutes / 60) + " h " + minutes % 60; }
  window.deskNow = function () { return Date.now() - ahead; };
  window.deskTimer = function (until, kind) {
    var left = (Date.parse(until) - window.deskNow()) / 60000, kept = kinds[kind];
    if (!kept || isNaN(left) || (kind === "start" && left > SOON)) { return { words: "", over: false, done: false }; }
    var isOver = left <= 0, minutes = isOver ? Math.floor(-left) : Math.ceil(left);
    if (isOver && minutes === 0 && kind === "start") { return { words: "", over: false, done: false }; }
    return { words: words.dataset[kept[isOver ? 1 : 0]].replace("%s", duration(minutes)), over: isOver && kept[2], done: isOver && !kept[2] };
  };
  function write(place, text) { if (place.textContent !== text) { place.textContent = text; } }
  function tick() {
    document.querySelectorAll(".timer[data-until]").forEach(function (place) {
      var told = window.deskTimer(place.dataset.until, place.dataset.kind);
      write(place, told.words);
      place.classList.toggle("over", told.over);
      place.classList.toggle("done", told.done);
    });
    document.querySelectorAll("[data-clock]").forEach(function (clock) {
      // The offset is the clinic's: its wall, wherever this browser stands.
      var sent = clock.getAttribute("datetime"), offset = /([+-])(\d\d):(\d\d)$/.exec(sent);
      var minutes = offset ? (offset[1] === "-" ? -1 : 1) * (offset[2] * 60 + +offset[3]) : 0;
      write(clock, new Date(window.deskNow() + minutes * 60000).toISOString().slice(11, 16));
    });
    document.querySelectorAll("svg[data-from] .now").forEach(function (line) {
      var svg = line.closest("svg"), from = Date.parse(svg.dataset.from), to = Date.parse(svg.dataset.to);
      var at = Math.min(100, 100 * (window.deskNow() - from) / (to - from)).toFixed(2) + "%";
      line.setAttribute("x1", at);
      line.setAttribute("x2", at);
    });
    document.dispatchEvent(new Event("desk-tick"));
  }
  tick();
  setInterval(tick, 10000);
  document.addEventListener("htmx:afterSettle", tick);
}());
