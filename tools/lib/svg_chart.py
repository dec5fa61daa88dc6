# SPDX-License-Identifier: MIT
"""Charts as plain SVG, for pictures in docs/: no background, and colours that can be read on white and on black."""

import math
from html import escape

GREY = "#7d7d7d"
COLOURS = ("#e0662c", "#2f81c9", "#3a9a4c", "#b0569f", "#a88415", "#24999b", "#c8475a", "#7a70d0", "#7f8a3c", "#96694c")
FONT = "font-family='DejaVu Sans, Verdana, sans-serif'"


class Axis:
    """A range of values laid over pixels. `ticks`: the values that get a line and a label."""

    def __init__(self, low, high, ticks, label, log=False, names=None):
        self.low, self.high, self.ticks, self.label, self.log = low, high, ticks, label, log
        self.names = names or {}

    def place(self, value):
        """0 at the low end, 1 at the high end; values beyond are brought to the ends."""
        value = min(max(value, self.low), self.high)
        if self.log:
            return math.log(value / self.low) / math.log(self.high / self.low)
        return (value - self.low) / (self.high - self.low)

    def name(self, tick):
        return self.names.get(tick, f"{tick:g}".replace("-", "\u2212"))


class Picture:
    def __init__(self, width, height, title, description):
        self.width, self.height = width, height
        self.parts = [
            f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {width} {height}' width='{width}' height='{height}' role='img'>",
            f"<title>{escape(title)}</title><desc>{escape(description)}</desc>",
        ]
        self.text(width / 2, 22, title, size=15, anchor="middle", weight="bold")

    def text(self, x, y, words, size=12, anchor="start", colour=GREY, weight="normal", turn=0):
        turned = f" transform='rotate({turn} {x:.1f} {y:.1f})'" if turn else ""
        self.parts.append(
            f"<text x='{x:.1f}' y='{y:.1f}' {FONT} font-size='{size}' font-weight='{weight}' fill='{colour}' "
            f"text-anchor='{anchor}'{turned}>{escape(words)}</text>"
        )

    def line(self, x1, y1, x2, y2, colour=GREY, width=1.0, opacity=1.0, dash=""):
        dashed = f" stroke-dasharray='{dash}'" if dash else ""
        self.parts.append(
            f"<line x1='{x1:.1f}' y1='{y1:.1f}' x2='{x2:.1f}' y2='{y2:.1f}' stroke='{colour}' "
            f"stroke-width='{width}' stroke-opacity='{opacity}'{dashed}/>"
        )

    def dot(self, x, y, colour, radius=4.0, opacity=1.0, hollow=False):
        fill = "none" if hollow else colour
        self.parts.append(
            f"<circle cx='{x:.1f}' cy='{y:.1f}' r='{radius}' fill='{fill}' fill-opacity='{opacity}' stroke='{colour}' stroke-width='1.3'/>"
        )

    def legend(self, x, y, entries, column=150, columns=1):
        """entries: (words, colour, dash), or "ring" for the dash. Rows of 18 pixels."""
        for i, (words, colour, dash) in enumerate(entries):
            at_x, at_y = x + i % columns * column, y + i // columns * 18
            if dash == "ring":
                self.dot(at_x + 11, at_y - 4, colour, 5, hollow=True)
            else:
                self.line(at_x, at_y - 4, at_x + 22, at_y - 4, colour, 2.2, dash=dash)
            self.text(at_x + 28, at_y, words, 12)

    def write(self, path):
        path.write_text("\n".join(self.parts + ["</svg>"]) + "\n", encoding="utf-8")


class Panel:
    """Axes in a rectangle of a picture, and what is drawn over them."""

    def __init__(self, picture, left, top, width, height, x, y, x_labels=True):
        self.picture, self.left, self.top, self.width, self.height, self.x, self.y = picture, left, top, width, height, x, y
        for tick in x.ticks:
            at = self.at_x(tick)
            picture.line(at, top, at, top + height, opacity=0.25)
            if x_labels:
                picture.text(at, top + height + 17, x.name(tick), anchor="middle")
        for tick in y.ticks:
            at = self.at_y(tick)
            picture.line(left, at, left + width, at, opacity=0.25)
            picture.text(left - 7, at + 4, y.name(tick), anchor="end")
        picture.line(left, top + height, left + width, top + height)
        picture.line(left, top, left, top + height)
        if x_labels:
            picture.text(left + width / 2, top + height + 37, x.label, anchor="middle")
        picture.text(left - 48, top + height / 2, y.label, anchor="middle", turn=-90)

    def at_x(self, value):
        return self.left + self.x.place(value) * self.width

    def at_y(self, value):
        return self.top + (1 - self.y.place(value)) * self.height

    def curve(self, points, colour, width=1.8, dash="", marks=False):
        if len(points) > 2 * self.width:
            points = self.thinned(points)
        path = " ".join(f"{self.at_x(x):.1f},{self.at_y(y):.1f}" for x, y in points)
        dashed = f" stroke-dasharray='{dash}'" if dash else ""
        self.picture.parts.append(
            f"<polyline points='{path}' fill='none' stroke='{colour}' stroke-width='{width}' stroke-linejoin='round'{dashed}/>"
        )
        if marks:
            for x, y in points:
                self.picture.dot(self.at_x(x), self.at_y(y), colour, 2.6)

    def thinned(self, points):
        """The least and the largest of each pixel: more cannot be seen."""
        pixels = {}
        for point in points:
            pixels.setdefault(round(self.at_x(point[0])), []).append(point)
        pairs = (sorted((min(those, key=lambda p: p[1]), max(those, key=lambda p: p[1]))) for those in pixels.values())
        return [point for pair in pairs for point in dict.fromkeys(pair)]

    def level(self, value, words, colour=GREY):
        at = self.at_y(value)
        self.picture.line(self.left, at, self.left + self.width, at, colour, 1.3, dash="5 4")
        if words:
            self.picture.text(self.left + self.width - 4, at - 5, words, 11, "end", colour)
