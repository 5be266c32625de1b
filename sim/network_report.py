# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes a report of one simulated run as a page of its own, for people: sim/network NAME --html FILE.

Usage: network_report.py SUMMARY TRACE HTML    (the summary's line of JSON, the trace, and the file to write)"""
import html
import json
import math
import pathlib
import sys

import network_report_svg as svg

PRECEDENCES = ["FLASH", "IMMEDIATE", "PRIORITY", "ROUTINE"]
PURPOSES = ["message", "ack", "routing", "flood", "keys"]
MISSING_MAX = 100
ROWS_MAX = 60

STYLE = """
:root { color-scheme: light dark; --page: #fbfbf9; --ink: #1d2126; --dim: #5d6670; --line: #d5d8d2; --c0: #b3261e;
  --c1: #a55a00; --c2: #1f5fa8; --c3: #2d6a3f; --c4: #6d4aa0; --dark: #3b424a; }
@media (prefers-color-scheme: dark) { :root { --page: #15181b; --ink: #e6e8ea; --dim: #9aa4ae; --line: #363c42;
  --c0: #ff8a80; --c1: #ffb74d; --c2: #82b1ff; --c3: #81c995; --c4: #c7a6ff; --dark: #c3cad1; } }
body { margin: 2rem auto; max-width: 62rem; padding: 0 1rem; background: var(--page); color: var(--ink);
  font: 16px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.15rem; margin-top: 2.2rem; }
p, figcaption, summary { color: var(--dim); max-width: 46rem; }
figure { margin: 0 0 1rem; overflow-x: auto; } svg { max-width: 100%; height: auto; }
svg text { fill: var(--ink); font: 12px system-ui, sans-serif; } svg .dim { fill: var(--dim); }
svg .grid { stroke: var(--line); fill: none; } svg .axis { stroke: var(--dim); fill: none; }
table { border-collapse: collapse; } th, td { padding: .25rem .8rem .25rem 0; text-align: right;
  border-bottom: 1px solid var(--line); font-variant-numeric: tabular-nums; }
th:first-child, td:first-child { text-align: left; }
"""


def read_trace(path):
    """The events of the trace, by kind."""
    events = {}
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            event = json.loads(line)
            events.setdefault(event["event"], []).append(event)
    return events


def key_of(event):
    return event["origin"], event["counter"], event["to"]


def deliveries(events):
    """Each delivery that was filed: when, how urgent, when it arrived (None: not), what its originator knew last."""
    found = {key_of(event): {"origin": event["origin"], "to": event["to"], "filed_ms": event["t_ms"],
                             "precedence": event["state"], "arrived_ms": None, "state": "queued"}
             for event in events.get("filed", [])}
    for event in events.get("stored", []):
        delivery = found.get(key_of(event))
        if delivery and delivery["arrived_ms"] is None:
            delivery["arrived_ms"] = event["t_ms"]
    for event in events.get("delivery", []):
        if key_of(event) in found:
            found[key_of(event)]["state"] = event["state"]
    return list(found.values())


def delays_s(some):
    return sorted((one["arrived_ms"] - one["filed_ms"]) / 1000 for one in some if one["arrived_ms"] is not None)


def duration(seconds):
    """A length of time with one unit, as people say it."""
    for unit, size in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= size:
            return f"{seconds / size:.1f} {unit}"
    return f"{seconds:.1f} s"


def table(head, rows):
    def cells(tag, row):
        return "".join(f"<{tag}>{html.escape(str(cell))}</{tag}>" for cell in row)
    body = "".join(f"<tr>{cells('td', row)}</tr>" for row in rows)
    return f"<table><thead><tr>{cells('th', head)}</tr></thead><tbody>{body}</tbody></table>"


def delivery_table(found):
    rows = []
    for precedence in PRECEDENCES:
        some = [one for one in found if one["precedence"] == precedence]
        times = delays_s(some)
        if not some:
            continue
        quantile = [duration(times[math.ceil(share * len(times)) - 1]) if times else "-" for share in (0.5, 0.95, 1)]
        rows.append([precedence, len(some), len(times), f"{100 * len(times) / len(some):.1f} %", *quantile])
    return table(["precedence", "filed", "arrived", "share", "half in", "95 % in", "all in"], rows)


def missing_list(found, names):
    missing = [one for one in found if one["arrived_ms"] is None]
    if not missing:
        return "<p>Every delivery arrived.</p>"
    missing.sort(key=lambda one: (PRECEDENCES.index(one["precedence"]), one["filed_ms"]))
    rows = [[names.get(one["origin"], one["origin"]), names.get(one["to"], one["to"]), one["precedence"],
             duration(one["filed_ms"] / 1000), one["state"]] for one in missing[:MISSING_MAX]]
    shown = f", the first {MISSING_MAX} of them" if len(missing) > MISSING_MAX else ""
    return (f"<details><summary>{len(missing)} deliveries have not arrived{shown}</summary>" +
            table(["from", "to", "precedence", "filed at", "known to the originator as"], rows) + "</details>")


def dark_times(events, length_ms):
    """For each station the times without power."""
    dark, since = {}, {}
    power = sorted(events.get("power_off", []) + events.get("power_on", []), key=lambda event: event["t_ms"])
    stations = [event["station"] for event in events["station"] if event["role"] != "jammer"]
    on_at_start = {event["station"] for event in power if event["event"] == "power_on" and event["t_ms"] == 0}
    for station in stations:
        if station not in on_at_start:
            since[station] = 0
    for event in power:
        station = event["station"]
        if event["event"] == "power_off":
            since.setdefault(station, event["t_ms"])
        elif station in since:
            dark.setdefault(station, []).append((since.pop(station), event["t_ms"]))
    for station, begin in since.items():
        dark.setdefault(station, []).append((begin, length_ms))
    return dark


def key_figures(summary):
    """What the issue asks for, in words."""
    def seconds(key):
        return "-" if summary[key] is None else f"{summary[key]} s"
    rows = [["delivered of what physics allowed", f"{100 * summary['delivery_ratio']:.2f} %"],
            ["acknowledged and lost", summary["lost"]], ["shown twice", summary["duplicates"]],
            ["forged", summary["forged"]], ["FLASH, both ends with power, 95 % in", seconds("flash_p95_s")],
            ["routing's share of the air", f"{100 * summary['beacon_share']:.2f} %"],
            ["at the worst station", f"{100 * summary['worst_station_beacon_share']:.2f} %"],
            ["bursts", summary["bursts"]], ["lost to collisions", summary["collisions"]]]
    return table(["", ""], rows)


def figure(drawing, caption):
    return f"<figure>{drawing}<figcaption>{html.escape(caption)}</figcaption></figure>"


def page(summary, events):
    found = deliveries(events)
    names = {event["station"]: event["name"] for event in events["station"]}
    length_ms = summary["hours"] * 3600000
    dark = dark_times(events, length_ms)
    curves = [(precedence, index, delays_s([one for one in found if one["precedence"] == precedence]),
               sum(one["precedence"] == precedence for one in found)) for index, precedence in enumerate(PRECEDENCES)]
    rows = [(names[station], dark[station]) for station in sorted(dark)[:ROWS_MAX]]
    parts = [f"<h1>{html.escape(summary['scenario'])}</h1>",
             f"<p>{summary['stations']} stations, {summary['hours']:g} hours, {summary['offered']} deliveries filed, "
             f"{summary['delivered']} arrived.</p>", key_figures(summary),
             "<h2>How long a delivery takes</h2>",
             figure(svg.delay_curves(curves), "Share of all deliveries filed that had arrived after so long.  A curve "
                    "that ends below 100 % leaves some that never did."),
             delivery_table(found), missing_list(found, names),
             "<h2>What the air is used for</h2>",
             figure(svg.air_bars(summary["channel_air_s"], PURPOSES, length_ms / 1000),
                    "Seconds of all transmitters on each channel.  Far stations may speak at once."),
             "<h2>Map</h2>",
             figure(svg.station_map(events["station"], events.get("link", [])), "Lines are links that carried "
                    "something, wider with more bursts; routing does not count.  Dashed: routes.")]
    if rows:
        more = f"  {len(dark) - ROWS_MAX} more are not drawn." if len(dark) > ROWS_MAX else ""
        parts += ["<h2>Without power</h2>", figure(svg.timeline(rows, length_ms / 3600000), "Each station that was "
                                                    f"dark at some time.{more}")]
    return (f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><meta name="viewport" '
            f'content="width=device-width"><title>{html.escape(summary["scenario"])}</title>'
            f"<style>{STYLE}</style></head><body>\n" + "\n".join(parts) + "\n</body></html>\n")


def main(summary_path, trace_path, html_path):
    lines = pathlib.Path(summary_path).read_text(encoding="utf-8").splitlines()
    text = page(json.loads(lines[-1]), read_trace(trace_path))
    try:
        pathlib.Path(html_path).write_text(text, encoding="utf-8")
    except OSError as error:
        print(f"network: --html {html_path}: cannot be written: {error.strerror}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
