# SPDX-License-Identifier: GPL-3.0-or-later
"""What every carrier must pass: a report, a text and an alert from one post to another, read and receipted."""

from network_in_a_box import wait_until

DELIVERED = ("delivered", "read", "acted")


def wait_for_state(post, message_id, recipient, states, within_s):
    """Waits until post knows its message to be in one of states at recipient."""
    return wait_until(lambda: post.deliveries(message_id)[recipient.number]["state"] in states, within_s,
                      f"{message_id} {'/'.join(states)} at {recipient.name}")


def send_three(sender, recipient, mark):
    """Files one message of each kind and returns their ids."""
    to = recipient.number
    return [
        sender.send("status", "--to", to, "--state", "open", "--battery", "24.2", "--power-source", "grid", "--queue", "40",
                    "--wait", "25"),
        sender.send("text", to, f"Tèks {mark}: ça va, mañana a las 07h30"),
        sender.send("alert", "flood", "--to", to, "--text", f"Rivyè a monte, {mark}"),
    ]


def pass_three(sender, recipient, mark, within_s=180):
    """Sends the three, checks what arrived, reads the text there and waits for the receipt here."""
    ids = send_three(sender, recipient, mark)
    for message_id in ids:
        wait_for_state(sender, message_id, recipient, DELIVERED, within_s)
    got = recipient.inbox()
    status, text, alert = (got[message_id] for message_id in ids)
    assert status["status"]["state"] == "open"
    assert status["status"]["fields"]["queue"] == 40
    assert text["text"] == f"Tèks {mark}: ça va, mañana a las 07h30"
    assert alert["alert"]["event"] == "flood" and alert["text"] == f"Rivyè a monte, {mark}"
    recipient.run("read", ids[1], "--officer", 7)
    wait_for_state(sender, ids[1], recipient, ("read",), within_s)
    assert sender.deliveries(ids[1])[recipient.number]["officer"] == 7
    return ids
