// What stands in the log. All text goes in by textContent: nothing that anybody wrote can become markup.

const URGENT = new Set(["guarded_emergency", "guarded_crisis"]);
const LONG_CHOICE = 14;
const AT_BOTTOM = 80;
// Numbers that a telephone can call as they stand; in an emergency a tap must do.
const EMERGENCY_LINES = /(?<![\d.第])(?:110|119|120|122|12356|12345)(?![\d.%元天年月日岁条号])/;
const WORK_ORDER = /MY-\d{8}-\d{6}/;
const SERVICE_LINES = /(?<![\d.第])(?:12345|12356|12333|12329|12366|12393)(?![\d.%元天年月日岁条号])/;

/** Return a new element with a class and text. */
export function make(tag, className = "", text = "") {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text) made.textContent = text;
  return made;
}

export class Transcript {
  #log;
  #scroll;
  #newer;
  #typing;
  #own = new Map();
  #replies = new Set();
  #sequences = new Set();
  #last = 0;
  #follows = true;
  #isEmpty = true;

  /** `onChoice(text, isByKeyboard)` is called when a choice is taken. */
  constructor({ log, scroll, newer, typing }, onChoice) {
    this.#log = log;
    this.#scroll = scroll;
    this.#newer = newer;
    this.#typing = typing;
    this.onChoice = onChoice;
    scroll.addEventListener("scroll", () => this.#notePlace(), { passive: true });
    newer.addEventListener("click", () => this.toBottom());
    new ResizeObserver(() => this.#follows && !this.#isEmpty && this.toBottom()).observe(scroll);
  }

  /** The last turn before which none is missing. */
  get last() {
    return this.#last;
  }

  /** Whether something that was written here was accepted, and waits for its answer. */
  get isWaiting() {
    return [...this.#own.values()].some((entry) => entry.isAccepted && !entry.isAnswered);
  }

  /** Show what the citizen wrote, with a word on how it stands until it has arrived. */
  write(id, text, state = "正在发送…") {
    if (this.#own.has(id)) return;
    this.takeChoicesAway();
    const turn = make("div", "turn own");
    const bubble = make("p", "bubble");
    bubble.append(make("span", "unseen", "您说："), document.createTextNode(text));
    const note = make("p", "state", state);
    turn.append(bubble, note);
    this.#add(turn);
    this.#own.set(id, { turn, note, isAccepted: false, isAnswered: false });
    this.toBottom();
  }

  /** Say how it stands with something that was written. */
  mark(id, state) {
    const entry = this.#own.get(id);
    if (entry) entry.note.textContent = state;
  }

  /** Say that the city has a message. */
  accept(id) {
    this.mark(id, "");
    const entry = this.#own.get(id);
    if (entry) entry.isAccepted = true;
  }

  /** Say that the oldest message that waits has its answer. */
  answerOldest() {
    const oldest = [...this.#own.values()].find((entry) => entry.isAccepted && !entry.isAnswered);
    if (oldest) oldest.isAnswered = true;
  }

  /** Show one reply, once however often it comes. */
  reply({ sequence, position, status, message }, isLive = true) {
    const key = `${sequence}/${position}`;
    if (this.#replies.has(key)) return;
    this.#replies.add(key);
    if (sequence === this.#last + 1) this.#advance(sequence);
    this.takeChoicesAway();
    const turn = make("div", URGENT.has(status) ? "turn reply urgent" : "turn reply");
    if (message.text) {
      const bubble = make("p", "bubble");
      bubble.append(make("span", "unseen", "绵办："), ...callable(message.text, URGENT.has(status)));
      turn.append(bubble);
    }
    if (message.citations.length) turn.append(sources(message.citations));
    if (message.choices.length) turn.append(this.#choices(message.choices));
    this.#add(turn);
    this.#settle(isLive, turn);
  }

  /** Show turns that the page has missed, or all of them after it was opened. */
  history(turns) {
    const isLive = this.#last > 0;
    for (const turn of turns) {
      if (turn.text !== null && turn.message_id) {
        this.write(turn.message_id, turn.text, "");
        this.mark(turn.message_id, "");
        this.#own.get(turn.message_id).isAnswered = true;
      }
      turn.replies.forEach((message, position) => this.reply({ ...turn, position, message }, false));
      this.#advance(turn.sequence);
    }
    if (!turns.length) return;
    // What is still on its way was written after all that is told here.
    for (const entry of this.#own.values()) if (!entry.isAccepted && !entry.isAnswered) this.#log.append(entry.turn);
    this.#settle(isLive, this.#log.lastElementChild);
  }

  /** Say something that belongs to no turn. */
  aside(text) {
    const said = make("p", "aside", text);
    const before = this.#log.lastElementChild;
    if (before?.classList.contains("aside") && before.textContent === text) return;
    this.#add(said);
    this.#settle(true, said);
  }

  /** Remove all choices: they belong to the moment in which they were asked. */
  takeChoicesAway() {
    for (const group of this.#log.querySelectorAll(".choices")) group.remove();
  }

  /** Show or hide that an answer is being made. */
  showTyping(isShown) {
    if (this.#typing.hidden !== isShown) return;
    this.#typing.hidden = !isShown;
    if (isShown && this.#follows) this.toBottom();
  }

  toBottom() {
    this.#follows = true;
    this.#newer.hidden = true;
    this.#scroll.scrollTop = this.#scroll.scrollHeight;
  }

  #choices(texts) {
    const group = make("div", texts.some((text) => text.length > LONG_CHOICE) ? "choices long" : "choices");
    group.setAttribute("role", "group");
    group.setAttribute("aria-label", "请选择");
    for (const text of texts) {
      const button = make("button", "", text);
      button.type = "button";
      button.addEventListener("click", (event) => this.onChoice(text, event.detail === 0));
      group.append(button);
    }
    return group;
  }

  #advance(sequence) {
    this.#sequences.add(sequence);
    if (this.#last === 0) this.#last = sequence; // the page begins where its history begins
    while (this.#sequences.has(this.#last + 1)) this.#last += 1;
  }

  #add(shown) {
    this.#isEmpty = false;
    this.#log.append(shown);
  }

  /** Bring what is new into view, from its beginning when it is taller than the view. */
  #settle(isLive, shown) {
    if (!this.#follows) {
      if (isLive) this.#newer.hidden = false;
      return;
    }
    this.toBottom();
    const hidden = this.#scroll.getBoundingClientRect().top - shown.getBoundingClientRect().top;
    if (hidden > 0) this.#scroll.scrollTop -= hidden + 12;
  }

  #notePlace() {
    const { scrollTop, scrollHeight, clientHeight } = this.#scroll;
    this.#follows = scrollHeight - scrollTop - clientHeight < AT_BOTTOM;
    if (this.#follows) this.#newer.hidden = true;
  }
}

/** Return the text with its telephone numbers as links, for a phone to call, and work order numbers in one piece. */
function callable(text, isUrgent) {
  const parts = [];
  let from = 0;
  const lines = isUrgent ? EMERGENCY_LINES : SERVICE_LINES;
  for (const match of text.matchAll(new RegExp(`${WORK_ORDER.source}|${lines.source}`, "g"))) {
    const isOrder = WORK_ORDER.test(match[0]);
    const part = isOrder ? make("span", "whole", match[0]) : make("a", "", match[0]);
    if (!isOrder) part.href = `tel:${match[0]}`;
    parts.push(document.createTextNode(text.slice(from, match.index)), part);
    from = match.index + match[0].length;
  }
  parts.push(document.createTextNode(text.slice(from)));
  return parts;
}

function sources(citations) {
  const group = make("div", "sources");
  group.setAttribute("role", "group");
  group.setAttribute("aria-label", "依据");
  for (const citation of citations) group.append(source(citation));
  return group;
}

function source(citation) {
  const url = ownUrl(citation.url);
  const card = make(url ? "a" : "div", "source");
  if (url) {
    card.href = url;
    card.target = "_blank";
    card.rel = "noopener";
  }
  const number = citation.document_number ? `（${citation.document_number}）` : "";
  card.append(make("span", "source-label", "依据"), make("span", "source-title", `《${citation.title}》${number}`));
  if (citation.heading_path.length) card.append(make("span", "source-place", citation.heading_path.join(" › ")));
  card.append(make("span", "source-quote", `“${citation.quote}”`));
  if (url) card.append(make("span", "source-open", "查看出处"));
  return card;
}

/** Return an address of this site, null for any other: sources are never elsewhere. */
function ownUrl(given) {
  try {
    const url = new URL(given, window.location.href);
    return url.origin === window.location.origin ? url.href : null;
  } catch {
    return null;
  }
}
