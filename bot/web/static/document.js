// Brings the quoted words into view; the address itself names no anchor, for it is written into answers.

const quote = document.getElementById("quote");
if (quote && !window.location.hash) {
  const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  quote.scrollIntoView({ block: "center", behavior: calm ? "auto" : "smooth" });
}
