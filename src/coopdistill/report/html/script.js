"use strict";
(() => {
  const root = document.documentElement;
  root.classList.add("scripted");

  // Theme: what the reader chose, else what the system prefers. A page from disk may not be allowed to remember.
  const memory = {
    get: () => { try { return localStorage.getItem("coopdistill-theme"); } catch { return null; } },
    set: (value) => { try { localStorage.setItem("coopdistill-theme", value); } catch { /* forgotten */ } },
  };
  const prefersDark = matchMedia("(prefers-color-scheme: dark)");
  const button = document.getElementById("theme");
  const isDark = () => (root.dataset.theme || (prefersDark.matches ? "dark" : "light")) === "dark";
  const label = () => {
    button.textContent = isDark() ? "Light" : "Dark";
    button.setAttribute("aria-label", `Switch to ${isDark() ? "light" : "dark"} colours`);
  };
  const remembered = memory.get();
  if (remembered === "light" || remembered === "dark") root.dataset.theme = remembered;
  button.hidden = false;
  label();
  button.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    memory.set(root.dataset.theme);
    label();
  });
  prefersDark.addEventListener("change", label);

  // Lessons: a pair's link shows its lesson, and the map its instances.
  const lessons = [...document.querySelectorAll(".lesson")];
  const links = [...document.querySelectorAll("a[href^='#lesson-']")];
  let setMap = () => {};
  const show = (lesson, chosen) => {
    lessons.forEach((other) => other.classList.toggle("shown", other === lesson));
    links.forEach((link) => {
      if (link.getAttribute("href") === `#${lesson.id}`) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    });
    if (!chosen) return;
    setMap(lesson.dataset.teacher, lesson.dataset.student);
    try { history.replaceState(null, "", `#${lesson.id}`); } catch { /* a page from disk may not */ }
    lesson.focus({ preventScroll: true });
    lesson.scrollIntoView({ block: "nearest", behavior: "auto" });
  };
  links.forEach((link) => link.addEventListener("click", (event) => {
    const lesson = document.getElementById(link.getAttribute("href").slice(1));
    if (!lesson) return;
    event.preventDefault();
    show(lesson, true);
  }));
  const asked = () => lessons.find((lesson) => `#${lesson.id}` === location.hash);
  const begin = asked() || document.querySelector(".lesson.first");
  if (begin) show(begin, false);
  addEventListener("hashchange", () => { if (asked()) show(asked(), true); });

  // Matrix: one stop for Tab, arrows within.
  const matrix = document.querySelector("table.matrix");
  if (matrix) {
    matrix.setAttribute("role", "grid");
    const cells = [...matrix.tBodies[0].rows].map((row) => [...row.querySelectorAll("td")].map((cell) => cell.querySelector("a")));
    const all = cells.flat().filter(Boolean);
    const stop = (link) => all.forEach((other) => { other.tabIndex = other === link ? 0 : -1; });
    stop(all.find((link) => link.hasAttribute("aria-current")) || all[0]);
    const ways = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
    matrix.addEventListener("keydown", (event) => {
      const way = ways[event.key];
      const here = event.target.closest("a");
      if (!way || !here) return;
      event.preventDefault();
      let i = cells.findIndex((row) => row.includes(here));
      let j = cells[i].indexOf(here);
      do { i += way[0]; j += way[1]; } while (cells[i] && j in cells[i] && !cells[i][j]);
      if (cells[i]?.[j]) { stop(cells[i][j]); cells[i][j].focus(); }
    });
    matrix.addEventListener("focusin", (event) => { if (event.target.matches("a")) stop(event.target); });
  }

  // Map: the drawing gives way to the plot once that is there.
  const described = document.getElementById("map-data");
  if (described && window.vegaEmbed) {
    const place = document.getElementById("map-plot");
    const controls = document.querySelector(".controls");
    const choose = { teacher: document.getElementById("map-teacher"), student: document.getElementById("map-student") };
    const plot = JSON.parse(described.textContent);
    // Vega leaves as much room for a name as that takes in this font.
    plot.config.font = getComputedStyle(document.body).fontFamily;
    // `ast`: expressions are interpreted, not compiled, as the page's policy forbids that.
    window.vegaEmbed(place, plot, { mode: "vega-lite", actions: false, renderer: "svg", ast: true, tooltip: { theme: "custom" } })
      .then(({ view }) => {
        place.closest(".plot").classList.add("ready");
        controls.hidden = false;
        view.resize().run();
        const update = () => {
          for (const name of ["teacher", "student"]) view.signal(name, Number(choose[name].value));
          view.run();
        };
        Object.values(choose).forEach((select) => select.addEventListener("change", update));
        setMap = (teacher, student) => { choose.teacher.value = teacher; choose.student.value = student; update(); };
      })
      .catch((error) => console.error("the map stays a drawing:", error));
  }
})();
