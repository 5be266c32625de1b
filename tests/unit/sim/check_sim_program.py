# SPDX-License-Identifier: GPL-3.0-or-later
"""The network simulator as a program: what it prints, what it refuses.

Usage: check_sim_program.py PROGRAM SIM_FOLDER"""
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest
import xml.dom.minidom

KEYS = {"flash_all_p95_s", "immediate_p95_s", "routine_p95_s", "forged", "expired_reported", "air_s", "channel_air_s",
        "worst_channel_beacon_share", "worst_station_beacon_share", "stations", "hours", "offered", "reachable", "delivered", "delivery_ratio", "lost", "duplicates", "flash_p95_s",
        "priority_p95_s", "beacon_share", "wall_s"}


class Program(unittest.TestCase):
    def run_it(self, *arguments):
        return subprocess.run([PROGRAM, "--modes", str(SIM / "net/modes.ini"), *map(str, arguments)], check=False,
                              capture_output=True, text=True)

    def summary(self, *arguments):
        done = self.run_it(*arguments)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout.splitlines()[-1])

    def test_the_last_line_is_the_summary(self):
        summary = self.summary(SIM / "scenarios/two-station.ini")
        self.assertLessEqual(KEYS, set(summary))
        self.assertEqual((summary["stations"], summary["hours"], summary["lost"], summary["duplicates"]), (3, 3, 0, 0))
        self.assertEqual(summary["delivery_ratio"], 1)

    def test_the_seed_decides(self):
        runs = [self.summary(SIM / "scenarios/two-station.ini", "--seed", seed) for seed in (5, 5, 6)]
        for run in runs:
            del run["wall_s"]
        self.assertEqual(runs[0], runs[1])
        self.assertNotEqual(runs[0], runs[2])

    def test_the_trace_tells_each_message(self):
        with tempfile.TemporaryDirectory() as folder:
            trace = pathlib.Path(folder) / "trace"
            summary = self.summary(SIM / "scenarios/two-station.ini", "--trace", trace)
            events = [json.loads(line) for line in trace.read_text(encoding="utf-8").splitlines()]
        self.assertEqual(sum(e["event"] == "filed" for e in events), summary["offered"])
        self.assertEqual(sum(e["event"] == "stored" for e in events), summary["delivered"])
        self.assertEqual([e["t_ms"] for e in events], sorted(e["t_ms"] for e in events))

    def report(self, scenario):
        """The page about a scenario, as sim/network makes it."""
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            done = self.run_it(scenario, "--trace", folder / "trace")
            (folder / "summary").write_text(done.stdout, encoding="utf-8")
            subprocess.run([sys.executable, "-B", SIM / "network_report.py", folder / "summary", folder / "trace",
                            folder / "page"], check=True)
            return (folder / "page").read_text(encoding="utf-8")

    def test_the_report_stands_alone(self):
        page = self.report(SIM / "scenarios/two-station.ini")
        self.assertEqual(page.count("<svg"), 4)
        for outside in ("http", "src=", "<script", "url(", "@import", "<link"):
            self.assertNotIn(outside, page)

    def test_the_report_is_well_formed_and_escapes_names(self):
        with tempfile.TemporaryDirectory() as folder:
            odd = pathlib.Path(folder) / "odd.ini"
            text = (SIM / "scenarios/two-station.ini").read_text(encoding="utf-8")
            odd.write_text(text.replace("[station 3]", "[station 3]\nname = <b>Cap & Haïtien</b>"), encoding="utf-8")
            page = self.report(odd)
        self.assertNotIn("<b>", page)
        self.assertIn("&lt;b&gt;Cap &amp; Haïtien", page)
        for drawing in re.findall("<svg.*?</svg>", page, re.DOTALL):
            xml.dom.minidom.parseString(drawing)

    def test_the_report_tells_what_did_not_arrive(self):
        page = self.report(SIM / "scenarios/two-station.ini")
        self.assertIn("<summary>7 deliveries have not arrived</summary>", page)
        self.assertIn("FLASH 50.0%", page)

    def test_a_run_of_every_size_can_be_reported(self):
        for name in ("mule", "jammer"):
            self.assertIn("</html>", self.report(SIM / "scenarios" / (name + ".ini")))

    def test_the_results_are_tables_of_what_was_printed(self):
        sys.path.insert(0, str(SIM))
        import bench_all
        sizes = {**dict.fromkeys(bench_all.TEXT_FIGURES, 3), "file": "held-out.tsv", "bits_per_char": 2.5,
                 "languages": {"fr": {"bits_per_char": 2.25}}}
        packers = {"raw UTF-8": {"bits_per_char": 8.25, "languages": {"fr": 8.5}}}
        text = bench_all.text({"bench": "airtime", "status_s": 1.5, "modes": []},
                              {**sizes, "others": packers},
                              {"mule": {"offered": 55, "flash_p95_s": None}, "jammer": {"offered": 7, "wall_s": 0.25}})
        self.assertIn("| `status_s` | 1.5 |", text)
        self.assertNotIn("modes", text)
        for row in ("| raw UTF-8 | 8.250 | 8.500 |", "| **radiod** | 2.500 | 2.250 |", "| figure | mule | jammer |", "| `offered` | 55 | 7 |", "| `flash_p95_s` | - | - |",
                    "| `wall_s` | - | 0.25 |"):
            self.assertIn(row, text)

    def test_the_shipped_mesh_is_what_its_maker_writes(self):
        made = subprocess.run([sys.executable, "-B", SIM / "scenarios/make-mesh"], check=True, capture_output=True,
                              text=True).stdout
        self.assertEqual(made, (SIM / "scenarios/mesh-1000.ini").read_text(encoding="utf-8"))

    def test_a_mesh_hangs_together(self):
        with tempfile.TemporaryDirectory() as folder:
            mesh = pathlib.Path(folder) / "mesh.ini"
            made = subprocess.run([sys.executable, "-B", SIM / "scenarios/make-mesh", "--stations", "100"], check=True,
                                  capture_output=True, text=True).stdout
            mesh.write_text(made.replace("hours = 24", "hours = 2").replace("at = 6h", "at = 1h"), encoding="utf-8")
            summary = self.summary(mesh)
        self.assertEqual(summary["stations"], 100)
        self.assertGreater(summary["offered"], 100)
        self.assertGreater(summary["reachable"], 0.95 * summary["offered"])  # but for the last ten minutes

    def test_a_wrong_scenario_is_refused(self):
        with tempfile.TemporaryDirectory() as folder:
            wrong = pathlib.Path(folder) / "wrong.ini"
            wrong.write_text("[scenario]\nhours = many\n", encoding="utf-8")
            done = self.run_it(wrong)
        self.assertEqual(done.returncode, 2)
        self.assertIn('wrong.ini:2: hours = "many": write a number', done.stderr)

    def test_wrong_options_are_refused(self):
        for arguments in ([], ["a", "b"], ["--speed", "a"], ["a", "--seed", "x"], ["nowhere.ini"]):
            self.assertEqual(self.run_it(*arguments).returncode, 2, arguments)


if __name__ == "__main__":
    PROGRAM, SIM = sys.argv[1], pathlib.Path(sys.argv[2])
    unittest.main(argv=sys.argv[:1])
