"""What goes on the list, and what is to be reviewed first."""

from simbox.listing.list_sims import NOTHING_LISTED, Candidates, Listed, list_sims
from simbox.listing.registration import look_up_owners

__all__ = ["NOTHING_LISTED", "Candidates", "Listed", "list_sims", "look_up_owners"]
