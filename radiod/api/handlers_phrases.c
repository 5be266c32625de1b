/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers which phrases the book has, and reads which language a client wants. */
#include "radiod/api/routes.h"

#include <errno.h>

#include "radiod/api/json_phrase.h"

int api_query_language(const struct api_request *request, int *language, struct api_reply *reply)
{
  const char *code = api_query_value(request, "lang");
  int found = code ? phrase_language_find(code) : API_ALL_LANGUAGES;
  if (code && found < 0) {
    api_reply_error(reply, 400, "bad_query", API_LANGUAGE_RULE);
    return -EINVAL;
  }
  *language = found;
  return 0;
}

void api_get_phrases(struct api_request *request, struct api_reply *reply)
{
  int language;
  if (api_query_language(request, &language, reply))
    return;
  reply->status = 200;
  reply->body = api_json_phrases(api_query_value(request, "q"), language);
}
