"""From a drawing to a picture file. The page itself needs none of this: a browser draws SVG with its own fonts."""

from functools import cache

import resvg_py

ZOOM = 2


def to_png(svg: str) -> bytes:
    """Return the drawing as PNG, twice as large as its units."""
    return bytes(resvg_py.svg_to_bytes(svg_string=svg, zoom=ZOOM))


@cache
def has_chinese_font() -> bool:
    """Tell whether this machine can write Chinese: without a font two different characters look the same."""
    one, other = (
        to_png(f'<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40"><text y="30">{mark}</text></svg>')
        for mark in ("绵", "办")
    )
    return one != other
