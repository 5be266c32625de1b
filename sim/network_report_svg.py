# SPDX-License-Identifier: GPL-3.0-or-later
"""The drawings of the network simulator's report, as SVG that needs nothing else."""
import html
import math

WIDTH = 900
LEFT, RIGHT, TOP, BOTTOM = 60, 130, 15, 40
TICKS_S = [(1, "1 s"), (10, "10 s"), (60, "1 min"), (600, "10 min"), (3600, "1 h"), (21600, "6 h"), (86400, "1 d"),
           (604800, "7 d")]
MARK_R = {"coordinator": 6, "relay": 4, "post": 5, "mobile": 5, "jammer": 6}
NAMED_MAX = 60  # stations; more names would cover each other


def svg(height, label, parts):
    return (f'<svg viewBox="0 0 {WIDTH} {height:.0f}" width="{WIDTH}" role="img" aria-label="{html.escape(label)}">' +
            "".join(parts) + "</svg>")


def text(x, y, content, anchor="start", kind=""):
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" class="{kind}">{html.escape(str(content))}</text>'


def line(x1, y1, x2, y2, kind="grid"):
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" class="{kind}"/>'


def title(content):
    return f"<title>{html.escape(content)}</title>"


def spread_labels(wanted, gap):
    """Moves labels down so that none covers another; wanted are their heights, from the top."""
    placed = []
    for y in wanted:
        placed.append(max(y, placed[-1] + gap) if placed else y)
    return placed


def delay_curves(curves):
    """One step curve for each precedence: (name, colour, sorted delays in s, number filed)."""
    height = 340
    bottom, right = height - BOTTOM, WIDTH - RIGHT
    longest = max([delays[-1] for _, _, delays, _ in curves if delays], default=60)
    end = next((tick for tick, _ in TICKS_S if tick >= longest), TICKS_S[-1][0])

    def x_of(seconds):
        return LEFT + (right - LEFT) * math.log10(max(seconds, 1)) / math.log10(end)

    def y_of(share):
        return bottom - (bottom - TOP) * share
    parts = [line(LEFT, y_of(share), right, y_of(share)) + text(LEFT - 8, y_of(share) + 4, f"{share:.0%}", "end", "dim")
             for share in (0, 0.25, 0.5, 0.75, 1)]
    parts += [line(x_of(tick), TOP, x_of(tick), bottom) + text(x_of(tick), bottom + 18, name, "middle", "dim")
              for tick, name in TICKS_S if tick <= end]
    parts.append(text((LEFT + right) / 2, height - 4, "time from filing to arrival", "middle", "dim"))
    ends = []
    for name, colour, delays, filed in curves:
        if not filed:
            continue
        path, y = f"M{LEFT},{bottom}", bottom
        for index, seconds in enumerate(delays):
            y = y_of((index + 1) / filed)
            path += f"H{x_of(seconds):.1f}V{y:.1f}"
        parts.append(f'<path d="{path}H{right}" fill="none" stroke="var(--c{colour})" stroke-width="2">'
                     f"{title(f'{name}: {len(delays)} of {filed}')}</path>")
        ends.append((y, name, colour, len(delays) / filed))
    ends.sort()
    for (_, name, colour, share), y in zip(ends, spread_labels([end[0] for end in ends], 15)):
        parts.append(f'<text x="{right + 8}" y="{y + 4:.1f}" style="fill:var(--c{colour})">{name} {share:.1%}</text>')
    return svg(height, "Delivery delay by precedence", parts)


def air_bars(channels, purposes, length_s):
    """A stacked bar for each channel."""
    row = 34
    height = TOP + row * len(channels) + 30
    most = max([sum(air.values()) for air in channels.values()], default=0) or 1
    left, right = 110, WIDTH - 130
    parts = []
    for index, (name, air) in enumerate(channels.items()):
        x, y = left, TOP + row * index
        parts.append(text(left - 8, y + 16, name, "end"))
        for colour, purpose in enumerate(purposes):
            width = (right - left) * air[purpose] / most
            if width > 0:
                parts.append(f'<rect x="{x:.1f}" y="{y}" width="{width:.1f}" height="22" fill="var(--c{colour})">'
                             f"{title(f'{name}, {purpose}: {air[purpose]:.0f} s')}</rect>")
            x += width
        whole = sum(air.values())
        parts.append(text(x + 8, y + 16, f"{whole:.0f} s, {whole / length_s:.1%}", "start", "dim"))
    x = left
    for colour, purpose in enumerate(purposes):
        parts.append(f'<rect x="{x}" y="{height - 22}" width="12" height="12" fill="var(--c{colour})"/>' +
                     text(x + 17, height - 12, purpose))
        x += 95
    return svg(height, "Air time by purpose on each channel", parts)


def grid_step(span):
    return next(step for step in (0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 90) if span / step <= 8)


class Chart:
    """Degrees to points of a map; a degree of longitude is as long as it is in the middle of it."""

    def __init__(self, points):
        latitudes, longitudes = [point[0] for point in points], [point[1] for point in points]
        self.south, self.north = min(latitudes) - 0.05, max(latitudes) + 0.05
        self.west, self.east = min(longitudes) - 0.05, max(longitudes) + 0.05
        narrowing = math.cos(math.radians((self.south + self.north) / 2))
        self.per_degree = min((WIDTH - LEFT - RIGHT) / ((self.east - self.west) * narrowing),
                              900 / (self.north - self.south))
        self.across = self.per_degree * narrowing
        self.height = TOP + (self.north - self.south) * self.per_degree + BOTTOM
        self.right = LEFT + (self.east - self.west) * self.across

    def x(self, longitude):
        return LEFT + (longitude - self.west) * self.across

    def y(self, latitude):
        return TOP + (self.north - latitude) * self.per_degree

    def grid(self):
        """Lines of latitude and longitude."""
        parts = []
        step = grid_step(max(self.north - self.south, self.east - self.west))
        for index in range(math.ceil(self.south / step), math.floor(self.north / step) + 1):
            y = self.y(index * step)
            parts.append(line(LEFT, y, self.right, y) + text(LEFT - 6, y + 4, f"{index * step:.4g}°", "end", "dim"))
        for index in range(math.ceil(self.west / step), math.floor(self.east / step) + 1):
            x = self.x(index * step)
            parts.append(line(x, TOP, x, self.height - BOTTOM) +
                         text(x, self.height - BOTTOM + 18, f"{index * step:.4g}°", "middle", "dim"))
        return parts


def merge_links(links):
    """Bursts both ways between two stations on a channel."""
    merged = {}
    for link in links:
        key = (min(link["station"], link["to"]), max(link["station"], link["to"]), link["channel"])
        merged[key] = merged.get(key, 0) + link["bursts"]
    return merged


def draw_links(chart, places, links):
    parts = []
    merged = merge_links(links)
    channels = sorted({channel for _, _, channel in merged})
    most = max(merged.values(), default=1)
    for (a, b, channel), bursts in sorted(merged.items(), key=lambda item: item[1]):
        one, other, colour = places[a], places[b], channels.index(channel) % 5
        x1, y1, x2, y2 = (chart.x(one["longitude"]), chart.y(one["latitude"]), chart.x(other["longitude"]),
                          chart.y(other["latitude"]))
        # Beside each other where a pair uses several channels.
        bow = 10 * (colour - 1)
        length = math.hypot(x2 - x1, y2 - y1) or 1
        middle = ((x1 + x2) / 2 - bow * (y2 - y1) / length, (y1 + y2) / 2 + bow * (x2 - x1) / length)
        parts.append(f'<path d="M{x1:.1f},{y1:.1f}Q{middle[0]:.1f},{middle[1]:.1f},{x2:.1f},{y2:.1f}" fill="none" '
                     f'stroke="var(--c{colour})" stroke-opacity="0.55" '
                     f'stroke-width="{0.4 + 7 * bursts / most:.1f}">'
                     f"{title(one['name'] + ' - ' + other['name'] + f', {channel}: {bursts} bursts')}</path>")
    for colour, channel in enumerate(channels):
        x = LEFT + 110 * colour
        parts.append(f'<rect x="{x}" y="{chart.height - 12:.0f}" width="18" height="5" fill="var(--c{colour % 5})"/>' +
                     text(x + 24, chart.height - 6, channel))
    return parts


class Names:
    """Finds room for names beside their marks; one that finds none is only told when the mark is pointed at."""

    LETTER, LINE = 6.3, 13  # px of the drawings' text, on average

    def __init__(self):
        self.taken = []

    def is_free(self, box):
        return all(box[2] < other[0] or other[2] < box[0] or box[3] < other[1] or other[3] < box[1]
                   for other in self.taken)

    def draw(self, x, y, radius, name):
        width = self.LETTER * len(name)
        for anchor, dx, dy in (("start", radius + 3, 4), ("end", -radius - 3, 4), ("start", radius, -radius - 2),
                               ("start", radius, radius + self.LINE - 2)):
            left = x + dx - (width if anchor == "end" else 0)
            box = (left, y + dy - self.LINE + 3, left + width, y + dy + 2)
            if left > 0 and self.is_free(box):
                self.taken.append(box)
                return text(x + dx, y + dy, name, anchor)
        return ""


def draw_station(chart, station, names):
    x, y, role = chart.x(station["longitude"]), chart.y(station["latitude"]), station["role"]
    radius = MARK_R[role] if names else 2.5
    kind = {"jammer": "var(--c0)", "relay": "var(--page)"}.get(role, "var(--ink)")
    note = title(f"{station['station']} {station['name']}, {role}")
    if role in ("relay", "jammer"):
        corners = f"{x:.1f},{y - radius:.1f} {x + radius:.1f},{y + radius:.1f} {x - radius:.1f},{y + radius:.1f}"
        mark = f'<polygon points="{corners}" fill="{kind}" stroke="var(--ink)">{note}</polygon>'
    elif role == "coordinator":
        mark = (f'<rect x="{x - radius:.1f}" y="{y - radius:.1f}" width="{2 * radius}" height="{2 * radius}" '
                f'fill="{kind}">{note}</rect>')
    else:
        mark = f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius}" fill="{kind}">{note}</circle>'
    return mark + (names.draw(x, y, radius, station["name"]) if names else "")


def station_map(stations, links):
    """Where the stations are, and over which links something went."""
    points = [(station["latitude"], station["longitude"]) for station in stations]
    points += [tuple(point) for station in stations for point in station["route"]]
    chart = Chart(points)
    places = {station["station"]: station for station in stations}
    parts = chart.grid()
    for station in stations:
        if station["route"]:
            way = " ".join(f"{chart.x(point[1]):.1f},{chart.y(point[0]):.1f}" for point in station["route"])
            parts.append(f'<polyline points="{way}" class="axis" stroke-dasharray="5 5"/>')
    parts += draw_links(chart, places, links)
    names = Names() if len(stations) <= NAMED_MAX else None
    parts += [draw_station(chart, station, names) for station in stations]
    return svg(chart.height, "Map of stations and links", parts)


def timeline(rows, hours):
    """Bars of darkness: (name, [(begin_ms, end_ms)])."""
    row, left, right = 18, 190, WIDTH - 20
    height = TOP + row * len(rows) + BOTTOM
    step = next(step for step in (0.25, 0.5, 1, 2, 3, 6, 12, 24, 168, 720, 8784) if hours / step <= 12)
    parts = []
    for index in range(int(hours / step) + 1):
        x = left + (right - left) * index * step / hours
        parts.append(line(x, TOP, x, height - BOTTOM) +
                     text(x, height - BOTTOM + 18, f"{index * step:g} h", "middle", "dim"))
    for index, (name, times) in enumerate(rows):
        y = TOP + row * index
        parts.append(text(left - 8, y + 13, name, "end"))
        for begin, end in times:
            x = left + (right - left) * begin / 3600000 / hours
            width = max((right - left) * (end - begin) / 3600000 / hours, 1)
            parts.append(f'<rect x="{x:.1f}" y="{y + 2}" width="{width:.1f}" height="{row - 5}" fill="var(--dark)">'
                         f"{title(f'{name}: {begin / 3600000:.2f} h to {end / 3600000:.2f} h')}</rect>")
    return svg(height, "Times without power", parts)
