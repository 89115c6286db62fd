// What every page of the desk does by itself: it hears that something has changed, and looks again.
(function () {
  "use strict";
  var place = document.getElementById("live");
  if (!place || !window.EventSource) { return; }
  var timer = null, lastLook = Date.now(), away = false;

  // Parts of a page that show something of the diary listen for this and fetch themselves anew; see desk/*.js and
  // hx-trigger="diary-changed from:body". Bursts become one look.
  function look(days) {
    clearTimeout(timer);
    timer = setTimeout(function () {
      lastLook = Date.now();
      document.body.dispatchEvent(new CustomEvent("diary-changed", { detail: { days: days }, bubbles: true }));
    }, 60);
  }
  function say(text, isBad) {
    place.textContent = text;
    place.classList.toggle("error", isBad);
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
  setInterval(function () { if (Date.now() - lastLook > 60000) { look([]); } }, 5000);
  // What a page asks for by itself keeps nobody signed in.
  document.body.addEventListener("htmx:configRequest", function (event) {
    var by = event.detail.triggeringEvent;
    if (by && by.type === "diary-changed") { event.detail.headers["X-By-Itself"] = "1"; }
  });
}());
