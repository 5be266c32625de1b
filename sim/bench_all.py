# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the benchmarks of airtime, of text and of every scenario, and writes sim/RESULTS.md: sim/bench all."""
import json
import pathlib
import platform
import shutil
import subprocess
import sys

SIM = pathlib.Path(__file__).resolve().parent
FIGURES = ["stations", "hours", "offered", "not_filed", "reachable", "delivered", "delivery_ratio", "lost", "duplicates",
           "forged", "expired", "expired_reported", "flash_p95_s", "flash_all_p95_s", "immediate_p95_s",
           "priority_p95_s", "routine_p95_s", "beacon_share", "worst_channel_beacon_share",
           "worst_station_beacon_share", "air_share", "bursts", "collisions", "wall_s"]
TEXT_FIGURES = ["messages", "chars", "raw_bytes", "packed_bytes", "roundtrip_failures", "most_extra_bytes", "model_bytes",
                "encode_ms", "encode_max_ms", "decode_ms", "decode_max_ms"]


def run(*arguments):
    """The JSON object on the last line of sim/bench; None after a failure, which is told."""
    print("sim/bench", *arguments, file=sys.stderr)
    done = subprocess.run([SIM / "bench", *arguments], check=False, stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout.splitlines()[-1]) if done.returncode == 0 else None


def git(*arguments):
    if not shutil.which("git"):
        return ""
    done = subprocess.run(["git", "-C", SIM, *arguments], check=False, capture_output=True, text=True)
    return done.stdout.strip()


def commit():
    changed = " with changes" if git("status", "--porcelain", "--untracked-files=no") else ""
    return (git("rev-parse", "--short=12", "HEAD") or "unknown") + changed


def cell(value):
    if value is None:
        return "-"
    return f"{value:g}" if isinstance(value, float) else str(value)


def table(head, rows):
    lines = [head, ["---"] + ["---:"] * (len(head) - 1), *rows]
    return "".join("| " + " | ".join(line) + " |\n" for line in lines)


def texts(summary):
    """The section of sim/bench text."""
    languages = list(summary["languages"])
    ours = {"bits_per_char": summary["bits_per_char"],
            "languages": {name: figures["bits_per_char"] for name, figures in summary["languages"].items()}}
    tools = [[tool, f"{row['bits_per_char']:.3f}", *(f"{row['languages'][name]:.3f}" for name in languages)]
             for tool, row in {**summary["others"], "**radiod**": ours}.items()]
    figures = [[f"`{figure}`", cell(summary[figure])] for figure in TEXT_FIGURES]
    return f"""## `sim/bench text`

Bits a character of `{summary["file"]}`, texts that the model was not trained with: each packed alone, in whole bytes.

{table(["tool", "all", *languages], tools)}
{table(["figure", "value"], figures)}"""


def text(airtime, summary, networks):
    rows = [[f"`{figure}`"] + [cell(summary.get(figure)) for summary in networks.values()] for figure in FIGURES]
    flat = [[f"`{key}`", cell(value)] for key, value in airtime.items() if not isinstance(value, (dict, list, str))]
    return f"""<!-- SPDX-License-Identifier: GPL-3.0-or-later -->
# Results

Written by `sim/bench all`, which runs the commands below and copies what they print. Commit {commit()}, {platform.machine()},
{platform.python_implementation()} {platform.python_version()}. The same commit prints the same figures again, except `wall_s`
and `..._ms`.

## `sim/bench airtime`

{table(["figure", "value"], flat)}
{texts(summary)}
## `sim/bench network NAME`

What each figure means stands in [scenarios/FORMAT.md](scenarios/FORMAT.md). `-`: none, or too few arrived.

{table(["figure", *networks], rows)}"""


def main():
    names = sorted(path.stem for path in (SIM / "scenarios").glob("*.ini"))
    airtime = run("airtime")
    summary = run("text")
    networks = {name: run("network", name) for name in names}
    failed = [name for name, figures in {"airtime": airtime, "text": summary, **networks}.items() if figures is None]
    if failed:
        print("bench: no results are written, for these failed:", *failed, file=sys.stderr)
        return 1
    (SIM / "RESULTS.md").write_text(text(airtime, summary, networks), encoding="utf-8")
    print(json.dumps({"bench": "all", "written": "sim/RESULTS.md", "scenarios": len(networks)}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
