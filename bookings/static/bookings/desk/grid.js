// The day as a grid of chairs, drawn by EventCalendar above the list that holds the same visits.
// Times are the clinic's wall without an offset, so a browser elsewhere draws the same wall.
(function () {
  "use strict";
  var place = document.getElementById("grid");
  if (!place || !window.EventCalendar) { return; }
  var panel = document.getElementById("panel"), hint = document.getElementById("hint");
  var calendar = null, shown = null, lit = [], dragged = null, places = null, above = null, waiting = false, preview = [], nowAt = "", chosen = null;

  // --- what is on the wall: times as text, so that no zone of the browser comes in between -------------------

  function hour(wall) { return wall.slice(11, 16); }
  function minutes(wall) { return +wall.slice(11, 13) * 60 + +wall.slice(14, 16); }
  function later(wall, by) {
    var at = new Date(wall + ":00Z");
    at.setUTCMinutes(at.getUTCMinutes() + by);
    return at.toISOString().slice(0, 16);
  }
  function wallOf(date) {  // EventCalendar gives times in the browser's zone; their hands are the clinic's
    function two(number) { return String(number).padStart(2, "0"); }
    return date.getFullYear() + "-" + two(date.getMonth() + 1) + "-" + two(date.getDate()) + "T" + two(date.getHours()) + ":" + two(date.getMinutes());
  }
  function wallNow() {
    var passed = Math.floor((window.deskNow() - shown.asked) / 60000);
    return later(shown.now, passed);
  }
  function bounds(day) {
    var first = "08:00", last = "17:00";
    if (day.open.length) { first = hour(day.open[0].starts); last = hour(day.open[day.open.length - 1].ends); }
    day.visits.forEach(function (visit) {
      if (!visit.live) { return; }
      if (visit.starts.slice(0, 10) < day.date) { first = "00:00"; } else if (hour(visit.starts) < first) { first = hour(visit.starts); }
      if (visit.ends.slice(0, 10) > day.date) { last = "24:00"; } else if (hour(visit.ends) > last) { last = hour(visit.ends); }
    });
    if (last === "00:00") { last = "24:00"; }
    return [first.slice(0, 2) + ":00", last.slice(3) === "00" ? last : String(+last.slice(0, 2) + 1).padStart(2, "0") + ":00"];
  }

  // --- what is drawn --------------------------------------------------------------------------------------------

  function everyChair() { return shown.chairs.map(function (chair) { return chair.id; }); }
  function background(id, chairs, start, end, kind) {
    return { id: id, resourceIds: chairs, start: start, end: end, display: "background", classNames: [kind] };
  }
  function events() {
    var found = shown.visits.filter(function (visit) { return visit.live || visit.status === "completed"; }).map(function (visit) {
      return { id: visit.id, resourceId: visit.chair, start: visit.starts, end: visit.ends, editable: visit.may_move,
        durationEditable: false, startEditable: visit.may_move, extendedProps: visit,
        classNames: ["state-" + visit.status].concat(visit.told.some(function (flag) { return flag.alarm; }) ? ["flagged"] : [])
          .concat(visit.id === chosen ? ["chosen"] : []) };
    });
    shown.closures.forEach(function (closure, at) {
      found.push(background("closed-" + at, closure.chair ? [closure.chair] : everyChair(), closure.starts, closure.ends, "closed"));
    });
    var last = shown.date + "T00:00";
    shown.open.concat([{ starts: later(shown.date + "T00:00", 1440), ends: "" }]).forEach(function (span, at) {
      if (span.starts > last) { found.push(background("shut-" + at, everyChair(), last, span.starts, "shut")); }
      last = span.ends;
    });
    nowAt = wallNow();
    if (nowAt.slice(0, 10) === shown.date) { found.push(background("now", everyChair(), nowAt, later(nowAt, 1), "now-line")); }
    return found.concat(lit, preview);
  }
  function repaint() { if (calendar && !dragged) { calendar.setOption("events", events()); } }
  function words(info) {
    var visit = info.event.extendedProps;
    if (!visit.patient) { return { domNodes: [] }; }
    var name = document.createElement("b"), line = document.createElement("span"), told = window.deskTimer(visit.timer, visit.timer_kind);
    name.textContent = visit.patient;
    line.textContent = hour(visit.starts) + " · " + visit.fraction + " · " + visit.status_words;
    var nodes = [name, line];
    if (told.words) {
      var timer = document.createElement("span");
      timer.className = "timer" + (told.over ? " over" : "");
      timer.textContent = told.words;
      nodes.push(timer);
    }
    visit.told.forEach(function (flag) {
      var mark = document.createElement("span");
      mark.className = "flag" + (flag.alarm ? " alarm" : "");
      mark.textContent = flag.words;
      nodes.push(mark);
    });
    return { domNodes: nodes };
  }
  function mark(info) {
    var visit = info.event.extendedProps;
    if (!visit.url) { return; }
    info.el.dataset.visit = visit.id;
    info.el.removeAttribute("role");  // it is an article, which may not be a button; the label says what it holds
    info.el.id = "box-" + visit.id;
    info.el.setAttribute("aria-label", [visit.patient, hour(visit.starts), visit.fraction, visit.status_words].concat(visit.told.map(function (flag) { return flag.words; })).join(", "));
  }
  function open(visit) { htmx.ajax("GET", visit.url, { target: "#panel", swap: "innerHTML" }); }

  // --- dragging: where the visit may go lights up, and of any other place the reason is said -----------------

  function light(visit) {
    dragged = visit;
    places = above = null;
    fetch(visit.url + "places.json?date=" + shown.date, { headers: { Accept: "application/json" } })
      .then(function (answer) { return answer.ok ? answer.json() : Promise.reject(answer.status); })
      .then(function (told) {
        if (dragged !== visit) { return; }
        places = { free: {}, refused: {} };
        told.free.forEach(function (one) { places.free[one.start] = one.chairs; });
        told.refused.forEach(function (one) { places.refused[one.start] = one; });
        var step = shown.grid_minutes, runs = {};
        shown.chairs.forEach(function (chair) {  // starts beside each other are one light, not many
          told.free.forEach(function (one) {
            if (one.chairs.indexOf(chair.id) < 0) { return; }
            var run = runs[chair.id];
            if (run && run.end === one.start) { run.end = later(one.start, step); return; }
            run = runs[chair.id] = background("free-" + chair.id + one.start, [chair.id], one.start, later(one.start, step), "free");
            lit.push(run);
          });
        });
        calendar.setOption("events", events());
        if (above) { say(above.start, above.chair); }  // who held still meanwhile waits for it
      }, function () {});
  }
  function dark() {
    dragged = places = above = null;
    lit = [];
    hint.hidden = true;
    if (waiting) { waiting = false; look(true); } else { repaint(); }
  }
  function say(start, chair) {
    if (!places) { return; }
    var free = places.free[start], refused = places.refused[start], kind = "no", text;
    if (free && free.indexOf(chair) >= 0) { kind = "yes"; text = place.dataset.free; }
    else if (free) { text = place.dataset.taken; }
    else if (refused) { text = "%s: " + refused.why.join(" ") + (refused.may ? " " + place.dataset.reason : ""); kind = refused.may ? "may" : "no"; }
    else { text = place.dataset.outside; }
    hint.hidden = false;
    hint.className = "hint-box " + kind;
    hint.textContent = text.replace("%s", hour(start));
  }
  function over(info) {  // asked at every step of a drag; everything may be tried, the panel says what it means
    above = { start: wallOf(info.event.start), chair: info.resource ? info.resource.id : info.event.resourceIds[0] };
    say(above.start, above.chair);
    return true;
  }
  document.addEventListener("pointermove", function (event) {
    if (dragged) { hint.style.left = Math.min(event.clientX + 16, innerWidth - 340) + "px"; hint.style.top = event.clientY + 20 + "px"; }
  });
  function dropped(info) {
    var visit = info.event.extendedProps, chair = info.newResource ? info.newResource.id : visit.chair, start = wallOf(info.event.start);
    info.revert();
    dark();
    htmx.ajax("GET", visit.url + "move/?start=" + start + "&chair=" + chair, { target: "#panel", swap: "innerHTML" });
  }

  // --- what the panel thinks of is shown on the grid -----------------------------------------------------------

  function previewed(start) {
    var form = panel.querySelector("[data-minutes]"), at = form && (start || form.dataset.start);
    var visit = form && shown && shown.visits.find(function (one) { return one.id === form.dataset.visit; });
    preview = [];
    if (at && visit && at.slice(0, 10) === shown.date) {
      var chair = (!start && form.dataset.chair) || visit.chair;
      preview.push(background("preview", [chair], at, later(at, +form.dataset.minutes), "preview"));
    }
    var told = panel.querySelector("[data-visit]");
    chosen = told && told.dataset.visit;
    repaint();
  }
  document.addEventListener("desk-preview", function (event) { previewed(event.detail.start); });
  document.addEventListener("desk-panel", function () { previewed(null); });

  // --- keys: arrows go from visit to visit, `m` moves the one that has the focus ------------------------------

  place.addEventListener("keydown", function (event) {
    var box = event.target.closest("[data-visit]");
    if (!box || event.ctrlKey || event.metaKey || event.altKey) { return; }
    var visit = shown.visits.find(function (one) { return one.id === box.dataset.visit; });
    if (event.key === "m" && visit.may_move) {
      event.preventDefault();
      event.stopPropagation();
      htmx.ajax("GET", visit.url + "move/?date=" + shown.date, { target: "#panel", swap: "innerHTML" });
      return;
    }
    var next = /^Arrow/.test(event.key) && neighbour(visit, event.key);
    if (next === false) { return; }
    event.preventDefault();
    event.stopPropagation();
    if (next) { document.getElementById("box-" + next.id).focus(); }
  });
  function neighbour(visit, key) {
    var boxes = shown.visits.filter(function (one) { return one.id !== visit.id && document.getElementById("box-" + one.id); });
    function chairOf(one) { return shown.chairs.findIndex(function (chair) { return chair.id === one.chair; }); }
    var here = chairOf(visit), at = minutes(visit.starts), best = null, least = Infinity;
    boxes.forEach(function (one) {
      var aside = chairOf(one) - here, down = minutes(one.starts) - at, far;
      if (key === "ArrowUp" || key === "ArrowDown") { far = aside === 0 && (key === "ArrowDown" ? down > 0 : down < 0) ? Math.abs(down) : Infinity; }
      else { far = (key === "ArrowRight" ? aside > 0 : aside < 0) ? Math.abs(aside) * 10000 + Math.abs(down) : Infinity; }
      if (far < least) { least = far; best = one; }
    });
    return best;
  }

  // --- looking, and looking again ---------------------------------------------------------------------------------

  function fetchDay(byItself) {
    var headers = { Accept: "application/json" };
    if (byItself) { headers["X-By-Itself"] = "1"; }
    return fetch(place.dataset.url, { headers: headers }).then(function (answer) {
      if (answer.status === 401 || answer.redirected) { location.reload(); }
      return answer.ok ? answer.json() : Promise.reject(answer.status);
    });
  }
  function draw(day) {
    day.asked = window.deskNow();
    shown = day;
    var hours = bounds(day), now = wallNow();
    if (!calendar) {
      place.hidden = false;
      calendar = EventCalendar.create(place, {
        view: "resourceTimeGridDay", date: day.date, headerToolbar: { start: "", center: "", end: "" }, allDaySlot: false,
        slotDuration: "00:15", slotHeight: 20, slotLabelInterval: "01:00", snapDuration: { minutes: day.grid_minutes },
        slotMinTime: hours[0], slotMaxTime: hours[1], resources: day.chairs, events: events(), columnWidth: "minmax(8.5rem, 1fr)",
        scrollTime: now.slice(0, 10) === day.date ? later(now, -60).slice(11) : hours[0],
        slotLabelFormat: { hour: "2-digit", minute: "2-digit", hour12: false }, eventContent: words, eventDidMount: mark,
        height: day.chairs.length > 0 ? undefined : "auto", eventLongPressDelay: 350, dragConstraint: over,
        eventClick: function (info) { if (info.event.extendedProps.url) { open(info.event.extendedProps); } },
        eventDragStart: function (info) { light(info.event.extendedProps); },
        eventDragStop: function () { setTimeout(function () { if (dragged) { dark(); } }, 0); },
        eventDrop: dropped
      });
    } else {
      calendar.setOption("resources", day.chairs);
      calendar.setOption("slotMinTime", hours[0]);
      calendar.setOption("slotMaxTime", hours[1]);
      previewed(null);
    }
    setTimeout(plain, 0);
  }
  // EventCalendar calls itself a table without keeping a table's form. The list is the table; this is a picture of it.
  function plain() {
    place.querySelectorAll("[role], [aria-colindex], [aria-rowindex]").forEach(function (part) {
      ["role", "aria-colindex", "aria-rowindex", "aria-colcount", "aria-rowcount", "aria-selected"].forEach(function (name) { part.removeAttribute(name); });
    });
  }
  function look(byItself) {
    if (dragged) { waiting = true; return; }  // nothing moves under a hand
    fetchDay(byItself).then(function (day) { if (dragged) { waiting = true; } else { draw(day); } }, function () {});
  }
  document.body.addEventListener("diary-changed", function (event) {
    var days = event.detail && event.detail.days;
    if (!days || !days.length || !shown || days.indexOf(shown.date) >= 0) { look(true); }
  });
  document.addEventListener("desk-tick", function () { if (shown && wallNow() !== nowAt) { repaint(); } });
  look(false);
}());
