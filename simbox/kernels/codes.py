"""The integers by which services, directions and kinds of far ends enter kernels, in the order of CDRS' Enums."""

VOICE = 0
SMS = 1
DATA = 2
SIGNALLING = 3

MO = 0
MT = 1
CF = 2

NOT_ANSWERED = 0
ANSWERED = 1

ON_NET = 0
OFF_NET = 1
INTERNATIONAL = 3
SHORT_CODE = 4
ALPHANUMERIC = 5
WITHHELD = 6
UNKNOWN_KIND = 8

MICROSECONDS = 1_000_000
