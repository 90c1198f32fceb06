"""Says back what a message has put into a form, so that a mishearing is seen at once and not only at the end."""

from collections.abc import Mapping

from bot import texts
from bot.performing.draft import TurnDraft
from skills.contract import Slot


def said_back(draft: TurnDraft, slots: Mapping[str, Slot], title: str, notice: str) -> str:
    """Return what this turn has put into the form on top, once; what it says anyway, or was just asked for, is left out.

    A form that holds nothing yet is named instead: 预约 alone may have meant something else.
    """
    filled = draft.open_form.slots
    said = "\n".join((*(reply.text for reply in draft.replies), draft.lead_in, notice))
    corrected = set(draft.corrected)
    held = {name for name in filled if name != draft.open_form.asked}
    taken = [n for n in dict.fromkeys(draft.taken) if n in held and (slots[n].is_said_back or n in corrected)]
    recalled = [name for name in draft.recalled if name in held and name not in taken]
    draft.forget_taken()
    if not filled and not draft.replies and title not in said:
        return texts.TAKEN.format(what=title)
    if taken == [draft.asked_before] and slots[taken[0]].is_sensitive and not corrected:
        return ""  # a plain answer to a plain question
    shown = {name: filled[name].shown for name in taken if filled[name].shown not in said}
    fresh = [
        name for i, name in enumerate(taken) if name in shown and not _is_within(taken[i + 1 :], shown, shown[name])
    ]
    if recalled and not fresh:
        shown = {name: filled[name].shown for name in recalled if filled[name].shown not in said}
        kept = [
            shown[n]
            for i, n in enumerate(recalled)
            if n in shown and not _is_within(recalled[i + 1 :], shown, shown[n])
        ]
        return texts.SO_FAR.format(what="，".join(kept)) if kept else ""
    words = [_in_words(slots[name], filled[name].shown, is_corrected=name in corrected) for name in fresh]
    return texts.TAKEN.format(what="，".join(words)) if words else ""


def _is_within(later: list[str], shown: Mapping[str, str], words: str) -> bool:
    """Tell whether what comes later says the same: the clinic holds its day, and a name its bearer."""
    return any(words in shown.get(name, "") for name in later)


def _in_words(slot: Slot, shown: str, *, is_corrected: bool) -> str:
    if is_corrected:
        return f"{slot.title}改成{shown}"
    return f"{slot.title}{shown}" if slot.is_sensitive else shown
