/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whose store it is: counters and deliveries of one station must never be taken up by another. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "radiod/store/store_impl.h"

/* Writes the owner if there is none yet. */
static int claim(struct store *store, const uint8_t *network_id, uint16_t station)
{
  sqlite3_stmt *statement;
  int rc = sqlite3_prepare_v2(store->db, "INSERT OR IGNORE INTO owner VALUES (1, ?1, ?2)", -1, &statement, NULL);
  if (rc != SQLITE_OK)
    return store_errno(store->db, rc);
  sqlite3_bind_blob(statement, 1, network_id, STORE_NETWORK_ID_LEN, SQLITE_STATIC);
  sqlite3_bind_int(statement, 2, station);
  int code = store_run(store, statement);
  sqlite3_finalize(statement);
  return code;
}

static int read_owner(struct store *store, uint8_t *network_id, unsigned *station)
{
  sqlite3_stmt *statement;
  int rc = sqlite3_prepare_v2(store->db, "SELECT network, station FROM owner", -1, &statement, NULL);
  if (rc != SQLITE_OK)
    return store_errno(store->db, rc);
  int code = store_first(store, statement);
  if (!code && sqlite3_column_bytes(statement, 0) != STORE_NETWORK_ID_LEN)
    code = -EBADMSG;
  if (!code) {
    memcpy(network_id, sqlite3_column_blob(statement, 0), STORE_NETWORK_ID_LEN);
    *station = (unsigned)sqlite3_column_int(statement, 1);
  }
  sqlite3_finalize(statement);
  return code;
}

int store_claim(struct store *store, const uint8_t network_id[STORE_NETWORK_ID_LEN], uint16_t station, char *err,
                size_t err_len)
{
  uint8_t owner_network[STORE_NETWORK_ID_LEN];
  unsigned owner_station = 0;
  int code = claim(store, network_id, station);
  if (!code)
    code = read_owner(store, owner_network, &owner_station);
  if (code) {
    snprintf(err, err_len, "%s: the store cannot note whose it is: %s", sqlite3_db_filename(store->db, "main"),
             strerror(-code));
    return code;
  }
  if (owner_station == station && !memcmp(owner_network, network_id, STORE_NETWORK_ID_LEN))
    return 0;
  snprintf(
      err, err_len,
      "%s: the store belongs to station %u of %s, the key file to station %u; give each its own store, or put the "
      "right key file here",
      sqlite3_db_filename(store->db, "main"), owner_station,
      memcmp(owner_network, network_id, STORE_NETWORK_ID_LEN) ? "another network" : "this network", station);
  return -EPERM;
}
