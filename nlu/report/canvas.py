"""A sheet to draw on, as SVG text. Four kinds of marks are all that the charts need, so no library is behind it."""

from html import escape

FONTS = "'Noto Sans CJK SC','Noto Sans SC','PingFang SC','Microsoft YaHei','WenQuanYi Micro Hei',sans-serif"
INK, FAINT, LINE = "#1f2933", "#52606d", "#cbd2d9"
BLUE, ORANGE = "#1b6ca8", "#c8553d"


class Canvas:
    """Collects marks; units are about a pixel of a phone."""

    def __init__(self, width: float, height: float, title: str) -> None:
        self._size = f"{width:g} {height:g}"
        self._marks = [f"<title>{escape(title)}</title>"]
        self.rectangle(0, 0, width, height, "#ffffff")

    def rectangle(self, x: float, y: float, width: float, height: float, fill: str, opacity: float = 1.0) -> None:
        """Draw a filled rectangle."""
        self._marks.append(
            f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(0.0, width):.1f}" height="{max(0.0, height):.1f}" '
            f'fill="{fill}" fill-opacity="{opacity:.2f}"/>'
        )

    def line(self, x1: float, y1: float, x2: float, y2: float, colour: str = LINE, dashes: str = "") -> None:
        """Draw a line."""
        style = f' stroke-dasharray="{dashes}"' if dashes else ""
        self._marks.append(
            f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}" stroke-width="1"{style}/>'
        )

    def circle(self, x: float, y: float, radius: float, fill: str) -> None:
        """Draw a dot."""
        self._marks.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}" fill="{fill}"/>')

    def text(self, x: float, y: float, text: str, anchor: str = "start", colour: str = INK, size: float = 12) -> None:
        """Write a line of text on the baseline `y`; what cannot be printed would end the drawing and is left out."""
        printable = "".join(character for character in text if character.isprintable())
        self._marks.append(
            f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}" font-size="{size:g}">'
            f"{escape(printable)}</text>"
        )

    def svg(self) -> str:
        """Return the drawing."""
        width, _, height = self._size.partition(" ")
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self._size}" width="{width}" height="{height}" '
            f'role="img" font-family="{FONTS}">{"".join(self._marks)}</svg>'
        )
