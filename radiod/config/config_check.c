/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Checks that only the whole configuration file allows: what is missing, what contradicts what. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

#include "hw/audio.h"
#include "hw/modems.h"
#include "hw/ptt.h"
#include "radiod/config/config_parse.h"

#define WHY_MAX 200
#define TCP_PORT_MAX 65535

static const struct config_channel *channel_at(const struct config_parse *parse, size_t index)
{
  return &parse->config.channel[index];
}

/* The line where the channel sets name to a value that could be read, else 0. */
static int line_of(const struct config_parse *parse, size_t index, const char *name)
{
  int line = parse->key_line[index][config_key_index(config_key_find(CONFIG_SECTION_CHANNEL, name))];

  return line > 0 ? line : 0;
}

static void check_required(struct config_parse *parse, size_t index, const struct config_key *key)
{
  const struct config_channel *channel = channel_at(parse, index);

  config_mistake(parse, channel->line, "[channel %s]: %s is missing; write e.g. \"%s = %s\"", channel->name,
                 key->name, key->name, key->example);
}

/* Missing keys, and keys that the channel's kind of modem does not know. */
static void check_keys(struct config_parse *parse, size_t index)
{
  static const char *const modem_name[] = {"kiss", "freedv"};
  const struct config_channel *channel = channel_at(parse, index);
  int modem_known = line_of(parse, index, "modem") != 0;
  unsigned kind = modem_known ? 1u << channel->modem : CONFIG_FOR_ALL;

  for (size_t i = 0; i < config_key_count(); i++) {
    const struct config_key *key = config_key_at(i);
    int line = parse->key_line[index][i];

    if (key->section != CONFIG_SECTION_CHANNEL)
      continue;
    if (!line && (key->required & kind) == kind)
      check_required(parse, index, key);
    if (line > 0 && !(key->modems & kind))
      config_mistake(parse, line, "%s: has no meaning with modem = %s; remove the line or write \"modem = %s\"",
                     key->name, modem_name[channel->modem], modem_name[!channel->modem]);
  }
}

static void require_slot_key(struct config_parse *parse, size_t index, const char *name)
{
  const struct config_key *key = config_key_find(CONFIG_SECTION_CHANNEL, name);

  if (!parse->key_line[index][config_key_index(key)])
    config_mistake(parse, line_of(parse, index, "access"), "access = slots: %s is missing; write e.g. \"%s = %s\"",
                   name, name, key->example);
}

/* Turns make sense only in a schedule, and a schedule only with turns. */
static void check_access(struct config_parse *parse, size_t index)
{
  static const char *const slot_keys[] = {"cycle_s", "turn_s"};
  const struct config_channel *channel = channel_at(parse, index);
  int slots = channel->access == CONFIG_ACCESS_SLOTS;
  int turn_line = line_of(parse, index, "turn_s");

  for (size_t i = 0; i < 2; i++) {
    int line = line_of(parse, index, slot_keys[i]);
    if (slots)
      require_slot_key(parse, index, slot_keys[i]);
    else if (line)
      config_mistake(parse, line, "%s: has no meaning without \"access = slots\"; write that, or remove the line",
                     slot_keys[i]);
  }
  if (slots && turn_line && line_of(parse, index, "cycle_s") && channel->turn_s.end > channel->cycle_s)
    config_mistake(parse, turn_line, "turn_s = %u-%u: ends after the round of %u s; write e.g. \"turn_s = 0-%u\"",
                   channel->turn_s.begin, channel->turn_s.end, channel->cycle_s, channel->cycle_s / 2);
}

/* Amateur rules forbid messages whose meaning is hidden, and every frame here is sealed. */
static void check_service(struct config_parse *parse, size_t index)
{
  if (channel_at(parse, index)->service == CONFIG_SERVICE_AMATEUR)
    config_mistake(
        parse, line_of(parse, index, "service"),
        "service = amateur: radiod encrypts what it sends, which amateur bands forbid, and has no clear mode "
        "yet; use a licensed frequency and write \"service = licensed\"");
}

/* AX.25 addresses: one to six capitals or digits, then perhaps -0 to -15. */
static int callsign_valid(const char *callsign)
{
  size_t len = 0;

  while (isupper((unsigned char)callsign[len]) || isdigit((unsigned char)callsign[len]))
    len++;
  if (len < 1 || len > 6)
    return 0;
  if (!callsign[len])
    return 1;
  const char *ssid = callsign + len + 1;
  if (callsign[len] != '-' || !isdigit((unsigned char)ssid[0]))
    return 0;
  return !ssid[1] || (ssid[0] == '1' && ssid[1] >= '0' && ssid[1] <= '5' && !ssid[2]);
}

static void check_callsign(struct config_parse *parse, size_t index)
{
  const struct config_channel *channel = channel_at(parse, index);
  const struct config_key *key = config_key_find(CONFIG_SECTION_CHANNEL, "callsign");
  int line = line_of(parse, index, "callsign");

  if (!parse->key_line[index][config_key_index(key)] && channel->ax25)
    config_mistake(parse, channel->line,
                   "[channel %s]: AX.25 needs a callsign; write e.g. \"callsign = %s\", or \"ax25 = no\" if the TNC "
                   "takes bare frames",
                   channel->name, key->example);
  if (line && !callsign_valid(channel->callsign))
    config_mistake_key(parse, line, key, channel->callsign,
                       "must be 1 to 6 capital letters or digits, then perhaps -0 to -15");
}

static void check_device(struct config_parse *parse, size_t index)
{
  const char *device = channel_at(parse, index)->device;
  const char *colon = strrchr(device, ':');

  if (strncmp(device, "tcp:", 4) != 0)
    return;
  const char *port = colon + 1;
  size_t digits = strspn(port, "0123456789");
  if (colon - device > 4 && digits > 0 && digits < 6 && !port[digits] && atoi(port) > 0 && atoi(port) <= TCP_PORT_MAX)
    return;
  config_mistake(parse, line_of(parse, index, "device"),
                 "device = %.60s: must be tcp:HOST:PORT, the port from 1 to 65535; write e.g. \"device = "
                 "tcp:localhost:8001\"",
                 device);
}

static void check_specs(struct config_parse *parse, size_t index)
{
  const struct config_channel *channel = channel_at(parse, index);
  char why[WHY_MAX] = "";
  int line = line_of(parse, index, "ptt");

  if (line && ptt_check(channel->ptt, why, sizeof why) < 0)
    config_mistake(parse, line, "ptt = %.60s: %s", channel->ptt, why);
  line = line_of(parse, index, "audio");
  if (line && audio_check(channel->audio, why, sizeof why) < 0)
    config_mistake(parse, line, "audio = %.60s: %s", channel->audio, why);
  line = line_of(parse, index, "modes");
  if (line && freedv_modes_check(channel->modes, why, sizeof why) < 0)
    config_mistake(parse, line, "modes = %.60s: %s", channel->modes, why);
}

/* The TNC's own lines are the TNC's: its driver and PTT would both have the port open. */
static void check_ptt_port(struct config_parse *parse, size_t index)
{
  const struct config_channel *channel = channel_at(parse, index);
  const char *port = strchr(channel->ptt, ':');

  if (port && line_of(parse, index, "device") && strcmp(port + 1, channel->device) == 0)
    config_mistake(parse, line_of(parse, index, "ptt"),
                   "ptt = %.60s: the TNC has this port; let the TNC key and remove the line, or name another port",
                   channel->ptt);
}

/* Non-zero when both name one line; polarity ("rts-:") makes no other line of it. */
static int same_ptt(const char *a, const char *b)
{
  size_t a_kind = strcspn(a, "-:"), b_kind = strcspn(b, "-:");

  if (strcmp(a, "none") == 0 || !a[0] || a_kind != b_kind || strncmp(a, b, a_kind) != 0)
    return 0;
  a += a_kind + (a[a_kind] == '-');
  b += b_kind + (b[b_kind] == '-');
  return strcmp(a, b) == 0;
}

/* A TNC with several ports serves several clients over TCP; a serial port has one owner. */
static int same_device(const struct config_channel *a, const struct config_channel *b)
{
  if (!a->device[0] || strcmp(a->device, b->device) != 0)
    return 0;
  return strncmp(a->device, "tcp:", 4) != 0 || a->kiss_port == b->kiss_port;
}

static void check_shared(struct config_parse *parse, size_t index, size_t other, const char *name, const char *value)
{
  const struct config_channel *first = channel_at(parse, other);
  const struct config_key *key = config_key_find(CONFIG_SECTION_CHANNEL, name);

  config_mistake(parse, line_of(parse, index, name),
                 "%s = %.60s: channel %s uses it already (line %d); name another, e.g. \"%s = %s\"", name, value,
                 first->name, line_of(parse, other, name), name, key->example);
}

static void check_against(struct config_parse *parse, size_t index, size_t other)
{
  const struct config_channel *a = channel_at(parse, other), *b = channel_at(parse, index);

  if (same_device(a, b))
    check_shared(parse, index, other, "device", b->device);
  if (a->audio[0] && strcmp(a->audio, b->audio) == 0)
    check_shared(parse, index, other, "audio", b->audio);
  if (same_ptt(a->ptt, b->ptt))
    check_shared(parse, index, other, "ptt", b->ptt);
}

static void check_socket(struct config_parse *parse)
{
  const struct config_key *key = config_key_find(CONFIG_SECTION_STATION, "socket");
  size_t longest = sizeof(((struct sockaddr_un *)0)->sun_path) - 1;

  if (strlen(parse->config.socket) > longest)
    config_mistake_key(parse, parse->station_key_line[config_key_index(key)], key, parse->config.socket,
                       "is longer than a UNIX socket's path may be");
}

void config_check(struct config_parse *parse)
{
  check_socket(parse);
  for (size_t i = 0; i < parse->config.channel_count; i++) {
    check_keys(parse, i);
    check_service(parse, i);
    check_access(parse, i);
    if (line_of(parse, i, "modem") && channel_at(parse, i)->modem == CONFIG_MODEM_KISS) {
      check_callsign(parse, i);
      check_device(parse, i);
      check_ptt_port(parse, i);
    }
    check_specs(parse, i);
    for (size_t other = 0; other < i; other++)
      check_against(parse, i, other);
  }
}
