// Runs before the page is drawn, so that the large view does not flash up from the small one.
(function () {
  "use strict";
  var KEY = "mianban-view";
  var root = document.documentElement;

  function stored() {
    try {
      return window.localStorage.getItem(KEY);
    } catch (error) {
      return null; // storage is switched off: the choice lasts as long as the page
    }
  }

  function apply(isElder) {
    root.dataset.view = isElder ? "elder" : "usual";
    var toggle = document.getElementById("elder");
    if (toggle) {
      toggle.setAttribute("aria-pressed", String(isElder));
      toggle.textContent = isElder ? "标准版" : "长辈版";
    }
  }

  apply(stored() === "elder");
  document.addEventListener("DOMContentLoaded", function () {
    apply(root.dataset.view === "elder");
    var toggle = document.getElementById("elder");
    if (!toggle) return;
    toggle.addEventListener("click", function () {
      var isElder = root.dataset.view !== "elder";
      apply(isElder);
      try {
        window.localStorage.setItem(KEY, isElder ? "elder" : "usual");
      } catch (error) {
        return;
      }
    });
  });
})();
