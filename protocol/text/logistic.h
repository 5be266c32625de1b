/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Probabilities and their log odds in integers, the same on every machine, for the text model. */
#ifndef PROTOCOL_TEXT_LOGISTIC_H
#define PROTOCOL_TEXT_LOGISTIC_H

#include <stdint.h>

#define LOGIT_MAX 2047 /* log odds: 256 units each, so +-8 */
#define PROB_ONE 65536 /* probabilities are of 16 bits, 1..65535 */

/* Probability of log odds; anything beyond +-LOGIT_MAX is taken as that. */
uint32_t logistic_squash(int32_t logit);

/* Log odds of a probability, to 12 bits of it. */
int32_t logistic_stretch(uint32_t prob);

#endif
