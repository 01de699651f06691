"""What an IMSI, a number, a cell, a place and a TAC are."""
