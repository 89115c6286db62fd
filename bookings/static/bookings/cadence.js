// What the pages do beyond their links and forms; each of them works without this file.
(function () {
  "use strict";

  // A form is sent once. The server would know a twin; this spares the second journey.
  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (form.method !== "post") { return; }
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "1";
    form.classList.add("busy");
    // A page that the back button brings up again, or an answer that never came, can be sent again.
    setTimeout(function () { settle(form); }, 8000);
  });
  function settle(form) { delete form.dataset.sent; form.classList.remove("busy"); }
  addEventListener("pageshow", function () { document.querySelectorAll("form.busy").forEach(settle); });

  // How long places are still kept: told every second to the eye, and near the end to the ear.
  var told = {};
  function tick() {
    document.querySelectorAll("[data-until]").forEach(function (place) {
      var left = Math.max(0, Math.round((Number(place.dataset.until) - Date.now() - skew) / 1000));
      place.textContent = Math.floor(left / 60) + ":" + String(left % 60).padStart(2, "0");
      [120, 30].forEach(function (edge) {
        var aloud = document.querySelector("[data-aloud]");
        if (left <= edge && left > 0 && !told[edge] && aloud) {
          told[edge] = true;
          aloud.textContent = aloud.dataset.aloud + " " + place.textContent;
        }
      });
      if (left === 0 && !place.dataset.over) {
        place.dataset.over = "1";
        document.querySelectorAll("[data-when-over]").forEach(function (part) { part.hidden = false; });
        document.querySelectorAll("[data-until-over]").forEach(function (part) { part.hidden = true; });
      }
    });
  }
  // The phone's clock may be wrong: what counts is how much time the server said was left.
  var clock = document.querySelector("[data-left]");
  var skew = clock ? Number(clock.dataset.until) - Date.now() - Number(clock.dataset.left) * 1000 : 0;
  if (clock) { tick(); setInterval(tick, 1000); }

  // The clinic's zone is always named; where the reader's clock agrees with it, it need not be.
  function zones(root) {
    var mine = Intl.DateTimeFormat().resolvedOptions().timeZone;
    root.querySelectorAll("[data-zone]").forEach(function (note) {
      var offset = function (zone) {
        return new Date().toLocaleString("en-US", { timeZone: zone, timeZoneName: "longOffset" }).split(" ").pop();
      };
      try {
        if (offset(mine) === offset(note.dataset.zone)) { note.classList.add("same-zone"); }
        else { note.classList.add("other-zone"); }
      } catch (unknownZone) { /* it stays named */ }
    });
    root.querySelectorAll("input[name=time_zone]").forEach(function (field) { if (!field.value) { field.value = mine || ""; } });
  }
  zones(document);
  document.addEventListener("htmx:afterSwap", function (event) { zones(event.target); });
  document.addEventListener("htmx:sendError", function () {
    var note = document.querySelector("[data-offline]");
    if (note) { note.hidden = false; }
  });
  document.addEventListener("htmx:afterOnLoad", function () {
    var note = document.querySelector("[data-offline]");
    if (note) { note.hidden = true; }
  });
})();
