# SPDX-License-Identifier: GPL-3.0-or-later
"""Two daemons talk through two real Dire Wolf TNCs over sound: 1200 baud AFSK and 300 baud HF, by pty and by TCP."""

import pytest

from exchange import pass_three

def tnc_channel(device, baud, callsign):
    return {"modem": "kiss", "service": "test", "device": device, "air_baud": baud, "callsign": callsign,
            "txdelay_ms": 300, "txtail_ms": 100, "persistence": 255, "slottime_ms": 10}


def start_posts(network, channel, by):
    baud, started = channel
    posts = []
    for station, (number, name, callsign) in zip((started.a, started.b),
                                                 ((1, "Ouanaminthe", "HH2OU"), (2, "Belladère", "HH2BL"))):
        device = station.pty if by == "pty" else station.kiss_tcp
        post = network.add_post(number, name, {"vhf": tnc_channel(device, baud, callsign)}, ["beacon_interval_s = 0"])
        post.command = station.command() if by == "tcp" else []
        posts.append(post.start())
    return posts


@pytest.mark.parametrize("by", ["pty", "tcp"])
def test_report_text_and_alert_pass_both_ways(network, channel, by):
    one, two = start_posts(network, channel, by)
    pass_three(one, two, "ale")
    pass_three(two, one, "tounen")
