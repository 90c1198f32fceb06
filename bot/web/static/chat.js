// The chat page: what is written goes to the connection, what comes from there goes into the transcript.

import { Composer } from "./composer.js";
import { Connection } from "./connection.js";
import { Transcript } from "./transcript.js";

const STATES = {
  connecting: "正在连接…",
  waiting: "正在重新连接，您写的话会留着，连上就发。",
  replaced: "您在别的页面打开了绵办，这一页已暂停。",
  ended: "对话已经结束。刷新页面可以重新开始。",
};
const SHOW_TROUBLE_AFTER = 800;
const byId = (id) => document.getElementById(id);

const connection = new Connection(() => Math.max(0, transcript.last - 1)); // the last turn may have come in part
const transcript = new Transcript(
  { log: byId("log"), scroll: byId("scroll"), newer: byId("newer"), typing: byId("typing") },
  (text, isByKeyboard) => {
    say(text);
    if (isByKeyboard) composer.focus();
  },
);
const composer = new Composer(byId("form"), byId("text"), say);
let trouble = 0;
let pause = 0;

function say(text) {
  const id = connection.say(text);
  transcript.write(id, text);
  byId("welcome").classList.add("used");
}

function showState(state) {
  window.clearTimeout(trouble);
  const line = byId("connection");
  if (state === "open") {
    line.hidden = true;
    line.textContent = "";
    return;
  }
  // A page that is up within a moment never shows that it was not.
  trouble = window.setTimeout(() => {
    line.textContent = STATES[state];
    line.hidden = false;
    if (state === "replaced") line.append(" ", resumeButton());
  }, state === "replaced" || state === "ended" ? 0 : SHOW_TROUBLE_AFTER);
}

function resumeButton() {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "plain";
  button.textContent = "在这一页继续";
  button.addEventListener("click", () => connection.resume());
  return button;
}

function showTyping() {
  window.clearTimeout(pause);
  const isWaiting = transcript.isWaiting;
  if (!isWaiting) connection.settle();
  // A short breath, so that the dots do not flicker before a quick answer.
  pause = window.setTimeout(() => transcript.showTyping(transcript.isWaiting), isWaiting ? 250 : 0);
}

connection.addEventListener("state", ({ detail }) => showState(detail));
connection.addEventListener("accepted", ({ detail }) => {
  transcript.accept(detail);
  showTyping();
});
connection.addEventListener("reply", ({ detail }) => {
  if (!transcript.isWaiting && detail.sequence > transcript.last) {
    connection.catchUp(); // it answers what was written in another tab, or is news: the history has both
    return;
  }
  if (detail.sequence > transcript.last + 1 && transcript.last > 0) connection.catchUp();
  if (detail.position === 0) transcript.answerOldest();
  transcript.reply(detail);
  showTyping();
});
connection.addEventListener("history", ({ detail }) => {
  if (detail.is_cut && detail.turns.length && transcript.last === 0) transcript.aside("更早的对话没有显示");
  transcript.history(detail.turns);
  showTyping();
});
connection.addEventListener("notice", ({ detail }) => {
  if (detail.message_id) transcript.mark(detail.message_id, "稍后自动重发");
  transcript.aside(detail.text);
});

byId("examples").addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button) say(button.querySelector(".say").textContent);
});
byId("person").addEventListener("click", () => say("转人工"));
byId("leave").addEventListener("click", async () => {
  try {
    await connection.leave();
  } finally {
    window.location.reload();
  }
});
document.addEventListener("click", (event) => {
  const menu = byId("menu");
  if (menu.open && !menu.contains(event.target)) menu.open = false;
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") byId("menu").open = false;
});

// On iOS the keyboard covers the page instead of shrinking it.
const viewport = window.visualViewport;
viewport?.addEventListener("resize", () => {
  const isZoomed = Math.abs(viewport.scale - 1) > 0.01; // two fingers shrink the view as well, and mean something else
  const height = isZoomed ? "" : `${viewport.height}px`;
  document.documentElement.style.setProperty("--visible-height", height);
});

for (const message of connection.outbox.messages) transcript.write(message.id, message.text);
connection.open();
