# SPDX-License-Identifier: GPL-3.0-or-later
"""The network simulator as a program: what it prints, what it refuses.

Usage: check_sim_program.py PROGRAM SIM_FOLDER"""
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

KEYS = {"stations", "hours", "offered", "reachable", "delivered", "delivery_ratio", "lost", "duplicates", "flash_p95_s",
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
