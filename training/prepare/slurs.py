"""Words whose paragraph is left out of training.

Prose of 1790 to 1930 holds words of contempt for whole peoples, and a model repeats what it has read.
This list is short on purpose: only words that are hardly ever anything but a slur, so that a text is not
robbed of plain speech. It does not catch contempt that is said in other words.
Each entry is part of a regular expression; the endings s, es, y and ish are matched besides.
"""

SLURS = (
    "nigg(?:er|ah|a|uh)",
    "nigra",
    "darke?y",
    "darkies",
    "coon",
    "pickaninn(?:y|ie)",
    "sambo",
    "jigaboo",
    "kaff?ir",
    "hottentot",
    "chink",
    "chinam[ae]n",
    "jap",
    "gook",
    "dago",
    "wop",
    "kike",
    "sheeny",
    "sheenies",
    "yid",
    "jewess",
    "spick?",
    "half-?breed",
    "mulatto",
    "octoroon",
    "quadroon",
    "squaw",
    "redskin",
    "injun",
    "blackamoor",
    "fagg?ot",
    "tranny",
    "white trash",
    "heathen chinee",
)
