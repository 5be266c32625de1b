# SPDX-License-Identifier: GPL-3.0-or-later
"""kill -9 of sender and receiver at random moments of a delivery over the soft modem: nothing acknowledged is lost,
nothing is shown twice."""

import collections
import concurrent.futures
import os
import random
import re
import tempfile
import time

from conftest import STATIONS
from exchange import DELIVERED, wait_for_state
from modem_tool import built
from network_in_a_box import Box, Failure

ROUNDS = 26  # in each of two networks side by side
NETWORKS = 2
STAGES_S = 4.0  # from filing to the acknowledgement, with some room: kills fall evenly into it
RECOVERED_WITHIN_S = 150


def start_pair(folder):
    box = Box(folder, built(""))
    box.provision(STATIONS[:2])
    box.start_ether(10)
    for number, name, *_ in STATIONS[:2]:
        box.add_post(number, name, {"hf": box.sound_channel(number, modes="DATAC0")}, ["beacon_interval_s = 0"]).start()
    return box


def assert_acked_is_kept(sender, recipient, filed):
    """What the sender holds for delivered is in the recipient's store at this very moment."""
    acked = [m for m in filed if sender.deliveries(m)[recipient.number]["state"] in DELIVERED]
    kept = recipient.inbox()
    assert [m for m in acked if m not in kept] == []


def kill_round(rng, box, number):
    """Files a message, cuts one end at a random moment, and waits until the message is through all the same."""
    sender, recipient = rng.sample(box.posts, 2)
    text = f"round {number}"
    message_id = sender.send("text", recipient.number, text)
    victim = rng.choice((sender, recipient))
    time.sleep(rng.uniform(0, STAGES_S))  # the moment of the cut is the point of this test
    victim.kill()
    victim.start()
    assert_acked_is_kept(sender, recipient, [message_id])
    wait_for_state(sender, message_id, recipient, DELIVERED, RECOVERED_WITHIN_S)
    return sender, recipient, message_id, text


def assert_shown_once(recipient, texts):
    """The log has at most one line for the arrival of each message, the inbox exactly one entry."""
    shown = collections.Counter(m["text"] for m in recipient.inbox().values())
    assert {text: shown[text] for text in texts} == dict.fromkeys(texts, 1)
    lines = collections.Counter(re.findall(r"message: (\S+) \S+ text received", recipient.log.read_text()))
    assert [name for name, count in lines.items() if count > 1] == []


def run_network(seed):
    rng = random.Random(seed)
    with tempfile.TemporaryDirectory(prefix="radiod-kill-") as folder:
        box = start_pair(folder)
        try:
            done = [kill_round(rng, box, number) for number in range(ROUNDS)]
            for post in box.posts:
                assert_shown_once(post, [text for _, recipient, _, text in done if recipient is post])
            for sender, recipient, message_id, _ in done:
                assert_acked_is_kept(sender, recipient, [message_id])
            return len(done)
        except Failure as failure:
            raise AssertionError(f"{failure}\n" + "\n".join(p.log.read_text()[-2000:] for p in box.posts)) from failure
        finally:
            box.close()


def test_kill_at_random_moments_loses_and_repeats_nothing():
    seed = int(os.environ.get("RADIOD_SEED", random.randrange(1 << 32)))
    print(f"seed {seed} (set RADIOD_SEED to repeat)")
    with concurrent.futures.ThreadPoolExecutor(NETWORKS) as pool:
        rounds = sum(pool.map(run_network, range(seed, seed + NETWORKS)))
    assert rounds >= 50
