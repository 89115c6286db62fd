// The day as a grid of chairs, drawn by EventCalendar above the list that holds the same visits.
// Times are the clinic's wall without an offset, so a browser elsewhere draws the same wall.
(function () {
  "use strict";
  var place = document.getElementById("grid");
  if (!place || !window.EventCalendar) { return; }
  var strip = document.getElementById("nursing"), panel = document.getElementById("panel");
  var calendar = null, shown = null, lit = [], dragged = null, waiting = false;

  function fetchDay(byItself) {
    return fetch(place.dataset.url, { headers: byItself ? { "X-By-Itself": "1" } : {} }).then(function (answer) {
      if (answer.status === 401 || answer.redirected) { location.reload(); }
      return answer.ok ? answer.json() : Promise.reject(answer.status);
    });
  }
  function hour(wall) { return wall.slice(11, 16); }
  function bounds(day) {
    var first = "08:00", last = "18:00";
    day.open.forEach(function (span) {
      first = hour(span.starts) < first ? hour(span.starts) : first;
      last = hour(span.ends) > last || hour(span.ends) === "00:00" ? hour(span.ends) : last;
    });
    day.visits.forEach(function (visit) {
      if (visit.starts.slice(0, 10) === day.date && hour(visit.starts) < first) { first = hour(visit.starts).slice(0, 2) + ":00"; }
      if (visit.live && hour(visit.ends) > last) { last = hour(visit.ends).slice(0, 2) + ":59"; }
    });
    return [first, last === "00:00" ? "24:00" : last];
  }
  function events(day) {
    var found = day.visits.filter(function (visit) { return visit.live || visit.status === "completed"; }).map(function (visit) {
      return { id: visit.id, resourceId: visit.chair, start: visit.starts, end: visit.ends, editable: visit.may_move,
        durationEditable: false, startEditable: visit.may_move, extendedProps: visit,
        classNames: ["state-" + visit.status].concat(visit.flags.length ? ["flagged"] : []) };
    });
    day.closures.forEach(function (closure, at) {
      var chairs = closure.chair ? [closure.chair] : day.chairs.map(function (chair) { return chair.id; });
      found.push({ id: "closed-" + at, resourceIds: chairs, start: closure.starts, end: closure.ends, display: "background", classNames: ["closed"] });
    });
    return found.concat(lit);
  }
  function words(info) {
    var visit = info.event.extendedProps, box = document.createElement("div");
    if (!visit.patient) { return { domNodes: [] }; }
    var name = document.createElement("b"), line = document.createElement("span");
    name.textContent = visit.patient;
    line.textContent = hour(visit.starts) + " · " + visit.number + "/" + visit.of + " · " + [visit.status_words].concat(visit.flag_words).join(" · ");
    box.append(name, line);
    return { domNodes: [box] };
  }
  function open(visit) { htmx.ajax("GET", visit.url, { target: "#panel", swap: "innerHTML" }); }

  // Where the visit that is dragged may go lights up; what is known of the other hours is said when it is let go.
  function light(visit) {
    dragged = visit.id;
    fetch(visit.url + "places.json?date=" + shown.date).then(function (answer) { return answer.json(); }).then(function (places) {
      if (dragged !== visit.id) { return; }
      lit = places.free.map(function (start, at) {
        return { id: "free-" + at, resourceIds: shown.chairs.map(function (chair) { return chair.id; }), start: start,
          end: later(start, shown.grid_minutes), display: "background", classNames: ["free"] };
      });
      calendar.setOption("events", events(shown));
    });
  }
  function later(wall, minutes) {
    var at = new Date(wall + ":00Z");
    at.setUTCMinutes(at.getUTCMinutes() + minutes);
    return at.toISOString().slice(0, 16);
  }
  function dark() { dragged = null; lit = []; if (waiting) { waiting = false; look(true); } else { calendar.setOption("events", events(shown)); } }
  function wallOf(date) {
    function two(number) { return String(number).padStart(2, "0"); }
    return date.getFullYear() + "-" + two(date.getMonth() + 1) + "-" + two(date.getDate()) + "T" + two(date.getHours()) + ":" + two(date.getMinutes());
  }
  function dropped(info) {
    var visit = info.event.extendedProps, chair = info.newResource ? info.newResource.id : visit.chair;
    info.revert();
    dark();
    htmx.ajax("GET", visit.url + "move/?start=" + wallOf(info.event.start) + "&chair=" + chair, { target: "#panel", swap: "innerHTML" });
  }

  function draw(day) {
    shown = day;
    var hours = bounds(day);
    if (!calendar) {
      place.hidden = false;
      calendar = EventCalendar.create(place, {
        view: "resourceTimeGridDay", date: day.date, headerToolbar: { start: "", center: "", end: "" }, allDaySlot: false,
        slotDuration: "00:15", slotHeight: 18, slotLabelInterval: "01:00", snapDuration: { minutes: day.grid_minutes },
        slotMinTime: hours[0], slotMaxTime: hours[1], nowIndicator: sameWall(day), resources: day.chairs, events: events(day),
        slotLabelFormat: { hour: "2-digit", minute: "2-digit", hour12: false }, eventContent: words, height: "auto",
        dayHeaderFormat: { weekday: "short", day: "numeric" },
        eventClick: function (info) { if (info.event.extendedProps.url) { open(info.event.extendedProps); } },
        eventDragStart: function (info) { light(info.event.extendedProps); },
        eventDragStop: function () { setTimeout(function () { if (dragged) { dark(); } }, 0); },
        eventDrop: dropped
      });
    } else if (!dragged) {
      calendar.setOption("resources", day.chairs);
      calendar.setOption("events", events(day));
    }
    load(day, hours);
  }
  function sameWall(day) { return Math.abs(new Date(day.now) - Date.now()) < 120000; }

  function minutes(wall, date) { return wall.slice(0, 10) > date ? 1440 : wall.slice(0, 10) < date ? 0 : +wall.slice(11, 13) * 60 + +wall.slice(14, 16); }
  function load(day, hours) {
    var from = +hours[0].slice(0, 2) * 60, to = +hours[1].slice(0, 2) * 60 + +hours[1].slice(3, 5), most = 1;
    day.nursing.forEach(function (span) { most = Math.max(most, span.needed, span.on_duty); });
    var ns = "http://www.w3.org/2000/svg", svg = document.createElementNS(ns, "svg");
    svg.setAttribute("viewBox", "0 0 " + (to - from) + " " + most);
    svg.setAttribute("preserveAspectRatio", "none");
    function bar(span, height, kind) {
      var left = Math.max(minutes(span.starts, day.date), from), right = Math.min(minutes(span.ends, day.date), to);
      if (right <= left || !height) { return; }
      var box = document.createElementNS(ns, "rect");
      box.setAttribute("class", kind);
      box.setAttribute("x", left - from); box.setAttribute("width", right - left);
      box.setAttribute("y", most - height); box.setAttribute("height", height);
      svg.append(box);
    }
    day.nursing.forEach(function (span) { bar(span, span.on_duty, "duty"); });
    day.nursing.forEach(function (span) { bar(span, span.needed, span.short ? "short" : "need"); });
    strip.hidden = false;
    strip.replaceChildren(svg);
  }

  function look(byItself) {
    if (dragged) { waiting = true; return; }  // nothing moves under a hand
    fetchDay(byItself).then(draw, function () {});
  }
  document.body.addEventListener("diary-changed", function () { look(true); });
  look(false);

  // The panel has something new: whoever uses the keyboard is led there.
  document.body.addEventListener("htmx:afterSwap", function (event) {
    if (event.target !== panel) { return; }
    var heading = panel.querySelector("h2");
    if (heading) { heading.focus(); }
  });
}());
