#!/usr/bin/env python3
"""Writes the colour maps of this folder: 256 lines "r,g,b" each, after a line that says the kind.

    python3 assets/color_maps/make_color_maps.py

Hue and chroma run through anchor colours in Oklab, where equal steps look equal and blue stays blue. The lightness is
CIELAB's L*, rising all the way (or to the middle and back), so that no map shows an edge where the data has none.
Standard library only; equal runs give equal files.
"""
import math
import pathlib

SIZE = 256

SEQUENTIAL = {
    "viridis": "440154 482475 414487 355f8d 2a788e 21918c 22a884 44bf70 7ad151 bddf26 fde725",
    "cividis": "00224e 123570 3b496c 575d6d 707173 8a8678 a59c74 c3b369 e1cc55 fee838",
    "magma": "000004 140e36 3b0f70 641a80 8c2981 b73779 de4968 f7705c fe9f6d fecf92 fcfdbf",
}


def decoded(channel):
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4


def encoded(channel):
    return channel * 12.92 if channel <= 0.0031308 else 1.055 * channel ** (1 / 2.4) - 0.055


def cube_root(value):
    return math.copysign(abs(value) ** (1 / 3), value)


def oklab_from_linear(r, g, b):
    l = cube_root(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b)
    m = cube_root(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b)
    s = cube_root(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b)
    return (0.2104542553 * l + 0.7936177850 * m - 0.0040720468 * s,
            1.9779984951 * l - 2.4285922050 * m + 0.4505937099 * s,
            0.0259040371 * l + 0.7827717662 * m - 0.8086757660 * s)


def linear_from_oklab(lightness, a, b):
    l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    s = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
            -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
            -0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s)


def cielab_lightness(r, g, b):
    """L* of linear sRGB."""
    y = 0.2126 * r + 0.7152 * g + 0.0722 * b
    return 116 * y ** (1 / 3) - 16 if y > 216 / 24389 else y * 24389 / 27


def cielab_lightness_of_bytes(color):
    return cielab_lightness(*(decoded(c / 255) for c in color))


def with_lightness(target, a, b):
    """Linear sRGB of the Oklab hue and chroma (a, b) at CIELAB lightness `target`, chroma reduced into the gamut."""
    for reduction in range(201):
        part = 1 - reduction / 200
        low, high = 0.0, 1.2
        for _ in range(60):
            middle = (low + high) / 2
            y = linear_from_oklab(middle, a * part, b * part)
            if cielab_lightness(*y) < target:
                low = middle
            else:
                high = middle
        color = linear_from_oklab(low, a * part, b * part)
        if all(-2e-3 < c < 1.002 for c in color):
            return color
    raise ValueError("no such lightness")


def smooth(values, t):
    """Cubic through equally spaced `values` at t in 0 … 1, without overshoot (Fritsch and Carlson 1980)."""
    n = len(values)
    steps = [values[i + 1] - values[i] for i in range(n - 1)]
    slopes = [steps[0]] + [0.0] * (n - 2) + [steps[-1]]
    for i in range(1, n - 1):
        if steps[i - 1] * steps[i] > 0:
            slopes[i] = 2 * steps[i - 1] * steps[i] / (steps[i - 1] + steps[i])
    place = t * (n - 1)
    i = min(int(place), n - 2)
    x = place - i
    return (values[i] * (1 + 2 * x) * (1 - x) ** 2 + slopes[i] * x * (1 - x) ** 2
            + values[i + 1] * x * x * (3 - 2 * x) + slopes[i + 1] * x * x * (x - 1))


def nearest_bytes(color):
    return tuple(min(255, max(0, round(255 * encoded(max(0.0, c))))) for c in color)


def sequential(anchors):
    colors = [tuple(decoded(int(a[k:k + 2], 16) / 255) for k in (0, 2, 4)) for a in anchors.split()]
    lightness = [cielab_lightness(*c) for c in colors]
    labs = [oklab_from_linear(*c) for c in colors]
    out = []
    for i in range(SIZE):
        t = i / (SIZE - 1)
        ab = [smooth([lab[k] for lab in labs], t) for k in (1, 2)]
        out.append(nearest_bytes(with_lightness(smooth(lightness, t), *ab)))
    return rising(out)


def rising(colors):
    """Whole bytes may undo a small step of lightness: then the nearest colour that is lighter than the one before."""
    out = [colors[0]]
    for color in colors[1:]:
        floor = cielab_lightness_of_bytes(out[-1])
        steps = [(dr, dg, db) for dr in (0, 1, 2) for dg in (0, 1, 2) for db in (0, 1, 2)]
        steps.sort(key=lambda s: (sum(s), s))
        for step in steps:
            candidate = tuple(min(255, c + d) for c, d in zip(color, step))
            if cielab_lightness_of_bytes(candidate) > floor:
                break
        out.append(candidate)
    return out


def diverging(end, middle, low_hues, high_hues, chroma):
    """Neutral and light in the middle, equally dark and equally colourful at both ends. Hues in degrees, middle to end."""
    out = []
    for i in range(SIZE):
        u = (2 * i - (SIZE - 1)) / (SIZE - 1)
        hues = low_hues if u < 0 else high_hues
        hue = math.radians(hues[0] + (hues[1] - hues[0]) * abs(u))
        c = chroma * abs(u) ** 0.75
        out.append(nearest_bytes(with_lightness(middle + (end - middle) * abs(u), c * math.cos(hue), c * math.sin(hue))))
    return out


def write(name, kind, colors):
    lines = ["# " + kind] + ["%d,%d,%d" % color for color in colors]
    path = pathlib.Path(__file__).with_name(name + ".csv")
    path.write_text("\n".join(lines) + "\n", encoding="ascii", newline="\n")


if __name__ == "__main__":
    for name, anchors in SEQUENTIAL.items():
        write(name, "sequential", sequential(anchors))
    write("grey", "sequential", [(i, i, i) for i in range(SIZE)])
    write("blue_orange", "diverging", diverging(42, 96, (235, 255), (72, 47), 0.16))
